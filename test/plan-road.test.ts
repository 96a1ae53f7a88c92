// Plans of several steps on a real database: batches, checks, rollback, cancel, windows, holds, and what the
// ticket is told meanwhile. The platform, the instance and the clock are the test's.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { ConnectorError } from '../connector/errors.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import type { MemoryJob } from './support/memory-platform.ts'
import { cancelFor, makeChange, patchHosts, requestFor, stored } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

const hour = 3_600_000

let database: TestDatabase
let road: TestRoad
/** How far the road's clock is ahead of the real one. */
let ahead = 0
/** Jobs that fail, and jobs that run until told, by name and host list. */
let failing: Set<string>
let held: Set<string>

beforeAll(async () => {
  database = await createTestDatabase()
  const platform = createMemoryPlatform({
    outcomeOf({ job, parameters }) {
      const name = `${job} ${String(parameters['hosts'])}`
      if (held.has(name)) return null
      return failing.has(name)
        ? { state: 'failed', message: `${name} went wrong`, exitCode: 1 }
        : {}
    },
  })
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: {
      'patch-hosts': patchHosts,
      'patch-told': { ...patchHosts, name: 'patch-told', title: 'Told', progress_notes: true },
      'patch-left': { ...patchHosts, name: 'patch-left', title: 'Left', on_cancel: 'leave' },
    },
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
  failing = new Set()
  held = new Set()
})

interface Asked {
  runId: string
  ticket: Ticket
  event: ReturnType<typeof requestFor>['event']
}

async function ask(
  hosts: string,
  options: { template?: string; ticket?: Ticket } = {},
): Promise<Asked> {
  const { template = 'patch-hosts', ticket = makeChange() } = options
  const asked = requestFor(ticket, template, { hosts, token: 'canary-secret' })
  await road.accept(asked.event)
  return { ...asked, ticket }
}

function jobsOf({ ticket }: Asked): MemoryJob[] {
  return road.platform.jobs.filter((job) => job.request.ticket.number === ticket.number)
}

/** `job hosts` of everything that was launched, in order. */
function launchesOf(asked: Asked): string[] {
  return jobsOf(asked).map(({ request }) => `${request.job} ${String(request.parameters['hosts'])}`)
}

/** The job, once its launch is stored and the run has been looked at. */
async function jobNamed(asked: Asked, name: string): Promise<MemoryJob> {
  const job = await until(name, () => {
    const index = launchesOf(asked).indexOf(name)
    return index === -1 ? null : jobsOf(asked)[index]
  })
  await until('the run to rest', async () => !(await isInHand(asked)))
  return job
}

async function ended({ runId }: Asked): Promise<StatusUpdate> {
  return await until('the final update', () => {
    const last = road.instance.last(runId)
    return last !== undefined && isFinal(last.state) ? last : null
  })
}

async function told(
  { runId }: Asked,
  what: (update: StatusUpdate) => boolean,
): Promise<StatusUpdate> {
  return await until('an update', () =>
    road.instance.updates.find((update) => update.run_id === runId && what(update)),
  )
}

async function stepStates({ runId }: Asked): Promise<string[]> {
  const { rows } = await road.pool.query<{ text: string }>(
    `select name || ' ' || state as text from step where run_id = $1 order by position`,
    [runId],
  )
  return rows.map(({ text }) => text)
}

async function runOf({ runId }: Asked): Promise<Record<string, unknown>> {
  const { rows } = await road.pool.query<Record<string, unknown>>(
    `select run.*, (select count(*)::int from run_target t where t.run_id = run.id and t.held) as held
     from run where id = $1`,
    [runId],
  )
  return rows[0] ?? {}
}

/** What every plan of two batches of `patch-hosts` launches. */
const forward = ['look a,b,c', 'drain a', 'patch a', 'drain b,c', 'patch b,c', 'verify a,b,c']

