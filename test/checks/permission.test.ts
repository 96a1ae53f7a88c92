// Who may start what: the actor's rights and nobody else's, every combination against a table.
import { describe, expect, it } from 'vitest'

import type { Person } from '#shared/ticket-event.ts'

import type { CheckContext } from '../../connector/checks/check.ts'
import { checkOf, failedOf, incidentWith } from '../support/checks.ts'
import { testActor } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const agentRole = 'x_snc_ticket_auto.agent'
const nobody = { ...testActor, roles: [], groups: [] }

describe('actor-role', () => {
  it.each([
    ['the agent role', [agentRole], true],
    ['the admin role of the app', ['x_snc_ticket_auto.admin'], true],
    ['itil alone', ['itil'], false],
    ['the platform admin alone', ['admin'], false],
    ['a role with a similar name', ['x_snc_ticket_auto.agents', 'X_SNC_TICKET_AUTO.AGENT'], false],
    ['nothing', [], false],
  ])('with %s', (_name, roles, passed) => {
    expect(checkOf('actor-role', { actor: { ...testActor, roles } })?.passed).toBe(passed)
  })

  it('says what is missing and whom to ask', () => {
    expect(checkOf('actor-role', { actor: nobody })).toEqual({
      check: 'actor-role',
      passed: false,
      detail: 'beth.anglin has neither x_snc_ticket_auto.agent nor x_snc_ticket_auto.admin.',
      hint: 'Ask for the role x_snc_ticket_auto.agent, or ask an agent to run it.',
    })
  })

  it.each([
    ['manual', 'beth.anglin has the role x_snc_ticket_auto.agent.'],
    ['ordered', 'beth.anglin ordered the item; the catalog decides who may order it.'],
    ['created', 'Started by a rule on "created"; no person needs a role for it.'],
    ['updated', 'Started by a rule on "updated"; no person needs a role for it.'],
  ] as const)('words what it rests on (%s)', (trigger, detail) => {
    expect(checkOf('actor-role', { trigger })?.detail).toBe(detail)
  })
})

describe('template-permission', () => {
  const template = makeTemplate({
    permissions: { roles: ['db_admin'], groups: ['Unix Admins'], users: ['dora.dba'] },
  })

  it.each([
    ['role', { roles: ['db_admin'] }, 'beth.anglin has the role db_admin.'],
    ['group', { groups: ['Unix Admins'] }, 'beth.anglin is in the group Unix Admins.'],
    ['name', { user_name: 'dora.dba' }, 'dora.dba is named by the template.'],
  ])('lets the actor through by %s', (_by, rights, detail) => {
    expect(
      checkOf('template-permission', { actor: { ...testActor, ...rights }, template }),
    ).toEqual({
      check: 'template-permission',
      passed: true,
      detail,
    })
  })

  it('is open to every agent when the template names nobody', () => {
    expect(checkOf('template-permission', { actor: nobody })?.detail).toBe(
      'The template is open to every agent.',
    )
  })

  it('says who may run it', () => {
    expect(checkOf('template-permission', { template })).toEqual({
      check: 'template-permission',
      passed: false,
      detail:
        'beth.anglin is not among those who may run "Free disk space": role db_admin, group Unix Admins, user dora.dba.',
      hint: 'Ask one of them to run it, or ask a platform admin to extend the template permissions.',
    })
  })

  it('does not ask a person for rights when a rule fires by itself', () => {
    expect(
      checkOf('template-permission', { template, trigger: 'created', actor: nobody })?.detail,
    ).toBe('The template allows its rule to start it on "created".')
  })

  it('asks the orderer, but not for the agent role', () => {
    expect(failedOf({ trigger: 'ordered', actor: nobody })).toEqual([])
    expect(failedOf({ trigger: 'ordered', actor: nobody, template })).toEqual([
      'template-permission',
    ])
  })
})

/** One combination of all that might matter. */
interface Case {
  trigger: 'manual' | 'ordered' | 'created' | 'updated'
  agents: ReadonlySet<Part>
  members: ReadonlySet<Part>
  operators: ReadonlySet<Part>
  permission: 'open' | 'group'
  rules: keyof typeof environments
  environment: 'test' | 'production' | 'unknown' | 'empty' | 'absent'
}

type Part = 'actor' | 'requester' | 'assignee'

/** What a template may say of environments. */
const environments = {
  silent: undefined,
  careful: { allow: { test: {}, production: { roles: ['operator'] } } },
  bold: {
    allow: { test: { automatic: false }, production: { roles: ['operator'], automatic: true } },
  },
} as const

const parts: readonly Part[] = ['actor', 'requester', 'assignee']

/** All 2^3 ways in which three people have a right or not. */
const subsets: ReadonlySet<Part>[] = Array.from(
  { length: 8 },
  (_, bits) => new Set(parts.filter((_part, at) => (bits >> at) % 2 === 1)),
)

/**
 * What is true, written down row by row; the first row that fits counts, * fits all. Rules of the template,
 * environment, started by, the actor is an operator: may it run there?
 */
const truth: readonly (readonly [string, string, string, string, 'yes' | 'no'])[] = [
  ['silent', 'production', '*', '*', 'no'],
  ['silent', '*', '*', '*', 'yes'],
  ['*', 'unknown', '*', '*', 'no'],
  ['*', 'empty', '*', '*', 'no'],
  ['*', 'absent', '*', '*', 'no'],
  ['*', 'production', 'person', 'operator', 'yes'],
  ['*', 'production', 'person', 'other', 'no'],
  ['*', 'test', 'person', '*', 'yes'],
  ['careful', 'test', 'rule', '*', 'yes'],
  ['careful', 'production', 'rule', '*', 'no'],
  ['bold', 'test', 'rule', '*', 'no'],
  ['bold', 'production', 'rule', '*', 'yes'],
]

