// Every check, with what passes, what does not, and the next step it names.
import { readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { CheckContext } from '../../connector/checks/check.ts'
import { makeChecks } from '../../connector/checks/index.ts'
import { failedOf, makeContext, policyOf } from '../support/checks.ts'
import { makeTicket, testActor } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const requester = { ...testActor, user_name: 'carla.caller', roles: [], groups: [] }

function incident(fields: Record<string, string>): CheckContext['ticket'] {
  const ticket = makeTicket()
  for (const [name, value] of Object.entries(fields))
    ticket.fields[name] = { type: 'string', value }
  return ticket
}

describe('the checks', () => {
  it('all pass for an agent on an open incident, each with a detail', () => {
    const checks = makeChecks(makeContext())

    expect(checks.map((check) => check.check)).toEqual([
      'template-ready',
      'version-current',
      'ticket-open',
      'actor-role',
      'template-permission',
      'freeze',
      'parameters-valid',
      'no-other-run',
    ])
    expect(checks.every((check) => check.passed && check.detail.length > 10)).toBe(true)
  })

  it('are all made even when the first one fails, and every refusal names a next step', () => {
    const checks = makeChecks(
      makeContext({
        policy: policyOf({
          freezes: [{ name: 'x', from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }],
        }),
        templateProblem: 'Platform awx is not configured.',
        requestedVersion: 2,
        ticket: incident({ state: '7' }),
        actor: requester,
        template: makeTemplate({ permissions: { groups: ['Unix Admins'] } }),
        parameterProblems: [{ parameter: 'path', message: '"Path" is missing.' }],
        earlierRuns: [
          { id: 'a', template: 'free-disk-space', trigger: 'manual', state: 'running' },
        ],
      }),
    )

    expect(checks).toHaveLength(8)
    expect(checks.every((check) => !check.passed && (check.hint ?? '').length > 10)).toBe(true)
  })

  it('stand in the registry one line per file', () => {
    const files = readdirSync('connector/checks').filter(
      (name) => !['check.ts', 'index.ts'].includes(name),
    )
    const names = makeChecks(makeContext()).map((check) => `${check.check}.ts`)

    expect(names.toSorted()).toEqual(files.toSorted())
  })
})

describe('ticket-open', () => {
  it.each([
    ['incident', '1', true],
    ['incident', '3', true],
    ['incident', '6', false],
    ['incident', '8', false],
    ['change_request', '-1', true],
    ['change_request', '4', false],
    ['sc_req_item', '2', true],
    ['sc_req_item', '3', false],
    ['problem', '106', false],
  ])('%s in state %s: %s', (table, state, open) => {
    const ticket = { ...incident({ state }), table }

    expect(failedOf({ ticket })).toEqual(open ? [] : ['ticket-open'])
  })

  it('counts an inactive ticket of any table as ended', () => {
    expect(failedOf({ ticket: { ...incident({ active: 'false' }), table: 'u_custom' } })).toEqual([
      'ticket-open',
    ])
  })
})

describe('actor-role and template-permission', () => {
  const restricted = makeTemplate({
    permissions: { roles: ['db_admin'], groups: ['Unix Admins'], users: ['dora.dba'] },
  })

  it.each([
    ['the agent role', ['x_snc_ticket_auto.agent'], []],
    ['the admin role of the app', ['x_snc_ticket_auto.admin'], []],
    ['itil alone', ['itil'], ['actor-role']],
    ['the platform admin alone', ['admin'], ['actor-role']],
    ['nothing', [], ['actor-role']],
  ])('with %s', (_name, roles, failed) => {
    expect(failedOf({ actor: { ...testActor, roles } })).toEqual(failed)
  })

  it.each([
    ['role', { roles: [...testActor.roles, 'db_admin'] }],
    ['group', { groups: ['Unix Admins'] }],
    ['name', { user_name: 'dora.dba' }],
  ])('lets the actor through by %s', (_by, rights) => {
    expect(failedOf({ actor: { ...testActor, ...rights }, template: restricted })).toEqual([])
  })

  it('ignores the rights of requester and assignee', () => {
    const powerful = {
      ...testActor,
      user_name: 'dora.dba',
      groups: ['Unix Admins'],
      roles: ['db_admin'],
    }

    const failed = failedOf({
      template: restricted,
      people: { requested_by: powerful, assigned_to: powerful },
    })

    expect(failed).toEqual(['template-permission'])
  })

  it('does not ask a person for rights when a rule fires by itself', () => {
    expect(
      failedOf({
        trigger: 'created',
        actor: requester,
        template: restricted,
        requestedVersion: null,
      }),
    ).toEqual([])
  })

  it('asks the orderer for the template permission, not for the agent role', () => {
    expect(failedOf({ trigger: 'ordered', actor: requester })).toEqual([])
    expect(failedOf({ trigger: 'ordered', actor: requester, template: restricted })).toEqual([
      'template-permission',
    ])
  })
})

describe('no-other-run', () => {
  const earlier = { id: 'a', template: 'free-disk-space', trigger: 'created' } as const

  it.each([
    ['manual', 'succeeded', []],
    ['manual', 'failed', []],
    ['manual', 'running', ['no-other-run']],
    ['manual', 'refused', []],
    ['updated', 'succeeded', ['no-other-run']],
    ['updated', 'failed', ['no-other-run']],
    ['updated', 'refused', []],
    ['created', 'planned', ['no-other-run']],
  ] as const)('%s after a run that is %s', (trigger, state, failed) => {
    const requestedVersion = trigger === 'manual' ? 3 : null

    expect(failedOf({ trigger, requestedVersion, earlierRuns: [{ ...earlier, state }] })).toEqual(
      failed,
    )
  })

  it('does not mind runs of other templates', () => {
    expect(
      failedOf({ earlierRuns: [{ ...earlier, template: 'other', state: 'running' }] }),
    ).toEqual([])
  })
})

describe('parameters-valid', () => {
  it('does not apply to a preview', () => {
    const names = makeChecks(makeContext({ parameterProblems: null })).map((check) => check.check)

    expect(names).not.toContain('parameters-valid')
  })

  it('names every wrong parameter in its hint', () => {
    const parameterProblems = [
      { parameter: 'path', message: '"Path" is missing.' },
      { parameter: 'days', message: '"Days" must be at least 1.' },
    ]

    const check = makeChecks(makeContext({ parameterProblems })).find(
      (one) => one.check === 'parameters-valid',
    )

    expect(check?.detail).toBe('"Path" is missing. "Days" must be at least 1.')
    expect(check?.hint).toContain('"path", "days"')
  })
})
