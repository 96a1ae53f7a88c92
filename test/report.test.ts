// Reporting on a real database: what is sent, in which order, what gives way, and what is told when the
// instance refuses or does not answer.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

import { redriveDeadLetters } from '../connector/db/dead-letters.ts'
import { createPool, inTransaction } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { createQueue } from '../connector/db/queue.ts'
import type { Queue } from '../connector/db/queue.ts'
import { insertUpdates } from '../connector/db/status-updates.ts'
import { ConnectorError } from '../connector/errors.ts'
import type { ItsmAdapter } from '../connector/itsm/adapter.ts'
import { createLog } from '../connector/log.ts'
import { createMetrics } from '../connector/metrics.ts'
import { createReporter } from '../connector/report.ts'
import type { Reporter } from '../connector/report.ts'
import { createMemoryInstance } from './support/memory-instance.ts'
import type { MemoryInstance } from './support/memory-instance.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { storeRun } from './support/reporting.ts'
import type { StoredRun } from './support/reporting.ts'
import { until } from './support/until.ts'

const log = createLog('silent')
let database: TestDatabase
let pool: Pool
let queue: Queue
let instance: MemoryInstance

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
  queue = await createQueue({ connectionString: database.connectionString, log })
})

afterAll(async () => {
  await queue.stop({ graceMs: 1000 })
  await pool.end()
  await database.drop()
})

beforeEach(() => {
  instance = createMemoryInstance()
})

function reporterFor(adapters: Record<string, ItsmAdapter>, clock?: () => number): Reporter {
  const metrics = createMetrics(pool)
  const known = new Map(Object.entries(adapters))
  const deps = { pool, queue, log, metrics, adapters: known }
  return createReporter(clock === undefined ? deps : { ...deps, clock })
}

/** Reports until nothing is pending any more, at most so many times. */
async function reportAll(run: StoredRun, rounds = 10): Promise<void> {
  const reporter = reporterFor({ acme: instance.adapter })
  for (let round = 0; round < rounds; round++) await reporter.report([run.key])
}

const away = new ConnectorError('instance_unreachable', 'refused', { retryable: true })
const stateRefused: StatusReply['refused'] = [{ field: 'state', reason: 'mandatory' }]
const resolve = { transition: 'resolved' } as const

describe('what the instance refused', () => {
  it.each(['work_notes', 'work_note'])('is not told when it is the %s itself', async (field) => {
    const run = await storeRun(pool)
    instance.adapter.sendStatus = refusing([{ field, reason: 'journal is read-only' }])
    await run.write({ ticket_change: { work_note: { key: `${run.id}:start`, text: 'Started.' } } })

    await reportAll(run)

    expect(await run.updates()).toMatchObject([{ sequence: 1, state: 'acknowledged' }])
  })

  it('is told once, also when everything about the follow-up is refused', async () => {
    const run = await storeRun(pool)
    instance.adapter.sendStatus = refusing([
      { field: 'state', reason: 'mandatory' },
      { field: 'work_notes', reason: 'journal is read-only' },
    ])
    await run.write({ state: 'succeeded', ticket_change: resolve })

    await reportAll(run)

    const states = (await run.updates()).map(({ state }) => state)
    expect(states).toEqual(['acknowledged', 'acknowledged'])
  })

  it('is told with the newest picture of the run, not with that of the refused update', async () => {
    const run = await storeRun(pool)
    instance.refuse = stateRefused
    await run.write({ state: 'running', message: 'Old.', ticket_change: resolve })
    const end = await run.write({ state: 'succeeded', progress: 100, message: 'Done.' })

    await reportAll(run)

    const [, , told] = instance.updates
    expect(told).toMatchObject({ sequence: 3, state: 'succeeded', progress: 100, message: 'Done.' })
    expect(told?.time).toBe(end.time)
    expect(told?.ticket_change).toEqual({
      work_note: {
        key: `${run.id}:refused:1`,
        text: expect.stringContaining('- state: mandatory'),
      },
    })
    expect((await run.updates()).map(({ state }) => state)).not.toContain('pending')
  })
})

