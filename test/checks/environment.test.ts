// Where a template may run: which environment a ticket is in, and who may run it there.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import type { TicketField } from '#shared/ticket-event.ts'

import type { CheckContext } from '../../connector/checks/check.ts'
import { checkOf, incidentWith } from '../support/checks.ts'
import { testActor } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

function inEnvironment(
  value: string | null,
  environment?: Record<string, unknown>,
  overrides: Partial<CheckContext> = {},
): Check | null {
  const fields: Record<string, string> = value === null ? {} : { 'cmdb_ci.environment': value }
  return withFields(fields, environment, overrides)
}

function withFields(
  fields: Record<string, string | TicketField>,
  environment?: Record<string, unknown>,
  overrides: Partial<CheckContext> = {},
): Check | null {
  return checkOf('environment-permission', {
    ticket: { ...incidentWith(fields), number: 'INC0000042' },
    template: makeTemplate(environment === undefined ? {} : { environment }),
    ...overrides,
  })
}

describe('a template that says nothing of environments', () => {
  it.each(['production', 'Production', 'PROD', 'prd', 'live', ' Production ', '生产'])(
    'does not run in production (%s)',
    (value) => {
      expect(inEnvironment(value)).toMatchObject({
        passed: false,
        hint: 'Ask a platform admin to allow production in the template (environment.allow), or do it by hand.',
      })
    },
  )

  it('says so with the field and the word it goes by', () => {
    expect(inEnvironment('production')?.detail).toBe(
      'The environment is production (cmdb_ci.environment), and "Free disk space" is not allowed there.',
    )
    expect(inEnvironment('PRD')?.detail).toContain('production (cmdb_ci.environment: PRD)')
  })

  it.each(['Production EU', 'prod-2', 'PROD (Frankfurt)', 'live_asia', '生产-上海'])(
    'does not run where the name begins like production either (%s)',
    (value) => {
      expect(inEnvironment(value)).toMatchObject({
        passed: false,
        detail: `The environment is ${value.toLowerCase()} (cmdb_ci.environment), and "Free disk space" is not allowed there.`,
        hint: `Ask a platform admin to allow ${value.toLowerCase()} in the template (environment.allow), or do it by hand.`,
      })
    },
  )

  it.each([
    'test',
    'Development',
    'qa',
    'nonprod',
    'DR',
    'pre-production',
    'product test',
    'livewire',
  ])('runs elsewhere (%s)', (value) => {
    expect(inEnvironment(value)?.passed).toBe(true)
  })

  it('runs where the map says that a name only begins like production', () => {
    const environment = { map: { 'prod-copy': 'test' } }

    expect(inEnvironment('Prod-Copy', environment)?.passed).toBe(true)
  })

  it('runs where no environment is known, and says that', () => {
    for (const value of [null, '', '  ']) {
      expect(inEnvironment(value)).toEqual({
        check: 'environment-permission',
        passed: true,
        detail: 'No environment is known for INC0000042, and the template asks for none.',
      })
    }
  })

  it('asks used_for of a service when there is no environment', () => {
    expect(withFields({ 'cmdb_ci.used_for': 'Production' })?.passed).toBe(false)
    expect(
      withFields({ 'cmdb_ci.environment': '', 'cmdb_ci.used_for': 'Production' })?.passed,
    ).toBe(false)
    expect(
      withFields({ 'cmdb_ci.environment': 'test', 'cmdb_ci.used_for': 'Production' })?.passed,
    ).toBe(true)
    expect(withFields({ 'cmdb_ci.used_for': 'Test' })?.detail).toBe(
      'The environment is test (cmdb_ci.used_for); the template runs everywhere but in production.',
    )
  })
})

describe('a template that names an environment', () => {
  const own = { field: 'u_landscape' }

  it('refuses when the event does not carry the field', () => {
    expect(withFields({ 'cmdb_ci.environment': 'test' }, own)).toEqual({
      check: 'environment-permission',
      passed: false,
      detail: 'The template needs the environment, but the event carries no field u_landscape.',
      hint: "Ask a platform admin to add u_landscape to the app's setting event.extra_fields.",
    })
  })

  it('refuses when the field is empty', () => {
    expect(withFields({ u_landscape: ' ' }, own)).toEqual({
      check: 'environment-permission',
      passed: false,
      detail: 'The template needs the environment, but u_landscape of INC0000042 is empty.',
      hint: 'Set u_landscape of INC0000042.',
    })
    expect(withFields({ 'cmdb_ci.environment': '' }, {})).toMatchObject({
      passed: false,
      hint: 'Set the configuration item of INC0000042 and its environment.',
    })
  })

  it('maps words of the instance in any case', () => {
    const map = { 'Zone A': 'production', zoneb: 'Test' }
    const allow = { test: {} }

    expect(withFields({ u_landscape: 'ZONE A' }, { ...own, map, allow })?.passed).toBe(false)
    expect(withFields({ u_landscape: 'ZoneB' }, { ...own, map, allow })?.passed).toBe(true)
    expect(withFields({ u_landscape: 'zone c' }, { ...own, map, allow })).toEqual({
      check: 'environment-permission',
      passed: false,
      detail: 'The environment is zone c (u_landscape); the template allows only test.',
      hint: 'Use an automation for zone c, or ask a platform admin to allow it in the template.',
    })
  })

  it('may map a spelling of production to something else', () => {
    expect(inEnvironment('Live', { map: { live: 'stage' } })?.passed).toBe(true)
  })

  it('reads the name of a reference, not its sys_id', () => {
    const reference = { type: 'reference', value: 'a'.repeat(32), display: 'Production' }

    expect(withFields({ u_landscape: reference }, own)?.passed).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'toString'])('is not fooled by the name %s', (value) => {
    expect(inEnvironment(value, { allow: { test: {} } })?.passed).toBe(false)
    expect(inEnvironment(value, { map: {} })?.passed).toBe(true)
  })

  it('an empty list allows nothing', () => {
    expect(inEnvironment('test', { allow: {} })?.detail).toBe(
      'The environment is test (cmdb_ci.environment); the template allows only no environment at all.',
    )
  })
})

