// What a run does when its ticket changes: every kind of change, under every policy, in every state of the run.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { OnTicket } from '#shared/job-conditions.ts'
import { RunState, isFinal } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { reactionsTo } from '../../connector/processes/ticket-changes.ts'
import type { RunUnderWay, TicketNews } from '../../connector/processes/ticket-changes.ts'
import { makeTicket } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const sysId = '0123456789abcdef0123456789abcdef'

function ticket(fields: Record<string, string> = {}, table = 'incident'): Ticket {
  const base = makeTicket(sysId)
  const own = Object.entries(fields).map(([name, value]) => [name, { type: 'string', value }])
  return { ...base, table, fields: { ...base.fields, ...Object.fromEntries(own) } }
}

interface Case {
  before?: Ticket
  now?: Ticket
  closed?: boolean
  changed?: string[]
  policy?: Partial<OnTicket>
  run?: Partial<RunUnderWay>
}

function react(given: Case): ReturnType<typeof reactionsTo> {
  const { before = ticket(), now = ticket(), changed = [], policy = {}, run = {} } = given
  const news: TicketNews = {
    seq: '7',
    closed: given.closed ?? false,
    now,
    previous: before,
    changedSinceDecision: changed,
    changedSincePrevious: changed,
  }
  return reactionsTo(news, {
    id: 'a'.repeat(32),
    state: 'planned',
    launched: false,
    held: false,
    cancelAsked: false,
    template: makeTemplate({ on_ticket: policy }),
    ...run,
  })
}

/** The kinds of reactions, in order. */
function kinds(given: Case): string[] {
  return react(given).map((reaction) => reaction.do)
}

const waits = { state: 'waiting', launched: false } as const
const runs = { state: 'running', launched: true } as const
const undoes = { state: 'rolling_back', launched: true } as const

const resolved = ticket({ state: '6' })
const cancelledTicket = ticket({ state: '8', active: 'false' })
const onHold = ticket({ state: '3' })
const moved = ticket({ assignment_group: 'g2' })

describe('every change, policy and state of the run', () => {
  it.each([
    // change, policy, waiting, running, rolling back
    ['closed', { closed: true }, { closed: 'cancel' }, ['cancel'], ['cancel'], ['note']],
    ['closed', { closed: true }, { closed: 'note' }, ['note'], ['note'], ['note']],
    ['closed', { closed: true }, { closed: 'ignore' }, [], [], []],
    ['cancelled', { now: cancelledTicket }, { closed: 'cancel' }, ['cancel'], ['cancel'], ['note']],
    ['resolved', { now: resolved }, { closed: 'cancel' }, ['cancel'], ['note'], ['note']],
    ['resolved', { now: resolved }, { closed: 'note' }, ['note'], ['note'], ['note']],
    ['resolved', { now: resolved }, { closed: 'ignore' }, [], [], []],
    ['on hold', { now: onHold }, { on_hold: 'hold' }, ['hold'], ['hold'], ['note']],
    ['on hold', { now: onHold }, { on_hold: 'cancel' }, ['cancel'], ['cancel'], ['note']],
    ['on hold', { now: onHold }, { on_hold: 'note' }, ['note'], ['note'], ['note']],
    ['on hold', { now: onHold }, { on_hold: 'ignore' }, [], [], []],
    ['reopened', { before: resolved }, { reopened: 'note' }, ['note'], ['note'], ['note']],
    ['reopened', { before: resolved }, { reopened: 'cancel' }, ['cancel'], ['cancel'], ['note']],
    ['reopened', { before: resolved }, { reopened: 'ignore' }, [], [], []],
    ['reassigned', { now: moved }, { reassigned: 'note' }, ['note'], ['note'], ['note']],
    ['reassigned', { now: moved }, { reassigned: 'cancel' }, ['cancel'], ['cancel'], ['note']],
    ['reassigned', { now: moved }, { reassigned: 'ignore' }, [], [], []],
    [
      'inputs',
      { changed: ['category'] },
      { changed: 'redecide' },
      ['redecide'],
      ['note'],
      ['note'],
    ],
    ['inputs', { changed: ['category'] }, { changed: 'note' }, ['note'], ['note'], ['note']],
    ['inputs', { changed: ['category'] }, { changed: 'cancel' }, ['cancel'], ['cancel'], ['note']],
    ['inputs', { changed: ['category'] }, { changed: 'ignore' }, [], [], []],
    ['nothing', {}, {}, [], [], []],
  ] as const)('%s %o under %o', (_, change, policy, whileWaiting, whileRunning, whileUndoing) => {
    const given = { ...change, changed: 'changed' in change ? [...change.changed] : [], policy }

    expect(kinds({ ...given, run: waits })).toEqual(whileWaiting)
    expect(kinds({ ...given, run: runs })).toEqual(whileRunning)
    expect(kinds({ ...given, run: undoes })).toEqual(whileUndoing)
  })
})

