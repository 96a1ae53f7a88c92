// The connector's database for commands that only look: nothing is made, migrated or written.
import { access } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '../config.ts'
import { startEngine } from '../db/engine.ts'
import { asDatabaseError, createPool } from '../db/pool.ts'
import type { Pool } from '../db/pool.ts'
import { ConnectorError, messageOf } from '../errors.ts'
import { createLog } from '../log.ts'

/**
 * Opens the database read-only for one piece of work. An embedded one that nobody has started is started for that
 * time, but never made. Throws ConnectorError `database_unavailable` or `database_start_failed`.
 */
export async function withPastStore<T>(
  config: Config,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const { dataDir } = config
  const databaseUrl = config.databaseUrl?.reveal() ?? null
  if (databaseUrl === null) await requireCluster(dataDir)
  const engine = await startEngine({ databaseUrl, dataDir, log: createLog('silent') })
  try {
    const pool = createPool(readOnly(engine.connectionString), {
      max: 2,
      applicationName: 'ticket-automation-cli',
    })
    try {
      return await work(pool)
    } catch (error) {
      throw unusable(asDatabaseError(error))
    } finally {
      await pool.end()
    }
  } finally {
    await engine.stop()
  }
}

/** Tables or columns that are not there (SQLSTATE 42P01, 42703): no connector of this version has used it yet. */
function unusable(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code !== '42P01' && code !== '42703') return error
  const reason = `the database is not one of this version of the connector: ${messageOf(error)}`
  return new ConnectorError('database_unavailable', reason, { cause: error })
}

async function requireCluster(dataDir: string): Promise<void> {
  try {
    await access(join(dataDir, 'postgres'))
  } catch (error) {
    const reason = `there is no database below ${dataDir}: no connector has run with this DATA_DIR, and DATABASE_URL is not set`
    throw new ConnectorError('database_unavailable', reason, { cause: error })
  }
}

/** The server itself refuses writes of such a session. */
function readOnly(connectionString: string): string {
  const url = new URL(connectionString)
  const options = url.searchParams.get('options')
  const setting = '-c default_transaction_read_only=on'
  url.searchParams.set('options', options === null ? setting : `${options} ${setting}`)
  return url.href
}
