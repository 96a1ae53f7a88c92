// What a signed status update does to run and ticket, on the built app on an instance.
import { beforeAll, describe, expect, test } from 'vitest'

import type { Phase, StepEvidence } from '#shared/status-update.ts'

import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { randomHex } from '../support/events.ts'
import { only, scope } from './on-instance.ts'
import { apply, note, openConnected, post, runs, stored, updateOf } from './status-posting.ts'

beforeAll(async () => {
  await ensureAppBuilt()
}, 300_000)

describe('an update that holds', () => {
  test('writes the run of a rule, whole', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const update = updateOf(incident)

    const reply = await apply(app, update)

    expect(reply).toEqual({
      run_id: update.run_id,
      sequence: 1,
      status: 'applied',
      applied: [],
      refused: [],
    })
    const run = only(runs(app))
    expect(run).toMatchObject({
      run_id: update.run_id,
      ticket: incident['sys_id'],
      template: 'free-disk-space',
      template_version: '3',
      template_title: 'Free disk space',
      trigger: 'created',
      requested_by: app.as('carla.caller').userSysId,
      state: 'running',
      phase: 'execute',
      step: 'clean',
      step_position: '1',
      step_total: '2',
      progress: '40',
      message: 'Cleaning /var/log',
      job_id: 'job-1',
      job_url: 'https://jobs.example.com/1',
      output: '12 files deleted\n',
      output_omitted: '7',
      decision_summary: 'Started: the rule matched.',
      sequence: '1',
      started: '2026-03-01 12:00:00',
      finished: '',
    })
    expect(JSON.parse(run['parameters'] ?? '')).toEqual(update.parameters)
    expect(JSON.parse(run['decision'] ?? '')).toEqual(update.decision)
  })

  test('goes on with the run it belongs to, and ends it', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const first = updateOf(incident)
    await apply(app, first)

    await apply(app, {
      ...updateOf(incident),
      run_id: first.run_id,
      sequence: 2,
      time: '2026-03-01T12:05:00.000Z',
      state: 'succeeded',
      phase: null,
      step: null,
      progress: 100,
      output: null,
      decision: null,
    })

    expect(only(runs(app))).toMatchObject({
      state: 'succeeded',
      phase: '',
      step: '',
      progress: '100',
      output: '12 files deleted\n',
      decision_summary: 'Started: the rule matched.',
      started: '2026-03-01 12:00:00',
      finished: '2026-03-01 12:05:00',
    })
  })

  test('keeps the plan and the window, and the page gets both', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const steps = [evidence(1, 'execute'), evidence(2, 'rollback')]
    const window = { start: '2026-03-01T20:00:00.000Z', end: null }
    const update = updateOf(incident, { steps, window, state: 'waiting' })
    await apply(app, update)
    await apply(app, { ...updateOf(incident), run_id: update.run_id, sequence: 2 })

    const path = `/runs/${update.run_id}`
    const { status, result } = await app.call('abel.agent', { method: 'GET', path })

    expect(status).toBe(200)
    expect(result).toMatchObject({ steps, window })
    expect(only(runs(app))).toMatchObject({ window_start: '2026-03-01 20:00:00', window_end: '' })

    await apply(app, updateOf(incident, { run_id: update.run_id, sequence: 3, window: null }))
    expect(only(runs(app))['window_start']).toBe('')
  })

  test.each<[string, StoredRecord]>([
    ['in_progress', { state: '2', active: 'true' }],
    ['resolved', { state: '6', active: 'true', close_code: 'Solution provided' }],
    ['closed', { state: '7', active: 'false', close_code: 'Solution provided' }],
    ['cancelled', { state: '8', active: 'false' }],
  ] as const)('sets the ticket %s as the settings say', async (transition, expected) => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const change = { ...note('a'), transition: transition as 'resolved' }

    const reply = await apply(app, updateOf(incident, { ticket_change: change }))

    expect(reply.refused).toEqual([])
    expect(reply.applied).toEqual(expect.arrayContaining(['work_notes', 'state']))
    expect(stored(app, incident)).toMatchObject(expected)
    if (expected['close_code']) {
      expect(stored(app, incident)['close_notes']).toContain('Resolved by an automation.')
    }
    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a'])
  })

  test('takes states and close code from changed settings, and its own code before them', async () => {
    const properties = {
      [`${scope}.incident.state.in_progress`]: '3',
      [`${scope}.incident.close_code`]: 'Workaround provided',
    }
    await using app = await openConnected({ properties })
    const [one, two, three] = ['1', '2', '3'].map(() => app.incident('abel.agent'))

    await apply(app, updateOf(one ?? {}, { ticket_change: { transition: 'in_progress' } }))
    await apply(app, updateOf(two ?? {}, { ticket_change: { transition: 'resolved' } }))
    const words = { close_code: 'Solution provided', close_notes: '12 files: ${x} 🚀' }
    await apply(app, updateOf(three ?? {}, { ticket_change: { transition: 'resolved', ...words } }))

    expect(stored(app, one ?? {})['state']).toBe('3')
    expect(stored(app, two ?? {})['close_code']).toBe('Workaround provided')
    expect(stored(app, three ?? {})).toMatchObject({ state: '6', ...words })
  })

  test('causes no event of its own', async () => {
    await using app = await openConnected()
    const incident = app.incident('ticket.automation')
    const changes = [{ transition: 'in_progress' }, { transition: 'resolved' }] as const

    for (const change of changes) await apply(app, updateOf(incident, { ticket_change: change }))
    await app.platform.settle()

    expect(app.rows(`${scope}_outbox`)).toEqual([])
  })

  test('writes long and hostile work notes exactly, markup of the journal made visible', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const text = `$(rm -rf /) \${x} "q" 'q' <b>&amp;</b> [code]x[/code] שלום 🚀\r\n${'ü'.repeat(500_000)}`

    const reply = await apply(app, updateOf(incident, { ticket_change: note('a', text) }))

    expect(reply.applied).toEqual(['work_notes'])
    const shown = text.replace('[code]', '［code]').replace('[/code]', '［/code]')
    expect(app.notes(incident['sys_id'] ?? '')[0] === shown).toBe(true)
  })
})

