// The gate on a real database: what is looked at before the first launch, who holds a target, and what the
// receipt says of it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { holdTargets } from '../connector/db/run-targets.ts'
import { ConnectorError } from '../connector/errors.ts'
import type { ReadRecord, RecordQuery } from '../connector/itsm/adapter.ts'
import { randomHex } from './support/events.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import type { MemoryJob } from './support/memory-platform.ts'
import { cancelFor, makeChange, patchHosts, requestFor, stored } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

const hour = 3_600_000

const { pre_checks: _before, post_checks: _after, ...bare } = patchHosts
const simple = {
  ...bare,
  steps: [{ name: 'Patch', job: 'patch' }],
  targets: { parameter: 'hosts' },
}

const templates = {
  simple: { ...simple, name: 'simple', title: 'Simple' },
  strict: { ...simple, name: 'strict', title: 'Strict', when_busy: 'refuse' },
  verified: { ...simple, name: 'verified', title: 'Verified', verify: true },
  counted: {
    ...simple,
    name: 'counted',
    title: 'Counted',
    blast_radius: { source: 'cmdb', cis: { refuse_above: 2 }, services: { approve_above: 0 } },
  },
}

let database: TestDatabase
let road: TestRoad
let ahead = 0

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates,
    platform: createMemoryPlatform(),
    policy: {
      max_wait: '2h',
      freezes: [
        {
          name: 'Year end',
          from: new Date(Date.now() + 3 * hour).toISOString(),
          to: new Date(Date.now() + 4 * hour).toISOString(),
        },
      ],
    },
    now: () => new Date(Date.now() + ahead),
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  ahead = 0
  road.instance.records = () => []
})

interface Asked {
  runId: string
  ticket: Ticket
  event: ReturnType<typeof requestFor>['event']
}

let nextHost = 0

/** A host that no other test works on. */
function freshHost(): string {
  return `host-${++nextHost}`
}

async function ask(
  template: keyof typeof templates,
  { ticket = makeChange(), hosts = freshHost() }: { ticket?: Ticket; hosts?: string } = {},
): Promise<Asked> {
  const asked = requestFor(ticket, template, { hosts })
  await road.accept(asked.event)
  return { ...asked, ticket }
}

function jobsOf({ ticket }: Asked): MemoryJob[] {
  return road.platform.jobs.filter((job) => job.request.ticket.number === ticket.number)
}

/** Its first job, once its launch is stored. */
async function running(asked: Asked): Promise<MemoryJob> {
  await told(asked, ({ state }) => state === 'running')
  const [job] = jobsOf(asked)
  if (job === undefined) throw new Error('the run is running, but the platform knows no job')
  return job
}

async function finish(asked: Asked): Promise<StatusUpdate> {
  road.platform.end(await running(asked), {})
  return await ended(asked)
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

/** The last check of that name on the receipt. */
function checkOf({ decision }: StatusUpdate, name: string): Check | undefined {
  return decision?.checks.findLast(({ check }) => check === name)
}

async function heldBy({ runId }: Asked): Promise<string[]> {
  const { rows } = await road.pool.query<{ target: string }>(
    'select target from run_target where run_id = $1 and held order by target',
    [runId],
  )
  return rows.map(({ target }) => target)
}

/** The ticket's record as the Table API gives it; what is given replaces what the event carried. */
function recordOf(ticket: Ticket, changes: Record<string, string> = {}): ReadRecord {
  return Object.fromEntries(
    Object.entries({ ...ticket.fields, ...wrap(changes) }).map(([name, { value }]) => [
      name,
      { value, display: value },
    ]),
  )
}

function wrap(values: Record<string, string>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]))
}

