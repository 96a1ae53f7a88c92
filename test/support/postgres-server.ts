// One embedded PostgreSQL per test run, with one template database that every test file copies.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import type { TestProject } from 'vitest/node'

import { startEngine } from '../../connector/db/engine.ts'
import { migrate } from '../../connector/db/migrate.ts'
import { createPool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import { createLog } from '../../connector/log.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's connection string to the server of this run. */
    databaseServer: string
  }
}

/** Nobody connects to it after the setup, because a template in use cannot be copied. */
export const templateDatabase = 'test_template'

/** A temporary folder that the user PostgreSQL runs as can enter. */
export async function makeDataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ticket-automation-'))
  await chmod(folder, 0o711)
  return folder
}

/** Called by vitest before the first test file; the returned function after the last one. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLog('warn')
  // Test files inherit it, so whatever they leave in the temporary folder goes with this one.
  const runFolder = await makeDataFolder()
  process.env['TMPDIR'] = runFolder
  const dataDir = await makeDataFolder()
  const engine = await startEngine({ databaseUrl: null, dataDir, log })
  const connectionString = await prepareTemplate(engine.connectionString)
  const pool = createPool(connectionString)
  await migrate(pool, { log })
  await pool.end()
  const queue = await createQueue({ connectionString, log })
  await queue.stop({ graceMs: 1000 })
  project.provide('databaseServer', engine.connectionString)
  return async () => {
    await engine.stop()
    await rm(runFolder, { recursive: true, force: true })
  }
}

async function prepareTemplate(server: string): Promise<string> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(`create database ${templateDatabase}`)
  await client.end()
  const url = new URL(server)
  url.pathname = `/${templateDatabase}`
  return url.href
}
