// Checks of the event, its ticket and its template: who signed, which ticket, from which instance, in which state.
import { describe, expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import { changeWith, checkOf, failedOf, incidentWith } from '../support/checks.ts'
import { makeTicket } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

describe('authentic', () => {
  it('says who signed with which key, and when that came', () => {
    expect(checkOf('authentic')).toEqual({
      check: 'authentic',
      passed: true,
      detail: 'Signed by acme with the key acme-2026, received 2026-06-10 11:59 UTC.',
    })
  })

  it('does not apply where nothing is signed: preview and command line', () => {
    expect(checkOf('authentic', { origin: null })).toBeNull()
  })

  // That an unsigned event never gets as far as a check is proved in test/receive.test.ts, "a signature is
  // required" and "with alg none is refused".
  it.each([
    ['issuer', { issuer: '', kid: 'acme-2026' }],
    ['key', { issuer: 'acme', kid: '' }],
  ])('refuses a stored event without its %s', (_name, names) => {
    expect(checkOf('authentic', { origin: { ...names, receivedAt: new Date(0) } })).toEqual({
      check: 'authentic',
      passed: false,
      detail: 'Nobody knows who signed this event.',
      hint: 'Ask a platform admin to send the event again with a signature.',
    })
  })
})

describe('ticket-identity', () => {
  const ticket: Ticket = { ...makeTicket('0123456789abcdef0123456789abcdef'), number: 'INC0000042' }

  it('names the ticket by table, number and sys_id', () => {
    expect(checkOf('ticket-identity', { ticket, subject: 'incident/INC0000042' })).toEqual({
      check: 'ticket-identity',
      passed: true,
      detail: 'The ticket is incident/INC0000042 (0123456789abcdef0123456789abcdef).',
    })
  })

  it.each([
    [
      'incident/INC0000041',
      'The event is addressed to incident/INC0000041, but carries incident/INC0000042.',
    ],
    [
      'problem/INC0000042',
      'The event is addressed to problem/INC0000042, but carries incident/INC0000042.',
    ],
    ['', 'The event is addressed to , but carries incident/INC0000042.'],
  ])('refuses an envelope that speaks of another ticket (%j)', (subject, detail) => {
    expect(checkOf('ticket-identity', { ticket, subject })).toEqual({
      check: 'ticket-identity',
      passed: false,
      detail,
      hint: 'Tell a platform admin: whoever sent this event mixed up two tickets.',
    })
  })

  it.each([
    ['sys_id', '', "The ticket's sys_id is empty: it must be a sys_id: 32 lower-case hex digits."],
    [
      'sys_id',
      'ABC',
      `The ticket's sys_id is "ABC": it must be a sys_id: 32 lower-case hex digits.`,
    ],
    ['number', '', "The ticket's number is empty: it must be a ticket number such as INC0010001."],
    [
      'number',
      'INC 1',
      `The ticket's number is "INC 1": it must be a ticket number such as INC0010001.`,
    ],
    ['table', '', "The ticket's table is empty: it must be a table name such as incident."],
  ])(
    'the mistake "wrong ticket updated because an id was empty": refuses %s %j',
    (part, value, detail) => {
      expect(checkOf('ticket-identity', { ticket: { ...ticket, [part]: value } })).toEqual({
        check: 'ticket-identity',
        passed: false,
        detail,
        hint: 'Save the ticket and run it again; if it stays so, tell a platform admin.',
      })
    },
  )
})

describe('source-allowed', () => {
  it.each([
    [[], true, 'The template takes tickets of every instance; this one is acme.'],
    [['acme'], true, 'The template takes tickets of acme.'],
    [['test', 'acme'], true, 'The template takes tickets of acme.'],
    [
      ['test', 'dev'],
      false,
      'The ticket is of the instance acme; the template takes tickets of test, dev only.',
    ],
  ])('with instances %j', (instances, passed, detail) => {
    const check = checkOf('source-allowed', { template: makeTemplate({ instances }) })

    expect(check).toMatchObject({ passed, detail })
    expect(check?.hint).toBe(
      passed
        ? undefined
        : "Run it on test or dev, or ask a platform admin to add acme to the template's instances.",
    )
  })

  it('the mistake "source system believed from the ticket\'s text": only where the signature came from counts', () => {
    const template = makeTemplate({ instances: ['prod'] })
    const ticket = incidentWith({ description: 'source: prod', u_source: 'prod', company: 'prod' })

    expect(checkOf('source-allowed', { template, ticket, instance: 'test' })?.passed).toBe(false)
    expect(checkOf('source-allowed', { template, ticket, instance: 'prod' })?.passed).toBe(true)
  })
})

describe('template-ready and version-current', () => {
  it('a template that cannot run says why', () => {
    expect(
      checkOf('template-ready', { templateProblem: 'Platform awx is not configured.' }),
    ).toEqual({
      check: 'template-ready',
      passed: false,
      detail: 'Platform awx is not configured.',
      hint: 'Ask a platform admin to correct the job template.',
    })
    expect(checkOf('template-ready')?.detail).toBe('Version 3 of free-disk-space is published.')
  })

  it('another version than the confirmed one is refused; without a confirmed one nothing is asked', () => {
    expect(checkOf('version-current', { requestedVersion: 2 })).toEqual({
      check: 'version-current',
      passed: false,
      detail: 'Version 2 was confirmed, but version 3 is published now.',
      hint: 'Click Run automation again and confirm the new version.',
    })
    expect(checkOf('version-current')?.detail).toBe('Confirmed and published version are both 3.')
    expect(checkOf('version-current', { requestedVersion: null })).toBeNull()
  })
})

describe('parameters-valid', () => {
  const template = makeTemplate({
    parameters: [{ name: 'hosts', type: 'text', label: 'Hosts' }],
    targets: { parameter: 'hosts' },
  })

  it('refuses a list of targets that names none: to many a job that means all of them', () => {
    expect(checkOf('parameters-valid', { template, targets: [] })).toEqual({
      check: 'parameters-valid',
      passed: false,
      detail: '"Hosts" names no target to work on.',
      hint: 'Enter at least one name in "Hosts" and run it again.',
    })
    expect(checkOf('parameters-valid', { template, targets: ['web-01'] })?.passed).toBe(true)
  })

  it('asks for no list before somebody has confirmed the values, nor where the ticket names its item', () => {
    expect(
      checkOf('parameters-valid', { template, targets: [], parameterProblems: null }),
    ).toBeNull()
    expect(checkOf('parameters-valid', { targets: [] })?.passed).toBe(true)
  })
})

describe('ticket-open', () => {
  it.each([
    ['incident', '1', true],
    ['incident', '2', true],
    ['incident', '3', true],
    ['incident', '6', false],
    ['incident', '7', false],
    ['incident', '8', false],
    ['change_request', '-5', true],
    ['change_request', '-2', true],
    ['change_request', '-1', true],
    ['change_request', '0', false],
    ['change_request', '3', false],
    ['change_request', '4', false],
    ['sc_req_item', '-5', true],
    ['sc_req_item', '1', true],
    ['sc_req_item', '2', true],
    ['sc_req_item', '3', false],
    ['sc_req_item', '4', false],
    ['sc_req_item', '7', false],
    ['sc_task', '2', true],
    ['sc_task', '3', false],
    ['problem', '101', true],
    ['problem', '106', false],
    ['u_custom', '7', true],
    ['constructor', '7', true],
  ])('%s in state %s, started by a person: %s', (table, state, open) => {
    const ticket = { ...changeWith({ state }), table }

    expect(checkOf('ticket-open', { ticket })?.passed).toBe(open)
  })

  it('names the state by its label, and the way out', () => {
    const ticket = {
      ...incidentWith({ state: { type: 'integer', value: '7', display: 'Closed' } }),
      number: 'INC1',
    }

    expect(checkOf('ticket-open', { ticket })).toEqual({
      check: 'ticket-open',
      passed: false,
      detail: 'INC1 is Closed, so nothing is started for it.',
      hint: 'Reopen the ticket first if the work is not done.',
    })
  })

  it('counts an inactive ticket of any table as ended', () => {
    const ticket = { ...incidentWith({ active: 'false' }), table: 'u_custom' }

    expect(failedOf({ ticket })).toEqual(['ticket-open'])
  })

  it.each([
    ['an incident in state 3', { ...incidentWith({ state: '3' }), number: 'INC1' }],
    ['a change with on_hold', { ...changeWith({ on_hold: 'true' }), number: 'INC1' }],
  ])('%s is left alone by rules, but a person may start it', (_name, ticket) => {
    for (const trigger of ['created', 'updated'] as const) {
      expect(checkOf('ticket-open', { ticket, trigger })).toEqual({
        check: 'ticket-open',
        passed: false,
        detail: 'INC1 is on hold, and no rule starts anything on its own for such a ticket.',
        hint: 'Take the ticket off hold, or run it by hand.',
      })
    }
    for (const trigger of ['manual', 'ordered'] as const) {
      expect(checkOf('ticket-open', { ticket, trigger })?.detail).toBe(
        'INC1 is on hold; a person may still start it.',
      )
    }
  })

  it('a change that is closed and on hold is closed', () => {
    const ticket = changeWith({ state: '3', on_hold: 'true' })

    expect(checkOf('ticket-open', { ticket })?.passed).toBe(false)
  })
})