function refusing(refused: StatusReply['refused']): ItsmAdapter['sendStatus'] {
  return ({ run_id, sequence }) =>
    Promise.resolve({ run_id, sequence, status: 'applied', applied: [], refused })
}

describe('a newer update', () => {
  it('supersedes and empties the droppable ones that wait, and nothing else', async () => {
    const run = await storeRun(pool)
    const other = await storeRun(pool)
    await other.write({ progress: 1 }, { droppable: true })
    await run.write({ state: 'planned' })
    for (const progress of [10, 20, 30]) await run.write({ progress }, { droppable: true })

    await run.write({ state: 'succeeded' })

    expect(await run.updates()).toMatchObject([
      { sequence: 1, state: 'pending', length: expect.toSatisfy((length) => length > 100) },
      { sequence: 2, state: 'superseded', length: 0 },
      { sequence: 3, state: 'superseded', length: 0 },
      { sequence: 4, state: 'superseded', length: 0 },
      { sequence: 5, state: 'pending' },
    ])
    expect(await other.updates()).toMatchObject([{ state: 'pending' }])
    await reportAll(run)
    expect(instance.updates.map(({ sequence }) => sequence)).toEqual([1, 5])
  })

  it('keeps no picture of progress once a later update has arrived, but every note', async () => {
    const run = await storeRun(pool)
    const note = { work_note: { key: 'k', text: 'Started.' } }
    await run.write({ ticket_change: note })
    await reportAll(run, 1)
    for (const progress of [10, 20]) {
      await run.write({ progress }, { droppable: true })
      await reportAll(run, 1)
    }

    const [told, first, second] = await run.updates()
    expect([told, first, second].map((update) => update?.state)).toEqual(
      Array(3).fill('acknowledged'),
    )
    expect([told, first, second].map((update) => (update?.length ?? 0) > 0)).toEqual([
      true,
      false,
      true,
    ])
  })

  it('does not wait for one that is being sent', async () => {
    const run = await storeRun(pool)
    const first = await run.write({ progress: 10 }, { droppable: true })

    await inTransaction(pool, async (client) => {
      await client.query(`select from status_update where run_id = $1 for update`, [run.id])
      const update = { ...first, sequence: 2 }
      await insertUpdates(pool, [{ instance: 'acme', update, droppable: false }])
    })

    expect((await run.updates()).map(({ state }) => state)).toEqual(['pending', 'pending'])
  })
})

