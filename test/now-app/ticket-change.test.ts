// What a status update makes of changes, requested items and the parts of a ticket besides its state: each
// part that was asked for is applied or, with a reason, refused.
import { beforeAll, describe, expect, test } from 'vitest'

import type { TicketChange } from '#shared/status-update.ts'

import { fixedSysId } from '../instance/platform/ids.ts'
import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { only, scope } from './on-instance.ts'
import type { AppOnInstance } from './on-instance.ts'
import { apply, note, openConnected, post, stored, updateOf } from './status-posting.ts'

const abel = 'abel.agent'

/** Ways of the change model through which the tests take a change to where they want it. */
const ways: Record<string, StoredRecord[]> = {
  normal: [{ state: '-4' }, { approval: 'approved' }, { approval: 'approved' }],
  standard: [{ state: '-2' }],
  emergency: [{ state: '-3' }, { approval: 'approved' }],
}
const later: StoredRecord[] = [
  { state: '-1' },
  { state: '0' },
  { state: '3', close_code: 'successful', close_notes: 'By hand.' },
]

beforeAll(async () => {
  await ensureAppBuilt()
}, 300_000)

/** A change of this type after so many steps of its way. */
function change(app: AppOnInstance, type: string, steps = 99, further = 0): StoredRecord {
  const made = app.ticket(abel, 'change_request', { type })
  const row = { table: 'change_request', sysId: made['sys_id'] ?? '' }
  const way = [...(ways[type] ?? []).slice(0, steps), ...later.slice(0, further)]
  for (const values of way) app.change(abel, row, values)
  return made
}

async function ask(app: AppOnInstance, ticket: StoredRecord, asked: TicketChange) {
  return await apply(app, updateOf(ticket, { ticket_change: asked }))
}

/** The states a change went through since it was made, as its updates were counted. */
function updates(app: AppOnInstance, ticket: StoredRecord): number {
  return Number(stored(app, ticket)['sys_mod_count'])
}

const close = {
  transition: 'closed',
  close_code: 'successful_issues',
  close_notes: 'Two of three hosts.',
} as const