describe('repeats and other orders', () => {
  test('the same update twice changes nothing the second time', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const change = { ...note('a'), transition: 'in_progress' } as const
    const update = updateOf(incident, { ticket_change: change })
    await apply(app, update)
    const before = [stored(app, incident), only(runs(app))]

    const again = await apply(app, update)

    expect(again).toMatchObject({ status: 'stale', applied: [], refused: [] })
    expect([stored(app, incident), only(runs(app))]).toEqual(before)
    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a'])
  })

  test('a repeat gets the same refusals: the first answer may have been lost', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const change = { ...note('a'), transition: 'resolved', close_code: 'No such code' } as const
    const update = updateOf(incident, { state: 'succeeded', progress: 100, ticket_change: change })

    const first = await apply(app, update)
    const again = await apply(app, update)

    expect(first.refused.length).toBeGreaterThan(0)
    expect(again).toMatchObject({ status: 'stale', refused: first.refused })
    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a'])
  })

  test('an older update that comes late changes nothing', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const runId = randomHex()
    const old = updateOf(incident, { run_id: runId, sequence: 1, ticket_change: note('a') })
    const last = { run_id: runId, sequence: 5, state: 'succeeded', progress: 100 } as const
    await apply(app, updateOf(incident, { ...last, ticket_change: { transition: 'resolved' } }))
    const before = [stored(app, incident), only(runs(app))]

    expect(await apply(app, old)).toMatchObject({ status: 'stale', sequence: 1 })

    expect([stored(app, incident), only(runs(app))]).toEqual(before)
    expect(app.notes(incident['sys_id'] ?? '')).toEqual([])
  })

  test('a note whose key was written already is written no more under a newer number', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const update = updateOf(incident, { ticket_change: note('a') })
    await apply(app, update)

    const reply = await apply(app, { ...update, sequence: 2 })
    await apply(app, { ...update, sequence: 3, ticket_change: note('b') })

    expect(reply).toMatchObject({ status: 'applied', applied: ['work_notes'] })
    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a', 'Note of b'])
  })

  test('a note written just before a crash is found in the journal and not doubled', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const update = updateOf(incident, { ticket_change: note('a') })
    await apply(app, update)
    const run = only(runs(app))
    const row = { table: `${scope}_run`, sysId: run['sys_id'] ?? '' }
    // As it stood between the claim of the note and the end of the request.
    const claim = JSON.stringify({ a: app.platform.now().getTime() })
    app.change('admin', row, { sequence: '0', note_keys: claim })

    expect(await post(app, update)).toMatchObject({
      status: 503,
      error: { code: 'update_in_progress' },
    })
    await app.platform.advance(61_000)
    const reply = await apply(app, update)

    expect(reply).toMatchObject({ status: 'applied', applied: ['work_notes'] })
    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a'])
  })

  test('a claim without its note is followed by the note', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const update = updateOf(incident)
    await apply(app, update)
    const row = { table: `${scope}_run`, sysId: only(runs(app))['sys_id'] ?? '' }
    app.change('admin', row, {
      note_keys: JSON.stringify({ a: app.platform.now().getTime() - 61_000 }),
    })

    await apply(app, { ...update, sequence: 2, ticket_change: note('a') })

    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a'])
  })
})

