// The sweep on a real database: what lost its wake-up gets one, what has any job is left to it.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { createPool } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { createQueue } from '../connector/db/queue.ts'
import type { Queue } from '../connector/db/queue.ts'
import { createLog } from '../connector/log.ts'
import { sweep } from '../connector/sweep.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { storeRun } from './support/reporting.ts'
import type { StoredRun } from './support/reporting.ts'

const log = createLog('silent')
let database: TestDatabase
let pool: Pool
let queue: Queue

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

beforeEach(async () => {
  await pool.query('delete from pgboss.job')
  await pool.query('truncate event cascade')
})

/** A run with an update that has been pending for so long. */
async function pendingFor(age: string): Promise<StoredRun> {
  const run = await storeRun(pool)
  await run.write({ state: 'running' })
  await pool.query('update status_update set created_at = now() - $2::interval where run_id = $1', [
    run.id,
    age,
  ])
  return run
}

async function jobs(): Promise<{ name: string; key: string }[]> {
  const { rows } = await pool.query(
    `select name, singleton_key as key from pgboss.job where state < 'completed' order by name, created_on`,
  )
  return rows
}

it('wakes up what is overdue and has no job, once', async () => {
  const run = await pendingFor('5 minutes')
  await pendingFor('1 minute')
  await pool.query(`update run set due_at = now() - interval '5 minutes' where id = $1`, [run.id])
  await pool.query(
    `update event set state = 'accepted', received_at = now() - interval '5 minutes', ticket_key = 't'
     where seq = (select event_seq from run where id = $1)`,
    [run.id],
  )

  const first = await sweep({ pool, queue, log })
  const second = await sweep({ pool, queue, log })

  expect(first).toEqual({ decide: 1, advance: 1, report: 1 })
  expect(second).toEqual({ decide: 0, advance: 0, report: 0 })
  expect(await jobs()).toEqual([
    { name: 'advance', key: run.key },
    { name: 'decide', key: 't' },
    { name: 'report', key: run.key },
  ])
})

it('leaves runs alone that wait for a later moment or stand on hold with a wake-up, but not one whose wake-up is lost', async () => {
  const [later, held, lost] = [await storeRun(pool), await storeRun(pool), await storeRun(pool)]
  await pool.query(
    `update run set due_at = null, hold_reason = 'On hold.', created_at = now() - interval '3 days'`,
  )
  await pool.query(
    `update run set due_at = now() + interval '1 day', hold_reason = null where id = $1`,
    [later.id],
  )
  const inAnHour = new Date(Date.now() + 3_600_000)
  await queue.send(pool, 'advance', [{ key: held.key, data: {}, startAfter: inAnHour }])

  // Without it nobody would see that the run may wait no longer, or that its window has ended.
  expect(await sweep({ pool, queue, log })).toMatchObject({ advance: 1 })
  expect(await jobs()).toEqual([
    { name: 'advance', key: held.key },
    { name: 'advance', key: lost.key },
  ])
})

it.each(['created', 'retry', 'active'])(
  'leaves a key alone that has a job in state %s',
  async (state) => {
    const run = await pendingFor('3 hours')
    const later = new Date(Date.now() + 300_000)
    await queue.send(pool, 'report', [{ key: run.key, data: {}, startAfter: later }])
    await pool.query('update pgboss.job set state = $1::pgboss.job_state', [state])

    expect(await sweep({ pool, queue, log })).toMatchObject({ report: 0 })
    expect(await jobs()).toHaveLength(1)
  },
)

it('finds the lost ones behind hundreds that have jobs', async () => {
  const runs = await Promise.all(Array.from({ length: 510 }, () => pendingFor('1 hour')))
  const [lost, ...others] = runs
  await queue.send(
    pool,
    'report',
    others.map(({ key }) => ({ key, data: {} })),
  )

  expect(await sweep({ pool, queue, log })).toMatchObject({ report: 1 })
  const { rows } = await pool.query('select from pgboss.job where singleton_key = $1', [lost?.key])
  expect(rows).toHaveLength(1)
})
