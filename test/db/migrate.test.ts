import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { migrate } from '../../connector/db/migrate.ts'
import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createLog } from '../../connector/log.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'

const log = createLog('silent')
const shipped = join(import.meta.dirname, '../../connector/db/migrations')
let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  pool = createPool(database.connectionString)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

async function copyOfShipped(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ticket-automation-migrations-'))
  await cp(shipped, folder, { recursive: true })
  return folder
}

async function applied(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('select name from migration order by number')
  return rows.map((row) => row.name)
}

test('two starters at once apply every migration once', async () => {
  const other = createPool(database.connectionString)

  await Promise.all([migrate(pool, { log }), migrate(other, { log }), migrate(pool, { log })])

  const names = await applied()
  expect(names).toContain('001-road.sql')
  expect(new Set(names).size).toBe(names.length)
  await other.end()
})

test('refuses a shipped migration that was edited', async () => {
  const directory = await copyOfShipped()
  await writeFile(join(directory, '001-road.sql'), 'select 1')

  await expect(migrate(pool, { log, directory })).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('001-road.sql'),
  })
})

test('a migration that fails leaves nothing of itself', async () => {
  const directory = await copyOfShipped()
  const next = String((await applied()).length + 1).padStart(3, '0')
  await writeFile(join(directory, `${next}-half.sql`), 'create table half (); select 1/0')
  const before = await applied()

  await expect(migrate(pool, { log, directory })).rejects.toMatchObject({
    code: 'migration_failed',
  })

  expect(await applied()).toEqual(before)
  const { rows } = await pool.query("select to_regclass('half') as half")
  expect(rows).toEqual([{ half: null }])
})

test('refuses a folder with a gap in its numbers', async () => {
  const directory = await copyOfShipped()
  await writeFile(join(directory, '099-late.sql'), 'select 1')

  await expect(migrate(pool, { log, directory })).rejects.toThrow(/099-late.sql must be named/)
})

test('starts on a database that a newer release has migrated', async () => {
  await pool.query("insert into migration (number, name, checksum) values (900, 'newer', 'x')")

  await expect(migrate(pool, { log })).resolves.toBeUndefined()
})
