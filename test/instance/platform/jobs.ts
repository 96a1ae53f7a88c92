// The scheduler: async rules, events and scheduled scripts run here, never inside the operation that caused
// them. On a virtual clock nothing becomes due until the clock is advanced.
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Clock } from './clock.ts'
import { messageOf } from './script-error.ts'
import type { SystemLog } from './system-log.ts'

/** One unit of background work. */
export interface Job {
  source: string
  /** Jobs with the same key run in the order in which they came (a sequential event queue). */
  sequence?: string
  run(): void
  /** Told when run throws; without it the error becomes a log line. */
  failed?(error: unknown): void
}

/** A script that runs again and again. */
export interface Recurring extends Job {
  /** Milliseconds since the epoch of the next run. */
  dueAt: number
  /** Computes the run after the given one; null = never again. */
  next(after: number): number | null
}

/** The scheduler of one instance. */
export interface Jobs {
  add(job: Job): void
  repeat(recurring: Recurring): void
  advance(milliseconds: number): Promise<void>
  settle(): Promise<void>
  close(): Promise<void>
}

interface JobOptions {
  order: 'fifo' | 'shuffled'
  delayMs: number
  seed: number
}

interface Scheduler {
  clock: Clock
  log: SystemLog
  options: JobOptions
  waiting: { job: Job; dueAt: number }[]
  recurring: Recurring[]
  random: () => number
  working: Promise<void> | null
  closed: boolean
}

const pollMs = 200 // how often a real clock is looked at for due work

/** A scheduler over a clock. */
export function createJobs(clock: Clock, log: SystemLog, options: JobOptions): Jobs {
  const scheduler: Scheduler = {
    clock,
    log,
    options,
    waiting: [],
    recurring: [],
    random: randomFrom(options.seed),
    working: null,
    closed: false,
  }
  const timer = clock.kind === 'real' ? setInterval(() => wake(scheduler), pollMs) : null
  timer?.unref()
  return {
    add(job) {
      scheduler.waiting.push({ job, dueAt: clock.now().getTime() + options.delayMs })
      wake(scheduler)
    },
    repeat(recurring) {
      scheduler.recurring.push(recurring)
    },
    advance: (milliseconds) => advance(scheduler, milliseconds),
    settle: () => settle(scheduler),
    async close() {
      scheduler.closed = true
      if (timer) clearInterval(timer)
      await scheduler.working
    },
  }
}

function wake(scheduler: Scheduler): void {
  // One worker at a time: the instance has one thread. A loose promise, awaited by settle and close.
  scheduler.working ??= work(scheduler).finally(() => {
    scheduler.working = null
    // Work that came in between the last look and here must not wait for the next poll.
    if (!scheduler.closed && dueCount(scheduler) > 0) wake(scheduler)
  })
}

async function work(scheduler: Scheduler): Promise<void> {
  // Background work starts after the operation that caused it has answered.
  await nextTurn()
  for (let run = takeDue(scheduler); run !== null && !scheduler.closed; run = takeDue(scheduler)) {
    run()
    await nextTurn()
  }
}

/** The next due piece of work, taken out of the queues; null when nothing is due. */
function takeDue(scheduler: Scheduler): (() => void) | null {
  const now = scheduler.clock.now().getTime()
  const due = scheduler.waiting.filter((one) => one.dueAt <= now)
  if (due.length > 0) return takeJob(scheduler, due)
  const recurring = scheduler.recurring.find((one) => one.dueAt <= now)
  return recurring ? takeRecurring(scheduler, recurring, now) : null
}

function takeJob(scheduler: Scheduler, due: Scheduler['waiting']): () => void {
  const { order } = scheduler.options
  const drawn = order === 'fifo' ? 0 : Math.floor(scheduler.random() * due.length)
  const picked = due[drawn]?.job.sequence
  // A sequential queue keeps its order even when everything else is shuffled.
  const chosen = picked === undefined ? due[drawn] : due.find((one) => one.job.sequence === picked)
  scheduler.waiting = scheduler.waiting.filter((one) => one !== chosen)
  return () => chosen && guarded(scheduler, chosen.job)
}

function takeRecurring(scheduler: Scheduler, recurring: Recurring, now: number): () => void {
  // Missed runs are skipped, as the platform skips a trigger whose predecessor still runs.
  let next = recurring.next(recurring.dueAt)
  while (next !== null && next <= now && scheduler.clock.kind === 'real')
    next = recurring.next(next)
  recurring.dueAt = next ?? Number.POSITIVE_INFINITY
  return () => guarded(scheduler, recurring)
}

function guarded(scheduler: Scheduler, job: Job): void {
  try {
    job.run()
  } catch (error) {
    if (job.failed) job.failed(error)
    else scheduler.log.add('error', job.source, messageOf(error))
  }
}

async function settle(scheduler: Scheduler): Promise<void> {
  while (!scheduler.closed) {
    wake(scheduler)
    await scheduler.working
    const waiting = scheduler.clock.kind === 'real' ? scheduler.waiting.length : dueCount(scheduler)
    if (waiting === 0) return
    await nextTurn()
  }
}

function dueCount({ waiting, recurring, clock }: Scheduler): number {
  const now = clock.now().getTime()
  return [...waiting, ...recurring].filter((one) => one.dueAt <= now).length
}

async function advance(scheduler: Scheduler, milliseconds: number): Promise<void> {
  const { clock } = scheduler
  const target = clock.now().getTime() + milliseconds
  await settle(scheduler)
  for (;;) {
    const dues = [...scheduler.waiting, ...scheduler.recurring].map((one) => one.dueAt)
    const next = Math.min(target, ...dues)
    clock.set(new Date(Math.max(next, clock.now().getTime())))
    await settle(scheduler)
    if (next >= target) return
  }
}

/** A small seeded generator (mulberry32), so that a shuffled run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
