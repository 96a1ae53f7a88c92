// What a command needs of the connector's own store: settings, database, and who is asking.
import { hostname, userInfo } from 'node:os'

import { loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { startEngine } from '../db/engine.ts'
import { migrate } from '../db/migrate.ts'
import { createPool } from '../db/pool.ts'
import type { Pool } from '../db/pool.ts'
import { createLog } from '../log.ts'

/** Settings, the database and how it is reached. */
export interface Stores {
  config: Config
  pool: Pool
  connectionString: string
}

const log = createLog('silent')

/**
 * Opens the connector's database for one piece of work, beside a running connector or without one. `env` names
 * settings and database as for the connector itself. Throws config_invalid, database_start_failed,
 * migration_failed or database_unavailable.
 */
export async function withStores<T>(
  env: NodeJS.ProcessEnv,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  const config = loadConfig(env)
  const databaseUrl = config.databaseUrl?.reveal() ?? null
  const engine = await startEngine({ databaseUrl, dataDir: config.dataDir, log })
  try {
    const { connectionString } = engine
    const pool = createPool(connectionString, { max: 2, applicationName: 'ticket-automation-cli' })
    try {
      await migrate(pool, { log })
      return await work({ config, pool, connectionString })
    } finally {
      await pool.end()
    }
  } finally {
    await engine.stop()
  }
}

/** Who gives the command, for the audit: the user of the operating system and the host. */
export function commandOrigin(): string {
  return `command line of ${userInfo().username} on ${hostname()}`
}