describe('where a ticket stands', () => {
  it.each([
    ['incident', { state: '7', active: 'false' }, ['cancel']],
    ['incident', { state: '8', active: 'false' }, ['cancel']],
    ['incident', { state: '2' }, []],
    ['change_request', { state: '3', active: 'false' }, ['cancel']],
    ['change_request', { state: '4', active: '0' }, ['cancel']],
    ['change_request', { state: '0' }, ['cancel']],
    ['change_request', { state: '-1' }, []],
    ['change_request', { state: '-1', on_hold: 'true' }, ['hold']],
    ['change_request', { state: '-1', on_hold: '1' }, ['hold']],
    ['sc_req_item', { state: '3', active: 'false' }, ['cancel']],
    ['sc_req_item', { state: '4' }, ['cancel']],
    ['sc_req_item', { state: '2' }, []],
    ['u_other', { state: '3' }, []],
    ['u_other', { active: 'false' }, ['cancel']],
  ] as const)('%s %o', (table, fields, expected) => {
    expect(kinds({ now: ticket(fields, table) })).toEqual(expected)
  })

  it('a run that has begun survives a change in review, but not a closed one', () => {
    const before = ticket({ state: '-1' }, 'change_request')

    const inReview = react({ before, now: ticket({ state: '0' }, 'change_request'), run: runs })

    expect(inReview).toMatchObject([{ do: 'note', text: expect.stringContaining('is in review.') }])
    expect(kinds({ before, now: ticket({ state: '3' }, 'change_request'), run: runs })).toEqual([
      'cancel',
    ])
  })
})

describe('a hold', () => {
  it('names the reason the ticket gives', () => {
    const now = ticket({ state: '3' })
    now.fields['hold_reason'] = { type: 'integer', value: '1', display: 'Awaiting Caller' }

    expect(react({ now })).toEqual([{ do: 'hold', reason: 'Awaiting Caller.' }])
    expect(react({ now, policy: { on_hold: 'cancel' } })).toEqual([
      { do: 'cancel', reason: `${now.number} is on hold: Awaiting Caller.` },
    ])
  })

  it('is told to the run once and ends with the hold of the ticket, whatever the policy says by then', () => {
    const held = { held: true }

    expect(kinds({ before: onHold, now: onHold, run: held })).toEqual([])
    expect(kinds({ before: onHold, run: held })).toEqual(['release'])
    expect(kinds({ before: onHold, run: held, policy: { on_hold: 'ignore' } })).toEqual(['release'])
  })

  it('ends together with a ticket whose end is ignored, and gives way to a cancel', () => {
    const given = { before: onHold, now: resolved, run: { held: true } }

    expect(kinds({ ...given, policy: { closed: 'ignore' } })).toEqual(['release'])
    expect(kinds(given)).toEqual(['cancel'])
  })

  it('puts off what changed meanwhile to its end', () => {
    const held = { held: true }

    expect(kinds({ now: onHold, changed: ['category'] })).toEqual(['hold'])
    expect(kinds({ before: onHold, now: onHold, changed: ['category'], run: held })).toEqual([])
    expect(kinds({ before: onHold, changed: ['category'], run: held })).toEqual([
      'release',
      'redecide',
    ])
  })
})

