// Reconciliation: whatever should have moved long ago and has no wake-up any more gets a new one. With all
// well it finds nothing; it is what makes a lost wake-up a delay instead of a loss.
import { overdueTickets } from './db/decisions.ts'
import { isDatabaseUnavailable } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { QueueName } from './db/queue-settings.ts'
import type { Queue } from './db/queue.ts'
import { overdueRuns } from './db/runs.ts'
import { overdueUpdates } from './db/status-updates.ts'
import type { Log } from './log.ts'

const sweepEveryMs = 60_000

/** Later than any retry delay of the queue, so that the sweep never competes with a healthy back-off. */
const overdueAfterMs = 120_000

/** Rows woken per sweep and kind; the rest follow with the next. */
const sweepLimit = 500

/** Starts the sweep; replicas may sweep at the same time, a second wake-up is harmless. */
export function startSweep(deps: { pool: Pool; queue: Queue; log: Log }): { stop(): void } {
  const timer = setInterval(() => {
    void sweep(deps).catch((error: unknown) => {
      if (!isDatabaseUnavailable(error)) deps.log.error({ err: error }, 'sweep failed')
    })
  }, sweepEveryMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** One sweep. Returns how many keys were woken per queue. */
export async function sweep(deps: {
  pool: Pool
  queue: Queue
  log: Log
}): Promise<Record<QueueName, number>> {
  const { pool, queue, log } = deps
  const before = new Date(Date.now() - overdueAfterMs)
  const overdue: Record<QueueName, string[]> = {
    decide: await overdueTickets(pool, before, sweepLimit),
    advance: await overdueRuns(pool, before, sweepLimit),
    report: await overdueUpdates(pool, before, sweepLimit),
  }
  const counts: Record<QueueName, number> = { decide: 0, advance: 0, report: 0 }
  for (const name of ['decide', 'advance', 'report'] as const) {
    const keys = overdue[name]
    counts[name] = keys.length
    if (keys.length === 0) continue
    log.warn({ queue: name, count: keys.length }, 'overdue work woken up')
    await queue.send(
      pool,
      name,
      keys.map((key) => ({ key, data: {} })),
    )
    queue.kick(name)
  }
  return counts
}
