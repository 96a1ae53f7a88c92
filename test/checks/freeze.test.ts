// The freeze: when it holds, whom it leaves alone, and what a person reads.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'

import type { CheckContext } from '../../connector/checks/check.ts'
import { changeWith, checkOf, incidentWith, policyOf } from '../support/checks.ts'
import { makeTemplate } from '../support/templates.ts'

const quarter = {
  name: 'Quarter end',
  from: '2026-06-10T11:00:00Z',
  to: '2026-06-10T15:00:00+02:00',
}

function freezeOf(freeze: object | object[], overrides: Partial<CheckContext> = {}): Check | null {
  return checkOf('freeze', { policy: policyOf({ freezes: [freeze].flat() }), ...overrides })
}

function change(start: string, end: string, type = 'normal'): Partial<CheckContext> {
  return { ticket: changeWith({ start_date: start, end_date: end, type }) }
}

describe('freeze', () => {
  it('passes when the policy has none', () => {
    expect(freezeOf([])).toEqual({ check: 'freeze', passed: true, detail: 'No freeze now.' })
  })

  it('holds everything while it lasts, and names itself and its end in UTC', () => {
    const ticket = incidentWith({})

    expect(freezeOf(quarter, { ticket })).toEqual({
      check: 'freeze',
      passed: false,
      detail: `The freeze "Quarter end" until 2026-06-10 13:00 UTC holds ${ticket.number} now.`,
      hint: 'Start it after 2026-06-10 13:00 UTC, or ask who is responsible for the freeze.',
    })
  })

  it.each([
    ['2026-06-10T10:59:59Z', true],
    ['2026-06-10T11:00:00Z', false],
    ['2026-06-10T12:59:59Z', false],
    ['2026-06-10T13:00:00Z', true],
  ])('counts its first moment and not its last (%s)', (now, passed) => {
    expect(freezeOf(quarter, { now: new Date(now) })?.passed).toBe(passed)
  })

  it('names the one that ends last', () => {
    const longer = { ...quarter, name: 'Audit', to: '2026-06-12T00:00:00Z' }

    expect(freezeOf([quarter, longer])?.detail).toContain('"Audit" until 2026-06-12 00:00 UTC')
  })

  it.each([
    ['its table', { tables: ['incident'] }, false],
    ['another table', { tables: ['change_request'] }, true],
    ['its template', { templates: ['free-disk-space'] }, false],
    ['another template', { templates: ['restart-service'] }, true],
    ['both', { tables: ['incident'], templates: ['free-disk-space'] }, false],
    ['its table and another template', { tables: ['incident'], templates: ['other'] }, true],
  ])('limited to %s', (_name, limits, passed) => {
    expect(freezeOf({ ...quarter, ...limits })?.passed).toBe(passed)
  })
})

describe('freeze of environments', () => {
  const production = { ...quarter, environments: ['Production'] }

  it.each([
    ['production', false],
    ['PROD', false],
    ['test', true],
  ])('a configuration item in %s', (value, passed) => {
    const ticket = incidentWith({ cmdb_ci: 'ab', 'cmdb_ci.environment': value })

    expect(freezeOf(production, { ticket })?.passed).toBe(passed)
  })

  it('holds a ticket whose item may be there, and says that it is a guess', () => {
    const check = freezeOf(production, { ticket: incidentWith({ cmdb_ci: 'ab' }) })

    expect(check?.passed).toBe(false)
    expect(check?.detail).toMatch(/Its environment is not known, so the freeze counts\.$/)
  })

  it('leaves a ticket alone that works on no system at all', () => {
    expect(freezeOf(production)?.passed).toBe(true)
  })

  it.each([
    ['an environment', { environment: {} }],
    ['targets', { targets: {} }],
  ])('holds a template that speaks of %s when the environment is not known', (_name, part) => {
    expect(freezeOf(production, { template: makeTemplate(part) })?.passed).toBe(false)
  })

  it('asks the field and the map of the template', () => {
    const template = makeTemplate({
      environment: { field: 'u_landscape', map: { 'Zone A': 'production', 'zone b': 'test' } },
    })

    expect(
      freezeOf(production, { template, ticket: incidentWith({ u_landscape: 'zone a' }) })?.passed,
    ).toBe(false)
    expect(
      freezeOf(production, { template, ticket: incidentWith({ u_landscape: 'Zone B' }) })?.passed,
    ).toBe(true)
  })
})

describe('freeze of changes', () => {
  it('looks at the planned start, not at now', () => {
    expect(freezeOf(quarter, change('2026-06-10 13:00:00', '2026-06-10 14:00:00'))).toEqual({
      check: 'freeze',
      passed: true,
      detail: 'No freeze at its planned start 2026-06-10 13:00 UTC.',
    })
    expect(freezeOf(quarter, change('2026-06-10 12:59:59', '2026-06-10 14:00:00'))).toEqual({
      check: 'freeze',
      passed: false,
      detail:
        'The freeze "Quarter end" until 2026-06-10 13:00 UTC holds CHG0030001 at its planned start 2026-06-10 12:59 UTC.',
      hint: 'Plan the start after 2026-06-10 13:00 UTC, or ask who is responsible for the freeze.',
    })
  })

  it('looks at now when the window has begun', () => {
    expect(freezeOf(quarter, change('2026-06-10 09:00:00', '2026-06-10 14:00:00'))?.passed).toBe(
      false,
    )
  })

  it('tells of a freeze that begins before the window ends', () => {
    const detail = freezeOf(quarter, {
      ...change('2026-06-10 10:00:00', '2026-06-10 14:00:00'),
      now: new Date('2026-06-10T09:00:00Z'),
    })?.detail

    expect(detail).toBe(
      'No freeze at its planned start 2026-06-10 10:00 UTC. The freeze "Quarter end" begins at 2026-06-10 11:00 UTC, before the window ends.',
    )
  })

  it.each([
    ['emergency', {}, true],
    ['normal', {}, false],
    ['', {}, false],
    ['model 7', {}, false],
    ['emergency', { except_change_types: [] }, false],
    ['standard', { except_change_types: ['standard', 'emergency'] }, true],
  ])('of type "%s" with %j', (type, limits, passed) => {
    const now = change('2026-06-10 11:30:00', '2026-06-10 14:00:00', type)

    expect(freezeOf({ ...quarter, ...limits }, now)?.passed).toBe(passed)
  })

  it('an incident is never excepted by a type', () => {
    const ticket = incidentWith({ type: 'emergency' })

    expect(freezeOf(quarter, { ticket })?.passed).toBe(false)
  })
})
