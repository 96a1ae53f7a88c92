// Brings the database to the version of this program. Migrations are numbered SQL files that only add;
// a shipped one is never edited, which the checksum makes sure of.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { PoolClient } from 'pg'

import { ConnectorError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { inTransaction } from './pool.ts'
import type { Pool } from './pool.ts'

/** One file of the migrations folder. */
interface Migration {
  number: number
  name: string
  sql: string
  checksum: string
}

/** What the migration works with. */
export interface MigrateOptions {
  log: Log
  /** Folder of the SQL files. */
  directory?: string
}

const ownDirectory = join(import.meta.dirname, 'migrations')

/** Any number that nobody else locks: the first bytes of "ticket-automation migrations". */
const advisoryLock = 0x7469636b

/**
 * Applies what is missing, all of it in one transaction. Two starters cannot both win: the second waits
 * for the first and then finds nothing to do.
 * Throws ConnectorError `migration_failed` (nothing was changed) or `database_unavailable`.
 */
export async function migrate(pool: Pool, options: MigrateOptions): Promise<void> {
  const migrations = await readMigrations(options.directory ?? ownDirectory)
  const applied = await inTransaction(pool, async (client) => {
    // A migration may take its time, and so may the starter that we wait for.
    await client.query('set local statement_timeout = 0')
    await client.query('select pg_advisory_xact_lock($1)', [advisoryLock])
    await client.query(
      `create table if not exists migration (
         number      int primary key,
         name        text not null,
         checksum    text not null,
         applied_at  timestamptz not null default clock_timestamp())`,
    )
    return applyMissing(client, migrations, options.log)
  })
  if (applied > 0) options.log.info({ applied }, 'database migrated')
}

async function applyMissing(
  client: PoolClient,
  migrations: readonly Migration[],
  log: Log,
): Promise<number> {
  const { rows } = await client.query<{ number: number; checksum: string }>(
    'select number, checksum from migration',
  )
  const done = new Map(rows.map((row) => [row.number, row.checksum]))
  for (const { number, name, checksum } of migrations) {
    const before = done.get(number)
    if (before === undefined || before === checksum) continue
    throw new ConnectorError(
      'migration_failed',
      `migration ${name} is not the file that was applied to this database; restore the file as it was shipped`,
    )
  }
  const newer = rows.filter((row) => row.number > migrations.length).length
  // A newer release runs beside this one. Its migrations only added, so this one still works.
  if (newer > 0) log.warn({ newer }, 'database is newer than this program')
  const missing = migrations.filter((migration) => !done.has(migration.number))
  for (const migration of missing) await apply(client, migration)
  return missing.length
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  const { number, name, sql, checksum } = migration
  try {
    await client.query(sql)
  } catch (error) {
    throw new ConnectorError('migration_failed', `migration ${name}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  await client.query('insert into migration (number, name, checksum) values ($1, $2, $3)', [
    number,
    name,
    checksum,
  ])
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(/^(\d{3})-[a-z0-9-]+\.sql$/.exec(name)?.[1] ?? Number.NaN)
      if (number !== index + 1) {
        throw new ConnectorError(
          'migration_failed',
          `migration ${name} must be named ${String(index + 1).padStart(3, '0')}-<what-it-adds>.sql`,
        )
      }
      // A checkout with CRLF line ends is the same migration.
      const sql = (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n')
      return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
