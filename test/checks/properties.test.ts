// What holds for every context: complete receipts, no exceptions, and nobody's rights but the actor's.
import { readdirSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import type { Person, Ticket } from '#shared/ticket-event.ts'
import { changeTypes, finalRunStates } from '#shared/vocabulary.ts'

import type { CheckContext, TargetRun } from '../../connector/checks/check.ts'
import { makeChecks } from '../../connector/checks/index.ts'
import { makeContext, policyOf, targetRun, testNow } from '../support/checks.ts'
import { testActor } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const names = new Set(
  readdirSync('connector/checks')
    .filter((file) => !['check.ts', 'index.ts'].includes(file))
    .map((file) => file.replace('.ts', '')),
)

/** Words of the field in any case and with what people add, and words of any kind. */
function word(...known: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '__proto__', 'constructor', '0', '-1') },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  )
}

const hourMs = 3_600_000

const moment = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .integer({ min: -72, max: 72 })
      .map((hours) => new Date(testNow.getTime() + hours * hourMs)),
  },
  {
    weight: 1,
    arbitrary: fc.date({
      noInvalidDate: true,
      min: new Date('1970-01-01'),
      max: new Date('9998-12-31'),
    }),
  },
)

function stored(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

const storedDate = fc.oneof(
  { weight: 5, arbitrary: moment.map(stored) },
  { weight: 1, arbitrary: word('2026-02-30 00:00:00', '10.06.2026') },
)

const role = fc.constantFrom(
  'x_snc_ticket_auto.agent',
  'x_snc_ticket_auto.admin',
  'operator',
  'db_admin',
  'admin',
)
const group = fc.constantFrom('Unix Admins', 'Net', '')
const environment = word('test', 'Production', 'prod', 'LIVE', 'zone a')

const person: fc.Arbitrary<Person> = fc.record({
  sys_id: fc.constant(testActor.sys_id),
  user_name: fc.constantFrom('beth.anglin', 'dora.dba'),
  roles: fc.uniqueArray(role),
  groups: fc.uniqueArray(group),
})

const fields = fc.dictionary(
  fc.constantFrom('u_x', 'short_description', 'description', 'category'),
  fc.record({ type: word('string', 'html'), value: environment }),
)

const knownFields = fc.record(
  {
    state: word('-5', '-1', '0', '1', '2', '3', '4', '6', '7'),
    active: word('true', 'false'),
    on_hold: word('true', 'false'),
    approval: word('approved', 'requested', 'rejected', 'not requested'),
    type: word(...changeTypes),
    start_date: storedDate,
    end_date: storedDate,
    cmdb_ci: word('a'.repeat(32)),
    'cmdb_ci.environment': environment,
    'cmdb_ci.used_for': environment,
    u_landscape: environment,
    'assignment_group.name': group,
  },
  { requiredKeys: [] },
)

const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 4 })

const ticket: fc.Arbitrary<Ticket> = fc
  .record({
    table: fc.constantFrom('incident', 'change_request', 'sc_req_item', 'problem', '__proto__'),
    sys_id: word('0'.repeat(32), testActor.sys_id),
    number: word('INC0000042', 'CHG0030001'),
    known: knownFields,
    other: fields,
    affected: fc.option(fc.record({ cis: texts, services: texts, complete: fc.boolean() }), {
      nil: undefined,
    }),
  })
  .map(({ known, other, affected, ...identity }) => ({
    ...identity,
    fields: {
      ...other,
      ...Object.fromEntries(
        Object.entries(known).map(([name, value]) => [name, { type: 'string', value }]),
      ),
    },
    ...(affected === undefined ? {} : { affected }),
  }))

const threshold = fc.record(
  { approve_above: fc.nat({ max: 4 }), refuse_above: fc.nat({ max: 4 }) },
  { requiredKeys: [] },
)

const duration = fc.constantFrom('1s', '30m', '2h', '24h', '999999d')

