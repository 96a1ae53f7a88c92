// kill -9 of the connector at every arrow of the road. Whatever the moment: the run ends once, its job was
// launched once, and the ticket's last state is right.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readLedger } from '../connector/db/ledger.ts'
import { runLane } from './failure-lane.ts'
import type { Lane, LaneDeps, Strike } from './failure-lane.ts'
import { points } from './failure-points.ts'
import { killLeftovers, warmUp } from './support/connector.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startRecordingInstance } from './support/recording-instance.ts'
import type { RecordingInstance } from './support/recording-instance.ts'

/** Enough to keep two processors busy while connectors start. */
const laneCount = 4

let instance: RecordingInstance
let databases: TestDatabase[]
let lanes: Lane[]

beforeAll(async () => {
  warmUp()
  instance = await startRecordingInstance()
  const faults: LaneDeps['faults'] = new Map()
  const heldTokens: LaneDeps['heldTokens'] = new Map()
  instance.faultFor = (update) => faults.get(update.run_id)?.(update) ?? null
  instance.holdsToken = (clientId) => {
    heldTokens.get(clientId)?.()
    return heldTokens.has(clientId)
  }
  databases = []
  for (let lane = 0; lane < laneCount; lane++) databases.push(await createTestDatabase())
  lanes = await Promise.all(
    databases.map(({ connectionString }, lane) =>
      runLane(
        points.filter((_point, index) => index % laneCount === lane),
        { instance, faults, heldTokens, databaseUrl: connectionString, name: `lane-${lane}` },
      ),
    ),
  )
}, 300_000)

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()))
  killLeftovers()
  await instance.close()
  await Promise.all(databases.map((database) => database.drop()))
})

function strikeAt(name: string): { strike: Strike; lane: Lane } {
  for (const lane of lanes) {
    const strike = lane.strikes.find(({ point }) => point.name === name)
    if (strike !== undefined) return { strike, lane }
  }
  throw new Error(`nobody struck at ${name}`)
}

/** What the database says of a run. */
async function storedOf({ order }: Strike, { pool }: Lane): Promise<unknown> {
  const { rows } = await pool.query(
    `select run.state, step.id as token, step.state as step,
       (select array_agg(sequence order by sequence) from status_update u where u.run_id = run.id) as sequences,
       (select count(*)::int from status_update u where u.run_id = run.id and state in ('pending', 'dead')) as untold
     from run left join step on step.run_id = run.id where run.id = $1`,
    [order.runId],
  )
  return rows
}

describe('the connector killed at', () => {
  it.each(points.map(({ name }) => name))('%s', async (name) => {
    const { strike, lane } = strikeAt(name)
    const { order, point } = strike
    const state = point.whenRunning === 'cancel' ? 'cancelled' : 'succeeded'
    const launches = lane.site.launches(order)
    const told = instance.runs.get(order.runId)
    const last = told?.sequence ?? 0

    expect(strike.problem).toBeNull()
    expect(strike.sent?.status).toMatch(/^(accepted|duplicate)$/)
    expect(launches).toHaveLength(1)
    expect(await storedOf(strike, lane)).toEqual([
      {
        state,
        token: launches[0],
        step: state,
        sequences: Array.from({ length: last }, (_none, index) => index + 1),
        untold: 0,
      },
    ])
    expect(told?.state).toBe(state)
    expect(told?.changes).toEqual(
      state === 'succeeded' ? [expect.objectContaining({ transition: 'resolved' })] : [],
    )
    expect([...(told?.noteTexts.values() ?? [])].map((texts) => texts.size)).not.toContain(2)
    expect(told?.notes.filter(({ key }) => key === `${order.runId}:end`)).toHaveLength(1)
  })
})

describe('after all of it', () => {
  it('nothing is missing and nothing is dead', async () => {
    for (const { pool, strikes } of lanes) {
      const ledger = await readLedger(pool)
      expect(ledger).toMatchObject({ missing: 0, dead: 0, finished: strikes.length })
    }
  })

  it('the instance was never sent anything it must not be sent', () => {
    expect(instance.violations).toEqual([])
  })
})
