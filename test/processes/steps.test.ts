// What a template's plan is: phases, batches, parameters and secrets of each step, and what undoes them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { defaultPolicy } from '../../connector/policy.ts'
import type { PlannedStep } from '../../connector/processes/process.ts'
import { planSteps, stepCount } from '../../connector/processes/steps.ts'
import { checkOf } from '../support/checks.ts'
import { makeTicket } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const hosts = [
  { name: 'hosts', type: 'text', label: 'Hosts' },
  { name: 'version', type: 'string', label: 'Version' },
  { name: 'token', type: 'secret', label: 'Token' },
]

function planOf(
  template: Record<string, unknown>,
  given: { targets?: string[]; parameters?: PlannedStep['parameters'] } = {},
): PlannedStep[] {
  return planSteps({
    template: makeTemplate({ job: undefined, ...template }),
    ticket: makeTicket(),
    parameters: given.parameters ?? {},
    targets: given.targets ?? [],
    policy: defaultPolicy,
  })
}

/** Phase, batch, name and what it undoes, in one line per step. */
function outlineOf(steps: readonly PlannedStep[]): string[] {
  return steps.map(({ phase, batch, name, undoes, targets }, index) => {
    const undo = undoes === null ? '' : ` undoes ${undoes}`
    return `${index + 1} ${phase} ${batch ?? '-'} ${name} [${targets.join(' ')}]${undo}`
  })
}

describe('the steps of a plan', () => {
  it('are one execute step for a template with one job', () => {
    const steps = planOf({ job: 'free-disk-space.mjs' })

    expect(outlineOf(steps)).toEqual(['1 execute - Free disk space []'])
    expect(steps[0]).toMatchObject({ job: 'free-disk-space.mjs', critical: true, undoes: null })
  })

  it("give a job its parameters by the platform's own names, its secrets and its rollback as well", () => {
    const parameters = { hosts: 'web-1,web-2', version: '2', token: 's3cret' }
    const names = { hosts: 'TARGET_HOSTS', token: 'API-Token', mode: 'MODE' }
    const steps = planOf(
      {
        parameters: hosts,
        targets: { parameter: 'hosts', each: 1 },
        steps: [{ name: 'S', job: 's', set: { mode: 'go' }, names, rollback: { job: 'u' } }],
      },
      { targets: ['web-1', 'web-2'], parameters },
    )

    expect(steps.map((step) => step.parameters)).toEqual([
      { TARGET_HOSTS: 'web-1', version: '2', 'API-Token': 's3cret', MODE: 'go' },
      { TARGET_HOSTS: 'web-2', version: '2', 'API-Token': 's3cret', MODE: 'go' },
      { TARGET_HOSTS: 'web-2', version: '2', 'API-Token': 's3cret' },
      { TARGET_HOSTS: 'web-1', version: '2', 'API-Token': 's3cret' },
    ])
    expect(steps.every(({ secrets }) => secrets.join() === 'API-Token')).toBe(true)
    const one = planOf({ job: 'one', parameters: hosts, names }, { parameters })
    expect(one[0]?.parameters).toEqual({
      TARGET_HOSTS: 'web-1,web-2',
      version: '2',
      'API-Token': 's3cret',
    })
  })

  it('stand in phases, with the rollback last and latest first', () => {
    const steps = planOf({
      pre_checks: [{ name: 'Reachable', job: 'ping' }],
      steps: [
        { name: 'Drain', job: 'drain', rollback: { job: 'undrain' } },
        { name: 'Note', job: 'note', critical: false },
        { name: 'Upgrade', job: 'upgrade', rollback: { job: 'downgrade' } },
      ],
      post_checks: [{ name: 'Healthy', job: 'health' }],
    })

    expect(outlineOf(steps)).toEqual([
      '1 pre_check - Reachable []',
      '2 execute - Drain []',
      '3 execute - Note []',
      '4 execute - Upgrade []',
      '5 post_check - Healthy []',
      '6 rollback - Upgrade [] undoes 4',
      '7 rollback - Drain [] undoes 2',
    ])
    expect(steps.map(({ critical }) => critical)).toEqual([
      true,
      true,
      false,
      true,
      true,
      true,
      true,
    ])
  })

  it('repeat the execute steps for each batch, first a small one', () => {
    const steps = planOf(
      {
        parameters: hosts,
        targets: { parameter: 'hosts', first: 1, each: 2 },
        pre_checks: [{ name: 'Ping', job: 'ping' }],
        steps: [
          { name: 'Drain', job: 'drain' },
          { name: 'Upgrade', job: 'upgrade', rollback: { job: 'downgrade' } },
        ],
        post_checks: [{ name: 'Health', job: 'health' }],
      },
      {
        targets: ['web-01', 'web-02', 'web-03', 'web-04'],
        parameters: { hosts: 'WEB-01, web-02;Web-03\nweb-04', version: '2', token: 's3cret' },
      },
    )

    expect(outlineOf(steps)).toEqual([
      '1 pre_check - Ping [web-01 web-02 web-03 web-04]',
      '2 execute 1 Drain [web-01]',
      '3 execute 1 Upgrade [web-01]',
      '4 execute 2 Drain [web-02 web-03]',
      '5 execute 2 Upgrade [web-02 web-03]',
      '6 execute 3 Drain [web-04]',
      '7 execute 3 Upgrade [web-04]',
      '8 post_check - Health [web-01 web-02 web-03 web-04]',
      '9 rollback 3 Upgrade [web-04] undoes 7',
      '10 rollback 2 Upgrade [web-02 web-03] undoes 5',
      '11 rollback 1 Upgrade [web-01] undoes 3',
    ])
    // Jobs get the targets as a person wrote them; checks get the whole list untouched.
    expect(steps.map(({ parameters }) => parameters['hosts'])).toEqual([
      'WEB-01, web-02;Web-03\nweb-04',
      'WEB-01',
      'WEB-01',
      'web-02,Web-03',
      'web-02,Web-03',
      'web-04',
      'web-04',
      'WEB-01, web-02;Web-03\nweb-04',
      'web-04',
      'web-02,Web-03',
      'WEB-01',
    ])
  })

  it.each([
    ['no batches', {}, ['a', 'b'], ['-:a b']],
    ['no targets', { first: 1 }, [], ['-:']],
    ['first only: then all the rest', { first: 1 }, ['a', 'b', 'c'], ['1:a', '2:b c']],
    ['each only', { each: 2 }, ['a', 'b', 'c'], ['1:a b', '2:c']],
    ['a first batch larger than the list', { first: 9, each: 1 }, ['a', 'b'], ['1:a b']],
  ])('with %s', (_title, sizes, targets, expected) => {
    const steps = planOf(
      {
        parameters: hosts,
        targets: { parameter: 'hosts', ...sizes },
        steps: [{ name: 'S', job: 's' }],
      },
      { targets, parameters: { hosts: targets.join(' ') } },
    )

    expect(steps.map((step) => `${step.batch ?? '-'}:${step.targets.join(' ')}`)).toEqual(expected)
  })
})

