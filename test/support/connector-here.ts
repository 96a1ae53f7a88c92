// The whole connector in this very process, put together as main.ts does it, so that a test can move its clock.
// Signatures keep to the real time, as everywhere.
import { pino } from 'pino'

import { startAuditSealer } from '../../connector/audit-sealer.ts'
import { auditSettings } from '../../connector/audit-settings.ts'
import { loadConfig } from '../../connector/config.ts'
import type { Config } from '../../connector/config.ts'
import { migrate } from '../../connector/db/migrate.ts'
import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import type { Queue } from '../../connector/db/queue.ts'
import { createLog } from '../../connector/log.ts'
import { createMetrics } from '../../connector/metrics.ts'
import type { Driver, JobStatus } from '../../connector/platforms/driver.ts'
import { createDriver } from '../../connector/platforms/index.ts'
import { readReadiness } from '../../connector/readiness.ts'
import { createReceiver } from '../../connector/receive.ts'
import { startRoad } from '../../connector/road.ts'
import { createServer, listen } from '../../connector/server.ts'
import type { ConnectorOptions, ConnectorProcess } from './connector-process.ts'

/** Requests and jobs in hand get this long at the end, in milliseconds. */
const graceMs = 5000

/** A connector of this process. */
export interface ConnectorHere extends ConnectorProcess {
  pool: Pool
  queue: Queue
}

/** Starts it. Needs a database of its own: nothing embedded is started here. */
export async function startConnectorHere(
  options: ConnectorOptions,
  now: () => Date,
): Promise<ConnectorHere> {
  const { configFile, dataDir, port, databaseUrl = '', logFile } = options
  const config = loadConfig({
    PATH: process.env['PATH'] ?? '',
    CONFIG_FILE: configFile,
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
  })
  const destination = pino.destination({ dest: logFile, sync: true, mode: 0o600 })
  const log = createLog(config.logLevel, destination)
  const pool = createPool(databaseUrl)
  await migrate(pool, { log })
  const queue = withRealTime(await createQueue({ connectionString: databaseUrl, log }), now)
  await auditSettings(pool, config)
  const sealer = startAuditSealer({ pool, log })
  const metrics = createMetrics(pool)
  const road = await startRoad({
    config,
    pool,
    queue,
    log,
    metrics,
    drivers: driversOf(config, now),
    now,
  })
  const app = createServer({
    receiver: createReceiver({ config, pool, queue, metrics }),
    preview: (request, instance) => road.preview(request, instance),
    templates: () => road.templates(),
    tools: road.tools,
    callback: (platform, request) => road.callback(platform, request),
    readiness: () => readReadiness({ pool, queue }),
    metrics,
    log,
  })
  const listener = await listen(app, { host: config.host, port: config.port })
  const ended = Promise.withResolvers<number>()

  async function stop(): Promise<number> {
    await listener.close(graceMs)
    await queue.stop({ graceMs })
    await road.stop()
    await sealer.stop()
    await pool.end()
    destination.end()
    ended.resolve(0)
    return 0
  }
  return {
    url: listener.url,
    pid: process.pid,
    ended: ended.promise,
    pool,
    queue,
    stop,
    async kill() {
      throw new Error('a connector of this process cannot be killed')
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

/** The queue wakes by the database's clock, so a moment of the moved one is told in real time. */
function withRealTime(queue: Queue, now: () => Date): Queue {
  function real(moment: Date): Date {
    return new Date(moment.getTime() - aheadOf(now))
  }
  return {
    ...queue,
    send: (db, name, wakeups) =>
      queue.send(
        db,
        name,
        wakeups.map((one) =>
          one.startAfter === undefined ? one : { ...one, startAfter: real(one.startAfter) },
        ),
      ),
  }
}

/** The platforms of the settings; jobs that end in the real time are told to have ended in the moved one. */
function driversOf(config: Config, now: () => Date): Map<string, Driver> {
  function moved(moment: Date | null): Date | null {
    return moment === null ? null : new Date(moment.getTime() + aheadOf(now))
  }
  return new Map(
    Object.entries(config.platforms).map(([name, settings]) => {
      const driver = createDriver(settings, config)
      async function status(...asked: Parameters<Driver['status']>): Promise<JobStatus> {
        const found = await driver.status(...asked)
        const { startedAt, finishedAt } = found
        return { ...found, startedAt: moved(startedAt), finishedAt: moved(finishedAt) }
      }
      return [name, { ...driver, status }]
    }),
  )
}

function aheadOf(now: () => Date): number {
  return now().getTime() - Date.now()
}