describe('a note', () => {
  it('is one per event, short, with what happened and what a person can do', () => {
    const before = ticket({ assignment_group: 'g1' })
    const now = ticket({ assignment_group: 'g2' })
    now.fields['assignment_group'] = { type: 'reference', value: 'g2', display: 'Unix Admins' }

    const reactions = react({
      before,
      now,
      changed: ['cmdb_ci', 'short_description'],
      policy: { reassigned: 'note' },
      run: runs,
    })

    expect(reactions).toEqual([
      {
        do: 'note',
        key: `${'a'.repeat(32)}:ticket:7`,
        text: [
          `Automation "Free disk space" goes on. ${now.number} was assigned to Unix Admins. Changed: cmdb ci, short description. The job was started before and keeps the values it was started with.`,
          'Cancel the run on this ticket if it should not go on.',
          `Run: ${'a'.repeat(32)}`,
        ].join('\n'),
      },
    ])
  })

  it('is not repeated while the ticket stays as it is', () => {
    const policy = {
      closed: 'note',
      on_hold: 'note',
      reopened: 'note',
      reassigned: 'note',
    } as const

    expect(kinds({ before: resolved, now: resolved, policy, run: runs })).toEqual([])
    expect(kinds({ before: onHold, now: onHold, policy, run: runs })).toEqual([])
    expect(kinds({ before: moved, now: moved, policy, run: runs })).toEqual([])
  })

  it('is not told about what the connector itself changes once a job runs', () => {
    expect(kinds({ changed: ['approval', 'state'], run: runs })).toEqual([])
    expect(kinds({ changed: ['approval', 'state'], run: waits })).toEqual(['redecide'])
  })

  it('stands ready for a redecide that comes too late', () => {
    expect(react({ changed: ['category'] })).toMatchObject([
      {
        do: 'redecide',
        changed: ['category'],
        otherwise: { text: expect.stringContaining('keeps the values it was started with') },
      },
    ])
  })
})

describe('always', () => {
  const values = fc.constantFrom('-1', '0', '1', '2', '3', '4', '6', '7', '8', '')
  const anyTicket = fc
    .record({
      table: fc.constantFrom('incident', 'change_request', 'sc_req_item', 'problem', 'u_other'),
      state: values,
      active: fc.constantFrom('true', 'false', ''),
      on_hold: fc.constantFrom('true', 'false', ''),
      assignment_group: fc.constantFrom('', 'g1', 'g2'),
    })
    .map(({ table, ...fields }) => ticket(fields, table))
  const anyPolicy = fc.record({
    closed: fc.constantFrom(...OnTicket.shape.closed.unwrap().options),
    on_hold: fc.constantFrom(...OnTicket.shape.on_hold.unwrap().options),
    reopened: fc.constantFrom(...OnTicket.shape.reopened.unwrap().options),
    reassigned: fc.constantFrom(...OnTicket.shape.reassigned.unwrap().options),
    changed: fc.constantFrom('redecide', 'note', 'cancel', 'ignore' as const),
  })
  const anyCase = fc.record({
    before: anyTicket,
    now: anyTicket,
    closed: fc.boolean(),
    changed: fc.subarray(['category', 'state', 'approval']),
    policy: anyPolicy,
    run: fc.record({
      state: fc.constantFrom(...RunState.options),
      launched: fc.boolean(),
      held: fc.boolean(),
      cancelAsked: fc.boolean(),
    }),
  })

  it('total, the same for the same news, and within what a policy may ask for', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const reactions = react(given)
        const done = reactions.map((reaction) => reaction.do)

        expect(react(given)).toEqual(reactions)
        // A run that is over, or will be, is left alone.
        if (isFinal(given.run.state) || given.run.cancelAsked) expect(done).toEqual([])
        // A cancel stands alone, and nothing is asked twice or both ways.
        if (done.includes('cancel')) expect(done).toEqual(['cancel'])
        expect(new Set(done).size).toBe(done.length)
        expect(done.includes('hold') && done.includes('release')).toBe(false)
        if (done.includes('hold')) expect(given.run.held).toBe(false)
        if (done.includes('release')) expect(given.run.held).toBe(true)
        // What has begun is never planned anew, and a rollback never stopped.
        if (given.run.launched) expect(done).not.toContain('redecide')
        if (given.run.state === 'rolling_back') {
          expect(done).not.toContain('cancel')
          expect(done).not.toContain('hold')
        }
        for (const reaction of reactions) {
          const key = reaction.do === 'note' ? reaction.key : ''
          expect(key.length).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