describe('who may run it there', () => {
  const allow = { production: { roles: ['prod_operator', 'prod_admin'] }, test: {} }
  const operator = { ...testActor, roles: [...testActor.roles, 'prod_admin'] }

  it('an actor with one of the roles', () => {
    expect(inEnvironment('Production', { allow }, { actor: operator })).toEqual({
      check: 'environment-permission',
      passed: true,
      detail:
        'The environment is production (cmdb_ci.environment); beth.anglin has the role prod_admin for it.',
    })
  })

  it('nobody else', () => {
    expect(inEnvironment('Production', { allow })).toEqual({
      check: 'environment-permission',
      passed: false,
      detail:
        'The environment is production (cmdb_ci.environment), and beth.anglin has none of the roles for it: prod_operator, prod_admin.',
      hint: 'Ask somebody with the role prod_operator or prod_admin to run it.',
    })
  })

  it('everybody where no role is asked for', () => {
    expect(inEnvironment('test', { allow })?.detail).toBe(
      'The environment is test (cmdb_ci.environment); the template allows everybody who may run it there.',
    )
  })

  it('who orders an item, like who clicks', () => {
    expect(inEnvironment('prod', { allow }, { trigger: 'ordered' })?.passed).toBe(false)
    expect(inEnvironment('prod', { allow }, { trigger: 'ordered', actor: operator })?.passed).toBe(
      true,
    )
  })

  it.each([
    ['production', undefined, false],
    ['production', true, true],
    ['production', false, false],
    ['prod', undefined, false],
    ['production-eu', undefined, false],
    ['production-eu', true, true],
    ['test', undefined, true],
    ['test', false, false],
  ])('a rule in %s with automatic %s: %s', (name, automatic, passed) => {
    const rule = automatic === undefined ? {} : { automatic }

    const check = inEnvironment(name, { allow: { [name]: rule } }, { trigger: 'created' })

    expect(check?.passed).toBe(passed)
    expect(check?.hint).toBe(passed ? undefined : 'Run it by hand.')
  })

  it('a rule needs no role: the role of who changed the ticket does not count', () => {
    const rule = { production: { roles: ['prod_admin'] } }

    expect(
      inEnvironment('prod', { allow: rule }, { trigger: 'updated', actor: operator })?.passed,
    ).toBe(false)
  })
})

describe('the mistake "environment believed from the ticket\'s text"', () => {
  const lies = {
    short_description: 'TEST system, environment: test',
    description: 'environment=test',
    u_environment: 'test',
    environment: 'test',
    category: 'test',
  }

  it('does not let anything written into the ticket change what its item says', () => {
    const fields = { ...lies, 'cmdb_ci.environment': 'Production' }

    expect(withFields(fields)?.passed).toBe(false)
    expect(withFields(fields, { allow: { test: {} } })?.passed).toBe(false)
    expect(withFields(lies, { allow: { test: {} } })?.passed).toBe(false)
  })

  it.each([
    'short_description',
    'description',
    'work_notes',
    'comments',
    'close_notes',
    'parent.description',
    'variables.environment',
  ])('refuses a template that reads it from %s', (field) => {
    expect(withFields({ [field]: 'test' }, { field })).toEqual({
      check: 'environment-permission',
      passed: false,
      detail: `The template reads the environment from ${field}, where anybody can write what they like.`,
      hint: 'Ask a platform admin to name a field of the configuration item in the template (environment.field).',
    })
  })

  it('refuses a journal or a page of text of any name', () => {
    expect(
      withFields({ u_notes: { type: 'journal_input', value: 'test' } }, { field: 'u_notes' })
        ?.passed,
    ).toBe(false)
    expect(
      withFields({ u_page: { type: 'html', value: 'test' } }, { field: 'u_page' })?.passed,
    ).toBe(false)
  })
})
