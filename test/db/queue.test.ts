import { fork } from 'node:child_process'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { createPool, inTransaction } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import type { Queue, QueueJob } from '../../connector/db/queue.ts'
import { ConnectorError } from '../../connector/errors.ts'
import { createLog } from '../../connector/log.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

const log = createLog('silent')
const settings = { batchSize: 10, workers: 2 }
let database: TestDatabase
let pool: Pool
let open: Queue[]

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

beforeEach(async () => {
  open = []
  await pool.query('delete from pgboss.job')
})

afterEach(async () => {
  await Promise.all(open.map((queue) => queue.stop({ graceMs: 1000 })))
})

async function openQueue(): Promise<Queue> {
  const queue = await createQueue({ connectionString: database.connectionString, log })
  open.push(queue)
  return queue
}

/** A handler that notes what it got and calls everything done. */
function recorder(): { seen: QueueJob<unknown>[]; handle: typeof handle } {
  const seen: QueueJob<unknown>[] = []
  function handle(jobs: readonly QueueJob<unknown>[]): Promise<null[]> {
    seen.push(...jobs)
    return Promise.resolve(jobs.map(() => null))
  }
  return { seen, handle }
}

test('a wake-up arrives with its key and data after the commit, and not at all without it', async () => {
  const queue = await openQueue()
  const { seen, handle } = recorder()
  await queue.work('decide', settings, handle)

  await expect(
    inTransaction(pool, async (client) => {
      await queue.send(client, 'decide', [{ key: 'lost', data: {} }])
      throw new Error('rolled back')
    }),
  ).rejects.toThrow('rolled back')
  await inTransaction(pool, (client) => {
    return queue.send(client, 'decide', [{ key: 'kept', data: { step: 1 } }])
  })
  queue.kick('decide')

  await until('the wake-up', () => seen.length > 0)
  expect(seen.map(({ key, data, attempt }) => ({ key, data, attempt }))).toEqual([
    { key: 'kept', data: { step: 1 }, attempt: 1 },
  ])
})

test('of one key at most one is handled at a time, over two replicas', async () => {
  const replicas = [await openQueue(), await openQueue()]
  const busy = new Map<string, number>()
  const handled = new Map<string, number>()
  let most = 0
  async function handle(jobs: readonly QueueJob<unknown>[]): Promise<null[]> {
    for (const { key } of jobs) busy.set(key, (busy.get(key) ?? 0) + 1)
    most = Math.max(most, ...busy.values())
    await pool.query('select pg_sleep(0.02)')
    for (const { key } of jobs) {
      busy.set(key, (busy.get(key) ?? 0) - 1)
      handled.set(key, (handled.get(key) ?? 0) + 1)
    }
    return jobs.map(() => null)
  }
  for (const queue of replicas) await queue.work('decide', settings, handle)

  for (let round = 0; round < 10; round++) {
    const wakeups = Array.from({ length: 12 }, (_, index) => ({ key: `k${index % 4}`, data: {} }))
    await replicas[round % 2]?.send(pool, 'decide', wakeups)
    for (const queue of replicas) queue.kick('decide')
  }

  await until('an empty queue', async () => (await waiting()) === 0)
  expect(most).toBe(1)
  expect([...handled.keys()].toSorted()).toEqual(['k0', 'k1', 'k2', 'k3'])
})

test('a wake-up sent while its key is being handled is handled afterwards', async () => {
  const queue = await openQueue()
  const first = Promise.withResolvers<null[]>()
  let calls = 0
  await queue.work('decide', settings, (jobs) => {
    calls++
    return calls === 1 ? first.promise : Promise.resolve(jobs.map(() => null))
  })
  await queue.send(pool, 'decide', [{ key: 'k', data: {} }])
  await until('the first call', () => calls === 1)

  await queue.send(pool, 'decide', [{ key: 'k', data: {} }])
  first.resolve([null])

  await until('the second call', () => calls === 2)
})

test('hundreds of wake-ups of one key cost a few calls and hold up no other key', async () => {
  const queue = await openQueue()
  const { seen, handle } = recorder()
  const wakeups = Array.from({ length: 500 }, () => ({ key: 'noisy', data: {} }))
  await queue.send(pool, 'decide', [...wakeups, { key: 'quiet', data: {} }])

  await queue.work('decide', settings, handle)

  await until('both keys', () => new Set(seen.map(({ key }) => key)).size === 2)
  await until('an empty queue', async () => (await waiting()) === 0)
  expect(seen.length).toBeLessThan(10)
})

