// Calls of job platforms over real HTTP: they pull a status read forward, and nothing else.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { Problem } from '#shared/problem.ts'

import { ConnectorError } from '../connector/errors.ts'
import { createLog } from '../connector/log.ts'
import type { Driver } from '../connector/platforms/driver.ts'
import { readReadiness } from '../connector/readiness.ts'
import { createReceiver } from '../connector/receive.ts'
import { createServer, listen } from '../connector/server.ts'
import type { Listener } from '../connector/server.ts'
import { makeConfig } from './support/config.ts'
import { makeEvent, makeTicket, randomHex, testActor } from './support/events.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import type { MemoryPlatform } from './support/memory-platform.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { roadTemplates } from './support/road-templates.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

const hourMs = 3_600_000

let database: TestDatabase
let platform: MemoryPlatform
let road: TestRoad
let listener: Listener
let statusReads = 0

/** A platform that is looked at once an hour, and signs its calls with a shared secret. */
function withCallback(driver: Driver): Driver {
  return {
    ...driver,
    capabilities: { ...driver.capabilities, callback: 'signed' },
    pollDelayMs: () => hourMs,
    async status(jobId, signal) {
      statusReads++
      return await driver.status(jobId, signal)
    },
    callback({ headers, body }) {
      if (headers['x-platform-secret'] !== 'right') {
        throw new ConnectorError('platform_auth', 'the call carries the wrong secret')
      }
      const text = Buffer.from(body).toString('utf8')
      if (!text.startsWith('{')) throw new ConnectorError('platform_bad_answer', 'not JSON')
      // The test's own body.
      return { jobId: (JSON.parse(text) as { job?: string }).job ?? null }
    },
  }
}

beforeAll(async () => {
  database = await createTestDatabase()
  const memory = createMemoryPlatform()
  platform = { ...memory, driver: withCallback(memory.driver) }
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: roadTemplates,
    platform,
  })
  const { pool, queue, metrics } = road
  const log = createLog('silent')
  const app = createServer({
    receiver: createReceiver({ config: makeConfig(), pool, queue, metrics }),
    preview: (request, name) => road.road.preview(request, name),
    templates: () => road.road.templates(),
    tools: road.road.tools,
    callback: (name, request) => road.road.callback(name, request),
    readiness: () => readReadiness({ pool, queue }),
    metrics,
    log,
  })
  listener = await listen(app, { host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await listener.close(1000)
  await road.stop()
  await database.drop()
})

async function call(
  name: string,
  body: string,
  options: { secret?: string; method?: string } = {},
): Promise<{ status: number; code: string | null }> {
  const { secret = 'right', method = 'POST' } = options
  const answer = await fetch(`${listener.url}/v1/platforms/${name}/callback`, {
    method,
    headers: { 'x-platform-secret': secret },
    ...(method === 'GET' ? {} : { body }),
  })
  const content: unknown = await answer.json()
  const problem = Problem.safeParse(content)
  return { status: answer.status, code: problem.success ? problem.data.code : null }
}

async function running(): Promise<{ runId: string; job: MemoryPlatform['jobs'][number] }> {
  const runId = randomHex()
  const ticket = makeTicket()
  const run = { id: runId, template: 'free-disk-space', version: 1, parameters: { path: '/var' } }
  await road.accept(
    makeEvent({ type: 'run.requested', data: { ticket, actor: testActor, people: {}, run } }),
  )
  await until('the run to be told as running', () => road.instance.last(runId)?.state === 'running')
  const job = platform.jobs.find(({ request }) => request.ticket.number === ticket.number)
  if (job === undefined) throw new Error('no job')
  return { runId, job }
}

it('a call about a job has its run looked at now, long before the next poll', async () => {
  const { runId, job } = await running()
  platform.end(job, { message: 'Freed it.' })

  expect(await call('memory', JSON.stringify({ job: job.id }))).toEqual({ status: 202, code: null })

  const last = await until('the end', () => {
    const update = road.instance.last(runId)
    return update?.state === 'succeeded' ? update : null
  })
  expect(last.message).toContain('Freed it.')
})

it('a call that lies changes nothing: the platform is asked, and the job goes on', async () => {
  const { runId, job } = await running()
  const before = statusReads

  const body = JSON.stringify({ job: job.id, state: 'succeeded', finished: true })
  expect((await call('memory', body)).status).toBe(202)

  await until('the status read', () => statusReads > before)
  expect(road.instance.last(runId)?.state).toBe('running')
})

it('a call about no job, or one of nobody here, is taken and does nothing', async () => {
  const before = statusReads

  expect((await call('memory', '{}')).status).toBe(202)
  expect((await call('memory', JSON.stringify({ job: 'unknown' }))).status).toBe(202)

  expect(statusReads).toBe(before)
})

it.each([
  ['with the wrong secret', 'memory', '{}', { secret: 'wrong' }, 401, 'callback_refused'],
  ['that cannot be read', 'memory', 'garbage', {}, 422, 'callback_invalid'],
  ['of a platform that is not configured', 'other', '{}', {}, 404, 'not_found'],
  ['by GET', 'memory', '', { method: 'GET' }, 405, 'method_not_allowed'],
] as const)('a call %s is refused', async (_what, name, body, options, status, code) => {
  expect(await call(name, body, options)).toEqual({ status, code })
})