describe('progress of a ticket', () => {
  it('comes once a second, and what comes later takes its place meanwhile', async () => {
    const run = await storeRun(pool)
    let time = 0
    const reporter = reporterFor({ acme: instance.adapter }, () => time)
    async function progress(percent: number): Promise<unknown> {
      await run.write({ progress: percent }, { droppable: true })
      const errors = await reporter.report([run.key])
      return errors.get(run.key)
    }

    expect(await progress(10)).toBeUndefined()
    time = 400
    expect(await progress(20)).toMatchObject({ retryAfterMs: 600 })
    time = 999
    expect(await progress(30)).toMatchObject({ retryAfterMs: 1 })
    time = 1000
    await reporter.report([run.key])

    expect(instance.updates.map((update) => update.progress)).toEqual([10, 30])
    expect((await run.updates()).map(({ state, attempts }) => ({ state, attempts }))).toEqual([
      { state: 'acknowledged', attempts: 1 },
      { state: 'superseded', attempts: 0 },
      { state: 'acknowledged', attempts: 1 },
    ])
  })

  it('does not hold up the end, nor anything that changes the ticket', async () => {
    const run = await storeRun(pool)
    const reporter = reporterFor({ acme: instance.adapter }, () => 0)
    const note = { work_note: { key: `${run.id}:start`, text: 'Started.' } }

    await run.write({ progress: 10 }, { droppable: true })
    await reporter.report([run.key])
    await run.write({ progress: 20, ticket_change: note }, { droppable: true })
    await reporter.report([run.key])
    await run.write({ progress: 30 }, { droppable: true })
    await reporter.report([run.key])
    await run.write({ state: 'succeeded', progress: 100 })
    const errors = await reporter.report([run.key])

    expect(errors.size).toBe(0)
    expect(instance.updates.map((update) => update.progress)).toEqual([10, 20, 100])
  })

  it('is counted over all runs and workers of the ticket, and of no other', async () => {
    const [first, other] = [await storeRun(pool), await storeRun(pool)]
    const second = await storeRun(pool)
    const { ticket } = await first.write({ progress: 1 }, { droppable: true })
    await second.write({ progress: 2, ticket }, { droppable: true })
    await other.write({ progress: 3 }, { droppable: true })
    const reporter = reporterFor({ acme: instance.adapter }, () => 0)

    const answers = await Promise.all(
      [first, second, other].map((run) => reporter.report([run.key])),
    )

    // Whichever of the two came first.
    expect(
      answers
        .map((errors) => errors.size)
        .slice(0, 2)
        .toSorted(ascending),
    ).toEqual([0, 1])
    expect(answers[2]?.size).toBe(0)
    expect(instance.updates.map((update) => update.progress)).toContain(3)
    expect(instance.updates).toHaveLength(2)
  })

  function ascending(a: number, b: number): number {
    return a - b
  }

  it('keeps no ticket from its updates when the clock is set back', async () => {
    const run = await storeRun(pool)
    let time = 1_000_000
    const reporter = reporterFor({ acme: instance.adapter }, () => time)
    await run.write({ progress: 10 }, { droppable: true })
    await reporter.report([run.key])
    time = 0
    await run.write({ progress: 20 }, { droppable: true })

    const errors = await reporter.report([run.key])

    expect(errors.get(run.key)).toMatchObject({ retryAfterMs: 1000 })
  })
})

describe('a dead letter that a later update has overtaken', () => {
  function note(text: string): { key: string; text: string } {
    return { key: `k:${text}`, text }
  }

  it('is told with the newest picture, and asks for no state of the past', async () => {
    const run = await storeRun(pool)
    await run.write({
      state: 'running',
      ticket_change: { transition: 'in_progress', work_note: note('old') },
    })
    await dieOnce(run)
    await run.write({ state: 'succeeded', progress: 100 })
    await reportAll(run)

    const counts = await redriveDeadLetters(pool, queue, {
      choice: { run: run.id },
      origin: 'test',
    })
    await reportAll(run)

    expect(counts).toEqual({ events: 0, updates: 1 })
    expect(instance.last(run.id)).toMatchObject({
      sequence: 3,
      state: 'succeeded',
      progress: 100,
      ticket_change: { work_note: note('old') },
    })
    expect(instance.last(run.id)?.ticket_change?.transition).toBeUndefined()
    expect((await run.updates()).map(({ state }) => state)).toEqual([
      'superseded',
      'acknowledged',
      'acknowledged',
    ])
  })

  it('still asks for the state of the end when the run has ended so', async () => {
    const run = await storeRun(pool)
    const end = { transition: 'resolved', work_note: note('end') } as const
    await run.write({ state: 'succeeded', ticket_change: end })
    await dieOnce(run)
    await run.write({ state: 'succeeded', ticket_change: { work_note: note('more') } })
    await reportAll(run)

    await redriveDeadLetters(pool, queue, { choice: 'all', origin: 'test' })
    await reportAll(run)

    expect(instance.last(run.id)?.ticket_change).toEqual(end)
  })

  it('is sent as it is when nothing later was stored', async () => {
    const run = await storeRun(pool)
    await run.write({ state: 'succeeded', ticket_change: { work_note: note('end') } })
    await dieOnce(run)

    await redriveDeadLetters(pool, queue, { choice: { run: run.id }, origin: 'test' })
    await reportAll(run)

    expect(instance.last(run.id)).toMatchObject({
      sequence: 1,
      ticket_change: { work_note: note('end') },
    })
  })

  async function dieOnce(run: StoredRun): Promise<void> {
    instance.faults.push({
      error: new ConnectorError('instance_rejected', 'no', { retryable: false }),
    })
    await reportAll(run, 1)
    expect((await run.updates()).at(-1)?.state).toBe('dead')
  }
})

