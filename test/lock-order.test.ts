// Two transactions that lock the same runs do not wait for each other in a circle; one that another kind of lock
// brings into a circle is repeated.
import type { PoolClient } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createPool } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { lockRuns } from '../connector/db/run-changes.ts'
import { loadRuns, saveRuns } from '../connector/db/runs.ts'
import { cancelFor, makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { storeRun } from './support/reporting.ts'
import { startTestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

async function begin(): Promise<PoolClient> {
  const client = await pool.connect()
  await client.query('begin')
  return client
}

async function end(client: PoolClient): Promise<void> {
  await client.query('commit')
  client.release()
}

/** Waits until so many sessions of this database wait for a lock. */
async function waiting(count: number): Promise<void> {
  await until(`${count} to wait`, async () => {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows[0]?.count === count
  })
}

it('saving runs and locking them go through them in the same order', async () => {
  const stored = [await storeRun(pool), await storeRun(pool)]
  const keys = stored.map(({ key }) => key).toSorted()
  const runs = await loadRuns(pool, keys)
  const backwards = runs.toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const [first, decider, worker] = [await begin(), await begin(), await begin()]

  // The decide step stands first in the queue for the first run; a worker that held the second one by then would
  // wait for it, and it for the worker.
  await lockRuns(first, keys.slice(0, 1))
  const locked = lockRuns(decider, keys)
  await waiting(1)
  const saved = saveRuns(
    worker,
    backwards.map((run) => ({ run, numbered: true, decided: false })),
  )
  await waiting(2)
  await end(first)
  expect(await locked).toHaveLength(2)
  await end(decider)
  expect((await saved).size).toBe(2)
  await end(worker)
})

it('a decision that is the victim of a deadlock is repeated at once, and costs its event no try', async () => {
  const road = await startTestRoad({
    connectionString: database.connectionString,
    templates: { 'patch-hosts': patchHosts },
  })
  const ticket = makeChange()
  const { event, runId } = requestFor(ticket, 'patch-hosts', { hosts: 'a', token: '' })
  await road.accept(event)
  await until('the run', () => road.instance.last(runId)?.state === 'running')
  // Whoever is the first to find a circle is its victim: the decision looks at once, the other one late.
  const other = await begin()
  await other.query(`set local deadlock_timeout = '20s'`)
  await other.query('select from run where id = $1 for update', [runId])
  await road.accept(cancelFor({ event, runId }))
  await waiting(1)
  await other.query('select from event where source = $1 for update', [event.source])
  await end(other)

  await until('the end', () => road.instance.last(runId)?.state === 'cancelled')
  const { rows } = await pool.query('select attempts from event where ticket_number = $1', [
    ticket.number,
  ])
  await road.stop()

  expect(rows).toEqual([{ attempts: 1 }, { attempts: 1 }])
})
