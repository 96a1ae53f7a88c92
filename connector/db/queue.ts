// The queue: says when something should be looked at, and nothing more. What there is to do stands in
// our own tables, so a job is a wake-up that may be repeated, and losing its data loses nothing.
// A wrapper over pg-boss (https://pgboss.io), which stores the jobs in the same database.
import { PgBoss } from 'pg-boss'

import type { Log } from '../log.ts'
import type { Queryable } from './pool.ts'
import { dropRepeats, withoutJob } from './queue-jobs.ts'
import {
  backoffMs,
  fetchSettings,
  instanceSettings,
  queuePolicy,
  queueSettings,
} from './queue-settings.ts'
import type { QueueName } from './queue-settings.ts'

/** One wake-up: "look at this key". */
export interface Wakeup {
  /** At most one job per key runs at a time, over all replicas. */
  key: string
  data: object
  /** Not before this moment; absent = at once. */
  startAfter?: Date
}

/** A wake-up as a worker gets it. */
export interface QueueJob<Data> {
  key: string
  data: Data
  /**
   * 1 for the first try. A wake-up whose worker was lost comes again with the next number; one that comes while
   * its key is being tried again takes part in the count.
   */
  attempt: number
  /** Aborted when the job takes too long or the process is stopping. */
  signal: AbortSignal
}

/** How a queue is worked on in this process. */
interface WorkSettings {
  /** Most keys handled at once by one worker. */
  batchSize: number
  /** Workers, each with one batch in hand. */
  workers: number
}

/** Handles a batch; the answer says per job, in order, null = done or the error to try again after. */
type WorkHandler<Data> = (jobs: readonly QueueJob<Data>[]) => Promise<(Error | null)[]>

/** State of a queue's workers in this process. */
interface QueueHealth {
  queue: QueueName
  ok: boolean
  reason: string
}

/** The queue. */
export interface Queue {
  /**
   * Stores wake-ups with one statement on `db`: inside the caller's transaction they become visible
   * with it or not at all. Call `kick` after the commit.
   */
  send(db: Queryable, queue: QueueName, wakeups: readonly Wakeup[]): Promise<void>
  /** Those of the keys that have no job at all: neither waiting, nor to be tried again, nor in hand. */
  withoutJob(db: Queryable, queue: QueueName, keys: readonly string[]): Promise<string[]>
  /** Makes this process's workers of the queue look now instead of at their next poll. */
  kick(queue: QueueName): void
  /**
   * Starts workers. A rejected handler fails the whole batch. A failed key comes back with exponential
   * backoff, or after the error's `retryAfterMs` when it has one; there is one such next try per key.
   */
  work<Data>(queue: QueueName, settings: WorkSettings, handler: WorkHandler<Data>): Promise<void>
  /** One entry per queue that has workers here. */
  health(now: Date): readonly QueueHealth[]
  /** Stops taking jobs and waits up to graceMs for those in hand; the rest go back to the queue. */
  stop(options: { graceMs: number }): Promise<void>
}

/** What the queue needs. */
export interface QueueDeps {
  connectionString: string
  log: Log
  /** True = no supervision of lost workers and no clean-up here: for a program that only sends. */
  sendOnly?: boolean
}

/** What we store as the data of a job. */
interface Envelope {
  key: string
  data: object
  /** Tries before this job was sent (for the next try a job is sent anew). */
  tries: number
}

/** One worker of this process. */
interface Worker {
  id: string
  /** It has a batch in hand. */
  busy: boolean
  /** Somebody called `kick` meanwhile. */
  kicked: boolean
}

/** What pg-boss hands us of a job (its `work` types depend on literal options). */
interface Claimed {
  id: string
  data: Envelope
  retryCount: number
  signal: AbortSignal
}

/** Starts the queue, creating or updating its tables. Rejects when the database cannot be reached. */
export async function createQueue(deps: QueueDeps): Promise<Queue> {
  const { log } = deps
  const boss = new PgBoss({
    connectionString: deps.connectionString,
    ...instanceSettings,
    ...(deps.sendOnly === true ? { supervise: false } : {}),
  })
  boss.on('error', throttled(log, 'queue error'))
  boss.on('warning', throttled(log, 'queue warning'))
  await boss.start()
  for (const [name, settings] of Object.entries(queueSettings)) {
    await boss.createQueue(name, { ...settings, policy: queuePolicy })
    // For a queue that an earlier version made.
    await boss.updateQueue(name, settings)
  }
  const workers = new Map<QueueName, Worker[]>()

  function kick(queue: QueueName): void {
    const all = workers.get(queue) ?? []
    // One idle worker is enough; it takes a whole batch. The busy ones look again when they are through,
    // because what was sent for their keys has to wait for them.
    for (const worker of all) worker.kicked ||= worker.busy
    const idle = all.find((worker) => !worker.busy)
    if (idle !== undefined) boss.notifyWorker(idle.id)
  }

  async function work<Data>(
    queue: QueueName,
    settings: WorkSettings,
    handler: WorkHandler<Data>,
  ): Promise<void> {
    const all = workers.get(queue) ?? []
    workers.set(queue, all)
    for (let position = 0; position < settings.workers; position++) {
      const worker: Worker = { id: '', busy: false, kicked: false }
      const options = fetchSettings(settings.batchSize, position)
      worker.id = await boss.work(queue, options, async (jobs: Claimed[]) => {
        worker.busy = true
        // A full batch means that there may be more: somebody else can start on it.
        if (jobs.length === settings.batchSize) kick(queue)
        worker.kicked = false
        try {
          return await settle(boss, queue, { jobs, handler })
        } finally {
          worker.busy = false
          if (worker.kicked) boss.notifyWorker(worker.id)
        }
      })
      all.push(worker)
    }
  }

  return {
    send: (db, queue, wakeups) => send(boss, { db, queue }, wakeups.map(firstTry)),
    withoutJob,
    kick,
    work,
    health: (now) => [...workers.keys()].map((queue) => health(boss, queue, now)),
    stop: ({ graceMs }) => boss.stop({ graceful: true, timeout: graceMs, close: true }),
  }
}

