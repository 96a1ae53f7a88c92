// The rows of one run: a run and its steps as they are stored, before anything has happened.
import { describe, expect, it } from 'vitest'

import { planRun, refuseRun } from '../connector/plan.ts'
import type { RunOrder } from '../connector/plan.ts'
import { defaultPolicy } from '../connector/policy.ts'
import { makeTicket } from './support/events.ts'
import { makeTemplate, publish } from './support/templates.ts'

const template = makeTemplate({
  job: undefined,
  parameters: [
    { name: 'hosts', type: 'string', label: 'Hosts' },
    { name: 'token', type: 'secret', label: 'Token' },
  ],
  targets: { parameter: 'hosts', first: 1 },
  pre_checks: [{ name: 'Ping', job: 'ping', parameters: ['hosts'] }],
  steps: [
    { name: 'Drain', job: 'drain', parameters: ['hosts'], rollback: { job: 'undrain' } },
    { name: 'Upgrade', job: 'upgrade', rollback: { job: 'downgrade' } },
  ],
})

function orderWith(overrides: Partial<RunOrder> = {}): RunOrder {
  return {
    instance: 'acme',
    id: 'a'.repeat(32),
    eventSeq: '7',
    ticketKey: 'acme/incident/1',
    ticket: makeTicket(),
    published: publish(template, 3),
    trigger: 'manual',
    requestedBy: 'abel.agent',
    decision: {
      template: template.name,
      version: 3,
      fits: true,
      summary: 'Fits.',
      rules: [],
      checks: [],
    },
    parameters: { hosts: 'web-01,web-02', token: 's3cret-token' },
    targets: ['web-01', 'web-02'],
    policy: defaultPolicy,
    ...overrides,
  }
}

describe('a planned run', () => {
  const { run, steps } = planRun(orderWith())

  it('has its steps numbered from 1 in order, each with a token of its own, none begun', () => {
    expect(steps.map(({ position, phase }) => `${position} ${phase}`)).toEqual([
      '1 pre_check',
      '2 execute',
      '3 execute',
      '4 execute',
      '5 execute',
      '6 rollback',
      '7 rollback',
      '8 rollback',
      '9 rollback',
    ])
    expect(new Set(steps.map(({ id }) => id)).size).toBe(9)
    expect(steps.every(({ state, started_at: at }) => state === 'pending' && at === null)).toBe(
      true,
    )
  })

  it('has for each step that names one a rollback row that points at it, latest first', () => {
    const undone = steps.flatMap(({ undoes }) =>
      undoes === null ? [] : [steps.find(({ position }) => position === undoes)],
    )

    expect(undone.map((step) => `${step?.batch} ${step?.name}`)).toEqual([
      '2 Upgrade',
      '2 Drain',
      '1 Upgrade',
      '1 Drain',
    ])
  })

  it('shows no secret on the run, and gives it to the steps that need it alone, named as secret', () => {
    expect(run.parameters['token']).not.toContain('s3cret')
    const given = steps.filter(({ parameters }) => Object.hasOwn(parameters, 'token'))
    expect(given.map(({ position }) => position)).toEqual([3, 5, 6, 8])
    expect(steps.map(({ secrets }) => secrets.length)).toEqual([0, 0, 1, 0, 1, 1, 0, 1, 0])
    for (const { parameters, secrets } of given) {
      expect(secrets).toEqual(['token'])
      expect(parameters['token']).toBe('s3cret-token')
    }
  })

  it('wiping the secrets of one step leaves those of its rollback alone', () => {
    const own = planRun(orderWith()).steps
    const upgrade = own.find(({ position }) => position === 3)
    if (upgrade === undefined) throw new Error('the plan lost a step')

    upgrade.parameters['token'] = null

    expect(own.find(({ undoes }) => undoes === 3)?.parameters['token']).toBe('s3cret-token')
  })

  it('knows its targets and the rules it was planned with', () => {
    expect(run).toMatchObject({
      state: 'planned',
      targets: ['web-01', 'web-02'],
      plan_rules: { maxFailedShare: 0, onCancel: 'roll_back' },
      gate_passed_at: null,
      hold_reason: null,
    })
  })
})

describe('a refused run', () => {
  it('has no steps, has ended, and says why', () => {
    const { run, steps } = refuseRun(orderWith(), 'Refused: not approved.')

    expect(steps).toEqual([])
    expect(run).toMatchObject({ state: 'refused', message: 'Refused: not approved.' })
    expect(run.finished_at).not.toBeNull()
  })
})
