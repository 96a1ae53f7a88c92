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

/** Older than anything that only waits its turn. How long a back-off may be does not matter: see withoutJob. */
const overdueAfterMs = 120_000

/** Keys looked at per sweep and kind; in an outage nearly all of them have a job and are left alone. */
const lookLimit = 50_000

/** Keys woken per sweep and kind; the rest follow with the next. */
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

/**
 * One sweep. Returns how many keys were woken per queue. A key with any job in its queue is left to that job: a
 * back-off may take longer than work needs to count as overdue, and must stay one chain.
 */
export async function sweep(deps: {
  pool: Pool
  queue: Queue
  log: Log
}): Promise<Record<QueueName, number>> {
  const { pool, queue, log } = deps
  const before = new Date(Date.now() - overdueAfterMs)
  const overdue: Record<QueueName, string[]> = {
    decide: await overdueTickets(pool, before, lookLimit),
    advance: await overdueRuns(pool, before, lookLimit),
    report: await overdueUpdates(pool, before, lookLimit),
  }
  const counts: Record<QueueName, number> = { decide: 0, advance: 0, report: 0 }
  for (const name of ['decide', 'advance', 'report'] as const) {
    const lost = await queue.withoutJob(pool, name, overdue[name])
    const keys = lost.slice(0, sweepLimit)
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