describe('a plan of two batches', () => {
  it('runs its steps in order, each with its targets, and ends once', async () => {
    const asked = await ask('a,b,c')

    const last = await ended(asked)

    expect(launchesOf(asked)).toEqual(forward)
    expect(last).toMatchObject({ state: 'succeeded', progress: 100 })
    expect(last.steps?.map(({ phase, batch, state }) => `${phase} ${batch} ${state}`)).toEqual([
      'pre_check null succeeded',
      'execute 1 succeeded',
      'execute 1 succeeded',
      'execute 2 succeeded',
      'execute 2 succeeded',
      'post_check null succeeded',
      'rollback 2 skipped',
      'rollback 2 skipped',
      'rollback 1 skipped',
      'rollback 1 skipped',
    ])
    expect(await runOf(asked)).toMatchObject({ held: 0 })
  })

  it('shows where it is, and its progress never falls', async () => {
    held.add('drain b,c')
    const asked = await ask('a,b,c')
    const job = await jobNamed(asked, 'drain b,c')

    const during = await told(asked, ({ step }) => step?.position === 4)
    road.platform.end(job, { state: 'failed' })
    const last = await ended(asked)
    const progress = road.instance.updates
      .filter((update) => update.run_id === asked.runId)
      .map((update) => update.progress)

    expect(during).toMatchObject({
      state: 'running',
      phase: 'execute',
      step: { name: 'Drain', position: 4, total: 6 },
      progress: 50,
    })
    expect(last).toMatchObject({ state: 'rolled_back', phase: 'rollback' })
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress.at(-1)).toBeGreaterThanOrEqual(50)
    expect(progress).not.toContain(100)
  })

  it('moves its change to Implement with the first step that changes something, once', async () => {
    held.add('drain b,c')
    const asked = await ask('a,b,c')
    const job = await jobNamed(asked, 'drain b,c')
    road.platform.end(job, {})
    await ended(asked)

    const moved = road.instance.updates.filter(
      ({ run_id, ticket_change: change }) =>
        run_id === asked.runId && change?.transition === 'implement',
    )

    expect(moved.map(({ step }) => step?.position)).toEqual([2])
  })

  it('leaves the state of its change alone when a pre-check fails', async () => {
    failing.add('look a')
    const asked = await ask('a')
    const last = await ended(asked)

    const changes = road.instance.updates
      .filter((update) => update.run_id === asked.runId)
      .map(({ ticket_change: change }) => change?.transition)

    expect(last.state).toBe('failed')
    expect(changes.filter((transition) => transition !== undefined)).toEqual([])
    expect(last.ticket_change?.work_note?.text).toContain('The change keeps its state')
  })

  it('tells every step that ended when its template wants that, and none of it is left out', async () => {
    const asked = await ask('a,b,c', { template: 'patch-told' })
    await ended(asked)

    const { rows } = await road.pool.query<{ told: number }>(
      `select count(*)::int as told from status_update where run_id = $1 and not droppable`,
      [asked.runId],
    )

    // Five steps that others follow, and the end.
    expect(rows[0]?.told).toBeGreaterThanOrEqual(6)
  })

  it('leaves no secret behind once it has ended', async () => {
    const asked = await ask('a,b,c')
    await ended(asked)

    const { rows } = await road.pool.query<{ found: boolean }>(
      `select exists (select from step where parameters::text like '%canary%') as found`,
    )

    expect(
      jobsOf(asked).every(({ request }) => request.parameters['token'] === 'canary-secret'),
    ).toBe(true)
    expect(rows[0]?.found).toBe(false)
  })
})

describe('rollback', () => {
  it('after a failed post-check undoes every step, latest first, with the same parameters', async () => {
    failing.add('verify a,b,c')
    const asked = await ask('a,b,c')

    const last = await ended(asked)
    const undone = jobsOf(asked).slice(forward.length)

    expect(launchesOf(asked)).toEqual([
      ...forward,
      'unpatch b,c',
      'fill b,c',
      'unpatch a',
      'fill a',
    ])
    expect(undone.every(({ request }) => request.parameters['token'] === 'canary-secret')).toBe(
      true,
    )
    expect(last).toMatchObject({ state: 'rolled_back', phase: 'rollback' })
    expect(last.message).toContain('verify a,b,c went wrong')
  })

  it('undoes only what was executed', async () => {
    failing.add('patch a')
    const asked = await ask('a,b,c')

    const last = await ended(asked)

    expect(launchesOf(asked)).toEqual(['look a,b,c', 'drain a', 'patch a', 'unpatch a', 'fill a'])
    expect(last.state).toBe('rolled_back')
    expect((await stepStates(asked)).slice(6)).toEqual([
      'Patch skipped',
      'Drain skipped',
      'Patch succeeded',
      'Drain succeeded',
    ])
  })

  it('does not undo a step whose job was certainly never started', async () => {
    held.add('drain a')
    const asked = await ask('a,b,c')
    const job = await jobNamed(asked, 'drain a')
    road.platform.faults.launch.push({
      error: new ConnectorError('platform_rejected', 'memory: 400'),
    })
    road.platform.end(job, {})

    const last = await ended(asked)

    expect(launchesOf(asked)).toEqual(['look a,b,c', 'drain a', 'fill a'])
    expect(last.state).toBe('rolled_back')
  })

  it('that fails is loud, stops there and lets go of its targets', async () => {
    failing = new Set(['verify a', 'unpatch a'])
    const asked = await ask('a')

    const last = await ended(asked)

    expect(launchesOf(asked).at(-1)).toBe('unpatch a')
    expect(last.state).toBe('rollback_failed')
    expect(last.message).toContain('unpatch a went wrong')
    expect(await runOf(asked)).toMatchObject({ held: 0 })
  })

  it('is not stopped by a cancel', async () => {
    failing.add('verify a')
    held.add('unpatch a')
    const asked = await ask('a')
    const job = await jobNamed(asked, 'unpatch a')
    await told(asked, ({ state }) => state === 'rolling_back')
    await road.accept(cancelFor(asked))
    await until('the cancel', async () => (await runOf(asked))['cancel_requested_at'] !== null)
    await road.look(asked.runId)
    road.platform.end(job, {})

    expect((await ended(asked)).state).toBe('rolled_back')
    expect(launchesOf(asked).slice(-2)).toEqual(['unpatch a', 'fill a'])
  })
})

