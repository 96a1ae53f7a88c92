// What reaches a ticket while a job reports its progress all the time: once a second at most, and the end.
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { StatusUpdate } from '#shared/status-update.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { makeEvent, makeTicket, randomHex, testActor } from './support/events.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { roadTemplates } from './support/road-templates.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: roadTemplates,
    platform: createMemoryPlatform({ pollDelayMs: 20 }),
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

interface Arrival {
  at: number
  state: StatusUpdate['state']
  progress: number
}

it('is one picture a second and the end at once, however fast the job reports', async () => {
  const arrivals: Arrival[] = []
  const { adapter } = road.instance
  const send = adapter.sendStatus.bind(adapter)
  adapter.sendStatus = (update, signal) => {
    arrivals.push({ at: Date.now(), state: update.state, progress: update.progress })
    return send(update, signal)
  }
  const { runId, ticket } = await startRun()
  const job = await until('the launch', () =>
    road.platform.jobs.find(({ request }) => request.ticket.number === ticket.number),
  )

  // Every look at the job finds something new, until the ticket has been told of it three times.
  let looks = 0
  const { driver } = road.platform
  const look = driver.status.bind(driver)
  driver.status = async (id, signal) => {
    looks++
    job.status = { ...job.status, progress: Math.min(99, looks) }
    job.output += `line ${looks}\n`
    return await look(id, signal)
  }
  await until('three pictures', () => shown(arrivals).length >= 3)
  driver.status = look
  road.platform.end(job, { message: 'Done.' })
  await until('the end', () => road.instance.last(runId)?.state === 'succeeded')

  const pauses = shown(arrivals).map(({ at }) => {
    const before = arrivals[arrivals.findIndex((arrival) => arrival.at === at) - 1]
    return at - (before?.at ?? 0)
  })
  // The clock counts whole milliseconds.
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(999)
  expect(looks).toBeGreaterThan(arrivals.length)
  expect(arrivals.at(-1)).toMatchObject({ state: 'succeeded', progress: 100 })
})

/** Those that only show how far the job is: the first one brings the start note. */
function shown(arrivals: readonly Arrival[]): Arrival[] {
  return arrivals.filter(({ state }) => state === 'running').slice(1)
}

async function startRun(): Promise<{ runId: string; ticket: TicketEvent['data']['ticket'] }> {
  const ticket = makeTicket()
  const runId = randomHex()
  const run = { id: runId, template: 'free-disk-space', version: 1, parameters: { path: '/var' } }
  const data = { ticket, actor: testActor, people: {}, run }
  const subject = `${ticket.table}/${ticket.number}`
  await road.accept(makeEvent({ type: 'run.requested', subject, data } as Partial<TicketEvent>))
  return { runId, ticket }
}