describe('a change', () => {
  test.each(['normal', 'standard', 'emergency'])(
    'that is %s and scheduled is implemented, reviewed and closed',
    async (type) => {
      await using app = await openConnected()
      const ticket = change(app, type)

      const first = await ask(app, ticket, { ...note('a'), transition: 'implement' })
      expect(first).toMatchObject({ applied: ['work_notes', 'state', 'work_start'], refused: [] })
      expect(stored(app, ticket)).toMatchObject({ state: '-1' })
      expect(stored(app, ticket)['work_start']).not.toBe('')
      const second = await ask(app, ticket, { transition: 'review' })
      expect(second).toMatchObject({ applied: ['state', 'work_end'], refused: [] })
      const third = await ask(app, ticket, close)

      expect(third).toMatchObject({ applied: ['state', 'close_code', 'close_notes'], refused: [] })
      expect(stored(app, ticket)).toMatchObject({
        state: '3',
        active: 'false',
        close_code: 'successful_issues',
        close_notes: 'Two of three hosts.',
      })
    },
  )

  test('goes one state at a time, each in an update of its own, the note with the first', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard')
    const before = updates(app, ticket)

    const reply = await ask(app, ticket, { ...note('a'), ...close })

    expect(reply.refused).toEqual([])
    expect(updates(app, ticket) - before).toBe(3)
    expect(stored(app, ticket)['state']).toBe('3')
    expect(app.notes(ticket['sys_id'] ?? '')).toEqual(['Note of a'])
  })

  test.each<[string, number, string, string]>([
    ['normal', 0, '-5', 'New'],
    ['normal', 1, '-4', 'Assess'],
    ['normal', 2, '-3', 'Authorize'],
    ['standard', 0, '-5', 'New'],
    ['emergency', 1, '-3', 'Authorize'],
  ])(
    'that is %s and not authorised yet (%i) stays where it is',
    async (type, steps, state, label) => {
      await using app = await openConnected()
      const ticket = change(app, type, steps)

      const reply = await ask(app, ticket, { ...note('a'), transition: 'implement' })

      expect(reply.applied).toEqual(['work_notes'])
      expect(reply.refused).toEqual([
        {
          field: 'state',
          reason: `The ticket is in "${label}"; its approval takes it to "Scheduled", and an automation goes on from there.`,
        },
      ])
      expect(stored(app, ticket)['state']).toBe(state)
    },
  )

  test('never goes back', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard', 1, 2)

    const reply = await ask(app, ticket, { transition: 'implement' })

    expect(reply).toMatchObject({
      applied: [],
      refused: [{ field: 'state', reason: expect.stringContaining('never goes back') as string }],
    })
    expect(stored(app, ticket)['state']).toBe('0')
  })

  test('that is where it should be needs no update', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard', 1, 1)
    const before = updates(app, ticket)

    const reply = await ask(app, ticket, { transition: 'implement' })

    expect(reply).toMatchObject({ applied: ['state'], refused: [] })
    expect(updates(app, ticket)).toBe(before)
  })

  test.each([3, 4])('that has ended (%i) is not taken back', async (state) => {
    await using app = await openConnected()
    const ticket = state === 3 ? change(app, 'standard', 1, 3) : change(app, 'standard')
    const row = { table: 'change_request', sysId: ticket['sys_id'] ?? '' }
    if (state === 4) app.change(abel, row, { state: '4' })
    const asked = ['implement', 'review', 'on_hold'] as const

    for (const transition of asked) {
      const reply = await ask(app, ticket, { transition })
      expect(reply.applied).toEqual([])
      expect(reply.refused[0]?.reason).toMatch(/is (closed|cancelled) already/)
    }
    expect(stored(app, ticket)['state']).toBe(String(state))
  })

  test('is not closed with a code the instance does not know; it waits in review', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard')

    const reply = await ask(app, ticket, { ...note('a'), ...close, close_code: 'fine' })

    expect(reply.applied).toEqual(['work_notes', 'work_start', 'work_end'])
    expect(reply.refused).toEqual([
      {
        field: 'close_code',
        reason: `"fine" is not one of this instance's close codes (successful, successful_issues, unsuccessful).`,
      },
      {
        field: 'state',
        reason: 'It cannot be closed without a close code that this instance knows.',
      },
    ])
    expect(stored(app, ticket)).toMatchObject({ state: '0', close_code: '' })
  })

  test('goes to review with the code and the notes proposed for its end', async () => {
    await using app = await openConnected()
    const [one, two] = [change(app, 'normal', 99, 1), change(app, 'normal', 99, 1)]
    const review = { ...close, transition: 'review' } as const

    const known = await ask(app, one, { ...review, close_code: 'unsuccessful' })
    const unknown = await ask(app, two, { ...review, close_code: 'fine' })

    expect(known).toMatchObject({
      applied: ['state', 'work_end', 'close_code', 'close_notes'],
      refused: [],
    })
    expect(stored(app, one)).toMatchObject({
      state: '0',
      close_code: 'unsuccessful',
      close_notes: 'Two of three hosts.',
    })
    expect(unknown.refused.map(({ field }) => field)).toEqual(['close_code'])
    expect(stored(app, two)).toMatchObject({
      state: '0',
      close_code: '',
      close_notes: 'Two of three hosts.',
    })
  })

  test('is not closed without any code, unless the setting has one', async () => {
    await using app = await openConnected()
    const properties = { [`${scope}.change_request.close_code`]: 'successful' }
    await using other = await openConnected({ properties })
    const [one, two] = [change(app, 'standard', 1, 2), change(other, 'standard', 1, 2)]

    const refused = await ask(app, one, { transition: 'closed' })
    const closed = await ask(other, two, { transition: 'closed' })

    expect(refused.refused[0]).toEqual({
      field: 'close_code',
      reason: 'No close code is given, and the setting change_request.close_code is empty.',
    })
    expect(closed.refused).toEqual([])
    expect(stored(other, two)).toMatchObject({ state: '3', close_code: 'successful' })
  })

  test('stops where the instance refuses, and says where that is', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard')
    const row = { table: 'change_request', sysId: ticket['sys_id'] ?? '' }
    app.change(abel, row, { on_hold: 'true', on_hold_reason: 'Freeze' })

    const reply = await ask(app, ticket, { ...note('a'), transition: 'review' })

    expect(reply.applied).toEqual(['work_notes'])
    expect(reply.refused[0]).toMatchObject({
      field: 'state',
      reason: expect.stringContaining('Change Model: Check State Transition') as string,
    })
    expect(stored(app, ticket)).toMatchObject({ state: '-2', work_start: '' })
  })

  test('is told how far it came when a later state is refused', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard')
    app.ticket('admin', 'sys_script', {
      name: 'No review today',
      collection: 'change_request',
      when: 'before',
      order: '100',
      active: 'true',
      action_update: 'true',
      filter_condition: 'state=0',
      abort_action: 'true',
    })

    const reply = await ask(app, ticket, { ...note('a'), ...close })

    expect(reply.applied).toEqual(['work_notes', 'work_start'])
    expect(reply.refused.find((one) => one.field === 'state')?.reason).toMatch(
      /^Stays in "Implement"; "Review" was refused: .*No review today/,
    )
    expect(stored(app, ticket)['state']).toBe('-1')
  })

  test('on hold keeps its state and says why', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard')

    const reply = await ask(app, ticket, { transition: 'on_hold' })
    const again = await ask(app, ticket, { transition: 'on_hold' })

    expect(reply).toMatchObject({ applied: ['on_hold', 'on_hold_reason'], refused: [] })
    expect(again).toMatchObject({ applied: ['on_hold'], refused: [] })
    expect(stored(app, ticket)).toMatchObject({
      state: '-2',
      on_hold: 'true',
      on_hold_reason: 'Put on hold by an automation. The work notes tell why.',
    })
  })

  test('in a state of the company stays there, with the setting to look at', async () => {
    const properties = { [`${scope}.change_request.state.order`]: '-5,-1,0,3' }
    await using app = await openConnected({ properties })
    const ticket = change(app, 'standard')

    const reply = await ask(app, ticket, { transition: 'implement' })

    expect(reply.refused[0]?.reason).toBe(
      'The state "Scheduled" is not in the setting change_request.state.order.',
    )
  })

  test('is cancelled in one step, as far as the model lets it', async () => {
    await using app = await openConnected()
    const [scheduled, reviewed] = [change(app, 'standard'), change(app, 'standard', 1, 2)]

    expect(await ask(app, scheduled, { transition: 'cancelled' })).toMatchObject({
      applied: ['state'],
    })
    expect((await ask(app, reviewed, { transition: 'cancelled' })).refused[0]?.field).toBe('state')
  })
})