const template = fc
  .record(
    {
      instances: fc.uniqueArray(fc.constantFrom('acme', 'dev')),
      permissions: fc.record({
        roles: fc.uniqueArray(role),
        groups: fc.constantFrom([], ['Unix Admins']),
      }),
      environment: fc.record(
        {
          field: fc.constantFrom('cmdb_ci.environment', 'u_landscape', 'description', 'u_x'),
          map: fc.dictionary(
            fc.constantFrom('zone a', 'Prod', 'LIVE'),
            fc.constantFrom('test', 'production'),
          ),
          allow: fc.dictionary(
            fc.constantFrom('test', 'production', 'prod', 'zone a'),
            fc.record(
              { roles: fc.uniqueArray(role), automatic: fc.boolean() },
              { requiredKeys: [] },
            ),
          ),
        },
        { requiredKeys: [] },
      ),
      approval: fc.constantFrom('required', 'as_ticket'),
      limits: fc.record(
        {
          cooldown: duration,
          max_runs: fc.record({ count: fc.integer({ min: 1, max: 3 }), per: duration }),
        },
        { requiredKeys: [] },
      ),
      rollout: fc.record(
        {
          mode: fc.constantFrom('live', 'shadow', 'canary'),
          percent: fc.nat({ max: 100 }),
          groups: fc.constantFrom(['Net']),
        },
        { requiredKeys: ['mode'] },
      ),
      blast_radius: fc.record(
        { cis: threshold, services: threshold, source: fc.constantFrom('event', 'cmdb') },
        { requiredKeys: [] },
      ),
      when_busy: fc.constantFrom('wait', 'refuse'),
      change: fc.record({
        types: fc.uniqueArray(fc.constantFrom(...changeTypes), { minLength: 1 }),
      }),
      targets: fc.constantFrom({}, { each: 1 }),
    },
    { requiredKeys: [] },
  )
  .map((parts) => makeTemplate(parts))

const freeze = fc
  .record({
    ends: fc.tuple(moment, moment),
    tables: fc.constantFrom([], ['incident'], ['change_request']),
    environments: fc.constantFrom([], ['production'], ['Test', 'zone a']),
    templates: fc.constantFrom([], ['free-disk-space'], ['other']),
    except_change_types: fc.uniqueArray(fc.constantFrom(...changeTypes)),
  })
  .map(({ ends, ...rest }) => {
    const [from, to] = ends.map((end) => end.toISOString())
    return { name: 'Freeze', from, to, ...rest }
  })

const policy = fc
  .record({
    freezes: fc.array(freeze, { maxLength: 3 }),
    change_types: fc.record({
      normal: fc.record(
        { approval: fc.boolean(), window: fc.constantFrom('required', 'optional') },
        { requiredKeys: [] },
      ),
    }),
    catalog: fc.record({ threshold: fc.double({ min: 0, max: 1, noNaN: true }) }),
  })
  .map((section) => policyOf(section))

const states = fc.constantFrom(
  ...finalRunStates,
  'requested' as const,
  'planned' as const,
  'waiting' as const,
  'running' as const,
)

const momentOrNull = fc.option(moment)

const otherRun: fc.Arbitrary<TargetRun> = fc
  .record({
    target: fc.constantFrom('web-01', 'web-02'),
    template: fc.constantFrom('free-disk-space', 'other'),
    ticketTable: fc.constantFrom('incident', 'change_request'),
    state: states,
    createdAt: moment,
    startedAt: momentOrNull,
    windowStart: momentOrNull,
    finishedAt: momentOrNull,
  })
  .map((parts) => targetRun(parts))

const context: fc.Arbitrary<CheckContext> = fc
  .record({
    trigger: fc.constantFrom('manual', 'ordered', 'created', 'updated'),
    ticket,
    actor: person,
    people: fc.record({ requested_by: person, assigned_to: person }, { requiredKeys: [] }),
    template,
    templateProblem: fc.constantFrom(null, 'Platform awx is not configured.'),
    requestedVersion: fc.constantFrom(null, 2, 3),
    parameterProblems: fc.constantFrom(
      null,
      [],
      [{ parameter: 'path', message: '"Path" is missing.' }],
    ),
    earlierRuns: fc.array(
      fc.record({
        id: fc.constant('a'),
        template: fc.constantFrom('free-disk-space', 'other'),
        trigger: fc.constantFrom('manual', 'created'),
        state: states,
      }),
      { maxLength: 2 },
    ),
    instance: fc.constantFrom('acme', 'other'),
    origin: fc.option(
      fc.record({ issuer: word('acme'), kid: word('acme-2026'), receivedAt: moment }),
    ),
    subject: fc.option(word('incident/INC0000042')),
    targets: fc.uniqueArray(fc.constantFrom('web-01', 'web-02')),
    targetRuns: fc.array(otherRun, { maxLength: 5 }),
    binding: fc.option(
      fc.record({
        by: fc.constantFrom('item', 'category', 'title', 'none'),
        score: fc.double({ min: 0, max: 1, noNaN: true }),
        reason: word('the item is named'),
      }),
    ),
    policy,
  })
  .map((parts) => makeContext(parts))