describe('targets', () => {
  it('are held from the first launch to the end of the run', async () => {
    const asked = await ask('simple', { hosts: 'b-1, A-1' })
    await running(asked)

    expect(await heldBy(asked)).toEqual(['a-1', 'b-1'])
    const last = await finish(asked)
    expect(await heldBy(asked)).toEqual([])
    expect(checkOf(last, 'target-free')).toMatchObject({ passed: true })
  })

  it('that are busy are waited for, and taken as soon as they are let go', async () => {
    const host = freshHost()
    const first = await ask('simple', { hosts: host })
    await running(first)
    const second = await ask('simple', { hosts: `${host},${freshHost()}` })

    const waiting = await told(second, ({ state }) => state === 'waiting')
    const heldMeanwhile = await heldBy(second)
    const startedMeanwhile = jobsOf(second)
    await finish(first)
    const since = performance.now()
    const last = await finish(second)

    expect(waiting.message).toContain(`Waiting for ${host}`)
    expect(waiting.message).toContain(`${first.ticket.number} (simple)`)
    expect(heldMeanwhile).toEqual([])
    expect(startedMeanwhile).toEqual([])
    expect(last.state).toBe('succeeded')
    // Woken by the release: looking again by itself takes fifteen seconds.
    expect(performance.now() - since).toBeLessThan(10_000)
  })

  it('are given to one of many that ask at the same moment, and to all of them in the end', async () => {
    const hosts = [freshHost(), freshHost(), freshHost()]
    const all = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((turn) => {
        const order = turn % 2 === 0 ? hosts : hosts.toReversed()
        return ask('simple', { hosts: order.join(',') })
      }),
    )
    const overlaps: number[] = []
    for (let round = 0; round < all.length; round++) {
      const job = await until('one of them to run', () =>
        all.flatMap(jobsOf).find(({ status }) => status.state === 'running'),
      )
      await until('its launch to be stored', async () => {
        const { rowCount } = await road.pool.query(`select from step where job_id = $1`, [job.id])
        return rowCount === 1
      })
      overlaps.push(all.flatMap(jobsOf).filter(({ status }) => status.state === 'running').length)
      road.platform.end(job, {})
    }
    const ends = await Promise.all(all.map(ended))

    expect(overlaps).toEqual([1, 1, 1, 1, 1, 1])
    expect(ends.map(({ state }) => state)).toEqual(all.map(() => 'succeeded'))
  })

  it('of a run that waits are free for others', async () => {
    const [busy, free] = [freshHost(), freshHost()]
    const first = await ask('simple', { hosts: busy })
    await running(first)
    const second = await ask('simple', { hosts: `${free},${busy}` })
    await told(second, ({ state }) => state === 'waiting')

    const third = await ask('simple', { hosts: free })
    const last = await finish(third)
    await finish(first)
    await finish(second)

    expect(last.state).toBe('succeeded')
  })

  it('that are busy refuse the run where the template says so', async () => {
    const host = freshHost()
    const first = await ask('simple', { hosts: host })
    await running(first)
    const second = await ask('strict', { hosts: host })

    const refused = await ended(second)
    await finish(first)

    expect(refused).toMatchObject({ state: 'refused', decision: { fits: false } })
    expect(checkOf(refused, 'target-free')).toMatchObject({ passed: false })
    expect(jobsOf(second)).toEqual([])
  })

  it('are not waited for any longer than the policy allows', async () => {
    const host = freshHost()
    const first = await ask('simple', { hosts: host })
    const job = await running(first)
    const second = await ask('simple', { hosts: host })
    await told(second, ({ state }) => state === 'waiting')

    ahead = 2 * hour - 5_000
    await road.pool.query('update run set due_at = null where id = $1', [second.runId])
    await road.look(second.runId)
    const refused = await ended(second)
    ahead = 0
    road.platform.end(job, {})
    await ended(first)

    expect(refused.state).toBe('refused')
    expect(checkOf(refused, 'target-free')?.detail).toContain('was still at work')
    expect(refused.decision?.summary).toBe(refused.message)
  })

  it('of a run that was cancelled while it waited are not taken', async () => {
    const host = freshHost()
    const first = await ask('simple', { hosts: host })
    await running(first)
    const second = await ask('simple', { hosts: host })
    await told(second, ({ state }) => state === 'waiting')

    await road.accept(cancelFor(second))
    const last = await ended(second)
    await finish(first)

    expect(last.state).toBe('cancelled')
    expect(jobsOf(second)).toEqual([])
    expect(await heldBy(second)).toEqual([])
  })

  it('cannot be taken by a worker that was overtaken, nor for a run that has ended', async () => {
    const asked = await ask('simple')
    await finish(asked)
    const { rows } = await road.pool.query<{ revision: number }>(
      'select revision from run where id = $1',
      [asked.runId],
    )
    const revision = rows[0]?.revision ?? 0

    const run = { instance: 'acme', id: asked.runId }
    expect(await holdTargets(road.pool, { ...run, revision })).toBe(false)
    expect(await holdTargets(road.pool, { ...run, revision: revision - 1 })).toBe(false)
    expect(await heldBy(asked)).toEqual([])
  })

  it('that a run left held when it ended are let go by the next one', async () => {
    const host = freshHost()
    const first = await ask('simple', { hosts: host })
    await finish(first)
    // What no worker does any more: it is there to show that nobody waits for ever.
    await road.pool.query('update run_target set held = true where run_id = $1', [first.runId])

    const second = await ask('simple', { hosts: host })

    expect((await finish(second)).state).toBe('succeeded')
  })
})

describe('a freeze', () => {
  it('that has begun while the run waited refuses it at its start', async () => {
    const host = freshHost()
    const first = await ask('simple', { hosts: host })
    const job = await running(first)
    const start = new Date(Date.now() + 2 * hour)
    const ticket = makeChange({ start_date: stored(start) })
    const second = await ask('simple', { ticket, hosts: host })
    await told(second, ({ state }) => state === 'waiting')

    ahead = 3.5 * hour
    await road.look(second.runId)
    const refused = await ended(second)
    ahead = 0
    road.platform.end(job, {})
    await ended(first)

    expect(refused).toMatchObject({ state: 'refused', decision: { fits: false } })
    expect(checkOf(refused, 'freeze')).toMatchObject({ passed: false })
    expect(refused.message).toContain('Year end')
    expect(refused.steps?.map(({ state }) => state)).toEqual(['skipped'])
    expect(jobsOf(second)).toEqual([])
  })
})