describe('what the ticket does not take', () => {
  test('an unknown close code is refused with the reason; the note is written all the same', async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const change = { ...note('a'), transition: 'resolved', close_code: 'Magic' } as const

    const reply = await apply(app, updateOf(incident, { ticket_change: change }))

    expect(reply.applied).toEqual(['work_notes'])
    expect(reply.refused.map((one) => one.field)).toEqual(['state', 'close_code', 'close_notes'])
    expect(reply.refused[0]?.reason).toBe('Data Policy Exception: Resolution code is mandatory')
    expect(stored(app, incident)).toMatchObject({ state: '1', close_code: '', close_notes: '' })
    expect(app.notes(incident['sys_id'] ?? '')).toEqual(['Note of a'])
  })

  test('a transition whose setting is empty', async () => {
    const properties = { [`${scope}.incident.state.on_hold`]: '' }
    await using app = await openConnected({ properties })
    const incident = app.incident('abel.agent')
    const change = { ...note('a'), transition: 'on_hold' } as const

    const reply = await apply(app, updateOf(incident, { ticket_change: change }))

    expect(reply).toMatchObject({
      applied: ['work_notes'],
      refused: [{ field: 'state', reason: 'The setting incident.state.on_hold is empty.' }],
    })
  })

  test.each([
    ['6', 'resolved'],
    ['7', 'closed'],
    ['8', 'cancelled'],
  ])('a ticket that a person set to %s meanwhile is not taken back', async (state, word) => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const row = { table: 'incident', sysId: incident['sys_id'] ?? '' }
    const words = { close_code: 'Workaround provided', close_notes: 'I did it.' }
    app.change('ivy.itil', row, { state, ...words })
    const change = { ...note('a'), transition: 'in_progress' } as const

    const reply = await apply(app, updateOf(incident, { ticket_change: change }))

    expect(reply).toMatchObject({
      applied: ['work_notes'],
      refused: [
        { field: 'state', reason: expect.stringContaining(`is ${word} already`) as unknown },
      ],
    })
    expect(stored(app, incident)).toMatchObject({ state, ...words })
    expect(app.notes(row.sysId)).toEqual(['Note of a'])
  })

  test("a person's own resolution keeps its code and notes when the job resolves too", async () => {
    await using app = await openConnected()
    const incident = app.incident('abel.agent')
    const row = { table: 'incident', sysId: incident['sys_id'] ?? '' }
    const words = { close_code: 'Workaround provided', close_notes: 'I did it.' }
    app.change('ivy.itil', row, { state: '6', ...words })
    const change = { ...note('a'), transition: 'resolved', close_notes: 'By the job.' } as const

    const reply = await apply(app, updateOf(incident, { ticket_change: change }))

    expect(reply).toMatchObject({ applied: ['work_notes', 'state'], refused: [] })
    expect(stored(app, incident)).toMatchObject({ state: '6', ...words })
  })
})

function evidence(position: number, phase: Phase): StepEvidence {
  return {
    position,
    phase,
    name: `Step ${position} "${'ü'.repeat(3)}"`,
    state: 'pending',
    platform: 'local',
    job: 'clean.mjs',
    job_id: null,
    job_url: null,
    batch: 1,
    targets: ['web-01', 'web-02'],
    started_at: null,
    finished_at: null,
    message: '',
    output_sha256: null,
  }
}

test('a note comes with words for the requester, once', async () => {
  await using app = await openConnected()
  const ticket = app.ticket('abel.agent', 'sc_req_item', {})
  const change = { work_note: { key: 'a', text: 'Inside.', comment: 'For you: [code]x[/code]' } }
  const update = updateOf(ticket, { ticket_change: change })

  const first = await apply(app, update)
  const again = await apply(app, { ...update, sequence: 2 })

  expect([first.applied, again.applied]).toEqual([['work_notes'], ['work_notes']])
  const written = app.platform.journal('sc_req_item', ticket['sys_id'] ?? '')
  expect(written.map(({ element, value }) => [element, value])).toEqual([
    ['comments', 'For you: ［code]x［/code]'],
    ['work_notes', 'Inside.'],
  ])
})
