// Targets that are let go: who is woken for them.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { insertRunTargets, releaseTargets } from '../../connector/db/run-targets.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { storeRun } from '../support/reporting.ts'

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

/** A run on a target that waits for it; it came so many minutes ago. */
async function waitingFor(target: string, minutes: number): Promise<{ id: string; key: string }> {
  const run = await storeRun(pool)
  await pool.query(
    `update run set state = 'waiting', targets = array[$2], created_at = now() - make_interval(mins => $3)
     where id = $1`,
    [run.id, target, minutes],
  )
  await insertRunTargets(pool, [
    { instance: 'acme', id: run.id, template: 'free', targets: [target] },
  ])
  return run
}

it('wake those that have waited longest, and not all of a crowd', async () => {
  const holder = await waitingFor('db-01', 600)
  await pool.query(`update run set state = 'running', gate_passed_at = now() where id = $1`, [
    holder.id,
  ])
  await pool.query('update run_target set held = true where run_id = $1', [holder.id])
  const crowd: string[] = []
  for (let minutes = 40; minutes > 0; minutes--) {
    crowd.push((await waitingFor('db-01', minutes)).key)
  }
  const [onHold, later] = [await waitingFor('db-01', 300), await waitingFor('db-01', 300)]
  await pool.query(`update run set hold_reason = 'On hold.' where id = $1`, [onHold.id])
  await pool.query(`update run set window_start = now() + interval '1 day' where id = $1`, [
    later.id,
  ])
  await waitingFor('db-02', 300)

  const woken = await releaseTargets(pool, [{ instance: 'acme', id: holder.id }], new Date())

  expect(woken).toEqual(crowd.slice(0, 10))
  const { rows } = await pool.query(`select count(*)::int as due from run where due_at <= now()`)
  expect(rows).toEqual([{ due: 10 }])
  expect(await releaseTargets(pool, [{ instance: 'acme', id: holder.id }], new Date())).toEqual([])
})