/** Names of the checks that must fail, by the table alone. */
function expected(one: Case): string[] {
  const by = one.trigger === 'manual' || one.trigger === 'ordered' ? 'person' : 'rule'
  const operator = one.operators.has('actor') ? 'operator' : 'other'
  const facts = [one.rules, one.environment, by, operator]
  const row = truth.find((cells) =>
    facts.every((fact, at) => cells[at] === '*' || cells[at] === fact),
  )
  if (row === undefined) throw new Error(`no row for ${facts.join(', ')}`)
  return [
    ...(one.trigger === 'manual' && !one.agents.has('actor') ? ['actor-role'] : []),
    ...(by === 'person' && one.permission === 'group' && !one.members.has('actor')
      ? ['template-permission']
      : []),
    ...(row[4] === 'no' ? ['environment-permission'] : []),
  ]
}

const fieldsOf: Record<Case['environment'], Record<string, string>> = {
  test: { 'cmdb_ci.environment': 'Test' },
  production: { 'cmdb_ci.environment': 'PROD' },
  unknown: { 'cmdb_ci.environment': 'zone 9' },
  empty: { 'cmdb_ci.environment': '' },
  absent: {},
}

function person(part: Part, one: Case): Person {
  return {
    ...testActor,
    user_name: part,
    roles: [
      'itil',
      ...(one.agents.has(part) ? [agentRole] : []),
      ...(one.operators.has(part) ? ['operator'] : []),
    ],
    groups: one.members.has(part) ? ['Unix Admins'] : [],
  }
}

/** The six templates, made once: parsing takes longer than deciding. */
const templates = new Map(
  (['open', 'group'] as const).flatMap((permission) =>
    (['silent', 'careful', 'bold'] as const).map((rules) => [
      `${permission} ${rules}`,
      makeTemplate({
        permissions: permission === 'group' ? { groups: ['Unix Admins'] } : {},
        ...(rules === 'silent' ? {} : { environment: environments[rules] }),
      }),
    ]),
  ),
)

function contextOf(one: Case): Partial<CheckContext> {
  const template = templates.get(`${one.permission} ${one.rules}`)
  if (template === undefined) throw new Error(`no template for ${one.permission} ${one.rules}`)
  return {
    trigger: one.trigger,
    actor: person('actor', one),
    people: { requested_by: person('requester', one), assigned_to: person('assignee', one) },
    ticket: incidentWith(fieldsOf[one.environment]),
    template,
  }
}

const bases = (['manual', 'ordered', 'created', 'updated'] as const).flatMap((trigger) =>
  (['open', 'group'] as const).flatMap((permission) =>
    (['silent', 'careful', 'bold'] as const).flatMap((rules) =>
      (['test', 'production', 'unknown', 'empty', 'absent'] as const).map((environment) => ({
        trigger,
        permission,
        rules,
        environment,
      })),
    ),
  ),
)

function* allCases(): Generator<Case> {
  for (const base of bases) yield* withRights(base)
}

function* withRights(base: (typeof bases)[number]): Generator<Case> {
  for (const agents of subsets)
    for (const members of subsets)
      for (const operators of subsets) yield { ...base, agents, members, operators }
}

describe('every combination of requester, assignee, actor, environment, template permission and trigger', () => {
  it('is decided as the table says', () => {
    let count = 0
    const wrong: string[] = []
    for (const one of allCases()) {
      count += 1
      const [is, should] = [failedOf(contextOf(one)), expected(one)]
      if (is.join() !== should.join()) {
        const rights = [one.agents, one.members, one.operators].map((set) => [...set].join('+'))
        wrong.push(
          `${one.trigger} ${one.permission} ${one.rules} ${one.environment} ${rights.join(' / ')}: ${is.join()} not ${should.join()}`,
        )
      }
    }

    expect(wrong.slice(0, 10)).toEqual([])
    expect(count).toBe(4 * 2 * 3 * 5 * 8 * 8 * 8)
  })

  it('has cases on both sides of each check', () => {
    const verdicts = new Set<string>()
    for (const one of allCases()) verdicts.add(expected(one).join())

    expect(verdicts.size).toBe(8)
  })
})

describe('the mistake "the role of requester or assignee suffices"', () => {
  const template = makeTemplate({
    permissions: { roles: ['db_admin'], groups: ['Unix Admins'], users: ['dora.dba'] },
    environment: { allow: { production: { roles: ['operator'] } } },
  })
  const ticket = incidentWith({ 'cmdb_ci.environment': 'production' })
  const powerful = {
    ...testActor,
    user_name: 'dora.dba',
    roles: [agentRole, 'db_admin', 'operator', 'admin'],
    groups: ['Unix Admins'],
  }
  const refused = ['actor-role', 'template-permission', 'environment-permission']

  it.each([
    ['requester', { requested_by: powerful }],
    ['assignee', { assigned_to: powerful }],
    ['both', { requested_by: powerful, assigned_to: powerful }],
  ])('an actor without rights is refused whatever the %s may do', (_name, people) => {
    expect(failedOf({ template, ticket, people, actor: nobody })).toEqual(refused)
  })

  it('an actor with rights passes whatever they may not do', () => {
    const people = { requested_by: nobody, assigned_to: nobody }

    expect(failedOf({ template, ticket, people, actor: powerful })).toEqual([])
  })

  it('being requester or assignee oneself gives no right either', () => {
    const people = { requested_by: nobody, assigned_to: nobody }

    expect(failedOf({ template, ticket, people, actor: nobody })).toEqual(refused)
  })
})
