// Starts the connector and stops it in order. Settings that are wrong end it with exit code 2, anything
// else that prevents the start with 1.
import { startAuditSealer } from './audit-sealer.ts'
import { auditSettings } from './audit-settings.ts'
import { loadConfig } from './config.ts'
import type { Config } from './config.ts'
import { startEngine } from './db/engine.ts'
import type { Engine } from './db/engine.ts'
import { deleteExpiredSignatures } from './db/events.ts'
import { migrate } from './db/migrate.ts'
import { createPool } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import { createQueue } from './db/queue.ts'
import type { Queue } from './db/queue.ts'
import { ConnectorError, messageOf } from './errors.ts'
import { createLog } from './log.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { readReadiness } from './readiness.ts'
import { createReceiver } from './receive.ts'
import { startRoad } from './road.ts'
import { createServer, listen } from './server.ts'

/** Everything that was opened, newest last, with how to close it. */
type Closers = { name: string; close: () => Promise<void> | void }[]

/** Requests and jobs in hand get this long at a stop; orchestrators usually kill after 30 s. */
const requestGraceMs = 10_000
const jobGraceMs = 12_000

/** A stop that takes longer than this has hung. */
const stopLimitMs = 28_000

const signatureCleanupMs = 60_000

/** Starts everything; what is open is added to `closers` at once, so that a failed start can undo it. */
async function start(config: Config, log: Log, closers: Closers): Promise<void> {
  const engine = await startEngine({
    databaseUrl: config.databaseUrl?.reveal() ?? null,
    dataDir: config.dataDir,
    log,
  })
  closers.push({ name: 'database', close: () => engine.stop() })
  const { pool, queue } = await openStores(engine, log, closers)
  await auditSettings(pool, config)
  const sealer = startAuditSealer({ pool, log })
  closers.push({ name: 'audit', close: () => sealer.stop() })
  const metrics = createMetrics(pool)
  const road = await startRoad({ config, pool, queue, log, metrics })
  closers.push({ name: 'road', close: () => road.stop() })
  // Before the road closes its drivers, the jobs that use them are drained.
  closers.push({ name: 'workers', close: () => queue.stop({ graceMs: jobGraceMs }) })
  const cleanup = setInterval(() => {
    // What is left is deleted by the next round.
    deleteExpiredSignatures(pool, new Date()).catch(() => undefined)
  }, signatureCleanupMs)
  closers.push({ name: 'cleanup', close: () => clearInterval(cleanup) })
  const app = createServer({
    receiver: createReceiver({ config, pool, queue, metrics }),
    preview: (request, instanceName) => road.preview(request, instanceName),
    templates: () => road.templates(),
    tools: road.tools,
    callback: (platform, request) => road.callback(platform, request),
    readiness: () => readReadiness({ pool, queue }),
    metrics,
    log,
  })
  const listener = await listen(app, { host: config.host, port: config.port })
  closers.push({ name: 'http', close: () => listener.close(requestGraceMs) })
  log.info({ url: listener.url, pid: process.pid }, 'listening')
}

async function openStores(
  engine: Engine,
  log: Log,
  closers: Closers,
): Promise<{ pool: Pool; queue: Queue }> {
  const pool = createPool(engine.connectionString)
  closers.push({ name: 'pool', close: () => pool.end() })
  await migrate(pool, { log })
  const queue = await createQueue({ connectionString: engine.connectionString, log })
  // Stopping twice is harmless; this one is for a start that fails before the workers are there.
  closers.push({ name: 'queue', close: () => queue.stop({ graceMs: 1000 }) })
  return { pool, queue }
}

/** Closes everything, newest first. */
async function stop(closers: Closers, log: Log): Promise<void> {
  for (const { name, close } of closers.toReversed()) {
    try {
      await close()
    } catch (error) {
      log.error({ err: error, part: name }, 'part did not stop cleanly')
    }
  }
}

function onSignals(closers: Closers, log: Log): void {
  let stopping = false
  function onSignal(signal: NodeJS.Signals): void {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping; a second signal stops at once')
    setTimeout(() => {
      log.error('stop took too long')
      process.exit(1)
    }, stopLimitMs).unref()
    void stop(closers, log).then(() => {
      log.info('stopped')
      process.exit(0)
    })
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const log = createLog(config.logLevel)
  const closers: Closers = []
  onSignals(closers, log)
  try {
    await start(config, log, closers)
  } catch (error) {
    await stop(closers, log)
    throw error
  }
}

try {
  await main()
} catch (error) {
  const code = error instanceof ConnectorError ? error.code : 'internal_error'
  process.stderr.write(`ticket-automation: ${code}: ${messageOf(error)}\n`)
  process.exit(code === 'config_invalid' ? 2 : 1)
}
