// The database server: yours (DATABASE_URL), or an embedded PostgreSQL below the data folder that this
// file starts, adopts, keeps running and stops.
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import pg from 'pg'

import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import {
  databaseName,
  ensureCluster,
  freePort,
  isPostmasterOf,
  readAccess,
  readPostmaster,
  removeForeignPidFile,
  writeAccess,
} from './engine-cluster.ts'
import { failed, makeDataDir, openHost } from './engine-host.ts'
import type { Host } from './engine-host.ts'

/** A running database. */
export interface Engine {
  connectionString: string
  /**
   * Lets go of the database. An embedded server stops when no other connector uses it, whoever
   * started it; a server of yours is left alone. Close your pools first.
   */
  stop(): Promise<void>
}

/** What the engine works with. */
export interface EngineOptions {
  /** Null = embedded. */
  databaseUrl: string | null
  dataDir: string
  log: Log
}

/** The embedded server's surroundings. */
interface Site {
  host: Host
  cluster: string
  logFile: string
  log: Log
}

/** A session that is open as long as this process uses the server. */
interface Keeper {
  client: pg.Client
  port: number
}

/** Longest time for a start, crash recovery included. */
const startLimitMs = 120_000

/** After kill -9 of everything the old server's remains go away within a second or two. */
const retryMs = 250

const maxLogBytes = 10_000_000

/** Held shared by every connector that uses the server, so that the last one out knows it is the last. */
const presenceLock = 0x7469636c

/**
 * Starts (or adopts) the database. Throws ConnectorError `database_start_failed`.
 * While in use an embedded server that goes away is started again on the same port.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { databaseUrl, dataDir, log } = options
  if (databaseUrl !== null) {
    return { connectionString: databaseUrl, stop: () => Promise.resolve() }
  }
  await makeDataDir(dataDir)
  const cluster = join(dataDir, 'postgres')
  const host = await openHost(dataDir, cluster)
  const site: Site = { host, cluster, logFile: join(dataDir, 'postgres.log'), log }
  await ensureCluster(host, cluster)
  const first = await bringUp(site, { portMayChange: true })
  await ensureDatabase(first.client)
  const access = await readAccess(cluster)
  const stop = keepRunning(site, first)
  const credentials = `${databaseName}:${access?.password ?? ''}`
  return {
    connectionString: `postgresql://${credentials}@127.0.0.1:${first.port}/${databaseName}`,
    stop,
  }
}

/** Watches the keeper's session; when it breaks, brings the server up again. Gives the stop function. */
function keepRunning(site: Site, first: Keeper): () => Promise<void> {
  let keeper = first
  let stopping = false
  let recovery = Promise.resolve()

  function watch(): void {
    keeper.client.once('end', () => {
      if (!stopping) recovery = recover()
    })
  }

  async function recover(): Promise<void> {
    site.log.warn('embedded database went away, starting it again')
    while (!stopping) {
      try {
        keeper = await bringUp(site, { portMayChange: false })
        watch()
        site.log.info('embedded database is back')
        return
      } catch (error) {
        site.log.error({ problem: messageOf(error) }, 'embedded database does not start')
        await wait(1000)
      }
    }
  }

  watch()
  return async () => {
    stopping = true
    await recovery
    await leave(site, keeper.client)
  }
}

/** Ends the keeper's session and, when no other connector is left, the server. */
async function leave(site: Site, client: pg.Client): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [presenceLock])
    const { rows } = await client.query<{ last: boolean }>(
      'select pg_try_advisory_lock($1) as last',
      [presenceLock],
    )
    if (rows[0]?.last !== true) return
    const args = ['stop', '-D', site.cluster, '-m', 'fast', '-w', '-t', '60']
    const stopped = await site.host.run('pg_ctl', args, 70_000)
    if (!stopped.ok) site.log.warn({ problem: stopped.output }, 'embedded database did not stop')
  } catch (error) {
    // Already gone, which is what was wanted.
    site.log.debug({ problem: messageOf(error) }, 'embedded database was gone at stop')
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Connects to the server of the cluster, starting it when none runs. */
async function bringUp(site: Site, options: { portMayChange: boolean }): Promise<Keeper> {
  const deadline = Date.now() + startLimitMs
  let problem = 'no reason given'
  while (Date.now() < deadline) {
    const running = await readPostmaster(site.cluster)
    if (running !== null && (await isPostmasterOf(running.pid, site.cluster))) {
      const client = await enter(site.cluster, running.port)
      if (client instanceof pg.Client) return { client, port: running.port }
      // It is starting up or shutting down; either way the next look tells more.
      problem = client
    } else {
      if (running !== null) await removeForeignPidFile(site.cluster, running.pid)
      const failure = await start(site)
      if (failure === null) continue
      problem = failure
      if (options.portMayChange && /could not bind|could not create any TCP/.test(problem)) {
        await changePort(site)
      }
    }
    await wait(retryMs)
  }
  throw failed(`${problem} (see ${site.logFile})`)
}

async function changePort(site: Site): Promise<void> {
  const access = await readAccess(site.cluster)
  if (access === null) return
  await writeAccess(site.host, site.cluster, { ...access, port: await freePort() })
}

/** Starts the server in a session of its own: Ctrl-C and the end of this process do not reach it. */
async function start(site: Site): Promise<string | null> {
  const before = await openLogFile(site)
  const args = ['start', '-D', site.cluster, '-l', site.logFile, '-w', '-t', '60', '-s']
  const started = await site.host.run('pg_ctl', args, 70_000)
  if (started.ok) return null
  const said = await readFrom(site.logFile, before)
  return [started.output, said].filter((text) => text !== '').join('\n')
}

/** Prepares the log file and gives its length. */
async function openLogFile(site: Site): Promise<number> {
  const present = await stat(site.logFile).catch(() => null)
  if (present !== null && present.size > maxLogBytes) {
    await rename(site.logFile, `${site.logFile}.1`)
  }
  const file = await open(site.logFile, 'a', 0o600)
  try {
    await site.host.own(site.logFile)
    return (await file.stat()).size
  } finally {
    await file.close()
  }
}

async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4000), 0, 4000, position)
    return buffer.toString('utf8', 0, bytesRead).trim()
  } finally {
    await file.close()
  }
}

/** Opens the keeper's session, or says why it could not. */
async function enter(cluster: string, port: number): Promise<pg.Client | string> {
  const access = await readAccess(cluster)
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: databaseName,
    password: access?.password,
    database: 'postgres',
    application_name: 'ticket-automation-engine',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  })
  // A lost session also emits `end`, which is what counts.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select pg_advisory_lock_shared($1)', [presenceLock])
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    const text = messageOf(error)
    if (/password authentication failed/.test(text)) {
      throw failed(
        `the running server in ${cluster} has another password than connector.json`,
        error,
      )
    }
    return text
  }
}

/** Makes our database in a new cluster. */
async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [
    databaseName,
  ])
  if (rowCount !== 0) return
  try {
    await client.query(`create database ${databaseName}`)
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined
    // 42P04, 23505: another starter made it meanwhile.
    if (code !== '42P04' && code !== '23505') throw failed(messageOf(error), error)
  }
}