describe('a requested item', () => {
  test.each<[NonNullable<TicketChange['transition']>, StoredRecord]>([
    ['in_progress', { state: '2', active: 'true' }],
    ['closed', { state: '3', active: 'false', close_notes: 'Done.' }],
    ['closed_incomplete', { state: '4', active: 'false', close_notes: 'Done.' }],
    ['cancelled', { state: '7', active: 'false' }],
  ])('becomes %s as the settings say', async (transition, expected) => {
    await using app = await openConnected()
    const ticket = app.ticket(abel, 'sc_req_item')

    const reply = await ask(app, ticket, { ...note('a'), transition, close_notes: 'Done.' })

    expect(reply.refused).toEqual([])
    expect(reply.applied).toEqual(expect.arrayContaining(['work_notes', 'state']))
    expect(stored(app, ticket)).toMatchObject(expected)
  })

  test.each(['3', '4', '7'])('that was closed (%s) is not opened again', async (state) => {
    await using app = await openConnected()
    const ticket = app.ticket(abel, 'sc_req_item')
    app.change(abel, { table: 'sc_req_item', sysId: ticket['sys_id'] ?? '' }, { state })

    const reply = await ask(app, ticket, { transition: 'in_progress' })

    expect(reply.refused[0]?.reason).toMatch(/already; an automation does not change that/)
    expect(stored(app, ticket)['state']).toBe(state)
  })

  test('has no state for what only other tickets know', async () => {
    await using app = await openConnected()
    const ticket = app.ticket(abel, 'sc_req_item')

    const reply = await ask(app, ticket, { transition: 'implement' })

    expect(reply.refused).toEqual([
      { field: 'state', reason: 'The setting sc_req_item.state.implement is empty.' },
    ])
  })
})

describe('the group that takes over', () => {
  const unix = fixedSysId('sys_user_group:Unix Admins')
  const network = fixedSysId('sys_user_group:Network')

  test('is found by its name; a person outside it does not keep the ticket', async () => {
    await using app = await openConnected()
    const person = { assigned_to: fixedSysId('sys_user:ivy.itil') }
    const one = app.incident(abel, person)
    const two = app.incident(abel, { assigned_to: fixedSysId('sys_user:abel.agent') })

    const reply = await ask(app, one, { ...note('a'), assignment_group: 'Unix Admins' })
    await ask(app, two, { assignment_group: 'Unix Admins' })

    expect(reply).toMatchObject({ refused: [] })
    expect(reply.applied).toEqual(expect.arrayContaining(['work_notes', 'assignment_group']))
    expect(stored(app, one)).toMatchObject({ assignment_group: unix, assigned_to: '' })
    expect(stored(app, two)).toMatchObject({
      assignment_group: unix,
      assigned_to: fixedSysId('sys_user:abel.agent'),
    })
  })

  test('that does not exist, or exists twice, is refused; the rest is done', async () => {
    await using app = await openConnected()
    app.ticket('admin', 'sys_user_group', { name: 'Network', active: 'true' })
    const ticket = app.incident(abel, { assignment_group: network })
    const asked = { ...note('a'), transition: 'in_progress' } as const

    const none = await ask(app, ticket, { ...asked, assignment_group: 'Nobody^ORname=Network' })
    const twice = await ask(app, ticket, { assignment_group: 'Network' })

    expect(none.applied).toEqual(['work_notes', 'state'])
    expect(none.refused).toEqual([
      {
        field: 'assignment_group',
        reason: 'There is no active group "Nobody^ORname=Network" on this instance.',
      },
    ])
    expect(twice.refused[0]?.reason).toBe('Several groups are called "Network".')
    expect(stored(app, ticket)['assignment_group']).toBe(network)
  })

  test('does not get a ticket that has ended', async () => {
    await using app = await openConnected()
    const ticket = change(app, 'standard', 1, 3)

    const reply = await ask(app, ticket, { assignment_group: 'Network', approval: 'requested' })

    expect(reply.applied).toEqual([])
    expect(reply.refused.map((one) => one.field)).toEqual(['assignment_group', 'approval'])
  })
})

