// Checks of changes: approval (which every ticket may have), type and window.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { CheckContext } from '../../connector/checks/check.ts'
import { changeWith, checkOf, incidentWith, policyOf } from '../support/checks.ts'
import { makeTemplate } from '../support/templates.ts'

function without(ticket: Ticket, ...names: string[]): Ticket {
  const fields = Object.entries(ticket.fields).filter(([name]) => !names.includes(name))
  return { ...ticket, fields: Object.fromEntries(fields) }
}

describe('approval', () => {
  /** Each value of `approval` against each kind of ticket; the template asks for nothing of its own. */
  it.each([
    ['incident', 'approved', true],
    ['incident', 'not requested', true],
    ['incident', '', true],
    ['incident', 'requested', false],
    ['incident', 'rejected', false],
    ['standard', 'approved', true],
    ['standard', 'not requested', true],
    ['standard', 'requested', false],
    ['standard', 'rejected', false],
    ['normal', 'approved', true],
    ['normal', 'not requested', false],
    ['normal', 'not_required', false],
    ['normal', '', false],
    ['normal', 'requested', false],
    ['normal', 'rejected', false],
    ['emergency', 'approved', true],
    ['emergency', 'not requested', false],
    ['emergency', 'requested', false],
    ['emergency', 'rejected', false],
    ['', 'not requested', false],
    ['model 7', 'not requested', false],
  ])('%s with approval "%s": %s', (kind, approval, passed) => {
    const ticket =
      kind === 'incident' ? incidentWith({ approval }) : changeWith({ type: kind, approval })

    expect(checkOf('approval', { ticket })?.passed).toBe(passed)
  })

  it.each([
    [
      'requested',
      'CHG0030001 waits for its approval.',
      'Wait until it is approved, then run it again.',
    ],
    [
      'rejected',
      'The approval of CHG0030001 was rejected.',
      'Talk to who rejected it, and ask for approval again when the reason is gone.',
    ],
    [
      'not requested',
      'A change of type normal needs approval, and CHG0030001 is not requested.',
      'Ask for approval of the ticket, and run it again when it is given.',
    ],
  ])('%s: says what is the matter and what to do', (approval, detail, hint) => {
    expect(checkOf('approval', { ticket: changeWith({ approval }) })).toEqual({
      check: 'approval',
      passed: false,
      detail,
      hint,
    })
  })

  it('a template may ask for approval of any ticket', () => {
    const template = makeTemplate({ approval: 'required' })

    expect(
      checkOf('approval', { template, ticket: incidentWith({ approval: 'approved' }) })?.passed,
    ).toBe(true)
    expect(
      checkOf('approval', {
        template,
        ticket: changeWith({ type: 'standard', approval: 'not requested' }),
      }),
    ).toMatchObject({
      passed: false,
      detail: '"Free disk space" needs approval, and CHG0030001 is not requested.',
    })
  })

  it('an event without the field cannot prove an approval', () => {
    expect(checkOf('approval', { ticket: without(changeWith(), 'approval') })).toEqual({
      check: 'approval',
      passed: false,
      detail:
        'A change of type normal needs approval, but the event does not say whether CHG0030001 has it.',
      hint: "Ask a platform admin to add approval to the app's setting event.extra_fields.",
    })
    expect(checkOf('approval')?.passed).toBe(true)
  })

  it('follows the policy of the company', () => {
    const policy = policyOf({
      change_types: { normal: { approval: false }, standard: { approval: true } },
    })
    const approval = 'not requested'

    expect(checkOf('approval', { policy, ticket: changeWith({ approval }) })?.passed).toBe(true)
    expect(
      checkOf('approval', { policy, ticket: changeWith({ approval, type: 'standard' }) })?.passed,
    ).toBe(false)
  })

  it('believes the stored value, not its label', () => {
    const approval = { type: 'string', value: 'requested', display: 'Approved' }

    expect(checkOf('approval', { ticket: changeWith({ approval }) })?.passed).toBe(false)
  })
})

describe('change-state', () => {
  it('does not apply to other tickets', () => {
    expect(checkOf('change-state', { ticket: incidentWith({ state: '-5' }) })).toBeNull()
  })

  it.each([
    ['-5', false],
    ['-4', false],
    [' -3', false],
    ['-2', true],
    ['-1', true],
    ['0', true],
    ['101', true],
  ])('state %s: %s', (state, passed) => {
    expect(checkOf('change-state', { ticket: changeWith({ state }) })?.passed).toBe(passed)
  })

  it('names the state by its label, and the way out', () => {
    const state = { type: 'integer', value: '-3', display: 'Authorize' }

    expect(checkOf('change-state', { ticket: changeWith({ state }) })).toEqual({
      check: 'change-state',
      passed: false,
      detail: 'CHG0030001 is Authorize, and work on a change starts only when it is scheduled.',
      hint: 'Move it to Scheduled first.',
    })
  })

  it('passes where the event carries no state, and says so', () => {
    expect(checkOf('change-state', { ticket: without(changeWith(), 'state') })).toEqual({
      check: 'change-state',
      passed: true,
      detail: 'The event does not say in which state CHG0030001 is.',
    })
  })
})

