// Numbers of the queue, with their grounds.

/** The queues of the road: which events to decide, which runs to advance, which updates to report. */
export type QueueName = 'decide' | 'advance' | 'report'

/** Seconds without a sign of life after which a worker's jobs are given to others (pg-boss's minimum). */
const heartbeatSeconds = 10

/**
 * How often lost workers are looked for. With the heartbeat and the first retry delay a lost worker's
 * jobs run again within 20 s; the promise is 30.
 */
const superviseSeconds = 5

/** Settings of this process's pg-boss. */
export const instanceSettings = {
  application_name: 'ticket-automation-queue',
  // Taking and finishing a wake-up need not survive a crash of the server: it comes again, and a repeat is
  // harmless. Sending one does, and happens on the caller's connection with its durable commit.
  options: '-c synchronous_commit=off',
  max: 10,
  superviseIntervalSeconds: superviseSeconds,
  // The pass that finds lost workers runs at the slower of the two.
  monitorIntervalSeconds: superviseSeconds,
  // Done jobs are deleted at this pace; few rows keep fetching fast.
  maintenanceIntervalSeconds: 60,
  // No cron here: whoever wants to be woken at a time sends a wake-up for it.
  schedule: false,
  registerInstance: false,
  openTelemetry: { enabled: false },
} as const

/**
 * One active job per key, any number waiting. Not `stately` or `short`, which drop a wake-up while
 * another waits: that other one may be handled before the sender's transaction is visible.
 */
export const queuePolicy = 'singleton'

const common = {
  heartbeatSeconds,
  // Longest time one batch may take before its jobs are given to somebody else.
  expireInSeconds: 300,
  // For lost workers and rejected batches. What gives up is our own tables (attempts, age, state 'dead'),
  // never the queue, so the limit is far above what those allow.
  retryLimit: 10_000,
  retryBackoff: true,
  retryDelay: 1,
  deleteAfterSeconds: 60,
} as const

/** Settings per queue. A failed job does not block its key. */
export const queueSettings = {
  decide: { ...common, retryDelayMax: 30 },
  advance: { ...common, retryDelayMax: 60 },
  report: { ...common, retryDelayMax: 300 },
} as const satisfies Record<QueueName, object>

/** Milliseconds until the next try of a key that failed `tries` times: 1 s, 2 s, 4 s … to the queue's limit, minus up to half. */
export function backoffMs(queue: QueueName, tries: number): number {
  const seconds = Math.min(2 ** (tries - 1), queueSettings[queue].retryDelayMax)
  return seconds * 1000 * (0.5 + Math.random() / 2)
}

/** Poll of the first worker of a queue: how late a wake-up sent elsewhere or for later may be. */
const pollSeconds = 0.5

/** Poll of the other workers, which are kicked when there is much to do. */
const slowPollSeconds = 5

/** Options of one worker. */
export function fetchSettings(
  batchSize: number,
  position: number,
): {
  batchSize: number
  perJobResults: true
  pollingIntervalSeconds: number
  heartbeatRefreshSeconds: number
} {
  return {
    batchSize,
    perJobResults: true,
    pollingIntervalSeconds: position === 0 ? pollSeconds : slowPollSeconds,
    heartbeatRefreshSeconds: 3,
  }
}