test('waits for its time', async () => {
  const queue = await openQueue()
  const { seen, handle } = recorder()
  await queue.work('advance', settings, handle)
  const later = new Date(Date.now() + 1500)

  await queue.send(pool, 'advance', [
    { key: 'later', data: {}, startAfter: later },
    { key: 'now', data: {} },
  ])
  queue.kick('advance')

  await until('the first', () => seen.length === 1)
  expect(seen[0]?.key).toBe('now')
  await until('the second', () => seen.length === 2)
  expect(Date.now()).toBeGreaterThanOrEqual(later.getTime())
})

test('a failed job comes back with the next attempt, the others of its batch are done', async () => {
  const queue = await openQueue()
  const attempts: string[] = []
  await queue.work('report', settings, (jobs) => {
    attempts.push(...jobs.map(({ key, attempt }) => `${key} ${attempt}`))
    return Promise.resolve(
      jobs.map(({ key, attempt }) => (key === 'bad' && attempt === 1 ? new Error('no') : null)),
    )
  })

  await queue.send(pool, 'report', [
    { key: 'good', data: {} },
    { key: 'bad', data: {} },
  ])

  await until('the second attempt', () => attempts.includes('bad 2'))
  expect(attempts.toSorted()).toEqual(['bad 1', 'bad 2', 'good 1'])
})

test('a job that failed does not block its key', async () => {
  const queue = await openQueue()
  const seen: unknown[] = []
  await queue.work<{ ok: boolean }>('report', settings, (jobs) => {
    seen.push(...jobs.map(({ data }) => data.ok))
    return Promise.resolve(jobs.map(({ data }) => (data.ok ? null : new Error('no'))))
  })
  await queue.send(pool, 'report', [{ key: 'k', data: { ok: false } }])
  await until('the failure', () => seen.length === 1)

  await queue.send(pool, 'report', [{ key: 'k', data: { ok: true } }])
  queue.kick('report')

  await until('the other wake-up', () => seen.includes(true))
})

test.each(['without a time', 'with a time of its own'])(
  'a key that keeps failing %s has one next try, however often it is woken up',
  async (kind) => {
    const queue = await openQueue()
    const attempts: number[] = []
    const options = kind === 'without a time' ? {} : { retryAfterMs: 60_000 }
    const error = new ConnectorError('instance_unreachable', 'away', options)
    await queue.work('report', settings, (jobs) => {
      attempts.push(...jobs.map(({ attempt }) => attempt))
      return Promise.resolve(jobs.map(() => error))
    })

    for (let round = 1; round <= 6; round++) {
      await queue.send(pool, 'report', [{ key: 'k', data: {} }])
      queue.kick('report')
      await until('the next call', () => attempts.length >= round)
      await until('the next try', async () => (await jobsInHand()) === 0)
    }

    await until('one next try', async () => (await waiting()) === 1)
    // The count goes on, so that the back-off grows instead of starting anew with every wake-up.
    expect(attempts).toEqual(attempts.map((_attempt, index) => index + 1))
    const { rows } = await pool.query(
      `select extract(epoch from start_after - now()) as delay from pgboss.job
       where name = 'report' and state in ('created', 'retry')`,
    )
    expect(Number(rows[0]?.delay)).toBeGreaterThan(10)
  },
)

test('a wake-up that succeeds ends the next tries of its key', async () => {
  const queue = await openQueue()
  let fine = false
  let calls = 0
  await queue.work('report', settings, (jobs) => {
    calls++
    return Promise.resolve(jobs.map(() => (fine ? null : new Error('no'))))
  })
  await queue.send(pool, 'report', [{ key: 'k', data: {} }])
  await until('the failure', () => calls > 0)

  fine = true
  await queue.send(pool, 'report', [{ key: 'k', data: {} }])
  queue.kick('report')

  await until('an empty queue', async () => (await waiting()) === 0)
})

test('a next try does not touch the wake-ups of its key for later', async () => {
  const queue = await openQueue()
  const { seen, handle } = recorder()
  const later = new Date(Date.now() + 3_600_000)
  await queue.send(pool, 'advance', [
    { key: 'k', data: {}, startAfter: later },
    { key: 'k', data: {} },
  ])

  await queue.work('advance', settings, handle)

  await until('the wake-up', () => seen.length === 1)
  await until('its end', async () => (await waiting()) === 1)
})