describe('change-type', () => {
  it('does not apply to other tickets', () => {
    expect(checkOf('change-type', { ticket: incidentWith({ type: 'normal' }) })).toBeNull()
  })

  it.each([
    ['normal', ['normal'], true],
    ['Standard', ['standard', 'normal'], true],
    ['', ['normal'], true],
    ['', ['standard'], false],
    ['emergency', ['standard', 'normal'], false],
    ['model 7', ['standard', 'normal', 'emergency'], false],
  ])('"%s" with a template for %j', (type, types, passed) => {
    const template = makeTemplate({ change: { types } })

    expect(checkOf('change-type', { template, ticket: changeWith({ type }) })?.passed).toBe(passed)
  })

  it('says which types would do', () => {
    const template = makeTemplate({ change: { types: ['standard', 'normal'] } })

    expect(checkOf('change-type', { template, ticket: changeWith({ type: 'emergency' }) })).toEqual(
      {
        check: 'change-type',
        passed: false,
        detail: 'CHG0030001 is of type emergency; the template is for standard, normal changes.',
        hint: 'Use a standard or normal change, or ask a platform admin to extend change.types of the template.',
      },
    )
    expect(checkOf('change-type', { template, ticket: changeWith() })?.detail).toBe(
      'CHG0030001 is a normal change.',
    )
  })
})

describe('change-window', () => {
  function windowOf(
    start: string,
    end: string,
    overrides: Partial<CheckContext> & { type?: string } = {},
  ): Check | null {
    const { type = 'normal', ...rest } = overrides
    return checkOf('change-window', {
      ticket: changeWith({ start_date: start, end_date: end, type }),
      ...rest,
    })
  }

  it('does not apply to other tickets', () => {
    expect(
      checkOf('change-window', { ticket: incidentWith({ end_date: '2020-01-01 00:00:00' }) }),
    ).toBeNull()
  })

  it('lets a change wait for its start, and says until when it waits and has', () => {
    expect(windowOf('2026-06-10 14:00:00', '2026-06-10 16:00:00')).toEqual({
      check: 'change-window',
      passed: true,
      detail: 'The run starts at 2026-06-10 14:00 UTC and has until 2026-06-10 16:00 UTC.',
    })
  })

  it('starts now in an open window', () => {
    expect(windowOf('2026-06-10 11:00:00', '2026-06-10 16:00:00')?.detail).toBe(
      'The window is open: the run starts now and has until 2026-06-10 16:00 UTC.',
    )
  })

  it.each([
    [
      '',
      '',
      'CHG0030001 has no planned start and no planned end.',
      'Set the planned start and end date of the change.',
    ],
    [
      '',
      '2026-06-10 16:00:00',
      'CHG0030001 has no planned start.',
      'Set the planned start date of the change.',
    ],
    [
      '2026-06-10 14:00:00',
      '',
      'CHG0030001 has no planned end.',
      'Set the planned end date of the change.',
    ],
    [
      '2026-06-10 10:00:00',
      '2026-06-10 12:00:00',
      'The window of CHG0030001 ended at 2026-06-10 12:00 UTC.',
      'Plan a new window, with an end that lies ahead.',
    ],
    [
      '2026-06-10 16:00:00',
      '2026-06-10 14:00:00',
      'The window of CHG0030001 makes no sense. The planned end is not after the planned start.',
      'Correct the planned start and end of the change.',
    ],
    [
      '2026-06-10 16:00:00',
      '2026-06-10 16:00:00',
      'The window of CHG0030001 makes no sense. The planned end is not after the planned start.',
      'Correct the planned start and end of the change.',
    ],
    [
      '10.06.2026 16:00',
      '2026-06-10 16:00:00',
      'The window of CHG0030001 makes no sense. start_date is "10.06.2026 16:00", which is not a date.',
      'Correct the planned start and end of the change.',
    ],
    [
      '2026-06-10 14:00:00',
      '2026-06-31 16:00:00',
      'The window of CHG0030001 makes no sense. end_date is "2026-06-31 16:00:00", which is not a date.',
      'Correct the planned start and end of the change.',
    ],
  ])('refuses from "%s" to "%s"', (start, end, detail, hint) => {
    expect(windowOf(start, end)).toEqual({ check: 'change-window', passed: false, detail, hint })
  })

  it('an event without the fields has no window', () => {
    const ticket = without(changeWith(), 'start_date', 'end_date')

    expect(checkOf('change-window', { ticket })?.detail).toBe(
      'CHG0030001 has no planned start and no planned end.',
    )
  })

  it.each([
    ['', '', true, 'The change has no window, so the run starts now.'],
    ['2026-06-10 14:00:00', '', true, 'The run starts at 2026-06-10 14:00 UTC.'],
    [
      '',
      '2026-06-10 14:00:00',
      true,
      'The window is open: the run starts now and has until 2026-06-10 14:00 UTC.',
    ],
    ['', '2026-06-10 11:00:00', false, 'The window of CHG0030001 ended at 2026-06-10 11:00 UTC.'],
    [
      '2026-06-10 10:00:00',
      '2026-06-10 11:00:00',
      false,
      'The window of CHG0030001 ended at 2026-06-10 11:00 UTC.',
    ],
  ])(
    'an emergency needs no window, but keeps to the one it has ("%s" to "%s")',
    (start, end, passed, detail) => {
      expect(windowOf(start, end, { type: 'emergency' })).toMatchObject({ passed, detail })
    },
  )

  it.each([
    ['standard', false],
    ['normal', false],
    ['', false],
    ['model 7', false],
    ['emergency', true],
  ])('a change of type "%s" without dates: %s', (type, passed) => {
    expect(windowOf('', '', { type })?.passed).toBe(passed)
  })

  it('follows the policy of the company', () => {
    const policy = policyOf({
      change_types: { normal: { window: 'optional' }, emergency: { window: 'required' } },
    })

    expect(windowOf('', '', { policy })?.passed).toBe(true)
    expect(windowOf('', '', { policy, type: 'emergency' })?.passed).toBe(false)
  })
})
