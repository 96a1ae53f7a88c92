// Connections to PostgreSQL and transactions on them. What a statement means is said in the other
// files of this folder.
import pg from 'pg'

import { ConnectorError, messageOf } from '../errors.ts'

/** A pool of connections. */
export type Pool = pg.Pool

/** Whatever can run a statement: the pool, or the one client of a transaction. */
export type Queryable = pg.Pool | pg.PoolClient

/** Options of a pool. */
export interface PoolOptions {
  /** Most connections at once. */
  max?: number
  /** Shown in pg_stat_activity. */
  applicationName?: string
}

/** No statement of ours takes long; one that does is stuck, and the caller should hear of it. */
const statementTimeoutMs = 15_000

/** Longer than the server's own limit, so that normally the server speaks first. */
const queryTimeoutMs = 20_000

/** A transaction that forgot to end must not hold row locks for ever. */
const idleInTransactionTimeoutMs = 30_000

/** How long a caller waits for a connection before the database counts as unavailable. */
const connectTimeoutMs = 5_000

const defaultMax = 10

/**
 * A pool on the database. Connections that break while idle are dropped by pg and replaced on use, so
 * the pool outlives a restart of the server.
 */
export function createPool(connectionString: string, options: PoolOptions = {}): Pool {
  const pool = new pg.Pool({
    connectionString,
    max: options.max ?? defaultMax,
    application_name: options.applicationName ?? 'ticket-automation',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server cannot tell us when packets are lost on the way; then this side gives up on its own.
    query_timeout: queryTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    keepAlive: true,
  })
  // An idle connection the server closed: pg has already removed it, and the next statement either
  // works or reports the failure to the caller who can act on it. Without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}

/**
 * Runs `fn` inside one transaction: commits when it resolves, rolls back when it rejects.
 * Throws ConnectorError `database_unavailable` (retryable) when the database cannot be reached or goes
 * away meanwhile; then nothing is known about the commit, which is why callers are idempotent.
 */
export async function inTransaction<T>(
  pool: Pool,
  fn: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connect(pool)
  // A connection lost between two statements emits `error` on a checked-out client.
  client.on('error', ignore)
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await fn(client)
    await client.query('commit')
    return result
  } catch (error) {
    broken = await rollback(client)
    throw asDatabaseError(error)
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}

const statementNames = new Map<string, string>()

/**
 * A statement of the hot path, to be parsed and planned once per connection. Only for texts that are
 * constants: every distinct text stays prepared as long as its connection lives.
 */
export function prepared(text: string, values: unknown[]): pg.QueryConfig {
  let name = statementNames.get(text)
  if (name === undefined) {
    name = `s${statementNames.size}`
    statementNames.set(text, name)
  }
  return { name, text, values }
}

async function connect(pool: Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw asDatabaseError(error)
  }
}

/** Ends a failed transaction; an error means that the connection must not be used again. */
async function rollback(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function ignore(): void {
  // The failing statement rejects too; that is where it is handled.
}

/** SQLSTATE codes and classes that mean "not now": connection, shutdown, resources, start-up. */
const unavailableStates = /^(08|53|57P0[1-5]|25P03)/

/** Node's names for a server that is not there. */
const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** What pg itself says, without a code, when a connection is not to be had. */
const unavailableMessages =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end/

/** True when the error says that the database is away, and not that the statement was wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof ConnectorError) return error.code === 'database_unavailable'
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (unavailableCodes.has(code) || unavailableStates.test(code)) return true
  if ('syscall' in error && error.syscall === 'connect') return true
  return unavailableMessages.test(error.message)
}

/** The error as a ConnectorError `database_unavailable` when it means that, else unchanged. */
export function asDatabaseError(error: unknown): unknown {
  if (error instanceof ConnectorError || !isDatabaseUnavailable(error)) return error
  return new ConnectorError('database_unavailable', `database: ${messageOf(error)}`, {
    retryable: true,
    cause: error,
  })
}
