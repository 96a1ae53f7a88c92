// A fresh database for a test file: a copy of the migrated template on this run's server.
import { randomBytes } from 'node:crypto'

import pg from 'pg'
import { inject } from 'vitest'

import { templateDatabase } from './postgres-server.ts'

/** A database of its own. */
export interface TestDatabase {
  connectionString: string
  /** Ends every session on it, as a restarting server would. */
  disconnectAll(): Promise<void>
  /** Drops it. Close pools and queues first. */
  drop(): Promise<void>
}

/** Makes a database: migrated, or without any table. */
export async function createTestDatabase(
  options: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = options.migrated === false ? 'template0' : templateDatabase
  await onServer(`create database ${name} template ${template}`)
  const url = new URL(inject('databaseServer'))
  url.pathname = `/${name}`
  return {
    connectionString: url.href,
    disconnectAll: () =>
      onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`),
    drop: () => onServer(`drop database ${name} with (force)`),
  }
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('databaseServer') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
