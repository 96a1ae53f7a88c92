// Mistakes in a driver: a plain error, which no driver should throw, neither skips a rollback nor leaves a run
// where it is.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import { launchLeaseMs } from '../connector/active-step.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import type { MemoryJob } from './support/memory-platform.ts'
import { cancelFor, makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad
/** How far the road's clock is ahead of the real one. */
let ahead = 0
/** Jobs that run until told. */
let held = new Set<string>()

const platform = createMemoryPlatform({ outcomeOf: ({ job }) => (held.has(job) ? null : {}) })
const output = platform.driver.output.bind(platform.driver)

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: { 'patch-hosts': patchHosts },
    platform,
    now: () => new Date(Date.now() + ahead),
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  ahead = 0
  held = new Set()
  platform.driver.output = output
  for (const faults of Object.values(platform.faults)) faults.length = 0
})

type Asked = ReturnType<typeof requestFor>

let nextHost = 0

async function ask(): Promise<Asked> {
  const hosts = `host-${++nextHost}`
  const asked = requestFor(makeChange(), 'patch-hosts', { hosts, token: '' })
  await road.accept(asked.event)
  return asked
}

function jobsOf({ event }: Asked): MemoryJob[] {
  return platform.jobs.filter(({ request }) => request.ticket.number === event.data.ticket.number)
}

function launchesOf(asked: Asked): string[] {
  return jobsOf(asked).map(({ request }) => request.job)
}

/** The job, once its launch is stored and it has been looked at. */
async function running(asked: Asked, name: string): Promise<MemoryJob> {
  await until(`the launch of ${name}`, async () => {
    const { rowCount } = await road.pool.query(
      `select from step where run_id = $1 and job = $2 and state = 'running'`,
      [asked.runId, name],
    )
    return rowCount === 1
  })
  await until('the run to rest', async () => !(await isInHand(asked)))
  return await until(name, () => jobsOf(asked).find(({ request }) => request.job === name))
}

/** True while a wake-up of the run is due or in a worker's hands. */
async function isInHand({ runId }: Asked): Promise<boolean> {
  const { rowCount } = await road.pool.query(
    `select from pgboss.job where name = 'advance' and singleton_key = $1
       and (state = 'active' or state < 'active' and start_after <= now())`,
    [`acme/${runId}`],
  )
  return rowCount !== 0
}

async function told(
  { runId }: Asked,
  what: (update: StatusUpdate) => boolean,
): Promise<StatusUpdate> {
  return await until('an update', () =>
    road.instance.updates.find((update) => update.run_id === runId && what(update)),
  )
}

async function ended(asked: Asked): Promise<StatusUpdate> {
  return await told(asked, ({ state }) => isFinal(state))
}

async function failuresOf({ runId }: Asked, name: string): Promise<number> {
  const { rows } = await road.pool.query<{ failures: number }>(
    'select failures from step where run_id = $1 and job = $2',
    [runId, name],
  )
  return rows[0]?.failures ?? 0
}

function mistake(): { error: Error } {
  return { error: new TypeError('cannot read what is not there') }
}

const whole = ['look', 'drain', 'patch', 'verify']

it('in `status` is told, the read is repeated after a wait, and the run ends', async () => {
  held.add('patch')
  const asked = await ask()
  const job = await running(asked, 'patch')
  platform.faults.status.push(mistake(), mistake())

  platform.end(job, {})
  const trouble = await told(asked, ({ message }) => message.includes('trying again'))
  await until('the second failure', async () => (await failuresOf(asked, 'patch')) === 2)
  const last = await ended(asked)

  expect(trouble).toMatchObject({
    state: 'running',
    message:
      'The job platform does not answer, trying again: memory: cannot read what is not there',
  })
  expect(last.state).toBe('succeeded')
  expect(launchesOf(asked)).toEqual(whole)
})

it('in `output` is told, the read is repeated, and the run ends', async () => {
  held.add('patch')
  const asked = await ask()
  const job = await running(asked, 'patch')
  let faults = 1
  platform.driver.output = (...call) => {
    // Not even a promise.
    if (faults-- > 0) throw new TypeError('cannot read what is not there')
    return output(...call)
  }

  job.output = 'all patched'
  platform.end(job, {})
  await told(asked, ({ message }) => message.includes('trying again: memory: cannot read'))
  const last = await ended(asked)

  expect(last.state).toBe('succeeded')
  const { rows } = await road.pool.query<{ output_tail: string }>(
    `select output_tail from step where run_id = $1 and job = 'patch'`,
    [asked.runId],
  )
  expect(rows).toEqual([{ output_tail: 'all patched' }])
})

it('in `cancel` does not stop the rollback', async () => {
  held.add('patch')
  const asked = await ask()
  await running(asked, 'patch')
  platform.faults.cancel.push(mistake())

  await road.accept(cancelFor(asked))
  const trouble = await told(asked, ({ message }) => message.includes('could not be cancelled'))
  ahead = 120_000
  await road.look(asked.runId)
  const last = await ended(asked)

  expect(trouble.message).toBe(
    'The job could not be cancelled: memory: cannot read what is not there',
  )
  expect(launchesOf(asked)).toEqual(['look', 'drain', 'patch', 'unpatch', 'fill'])
  expect(last.state).toBe('rolled_back')
})

it('in `launch` leaves the job in doubt: it is looked for and not started twice', async () => {
  held.add('drain')
  const asked = await ask()
  const job = await running(asked, 'drain')
  platform.faults.launch.push({ ...mistake(), lost: true })

  platform.end(job, {})
  await told(asked, ({ message }) => message.includes('did not confirm the launch'))
  ahead = launchLeaseMs + 1000
  await road.look(asked.runId)
  const last = await ended(asked)

  expect(last.state).toBe('succeeded')
  expect(launchesOf(asked)).toEqual(whole)
})

it('in every `status` and `cancel` of a job that has to be cancelled ends as unknown, and nothing is undone', async () => {
  held.add('patch')
  const asked = await ask()
  await running(asked, 'patch')
  platform.faults.status.push(...Array.from({ length: 50 }, mistake))
  platform.faults.cancel.push(...Array.from({ length: 50 }, mistake))

  await road.accept(cancelFor(asked))
  await told(asked, ({ message }) => message.includes('does not answer'))
  // Past the time limit of the step and the hour in which its end may still be reported.
  ahead = 2 * 3_600_000
  await road.look(asked.runId)
  const last = await ended(asked)

  expect(last.state).toBe('unknown')
  expect(launchesOf(asked)).toEqual(['look', 'drain', 'patch'])
})

it('in the `status` of a rollback step does not end the rollback', async () => {
  held.add('patch').add('unpatch')
  const asked = await ask()
  platform.end(await running(asked, 'patch'), { state: 'failed', message: 'no space' })
  const undo = await running(asked, 'unpatch')
  platform.faults.status.push(mistake())

  platform.end(undo, {})
  const trouble = await told(asked, ({ message }) => message.includes('does not answer'))
  const last = await ended(asked)

  expect(trouble.state).toBe('rolling_back')
  expect(launchesOf(asked)).toEqual(['look', 'drain', 'patch', 'unpatch', 'fill'])
  expect(last.state).toBe('rolled_back')
})