describe('a cancel in the middle', () => {
  it('ends the job and undoes what was done', async () => {
    held.add('patch a')
    const asked = await ask('a,b,c')
    const job = await jobNamed(asked, 'patch a')

    await road.accept(cancelFor(asked))
    const last = await ended(asked)

    expect(job.status.state).toBe('cancelled')
    expect(launchesOf(asked)).toEqual(['look a,b,c', 'drain a', 'patch a', 'unpatch a', 'fill a'])
    expect(last.state).toBe('rolled_back')
    expect(last.message).toContain('Cancelled by beth.anglin: not needed')
  })

  it('leaves what was done where the template says so', async () => {
    held.add('patch a')
    const asked = await ask('a,b,c', { template: 'patch-left' })
    await jobNamed(asked, 'patch a')

    await road.accept(cancelFor(asked))

    expect((await ended(asked)).state).toBe('cancelled')
    expect(launchesOf(asked)).toEqual(['look a,b,c', 'drain a', 'patch a'])
  })
})

describe('a window', () => {
  it('is waited for, says so, and nothing is launched before its start', async () => {
    const start = new Date(Date.now() + 2 * hour)
    const ticket = makeChange({
      start_date: stored(start),
      end_date: stored(new Date(start.getTime() + hour)),
    })
    const asked = await ask('a', { ticket })

    const waiting = await told(asked, ({ state }) => state === 'waiting')
    ahead = 2 * hour - 60_000
    await road.look(asked.runId)
    await until('the look', async () => !(await isInHand(asked)))
    const early = launchesOf(asked)
    ahead = 2 * hour + 60_000
    await road.look(asked.runId)
    const last = await ended(asked)

    expect(waiting.message).toContain(`Waiting for its window: ${stored(start).slice(0, 16)} UTC`)
    expect(waiting.window?.start).toBe(`${stored(start).replace(' ', 'T')}.000Z`)
    expect(early).toEqual([])
    expect(last.state).toBe('succeeded')
  })

  it('can be cancelled while it is waited for', async () => {
    const start = new Date(Date.now() + 2 * hour)
    const ticket = makeChange({
      start_date: stored(start),
      end_date: stored(new Date(start.getTime() + hour)),
    })
    const asked = await ask('a', { ticket })
    await told(asked, ({ state }) => state === 'waiting')

    await road.accept(cancelFor(asked))

    expect((await ended(asked)).state).toBe('cancelled')
    expect(launchesOf(asked)).toEqual([])
  })

  it('that ends before the plan does leads to a rollback, and the running job is not cut off', async () => {
    held.add('drain a')
    const end = new Date(Date.now() + 600_000)
    const asked = await ask('a', { ticket: makeChange({ end_date: stored(end) }) })
    const job = await jobNamed(asked, 'drain a')

    ahead = 700_000
    await road.look(asked.runId)
    await until('the look', async () => !(await isInHand(asked)))
    const during = launchesOf(asked)
    road.platform.end(job, {})
    const last = await ended(asked)

    expect(during).toEqual(['look a', 'drain a'])
    expect(launchesOf(asked)).toEqual(['look a', 'drain a', 'fill a'])
    expect(last.state).toBe('rolled_back')
    expect(last.message).toContain('The window ended')
  })
})

describe('a hold', () => {
  it('launches nothing new, says so, and goes on when it ends', async () => {
    held.add('drain a')
    const asked = await ask('a')
    const job = await jobNamed(asked, 'drain a')
    await setHold(asked, `${asked.ticket.number} is on hold.`)

    road.platform.end(job, {})
    const waiting = await told(asked, ({ state }) => state === 'waiting')
    const during = launchesOf(asked)
    await setHold(asked, null)
    await road.look(asked.runId)
    const last = await ended(asked)

    expect(waiting.message).toContain(`On hold: ${asked.ticket.number} is on hold.`)
    expect(during).toEqual(['look a', 'drain a'])
    expect(last.state).toBe('succeeded')
  })
})

async function setHold({ runId }: Asked, reason: string | null): Promise<void> {
  await road.pool.query('update run set hold_reason = $2, revision = revision + 1 where id = $1', [
    runId,
    reason,
  ])
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
