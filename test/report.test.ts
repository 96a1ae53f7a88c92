// Reporting on a real database: what is sent, in which order, what gives way, and what is told when the
// instance refuses or does not answer.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

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

function reporterFor(adapters: Record<string, ItsmAdapter>): Reporter {
  const metrics = createMetrics(pool)
  return createReporter({ pool, queue, log, metrics, adapters: new Map(Object.entries(adapters)) })
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