describe('what a job gets', () => {
  const parameters = { hosts: 'web-01', version: '2', token: 's3cret' }

  it('is every parameter, or those its step names, and what the step sets', () => {
    const steps = planOf(
      {
        parameters: hosts,
        steps: [
          { name: 'All', job: 'all' },
          { name: 'Some', job: 'some', parameters: ['version'], set: { mode: 'check' } },
          { name: 'None', job: 'none', parameters: [] },
        ],
      },
      { parameters },
    )

    expect(steps.map((step) => step.parameters)).toEqual([
      parameters,
      { version: '2', mode: 'check' },
      {},
    ])
    expect(steps.map((step) => step.secrets)).toEqual([['token'], [], []])
  })

  it('is its own copy: wiping the secrets of one step leaves the others alone', () => {
    const [first, second] = planOf(
      { parameters: hosts, steps: ['A', 'B'].map((name) => ({ name, job: name })) },
      { parameters },
    )

    expect(first?.parameters).not.toBe(second?.parameters)
  })

  it('is, for a rollback, what its step got unless it says otherwise; what the step set is not', () => {
    const step = { name: 'S', job: 's', platform: 'awx', timeout: '5m', parameters: ['version'] }
    const own = { job: 'u', platform: 'local', timeout: '1h', parameters: ['token'] }
    const steps = planOf(
      {
        parameters: hosts,
        steps: [
          { ...step, set: { mode: 'apply' }, rollback: { job: 'u', set: { mode: 'undo' } } },
          { ...step, name: 'T', set: { mode: 'apply' }, rollback: own },
        ],
      },
      { parameters },
    )

    const [later, earlier] = steps.slice(2)
    expect(later).toMatchObject({ platform: 'local', job: 'u', timeoutMs: 3_600_000 })
    expect(later?.parameters).toEqual({ token: 's3cret' })
    expect(later?.secrets).toEqual(['token'])
    expect(earlier).toMatchObject({ platform: 'awx', job: 'u', timeoutMs: 300_000 })
    expect(earlier?.parameters).toEqual({ version: '2', mode: 'undo' })
    expect(earlier?.secrets).toEqual([])
  })
})

