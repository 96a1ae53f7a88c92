// What the audit keeps of runs on their way, and the limits that are looked at again with the targets in hand.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import { verifyChain } from '../connector/audit-chain.ts'
import { countUnsealed, readLinks, sealAudit } from '../connector/db/audit.ts'
import { makeEvent } from './support/events.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { cancelFor, makeChange, patchHosts, requestFor, stored } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

const minute = 60_000
const hour = 60 * minute

const { pre_checks: _before, post_checks: _after, steps: _steps, ...bare } = patchHosts
const once = {
  ...bare,
  name: 'once-in-three',
  title: 'Once in three hours',
  steps: [{ name: 'Patch', job: 'patch' }],
  targets: { parameter: 'hosts' },
  limits: { max_runs: { count: 1, per: '3h' } },
}

const byRule = {
  name: 'by-rule',
  title: 'By a rule',
  description: 'Starts by itself.',
  platform: 'memory',
  job: 'by-rule',
  match: [{ table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['created'] }],
}

let database: TestDatabase
let road: TestRoad
let failing: Set<string>
let held: Set<string>
/** How far the road's clock is ahead of the real one. */
let ahead = 0

beforeAll(async () => {
  database = await createTestDatabase()
  const platform = createMemoryPlatform({
    outcomeOf({ job }) {
      if (held.has(job)) return null
      return failing.has(job) ? { state: 'failed', message: `${job} went wrong`, exitCode: 1 } : {}
    },
  })
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: { 'patch-hosts': patchHosts, 'once-in-three': once, 'by-rule': byRule },
    platform,
    now: () => new Date(Date.now() + ahead),
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  failing = new Set()
  held = new Set()
  ahead = 0
})

type Asked = ReturnType<typeof requestFor>

function ask(hosts: string, template = 'patch-hosts'): Asked {
  return requestFor(makeChange(), template, { hosts, token: 'canary-secret' })
}

async function ended({ runId }: Asked): Promise<StatusUpdate> {
  return await until('the final update', () => {
    const last = road.instance.last(runId)
    return last !== undefined && isFinal(last.state) ? last : null
  })
}

interface Entry {
  actor: string
  action: string
  detail: Record<string, unknown>
}

/** Entries about the run, in the order in which they were written. */
async function entriesOf({ runId }: Pick<Asked, 'runId'>): Promise<Entry[]> {
  const { rows } = await road.pool.query<Entry>(
    `select actor, action, detail from audit_entry
     where subject = $1 or detail ->> 'run' = $2 order by id`,
    [`run/acme/${runId}`, runId],
  )
  return rows
}

describe('the audit of a run', () => {
  it('tells the decision, every launch with its job, the rollback and the end, and the chain holds', async () => {
    failing.add('verify')
    const asked = ask('web-1')

    await road.accept(asked.event)
    await ended(asked)

    const entries = await entriesOf(asked)
    expect(entries.map(({ action, detail }) => `${action} ${titleOf(detail)}`)).toEqual(
      [
        'decision ',
        'job.launched Look',
        'job.launched Drain',
        'job.launched Patch',
        'job.launched Verify',
        'job.launched Undo: Patch',
        'job.launched Undo: Drain',
        'run.finished ',
      ].map((text) => expect.stringMatching(patternOf(text))),
    )
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(['beth.anglin']))
    expect(entries.filter(({ detail }) => 'caused_by' in detail)).toEqual([])
    expect(entries.at(-1)?.detail).toMatchObject({ state: 'rolled_back' })
    const jobs = entries.filter(({ action }) => action === 'job.launched')
    expect(jobs.map(({ detail }) => detail['job_id'])).toEqual(
      road.platform.jobs
        .filter((job) => job.request.ticket.number === asked.event.data.ticket.number)
        .map((job) => job.id),
    )
    expect(JSON.stringify(entries)).not.toContain('canary-secret')

    while ((await sealAudit(road.pool))?.more === true);
    expect(await countUnsealed(road.pool)).toBe(0)
    expect(await verifyChain(readLinks(road.pool))).toMatchObject({ ok: true })
  })

  it('names the rule where one fired by itself, and whose change made it fire', async () => {
    const event = makeEvent()

    await road.accept(event)
    await until('the end', () =>
      road.instance.updates.find(
        ({ ticket, state }) => ticket.sys_id === event.data.ticket.sys_id && isFinal(state),
      ),
    )

    const runId = road.instance.updates.find(
      ({ ticket }) => ticket.sys_id === event.data.ticket.sys_id,
    )?.run_id
    if (runId === undefined) throw new Error('no run')
    const entries = await entriesOf({ runId })
    expect(
      entries.map(({ actor, action, detail }) => [action, actor, detail['caused_by']]),
    ).toEqual([
      ['decision', 'rule', 'beth.anglin'],
      ['job.launched', 'rule', 'beth.anglin'],
      ['run.finished', 'rule', 'beth.anglin'],
    ])
  })

  it('tells who asked to cancel and what the platform was told', async () => {
    held.add('drain')
    const asked = ask('web-2')
    await road.accept(asked.event)
    await until('the second launch', async () => (await entriesOf(asked)).length >= 3)

    await road.accept(cancelFor(asked))
    await ended(asked)

    const entries = await entriesOf(asked)
    const cancel = entries.find(({ action }) => action === 'run.cancel_requested')
    expect(cancel?.detail['reason']).toContain('not needed')
    const sent = entries.find(({ action }) => action === 'job.cancel_sent')
    expect(sent?.detail).toMatchObject({ name: 'Drain', because: 'asked' })
  })
})