test('knows which keys have no job: waiting, to be tried again or in hand', async () => {
  const queue = await openQueue()
  const held = Promise.withResolvers<void>()
  const handled: string[] = []
  await queue.work('report', { batchSize: 1, workers: 3 }, async ([job]) => {
    handled.push(job?.key ?? '')
    if (job?.key === 'in hand') await held.promise
    return [job?.key === 'failed' ? new Error('no') : null]
  })
  const later = new Date(Date.now() + 3_600_000)
  await queue.send(pool, 'report', [
    { key: 'in hand', data: {} },
    { key: 'failed', data: {} },
    { key: 'done', data: {} },
    { key: 'waiting', data: {}, startAfter: later },
  ])
  queue.kick('report')
  await until('all', () => new Set(handled).size === 3)
  await until('one in hand', async () => (await jobsInHand()) === 1)

  const keys = ['in hand', 'failed', 'done', 'waiting', 'never sent']
  const free = await queue.withoutJob(pool, 'report', keys)

  expect(free).toEqual(['done', 'never sent'])
  held.resolve()
})

test('an error that names a time is tried again after it, and counted', async () => {
  const queue = await openQueue()
  const tries: { attempt: number; at: number }[] = []
  await queue.work('report', settings, (jobs) => {
    tries.push(...jobs.map(({ attempt }) => ({ attempt, at: Date.now() })))
    const error = new ConnectorError('instance_rate_limited', 'slow down', { retryAfterMs: 3000 })
    return Promise.resolve(jobs.map(({ attempt }) => (attempt < 2 ? error : null)))
  })

  await queue.send(pool, 'report', [{ key: 'k', data: {} }])

  await until('the second try', () => tries.length === 2)
  expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2])
  expect((tries[1]?.at ?? 0) - (tries[0]?.at ?? 0)).toBeGreaterThanOrEqual(3000)
})

test('a handler that throws fails its whole batch, which comes back', async () => {
  const queue = await openQueue()
  let calls = 0
  await queue.work('decide', settings, (jobs) => {
    calls++
    if (calls === 1) throw new Error('the database went away')
    return Promise.resolve(jobs.map(() => null))
  })

  await queue.send(pool, 'decide', [{ key: 'k', data: {} }])

  await until('the second call', () => calls === 2)
})

test('stop waits for the jobs in hand', async () => {
  const queue = await openQueue()
  let state = 'waiting'
  await queue.work('decide', settings, async (jobs) => {
    state = 'working'
    await pool.query('select pg_sleep(0.3)')
    state = 'done'
    return jobs.map(() => null)
  })
  await queue.send(pool, 'decide', [{ key: 'k', data: {} }])
  await until('the job', () => state === 'working')

  await queue.stop({ graceMs: 5000 })

  expect(state).toBe('done')
  expect(await waiting()).toBe(0)
})

test('survives that all its connections are cut', async () => {
  const queue = await openQueue()
  const { seen, handle } = recorder()
  await queue.work('decide', settings, handle)

  await database.disconnectAll()
  await until('a pool that works again', () => pool.query('select 1').catch(() => null))
  await queue.send(pool, 'decide', [{ key: 'after', data: {} }])

  await until('the wake-up', () => seen.some(({ key }) => key === 'after'))
  expect(queue.health(new Date())).toEqual([{ queue: 'decide', ok: true, reason: 'working' }])
})

test('says when its workers have not reached the database for long', async () => {
  const queue = await openQueue()
  await queue.work('decide', settings, recorder().handle)
  await until('the first fetch', () => queue.health(new Date())[0]?.ok)

  const [health] = queue.health(new Date(Date.now() + 60_000))

  expect(health).toMatchObject({ queue: 'decide', ok: false })
})

test('the jobs of a killed worker are taken over within 30 s', { timeout: 60_000 }, async () => {
  const queue = await openQueue()
  const keys = ['a', 'b', 'c']
  await queue.send(
    pool,
    'advance',
    keys.map((key) => ({ key, data: {} })),
  )
  const worker = fork(join(import.meta.dirname, '../support/stuck-worker.ts'), [
    database.connectionString,
  ])
  const taken: string[] = []
  worker.on('message', (message) => taken.push(...(message as string[])))
  await until('the worker to take all', () => taken.length === 3)
  worker.kill('SIGKILL')
  const killed = Date.now()
  const { seen, handle } = recorder()
  await queue.work('advance', settings, handle)

  await until('the takeover', () => seen.length === 3, 40_000)

  expect(Date.now() - killed).toBeLessThan(30_000)
  expect(seen.map(({ key }) => key).toSorted()).toEqual(keys)
  expect(new Set(seen.map(({ attempt }) => attempt))).toEqual(new Set([2]))
})

async function waiting(): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    "select count(*) from pgboss.job where state < 'completed' and name not like '\\_\\_%'",
  )
  return Number(rows[0]?.count)
}

async function jobsInHand(): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    "select count(*) from pgboss.job where state = 'active' and name not like '\\_\\_%'",
  )
  return Number(rows[0]?.count)
}
