// Trouble in the middle of the road on a real database: an event that cannot be stored as decided, and a database
// that is cut off between a launch and the storing of its answer.
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { createPool } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { makeEvent, makeTicket, randomHex, testActor } from './support/events.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { roadTemplates } from './support/road-templates.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { createTcpProxy } from './support/tcp-proxy.ts'
import type { TcpProxy } from './support/tcp-proxy.ts'
import { until } from './support/until.ts'

/** Length of the outage: several tries to store, each a quarter of a second after the last. */
const outageMs = 1000

let database: TestDatabase
let door: TcpProxy
let direct: Pool
let road: TestRoad
// Cannot be asked for a lost launch: an answer that is not stored would end as unknown.
const platform = createMemoryPlatform({ find: false })

beforeAll(async () => {
  database = await createTestDatabase()
  const behindDoor = new URL(database.connectionString)
  door = await createTcpProxy(Number(behindDoor.port))
  behindDoor.port = String(door.port)
  direct = createPool(database.connectionString)
  road = await startTestRoad({
    connectionString: behindDoor.href,
    templates: roadTemplates,
    platform,
  })
})

afterAll(async () => {
  await road.stop()
  await direct.end()
  await door.shut()
  await database.drop()
})

function request(run: object = {}): { event: TicketEvent; runId: string } {
  const runId = randomHex()
  const wanted = {
    id: runId,
    template: 'free-disk-space',
    version: 1,
    parameters: { path: '/var' },
  }
  const data = { ticket: makeTicket(), actor: testActor, people: {}, run: { ...wanted, ...run } }
  return { runId, event: makeEvent({ type: 'run.requested', data } as Partial<TicketEvent>) }
}

function launches(event: TicketEvent): number {
  return platform.jobs.filter((job) => job.request.ticket.number === event.data.ticket.number)
    .length
}

it('an event that cannot be stored counts its tries and holds up no other ticket', async () => {
  // No integer of PostgreSQL: the contract refuses it at the door, so it stands for any fault of storing.
  const bad = request({ template: 'nope', version: 3_000_000_000 })
  const good = request()

  await Promise.all([road.accept(bad.event), road.accept(good.event)])
  await until('the innocent launch', () => launches(good.event) === 1)
  const noted = await until('the noted try', async () => {
    const { rows } = await road.pool.query<{
      state: string
      attempts: number
      problem: string | null
    }>('select state, attempts, problem from event where event_id = $1 and attempts > 0', [
      bad.event.id,
    ])
    return rows[0]
  })

  expect(noted.state).toBe('accepted')
  expect(noted.problem).toMatch(/out of range/)
})

it(
  'the answer to a launch is stored although the database was cut off meanwhile',
  { timeout: 90_000 },
  async () => {
    const { event, runId } = request()
    const launch = platform.driver.launch.bind(platform.driver)
    platform.driver.launch = async (order, signal) => {
      const job = await launch(order, signal)
      if (order.ticket.number === event.data.ticket.number) await door.shut()
      return job
    }

    await road.accept(event)
    await until('the launch', () => launches(event) === 1)
    const cut = performance.now()
    await until('the end of the outage', () => performance.now() - cut > outageMs)
    await door.open()
    const step = await until(
      'the stored answer',
      async () => {
        const { rows } = await direct.query<{ state: string; job_id: string | null }>(
          'select state, job_id from step where run_id = $1',
          [runId],
        )
        return rows.find(({ state }) => state !== 'pending' && state !== 'launching')
      },
      60_000,
    )

    expect(step.state).toBe('running')
    expect(step.job_id).toMatch(/^job-\d+$/)
    expect(launches(event)).toBe(1)
  },
)