function titleOf({ name }: Record<string, unknown>): string {
  return typeof name === 'string' ? name : ''
}

/** Rollback steps may be worded in any way that names the step. */
function patternOf(text: string): RegExp {
  const [, name = ''] = /^job\.launched Undo: (.+)$/.exec(text) ?? []
  return name === '' ? new RegExp(`^${text}$`) : new RegExp(`^job\\.launched .*${name}`)
}

describe('limits', () => {
  it('hold for two tickets that are decided at the same moment', async () => {
    const both = [ask('db-1', 'once-in-three'), ask('db-1', 'once-in-three')]

    await Promise.all(both.map((asked) => road.accept(asked.event)))
    const ends = await Promise.all(both.map(ended))

    expect(ends.map(({ state }) => state).toSorted()).toEqual(['refused', 'succeeded'])
    const refused = ends.find(({ state }) => state === 'refused')
    expect(refused?.message).toContain('has run 1 times on db-1 within 3h')
    expect(refused?.decision?.fits).toBe(false)
  })

  it('hold at the start for a run that another one has overtaken since its decision', async () => {
    const later = planned('db-2', 2 * hour)
    const sooner = planned('db-2', hour)
    for (const asked of [later, sooner]) {
      await road.accept(asked.event)
      await waiting(asked)
    }

    await moveTo(hour + minute, sooner)
    expect((await ended(sooner)).state).toBe('succeeded')
    await moveTo(2 * hour + minute, later)

    const end = await ended(later)
    expect(end.state).toBe('refused')
    const checks = end.decision?.checks.filter(({ check }) => check === 'max-runs') ?? []
    expect(checks.map(({ passed }) => passed)).toEqual([true, false])
    expect(jobsOf(later)).toBe(0)
  })
})

/** A change that starts so many milliseconds from now. */
function planned(hosts: string, startsIn: number): Asked {
  const start = new Date(Date.now() + startsIn)
  const end = new Date(Date.now() + startsIn + hour)
  const ticket = makeChange({ start_date: stored(start), end_date: stored(end) })
  return requestFor(ticket, 'once-in-three', { hosts, token: 'canary-secret' })
}

async function waiting({ runId }: Asked): Promise<void> {
  await until('the run to wait for its window', async () => {
    const { rows } = await road.pool.query(`select from run where id = $1 and state = 'waiting'`, [
      runId,
    ])
    return rows.length > 0
  })
}

/** Moves the road's clock and wakes the run. */
async function moveTo(milliseconds: number, { runId }: Asked): Promise<void> {
  ahead = milliseconds
  await road.queue.send(road.pool, 'advance', [{ key: `acme/${runId}`, data: {} }])
  road.queue.kick('advance')
}

function jobsOf(asked: Asked): number {
  const { number } = asked.event.data.ticket
  return road.platform.jobs.filter((job) => job.request.ticket.number === number).length
}