function firstTry(wakeup: Wakeup): Wakeup & { tries: number } {
  return { ...wakeup, tries: 0 }
}

/** Inserts jobs with one statement, on the caller's connection or (db null) on the queue's own. */
async function send(
  boss: PgBoss,
  target: { db: Queryable | null; queue: QueueName },
  wakeups: readonly (Wakeup & { tries: number })[],
): Promise<void> {
  if (wakeups.length === 0) return
  const { db, queue } = target
  const jobs = wakeups.map(({ key, data, tries, startAfter }) => ({
    singletonKey: key,
    data: { key, data, tries } satisfies Envelope,
    ...(startAfter === undefined ? {} : { startAfter }),
  }))
  await boss.insert(queue, jobs, db === null ? {} : { db: inserterOn(db, queue) })
}

/**
 * pg-boss's statement on the caller's connection. Named, because planning its insert anew takes longer
 * than running it; the text is the same for every insert into a queue.
 */
function inserterOn(
  db: Queryable,
  queue: QueueName,
): { executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> } {
  return {
    executeSql: (text, values = []) => db.query({ name: `queue-insert-${queue}`, text, values }),
  }
}

/** Runs the handler and turns its answer into what pg-boss records per job. */
async function settle<Data>(
  boss: PgBoss,
  queue: QueueName,
  batch: { jobs: Claimed[]; handler: WorkHandler<Data> },
): Promise<{ id: string; status: 'completed' | 'failed'; output?: object }[]> {
  const { jobs, handler } = batch
  const dropped = await dropRepeats(
    boss,
    queue,
    jobs.map(({ data }) => data.key),
  )
  const attempts = jobs.map(
    ({ data, retryCount }) => Math.max(data.tries + retryCount, dropped.get(data.key) ?? 0) + 1,
  )
  // The caller of `work` names the type of what it sent itself.
  const outcomes = await handler(
    jobs.map(({ data, signal }, index) => ({
      key: data.key,
      data: data.data as Data,
      attempt: attempts[index] ?? 1,
      signal,
    })),
  )
  // pg-boss's own retry would count anew with every wake-up; it is left for lost workers and lost batches.
  const later = jobs.flatMap(({ data }, index) => {
    const error = outcomes[index]
    if (error === null || error === undefined) return []
    const tries = attempts[index] ?? 1
    const delayMs = retryAfterOf(error) ?? backoffMs(queue, tries)
    return [{ ...data, tries, startAfter: new Date(Date.now() + delayMs) }]
  })
  await send(boss, { db: null, queue }, later)
  return jobs.map(({ id }, index) => {
    if (outcomes[index] !== undefined) return { id, status: 'completed' }
    return { id, status: 'failed', output: { message: 'the handler gave no outcome' } }
  })
}

function retryAfterOf(error: Error): number | undefined {
  if (!('retryAfterMs' in error)) return undefined
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined
}

/** A worker that has not asked for work for this long is stuck or cut off (it polls every second or so). */
const silentAfterMs = 30_000

function health(boss: PgBoss, queue: QueueName, now: Date): QueueHealth {
  const workers = boss.getWipData().filter((worker) => worker.name === queue)
  const last = Math.max(
    ...workers.map((worker) => (worker.count > 0 ? now.getTime() : (worker.lastFetchedOn ?? 0))),
    0,
  )
  if (workers.length === 0) return { queue, ok: false, reason: 'no workers are running' }
  if (now.getTime() - last < silentAfterMs) return { queue, ok: true, reason: 'working' }
  return { queue, ok: false, reason: 'no worker has reached the database in the last 30 s' }
}

/** An outage makes every poll fail; one line in ten seconds says as much as hundreds. */
const repeatAfterMs = 10_000

function throttled(log: Log, text: string): (event: { message: string; queue?: unknown }) => void {
  let last = 0
  return (event) => {
    if (Date.now() - last < repeatAfterMs) return
    last = Date.now()
    log.warn({ problem: event.message, queue: event.queue }, text)
  }
}
