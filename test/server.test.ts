// The database goes away and comes back under a running server.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Problem } from '#shared/problem.ts'

import { makeEvent, signEvent } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startReceiving } from './support/receiving.ts'
import type { Receiving } from './support/receiving.ts'
import { createTcpProxy } from './support/tcp-proxy.ts'
import type { TcpProxy } from './support/tcp-proxy.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let door: TcpProxy
let receiving: Receiving

beforeAll(async () => {
  database = await createTestDatabase()
  const url = new URL(database.connectionString)
  door = await createTcpProxy(Number(url.port))
  url.port = String(door.port)
  receiving = await startReceiving(url.href)
  await receiving.queue.work('decide', { batchSize: 10, workers: 1 }, (jobs) =>
    Promise.resolve(jobs.map(() => null)),
  )
})

afterAll(async () => {
  await receiving.stop()
  await door.shut()
  await database.drop()
})

async function post(event: unknown): Promise<Response> {
  const { body, token } = await signEvent(event)
  return fetch(`${receiving.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  })
}

async function readyz(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${receiving.url}/readyz`)
  return { status: response.status, text: await response.text() }
}

test('events are refused with 503 while the database is away and accepted when it is back', async () => {
  const event = makeEvent()
  await until('ready', async () => (await readyz()).status === 200)

  await door.shut()
  const [refused, ready] = await Promise.all([post(event), readyz()])
  const health = await fetch(`${receiving.url}/healthz`)
  const metrics = await fetch(`${receiving.url}/metrics`)

  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(Problem.parse(await refused.json()).code).toBe('database_unavailable')
  expect(ready.status).toBe(503)
  expect(ready.text).toContain('"name":"database","ok":false')
  expect([health.status, metrics.status]).toEqual([200, 200])

  await door.open()
  const accepted = await until('an accepted event', async () => {
    const answer = await post(event)
    return answer.status === 202 ? answer : null
  })

  expect(await accepted.json()).toEqual({ event_id: event.id, status: 'accepted' })
  await until('ready again', async () => (await readyz()).status === 200)
})

test('of events cut off in the middle none is stored twice and none that was acknowledged is lost', async () => {
  const events = Array.from({ length: 120 }, () => makeEvent())
  const acknowledged = new Set<string>()
  async function send(event: { id: string }): Promise<void> {
    const answer = await post(event)
    if (answer.status === 202) acknowledged.add(event.id)
  }

  const sending = Promise.all(events.map(send))
  await until('the first acknowledgement', () => acknowledged.size > 0)
  await door.shut()
  await sending
  await door.open()
  const early = acknowledged.size
  for (const event of events) {
    await until('its acceptance', async () => (await post(event)).status === 202)
  }

  const { rows } = await receiving.pool.query<{ event_id: string }>(
    'select event_id from event where event_id = any($1)',
    [events.map((event) => event.id)],
  )
  expect(early).toBeGreaterThan(0)
  expect(rows.map((row) => row.event_id).toSorted()).toEqual(events.map(({ id }) => id).toSorted())
})