describe('an approval', () => {
  test.each<[string, string, string[]]>([
    ['not requested', 'requested', ['approval']],
    ['requested', 'requested', ['approval']],
    ['approved', 'approved', ['approval']],
    ['rejected', 'rejected', []],
  ])('that is %s', async (approval, expected, applied) => {
    await using app = await openConnected()
    const ticket = app.ticket(abel, 'sc_req_item', { approval })

    const reply = await ask(app, ticket, { approval: 'requested' })

    expect(reply.applied).toEqual(applied)
    expect(stored(app, ticket)['approval']).toBe(expected)
    if (applied.length === 0) {
      expect(reply.refused).toEqual([
        {
          field: 'approval',
          reason: 'The approval is "Rejected"; a person must ask for it again.',
        },
      ])
    }
  })
})

describe('a problem record', () => {
  const problem = {
    key: 'max-runs:free-disk-space:lnx-app-01',
    short_description: 'The disk of lnx-app-01 fills up again and again',
    description: 'Free disk space ran three times in a day.',
  }

  test('is opened once per key and linked to each incident that has none', async () => {
    await using app = await openConnected()
    const cmdb_ci = fixedSysId('cmdb_ci_linux_server:lnx-app-01')
    const [one, two] = [app.incident(abel, { cmdb_ci }), app.incident(abel)]

    const first = await ask(app, one, { ...note('a'), problem })
    const repeat = await ask(app, one, { problem })
    await ask(app, two, { problem })

    const made = only(app.rows('problem'))
    expect(first).toMatchObject({ refused: [] })
    expect(first.applied).toEqual(['problem', 'work_notes', 'problem_id'])
    expect(repeat).toMatchObject({ applied: ['problem'], refused: [] })
    expect(made).toMatchObject({
      short_description: problem.short_description,
      description: problem.description,
      cmdb_ci,
      correlation_id: problem.key,
      first_reported_by_task: one['sys_id'],
      opened_by: app.as('ticket.automation').userSysId,
    })
    expect(stored(app, one)['problem_id']).toBe(made['sys_id'])
    expect(stored(app, two)['problem_id']).toBe(made['sys_id'])
  })

  test('leaves the problem somebody has linked, and is opened for changes too', async () => {
    await using app = await openConnected()
    const known = app.ticket(abel, 'problem')['sys_id'] ?? ''
    const ticket = app.incident(abel, { problem_id: known })

    await ask(app, ticket, { problem })
    const reply = await ask(app, change(app, 'standard'), { problem: { ...problem, key: 'k2' } })

    expect(stored(app, ticket)['problem_id']).toBe(known)
    expect(reply).toMatchObject({ applied: ['problem'], refused: [] })
    expect(app.rows('problem')).toHaveLength(3)
  })
})

test('what the instance refuses about the state does not keep the group and the note back', async () => {
  await using app = await openConnected()
  const ticket = app.incident(abel)

  const reply = await ask(app, ticket, {
    ...note('a'),
    transition: 'resolved',
    close_code: 'Magic',
    assignment_group: 'Network',
  })

  expect(reply.applied).toEqual(['work_notes', 'assignment_group'])
  expect(reply.refused.map((one) => one.field)).toEqual(['state', 'close_code', 'close_notes'])
  expect(app.notes(ticket['sys_id'] ?? '')).toEqual(['Note of a'])
})

test.each<[string, unknown]>([
  ['a problem without its words', { problem: { key: 'k' } }],
  ['a group that is no name', { assignment_group: 7 }],
  ['steps that are no list', {}],
])('%s is no update at all', async (what, change) => {
  await using app = await openConnected()
  const ticket = app.incident(abel)
  const more = what.startsWith('steps') ? { steps: {} } : { ticket_change: change }

  const answer = await post(app, { ...updateOf(ticket), ...more })

  expect(answer).toMatchObject({ status: 400, error: { code: 'body_invalid' } })
  expect(app.rows(`${scope}_run`)).toEqual([])
})