const cases = { numRuns: 2000 }

describe('for every context the checks', () => {
  it('never throw, are complete, and each has a detail and, when it did not pass, a hint', () => {
    const seen = new Map<string, Set<boolean>>()
    fc.assert(
      fc.property(context, (one) => {
        const checks = makeChecks(one)
        const made = checks.map(({ check }) => check)
        expect({
          twice: made.filter((name, at) => made.indexOf(name) < at),
          unknown: made.filter((name) => !names.has(name)),
          unsound: checks.filter((check) => !isSound(check)),
        }).toEqual({ twice: [], unknown: [], unsound: [] })
        for (const { check, passed } of checks) {
          seen.set(check, (seen.get(check) ?? new Set()).add(passed))
        }
      }),
      cases,
    )

    // The contexts reach both answers of every check; a plan that is too long needs a thousand targets.
    const oneSided = [...names].filter((name) => seen.get(name)?.size !== 2)
    expect(oneSided).toEqual(['plan-size'])
  })

  it('are made in the same order and with the same words each time', () => {
    fc.assert(
      fc.property(context, (one) => {
        expect(makeChecks(structuredClone(one))).toEqual(makeChecks(one))
      }),
      { numRuns: 500 },
    )
  })

  it('do not change with the rights of requester and assignee', () => {
    fc.assert(
      fc.property(context, person, person, (one, requested_by, assigned_to) => {
        const known = { ...one, people: { requested_by, assigned_to } }
        expect(makeChecks(known)).toEqual(makeChecks({ ...one, people: {} }))
      }),
      cases,
    )
  })

  it('do not change with the rights of who touched the ticket when a rule fires by itself', () => {
    fc.assert(
      fc.property(context, person, fc.constantFrom('created', 'updated'), (one, actor, trigger) => {
        expect(makeChecks({ ...one, actor, trigger })).toEqual(makeChecks({ ...one, trigger }))
      }),
      cases,
    )
  })

  it('are never failed by one right more', () => {
    fc.assert(
      fc.property(context, role, group, (one, moreRole, moreGroup) => {
        const { actor } = one
        const stronger = {
          ...actor,
          roles: [...actor.roles, moreRole],
          groups: [...actor.groups, moreGroup],
        }
        const before = failed(makeChecks(one))
        expect(
          failed(makeChecks({ ...one, actor: stronger })).filter((name) => !before.includes(name)),
        ).toEqual([])
      }),
      cases,
    )
  })

  it('do not change with what anybody writes into the ticket', () => {
    const text = fc.oneof(
      environment,
      fc.constantFrom('approved', 'environment: test', 'change_request/CHG1'),
    )
    fc.assert(
      fc.property(context, text, (one, value) => {
        const written = { type: 'string', value }
        const told = {
          short_description: written,
          description: written,
          work_notes: written,
          comments: written,
        }
        const { ticket: known } = one
        const other = { ...known, fields: { ...known.fields, ...told } }
        const [is, was] = [makeChecks({ ...one, ticket: other }), makeChecks(one)]
        expect(verdicts(is)).toEqual(verdicts(was))
      }),
      cases,
    )
  })
})

function isSound({ passed, detail, hint }: Check): boolean {
  if (detail.trim().length < 8 || /undefined|null|NaN|\[object/.test(detail)) return false
  return passed ? hint === undefined : hint !== undefined && hint.length > 10
}

function failed(checks: readonly Check[]): string[] {
  return checks.filter(({ passed }) => !passed).map(({ check }) => check)
}

function verdicts(checks: readonly Check[]): string[] {
  return checks.map(({ check, passed }) => `${check} ${passed}`)
}