describe('an update that is not acknowledged', () => {
  it('becomes a dead letter by its age, not by the number of its tries', async () => {
    const run = await storeRun(pool)
    await run.write({ state: 'succeeded' })
    const reporter = reporterFor({ acme: instance.adapter })
    async function tryOnce(age: string): Promise<string | undefined> {
      await pool.query(
        `update status_update set attempts = 500, created_at = now() - $2::interval where run_id = $1`,
        [run.id, age],
      )
      instance.faults.push({ error: away })
      await reporter.report([run.key])
      return (await run.updates())[0]?.state
    }

    expect(await tryOnce('47 hours')).toBe('pending')
    expect(await tryOnce('49 hours')).toBe('dead')
    expect((await run.updates())[0]?.attempts).toBe(501)
  })

  it('is not given up by the first hiccup after the connector stood still for days', async () => {
    const run = await storeRun(pool)
    await run.write({ state: 'succeeded' })
    await pool.query(`update status_update set created_at = now() - interval '5 days'`)
    instance.faults.push({ error: away })

    const errors = await reporterFor({ acme: instance.adapter }).report([run.key])

    expect(errors.get(run.key)).toBe(away)
    await reportAll(run)
    expect(instance.last(run.id)?.state).toBe('succeeded')
  })
})

describe('an instance that does not answer', () => {
  it('is asked by one delivery at a time until it answers again', async () => {
    const runs = await Promise.all(Array.from({ length: 60 }, () => storeRun(pool)))
    for (const run of runs) await run.write({ state: 'succeeded' })
    const keys = runs.map(({ key }) => key)
    const asked: StatusUpdate[] = []
    const hanging = Promise.withResolvers<StatusReply>()
    let mode: 'away' | 'silent' | 'well' = 'away'
    const adapter: ItsmAdapter = {
      sendStatus(update, signal) {
        asked.push(update)
        if (mode === 'well') return instance.adapter.sendStatus(update, signal)
        return mode === 'away' ? Promise.reject(away) : hanging.promise
      },
      readRecords: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    }
    const reporter = reporterFor({ acme: adapter })
    await reporter.report(keys)
    expect(asked).toHaveLength(60)
    mode = 'silent'
    asked.length = 0

    const first = reporter.report(keys)
    await until('a delivery', () => asked.length > 0)
    const second = await reporter.report(keys)

    // Nobody else waits for the one that hangs, and nothing is counted against those not tried.
    expect(asked).toHaveLength(1)
    expect(second.size).toBe(60)
    const { rows } = await pool.query(
      'select max(attempts) as most from status_update where run_id = any($1)',
      [runs.map(({ id }) => id)],
    )
    expect(rows[0]?.most).toBe(1)

    mode = 'well'
    hanging.reject(away)
    await first
    for (let round = 0; round < 8; round++) await reporter.report(keys)
    expect(new Set(instance.updates.map((update) => update.run_id)).size).toBe(60)
  })

  it('does not keep a batch with updates for others waiting', async () => {
    const slow = await Promise.all(Array.from({ length: 30 }, () => storeRun(pool, 'slow')))
    const fast = await storeRun(pool, 'fast')
    for (const run of [...slow, fast]) await run.write({ state: 'succeeded' })
    const slowKeys = slow.map(({ key }) => key)
    const hanging = Promise.withResolvers<StatusReply>()
    let asked = 0
    const silent: ItsmAdapter = {
      sendStatus: () => (asked++ < slow.length ? Promise.reject(away) : hanging.promise),
      readRecords: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    }
    const reporter = reporterFor({ slow: silent, fast: instance.adapter })
    await reporter.report(slowKeys)
    const waiting = reporter.report(slowKeys)
    await until('a delivery that hangs', () => asked > slow.length)

    const errors = await reporter.report([...slowKeys, fast.key])

    expect(errors.has(fast.key)).toBe(false)
    expect(instance.last(fast.id)?.state).toBe('succeeded')
    hanging.reject(away)
    await waiting
  })
})