describe('the ticket read again', () => {
  it('lets the run start when nothing that counts has changed', async () => {
    const ticket = makeChange()
    const queries: RecordQuery[] = []
    road.instance.records = (query) => {
      queries.push(query)
      return [{ ...recordOf(ticket), sys_updated_on: { value: 'later', display: 'later' } }]
    }
    const asked = await ask('verified', { ticket })

    const last = await finish(asked)

    expect(last.state).toBe('succeeded')
    expect(checkOf(last, 'source-unchanged')).toMatchObject({ passed: true })
    expect(queries[0]).toMatchObject({
      table: 'change_request',
      query: `sys_id=${ticket.sys_id}`,
      fields: expect.arrayContaining(['approval', 'short_description']),
    })
  })

  it('refuses with what has changed', async () => {
    const ticket = makeChange()
    road.instance.records = () => [
      recordOf(ticket, { approval: 'rejected', short_description: `patch ${'x'.repeat(200)}` }),
    ]

    const asked = await ask('verified', { ticket })
    const refused = await ended(asked)
    const check = checkOf(refused, 'source-unchanged')

    expect(refused).toMatchObject({ state: 'refused', decision: { fits: false } })
    expect(check?.detail).toContain('approval: "approved" -> "rejected"')
    expect(check?.detail.length).toBeLessThan(300)
    expect(check?.hint).toContain('run the automation again')
    expect(jobsOf(asked)).toEqual([])
    expect(await heldBy(asked)).toEqual([])
  })

  it('refuses when the ticket is gone', async () => {
    const refused = await ended(await ask('verified'))

    expect(checkOf(refused, 'source-unchanged')?.detail).toContain('is not there any more')
  })

  it('refuses when a field that counts may not be read', async () => {
    const ticket = makeChange()
    const { approval: _hidden, ...rest } = recordOf(ticket)
    road.instance.records = () => [rest]

    const refused = await ended(await ask('verified', { ticket }))

    expect(checkOf(refused, 'source-unchanged')?.detail).toContain('may not read approval')
  })

  it('is tried again while the instance does not answer, and nothing is held meanwhile', async () => {
    const ticket = makeChange()
    let tries = 0
    road.instance.records = () => {
      if (++tries > 1) return [recordOf(ticket)]
      throw new ConnectorError('instance_unreachable', 'refused', { retryable: true })
    }
    const asked = await ask('verified', { ticket })

    const waiting = await told(asked, ({ state }) => state === 'waiting')
    const last = await finish(asked)

    expect(waiting.message).toContain('could not be read again')
    expect(last.state).toBe('succeeded')
    expect(tries).toBe(2)
  })

  it('that cannot be read for as long as a run may wait refuses it', async () => {
    road.instance.records = () => {
      throw new ConnectorError('instance_unreachable', 'refused', { retryable: true })
    }
    const asked = await ask('verified')
    await told(asked, ({ state }) => state === 'waiting')

    ahead = 2 * hour - 10_000
    await road.look(asked.runId)
    const refused = await ended(asked)

    expect(refused.state).toBe('refused')
    expect(checkOf(refused, 'source-unchanged')?.detail).toContain('A run waits no longer than')
  })
})

describe('what depends on the item', () => {
  const item = randomHex()

  function relationsOf(...classes: string[]): () => ReadRecord[] {
    return () =>
      classes.map((name) => {
        const parent = randomHex()
        return {
          parent: { value: parent, display: parent },
          'parent.sys_class_name': { value: name, display: name },
        }
      })
  }

  it('is counted in the CMDB, and refuses above the threshold', async () => {
    const queries: RecordQuery[] = []
    road.instance.records = (query) => {
      queries.push(query)
      return relationsOf('cmdb_ci_server', 'cmdb_ci_server', 'cmdb_ci_appl')()
    }

    const refused = await ended(await ask('counted', { ticket: makeChange({ cmdb_ci: item }) }))

    expect(queries).toEqual([expect.objectContaining({ table: 'cmdb_rel_ci' })])
    expect(queries[0]?.query).toContain(`child=${item}`)
    expect(checkOf(refused, 'blast-radius')?.detail).toContain('3 configuration items')
  })

  it('may be more than a threshold when the ticket is approved', async () => {
    road.instance.records = relationsOf('cmdb_ci_server', 'cmdb_ci_service_auto')

    const last = await finish(await ask('counted', { ticket: makeChange({ cmdb_ci: item }) }))

    expect(last.state).toBe('succeeded')
    expect(checkOf(last, 'blast-approval')?.detail).toContain('1 services')
  })

  it('cannot be counted without an item, so the run is refused', async () => {
    const refused = await ended(await ask('counted'))

    expect(checkOf(refused, 'blast-radius')?.detail).toContain('names no configuration item')
  })
})
