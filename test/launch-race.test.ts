// What reaches a run while a launch of it is under way: a cancel or a hold that is stored by then is heeded before
// anything more is launched, and the answer to the launch is not lost for it.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import { ConnectorError } from '../connector/errors.ts'
import type { LaunchRequest } from '../connector/platforms/driver.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { cancelFor, makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad
/** What happens while a job is being launched, before the platform answers. */
let during: (request: LaunchRequest) => Promise<void>

const [drain, patch] = patchHosts.steps

beforeAll(async () => {
  database = await createTestDatabase()
  const platform = createMemoryPlatform({ instant: true })
  const launch = platform.driver.launch.bind(platform.driver)
  platform.driver.launch = async (request, signal) => {
    await during(request)
    return await launch(request, signal)
  }
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: {
      'patch-hosts': { ...patchHosts, steps: [{ ...drain, critical: false }, patch] },
    },
    platform,
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  during = () => Promise.resolve()
})

function ask(): ReturnType<typeof requestFor> {
  // An emergency change goes on when a step fails that is not critical.
  const ticket = makeChange({ type: 'emergency' })
  return requestFor(ticket, 'patch-hosts', { hosts: 'a', token: 'canary-secret' })
}

function launchesOf({ event }: ReturnType<typeof ask>): string[] {
  const { number } = event.data.ticket
  return road.platform.jobs
    .filter(({ request }) => request.ticket.number === number)
    .map(({ request }) => request.job)
}

async function cancelAndWait(asked: ReturnType<typeof ask>): Promise<void> {
  await road.accept(cancelFor(asked))
  await until('the cancel', async () => {
    const { rowCount } = await road.pool.query(
      'select from run where id = $1 and cancel_requested_at is not null',
      [asked.runId],
    )
    return rowCount === 1
  })
}

async function ended({ runId }: ReturnType<typeof ask>): Promise<StatusUpdate> {
  return await until('the final update', () => {
    const last = road.instance.last(runId)
    return last !== undefined && isFinal(last.state) ? last : null
  })
}

it('a cancel wins over the next launch, though the job under way ends at once', async () => {
  const asked = ask()
  during = async ({ job }) => {
    if (job === 'drain') await cancelAndWait(asked)
  }
  await road.accept(asked.event)

  const last = await ended(asked)

  expect(launchesOf(asked)).toEqual(['look', 'drain', 'fill'])
  expect(last).toMatchObject({ state: 'rolled_back' })
})

it('a cancel wins over the next launch, though the one under way is refused and does not stop the plan', async () => {
  const asked = ask()
  during = async ({ job }) => {
    if (job !== 'drain') return
    await cancelAndWait(asked)
    throw new ConnectorError('platform_rejected', 'memory: 400')
  }
  await road.accept(asked.event)

  const last = await ended(asked)

  expect(launchesOf(asked)).toEqual(['look'])
  expect(last).toMatchObject({ state: 'cancelled' })
  expect(last.steps?.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'Look succeeded',
    'Drain failed',
    'Patch skipped',
    'Verify skipped',
    'Patch skipped',
    'Drain skipped',
  ])
})

it('a hold keeps the next step from being launched, and its release lets the plan go on', async () => {
  const asked = ask()
  during = async ({ job }) => {
    // As the decide step does it while a launch is in doubt.
    if (job === 'drain')
      await road.pool.query(`update run set hold_reason = 'wait.' where id = $1`, [asked.runId])
  }
  await road.accept(asked.event)

  const waiting = await until('the hold', () => {
    const last = road.instance.last(asked.runId)
    return last?.state === 'waiting' ? last : null
  })
  const launched = launchesOf(asked)
  await road.pool.query('update run set hold_reason = null where id = $1', [asked.runId])
  await road.look(asked.runId)
  const last = await ended(asked)

  expect(waiting.message).toContain('On hold: wait.')
  expect(launched).toEqual(['look', 'drain'])
  expect(last.state).toBe('succeeded')
})

it('a hold between two tries of the first launch lets go of the targets, and the gate is passed anew', async () => {
  const asked = ask()
  let tries = 0
  during = async ({ job }) => {
    if (job !== 'look' || ++tries > 1) return
    await road.pool.query(`update run set hold_reason = 'wait.' where id = $1`, [asked.runId])
    throw new ConnectorError('platform_unreachable', 'memory: away', { retryable: true })
  }
  await road.accept(asked.event)

  await until('the hold', () => road.instance.last(asked.runId)?.message.startsWith('On hold'))
  const onHold = await standingOf(asked)
  // What a worker leaves whose save the hold has refused.
  await road.pool.query('update run_target set held = true where run_id = $1', [asked.runId])
  await road.look(asked.runId)
  await until('the next look', async () => (await standingOf(asked)).held === 0)
  await road.pool.query('update run set hold_reason = null where id = $1', [asked.runId])
  await road.look(asked.runId)
  const last = await ended(asked)

  expect(onHold).toEqual({ held: 0, passed: false })
  expect(last.state).toBe('succeeded')
  expect(last.decision?.checks.filter(({ check }) => check === 'target-free')).toHaveLength(3)
})

/** How many targets the run holds, and whether it has passed its gate. */
async function standingOf({
  runId,
}: ReturnType<typeof ask>): Promise<{ held: number; passed: boolean }> {
  const { rows } = await road.pool.query<{ held: number; passed: boolean }>(
    `select gate_passed_at is not null as passed,
       (select count(*)::int from run_target t where t.run_id = run.id and t.held) as held
     from run where id = $1`,
    [runId],
  )
  return rows[0] ?? { held: 0, passed: false }
}