describe('the size of a plan', () => {
  it('is counted without making it', () => {
    const sizes = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })
    const steps = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.record({ steps, first: sizes, each: sizes, checks: fc.nat(3), count: fc.nat(20) }),
        ({ steps: kinds, first, each, checks, count }) => {
          const targets = Array.from({ length: count }, (_, index) => `t${index}`)
          const template = makeTemplate({
            job: undefined,
            parameters: hosts,
            targets: { parameter: 'hosts', first, each },
            steps: kinds.map((undone, index) => ({
              name: `S${index}`,
              job: 's',
              ...(undone ? { rollback: { job: 'u' } } : {}),
            })),
            pre_checks: Array.from({ length: checks }, (_, index) => ({
              name: `P${index}`,
              job: 'p',
            })),
          })
          const plan = planOf(template, { targets, parameters: { hosts: targets.join(',') } })

          expect(plan).toHaveLength(stepCount(template, count))
          const batched = plan.filter(({ phase, batch }) => phase === 'execute' && batch !== null)
          const first0 = batched.filter(({ name }) => name === 'S0')
          if (first0.length > 0) expect(first0.flatMap((step) => step.targets)).toEqual(targets)
          for (const step of plan.filter(({ undoes }) => undoes !== null)) {
            const undone = plan[(step.undoes ?? 0) - 1]
            expect(undone).toMatchObject({
              phase: 'execute',
              name: step.name,
              batch: step.batch,
              targets: step.targets,
            })
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('refuses a list of targets that makes too long a plan, and says so', () => {
    const template = makeTemplate({
      job: undefined,
      parameters: hosts,
      targets: { parameter: 'hosts', each: 1 },
      steps: [{ name: 'S', job: 's', rollback: { job: 'u' } }],
    })
    const names = Array.from({ length: 201 }, (_, index) => `t${index}`)

    expect(checkOf('plan-size', { template, targets: names.slice(1) })).toEqual({
      check: 'plan-size',
      passed: true,
      detail: '200 targets in batches make a plan of 400 steps.',
    })
    expect(checkOf('plan-size', { template, targets: names })).toEqual({
      check: 'plan-size',
      passed: false,
      detail: '201 targets in batches make a plan of 402 steps; a run carries at most 400.',
      hint: 'Name fewer targets, or ask a platform admin for larger batches (targets.each).',
    })
  })

  it('refuses a name that is none, because nothing separates it from the next', () => {
    const template = makeTemplate({ parameters: hosts, targets: { parameter: 'hosts' } })

    expect(checkOf('plan-size', { template, targets: ['a'.repeat(255)] })?.passed).toBe(true)
    expect(checkOf('plan-size', { template, targets: ['b', 'a'.repeat(256)] })).toEqual({
      check: 'plan-size',
      passed: false,
      detail: `"${'a'.repeat(40)}…" is too long for the name of a target: 256 characters, 255 at most.`,
      hint: 'Separate the targets with commas, spaces or lines.',
    })
  })

  it('refuses more names than every step can show, also without batches', () => {
    const template = makeTemplate({
      job: undefined,
      parameters: hosts,
      targets: { parameter: 'hosts' },
      steps: [{ name: 'S', job: 's', rollback: { job: 'u' } }],
    })
    const names = Array.from({ length: 25_001 }, (_, index) => `host-${10_000 + index}`)

    expect(checkOf('plan-size', { template, targets: names.slice(1) })?.passed).toBe(true)
    expect(checkOf('plan-size', { template, targets: names })).toMatchObject({
      passed: false,
      detail:
        '25001 targets make a plan of 2 steps, and their names are longer than a run can carry.',
    })
  })

  it('is not looked at when the ticket itself names the target', () => {
    expect(checkOf('plan-size', { targets: ['a'] })).toBeNull()
  })
})
