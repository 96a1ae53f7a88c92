// Secrets of a run stay hidden whichever of its steps shows them: a later job can print what an earlier one was
// given, and a platform can repeat it in an error.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import { ConnectorError } from '../connector/errors.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import type { MemoryJob } from './support/memory-platform.ts'
import { makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

const secret = 'canary-secret'

const { pre_checks: _before, post_checks: _after, targets: _targets, ...bare } = patchHosts
const twoSteps = {
  ...bare,
  name: 'two-steps',
  title: 'Two steps',
  steps: [
    { name: 'Unlock', job: 'unlock' },
    // Is not given the token.
    { name: 'Patch', job: 'patch', parameters: ['hosts'] },
  ],
}

let database: TestDatabase
let road: TestRoad
const platform = createMemoryPlatform({
  outcomeOf: ({ job }) => (job === 'unlock' ? {} : null),
})

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: { 'two-steps': twoSteps },
    platform,
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

interface Asked {
  runId: string
  number: string
}

async function ask(): Promise<Asked> {
  const ticket = makeChange()
  const { event, runId } = requestFor(ticket, 'two-steps', { hosts: 'a', token: secret })
  await road.accept(event)
  return { runId, number: ticket.number }
}

/** The job of the second step, once its launch is stored and it has been looked at. */
async function secondJob({ runId, number }: Asked): Promise<MemoryJob> {
  await told(runId, ({ state, step }) => state === 'running' && step?.position === 2)
  await until('the run to rest', async () => !(await isInHand(runId)))
  return await until('the job', () =>
    platform.jobs.find(
      ({ request }) => request.job === 'patch' && request.ticket.number === number,
    ),
  )
}

/** True while a wake-up of the run is due or in a worker's hands. */
async function isInHand(runId: string): Promise<boolean> {
  const { rowCount } = await road.pool.query(
    `select from pgboss.job where name = 'advance' and singleton_key = $1
       and (state = 'active' or state < 'active' and start_after <= now())`,
    [`acme/${runId}`],
  )
  return rowCount !== 0
}

async function told(runId: string, what: (update: StatusUpdate) => boolean): Promise<StatusUpdate> {
  return await until('an update', () =>
    road.instance.updates.find((update) => update.run_id === runId && what(update)),
  )
}

/** Everything that was stored and told of the run; the parameters of steps that may still be launched aside. */
async function everythingOf(runId: string): Promise<string> {
  const { rows } = await road.pool.query<{ text: string }>(
    `select (to_jsonb(step) - 'parameters')::text as text from step where run_id = $1
     union all select to_jsonb(run)::text from run where id = $1
     union all select to_jsonb(a)::text from audit_entry a where subject like '%' || $1 || '%'
     union all select to_jsonb(u)::text from status_update u where run_id = $1`,
    [runId],
  )
  const updates = road.instance.updates.filter((update) => update.run_id === runId)
  return [...rows.map(({ text }) => text), JSON.stringify(updates)].join('\n')
}

it('a later step that prints what an earlier one was given shows a mask in output and message', async () => {
  const asked = await ask()
  const job = await secondJob(asked)

  job.output = `token: ${secret}\nbase64 of nothing\n`
  platform.end(job, { state: 'failed', message: `login with ${secret} failed` })
  const last = await told(asked.runId, ({ state }) => isFinal(state))

  expect(job.request.parameters).toEqual({ hosts: 'a' })
  expect(last.message).toContain('login with •••••• failed')
  const everything = await everythingOf(asked.runId)
  expect(everything).toContain('token: ••••••\\nbase64')
  expect(everything).not.toContain(secret)
})

it('a launch that fails with it in its error tells the error without it', async () => {
  platform.faults.launch.push(
    { error: new ConnectorError('platform_unreachable', `memory: no route, sent ${secret}`) },
    { error: new ConnectorError('platform_rejected', `memory: 400: token ${secret} is not valid`) },
  )
  const { runId } = await ask()

  const again = await told(runId, ({ message }) => message.includes('no route'))
  const last = await told(runId, ({ state }) => isFinal(state))

  expect(again.message).toContain('sent ••••••')
  expect(last.message).toContain('token •••••• is not valid')
  expect(await everythingOf(runId)).not.toContain(secret)
})

it('a status read that fails with it in its error tells the error without it', async () => {
  const asked = await ask()
  const job = await secondJob(asked)
  platform.faults.status.push({
    error: new ConnectorError('platform_error', `memory: 500: ${secret}`, { retryable: true }),
  })

  platform.end(job, {})
  const trouble = await told(asked.runId, ({ message }) => message.includes('does not answer'))
  const last = await told(asked.runId, ({ state }) => isFinal(state))

  expect(trouble.message).toContain('500: ••••••')
  expect(last.state).toBe('succeeded')
  expect(await everythingOf(asked.runId)).not.toContain(secret)
})
