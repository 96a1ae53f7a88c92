// Targets listed in a parameter, looked up in the CMDB before the start: whatever the item of the ticket is, nothing
// runs on what the CMDB does not know or what stands where the template may not run.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import { ConnectorError } from '../connector/errors.ts'
import { targetsAllowed } from '../connector/gate-targets.ts'
import type { ReadRecord, RecordQuery } from '../connector/itsm/adapter.ts'
import { testActor } from './support/events.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { makeTemplate } from './support/templates.ts'
import { until } from './support/until.ts'

const { pre_checks: _before, post_checks: _after, ...bare } = patchHosts
const looked = {
  ...bare,
  name: 'looked',
  title: 'Looked up',
  steps: [{ name: 'Patch', job: 'patch' }],
  targets: { parameter: 'hosts', lookup: true },
}
const [role = 'itil'] = testActor.roles

const templates = {
  looked,
  ruled: {
    ...looked,
    name: 'ruled',
    title: 'Ruled',
    environment: {
      map: { prd1: 'production' },
      allow: { production: { roles: ['nobody_has_this'] }, test: { roles: [role] } },
    },
  },
}

let database: TestDatabase
let road: TestRoad
/** What the CMDB has: name -> environment; null = the environment may not be read. */
let items: Record<string, string | null>
/** Services among them: name -> used_for. */
let services: Record<string, string>
let asked: RecordQuery[]
let faults: Error[]

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates,
    platform: createMemoryPlatform({ outcomeOf: () => ({}) }),
  })
  road.instance.records = recordsFor
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  items = {}
  services = {}
  asked = []
  faults = []
})

/** The CMDB, which compares names as they are written. */
function recordsFor(query: RecordQuery): ReadRecord[] {
  asked.push(query)
  const fault = faults.shift()
  if (fault !== undefined) throw fault
  if (query.table === 'cmdb_ci_service') {
    return Object.entries(services).map(([name, used]) => ({
      sys_id: cell(idOf(name)),
      used_for: cell(used),
    }))
  }
  const names = /^nameIN([^^]*)\^/.exec(query.query)?.[1]?.split(',') ?? []
  return Object.entries(items).flatMap(([name, environment]): ReadRecord[] => {
    if (!names.includes(name)) return []
    const record = { sys_id: cell(idOf(name)), name: cell(name) }
    return [environment === null ? record : { ...record, environment: cell(environment) }]
  })
}

function cell(value: string): { value: string; display: string } {
  return { value, display: value }
}

function idOf(name: string): string {
  return Buffer.from(name.padEnd(16, '.')).toString('hex').slice(0, 32)
}

async function run(
  hosts: string,
  template: keyof typeof templates = 'looked',
): Promise<{ last: StatusUpdate; check: Check | undefined; launched: number }> {
  // The item of the ticket is not production: it is not the one that counts.
  const ticket = makeChange({ cmdb_ci: idOf('own'), 'cmdb_ci.environment': 'Test' })
  const { event, runId } = requestFor(ticket, template, { hosts, token: '' })
  await road.accept(event)
  const last = await until('the final update', () => {
    const update = road.instance.last(runId)
    return update !== undefined && isFinal(update.state) ? update : null
  })
  const jobs = road.platform.jobs.filter((job) => job.request.ticket.number === ticket.number)
  const check = last.decision?.checks.find((one) => one.check === 'targets-allowed')
  return { last, check, launched: jobs.length }
}

it('runs on targets that are known and not production, whatever case they are typed in', async () => {
  items = { 'Web-01': 'Test', 'web-02': '' }

  const { last, check } = await run('Web-01, WEB-02 web-02')

  expect(last.state).toBe('succeeded')
  expect(check).toEqual({
    check: 'targets-allowed',
    passed: true,
    detail: 'Looked up in the CMDB and allowed there: web-01, web-02.',
  })
})

it('refuses targets that the CMDB does not have, and names the first five', async () => {
  items = { a1: 'Test' }

  const { last, check, launched } = await run('a1,b1,b2,b3,b4,b5,b6')

  expect(last.state).toBe('refused')
  expect(check).toEqual({
    check: 'targets-allowed',
    passed: false,
    detail: 'Not in the CMDB, or not to be read there: b1, b2, b3, b4, b5 and 1 more.',
    hint: 'Correct the names, or ask the owner of the CMDB to add them.',
  })
  expect(launched).toBe(0)
})

it('refuses a listed production target although the item of the ticket is a test one', async () => {
  items = { c1: 'Test', c2: 'Production' }

  const { last, check, launched } = await run('c1,c2')

  expect(last.state).toBe('refused')
  expect(check?.detail).toMatch(/^Not allowed on c2\. c2: The environment is production/)
  expect(check?.hint).toContain('environment.allow')
  expect(launched).toBe(0)
})

it('refuses a production service, whose environment stands in the column of services', async () => {
  items = { shop: '' }
  services = { shop: 'Production' }

  expect((await run('shop')).check).toMatchObject({ passed: false })
})

it('lets the rules of the template decide for each target, with the roles of who asked', async () => {
  items = { d1: 'test', d2: 'PRD1', d3: 'lab' }

  const allowed = await run('d1', 'ruled')
  const roleMissing = await run('d1,d2', 'ruled')
  const notNamed = await run('d3', 'ruled')

  expect(allowed.last.state).toBe('succeeded')
  expect(roleMissing.check?.detail).toMatch(/^Not allowed on d2\. .* none of the roles/)
  expect(roleMissing.check?.hint).toContain('nobody_has_this')
  expect(notNamed.check?.detail).toContain('Not allowed on d3.')
})

it.each(['e1^ORnameSTARTSWITHe', 'name=e1', 'javascript:gs.getUserID()'])(
  'refuses "%s", which is no name but part of a query, and asks nothing',
  async (hosts) => {
    const { check } = await run(hosts)

    expect(check).toMatchObject({ passed: false })
    expect(check?.detail).toContain('No names of configuration items')
    expect(asked).toEqual([])
  },
)

it('refuses when nothing is listed, or when an environment may not be read', async () => {
  items = { f1: null }
  const empty = { targets: [], parameters: { hosts: '' }, trigger: 'manual' as const }
  const about = {
    run: empty,
    template: makeTemplate({ targets: looked.targets }),
    ticket: makeChange(),
  }

  const nothing = await targetsAllowed({ ...about, actor: testActor }, () => Promise.resolve([]))

  expect(nothing).toMatchObject({ passed: false })
  expect(nothing.detail).toContain('No target is named')
  expect((await run('f1')).check?.detail).toContain('may not read cmdb_ci.environment of f1')
})

it('asks for a hundred names at a time', async () => {
  const names = Array.from({ length: 150 }, (_, index) => `g${index}`)
  items = Object.fromEntries(names.map((name) => [name, 'Test']))

  const { last } = await run(names.join(','))

  expect(last.state).toBe('succeeded')
  const counts = asked
    .filter(({ table }) => table === 'cmdb_ci')
    .map(({ query }) => query.split(',').length)
  expect(counts).toEqual([100, 50])
})

it('waits for an instance that does not answer, and is refused by one that does not let it read', async () => {
  items = { h1: 'Test' }
  faults.push(new ConnectorError('instance_unreachable', 'no route', { retryable: true }))
  const later = await run('h1')
  faults.push(new ConnectorError('instance_auth', '401'))
  const denied = await run('h1')

  expect(later.last.state).toBe('succeeded')
  expect(denied.last.state).toBe('refused')
  expect(denied.check?.detail).toBe(
    'The targets could not be looked up in the CMDB before the start: 401',
  )
})
