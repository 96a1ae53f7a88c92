// The receiving half alone, over real HTTP and a real database; the road behind it is empty.
import { takeCallback } from '../../connector/callbacks.ts'
import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import type { Queue } from '../../connector/db/queue.ts'
import { createLog } from '../../connector/log.ts'
import { createMetrics } from '../../connector/metrics.ts'
import { readReadiness } from '../../connector/readiness.ts'
import { createReceiver } from '../../connector/receive.ts'
import { createRuleTools } from '../../connector/rule-tools/rule-tools.ts'
import { createServer, listen } from '../../connector/server.ts'
import { makeConfig } from './config.ts'

/** A receiving half that listens. */
export interface Receiving {
  url: string
  pool: Pool
  queue: Queue
  stop(): Promise<void>
}

/** Starts it on a free port. `file` = settings in place of the test instance's. */
export async function startReceiving(
  connectionString: string,
  file: Record<string, unknown> = {},
): Promise<Receiving> {
  const log = createLog('silent')
  const config = makeConfig(file)
  const pool = createPool(connectionString)
  const queue = await createQueue({ connectionString, log })
  const metrics = createMetrics(pool)
  const app = createServer({
    receiver: createReceiver({ config, pool, queue, metrics }),
    preview: () => Promise.resolve({ templates: [] }),
    templates: () => ({ templates: [] }),
    tools: createRuleTools({
      ...config,
      pool,
      templates: { current: () => [] },
      adapters: new Map(),
      now: () => new Date(),
    }),
    callback: (platform, request) =>
      takeCallback(platform, request, {
        pool,
        queue,
        drivers: new Map(),
        now: () => new Date(),
      }),
    readiness: () => readReadiness({ pool, queue }),
    metrics,
    log,
  })
  const listener = await listen(app, { host: '127.0.0.1', port: 0 })
  return {
    url: listener.url,
    pool,
    queue,
    async stop() {
      await listener.close(1000)
      await queue.stop({ graceMs: 1000 })
      await pool.end()
    },
  }
}
