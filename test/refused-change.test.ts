// What a refused change is told like: every part that a person now has to do by hand, once.
import { describe, expect, it } from 'vitest'

import type { StatusReply, StatusUpdate, TicketChange } from '#shared/status-update.ts'

import { refusalNote } from '../connector/refused-change.ts'

const runId = 'a'.repeat(32)

function told(change: TicketChange, refused: StatusReply['refused']): TicketChange | null {
  const update: StatusUpdate = {
    run_id: runId,
    sequence: 4,
    time: '2026-06-10T12:00:00.000Z',
    ticket: { table: 'incident', sys_id: runId, number: 'INC0010001' },
    template: { name: 'free', version: 1, title: 'Free disk space' },
    trigger: 'manual',
    requested_by: 'beth',
    state: 'succeeded',
    phase: null,
    step: null,
    progress: 100,
    message: '',
    job: null,
    output: null,
    decision: null,
    ticket_change: change,
  }
  const reply: StatusReply = { run_id: runId, sequence: 4, status: 'applied', applied: [], refused }
  return refusalNote({ instance: 'acme', update, reply })
}

const problem = { key: 'k', short_description: 'Disk fills up', description: 'Four times a day.' }

describe('a refused change', () => {
  it.each([
    ['state', { transition: 'closed_incomplete' }, 'asked for: closed incomplete'],
    ['on_hold', { transition: 'on_hold' }, 'asked for: on hold'],
    ['close_code', { transition: 'resolved', close_code: 'Solved' }, 'asked for: Solved'],
    ['assignment_group', { assignment_group: 'Unix Admins' }, 'asked for: Unix Admins'],
    ['approval', { approval: 'requested' }, 'asked for: requested'],
  ] as const)('names %s, the reason and what was asked for', (field, change, asked) => {
    const note = told(change, [{ field, reason: 'data policy' }])?.work_note

    expect(note?.key).toBe(`${runId}:refused:4`)
    expect(note?.text).toContain(`- ${field}: data policy (${asked})`)
    expect(note?.text).toContain('by hand')
  })

  it('keeps the text of a problem record that could not be opened', () => {
    const note = told({ problem }, [
      { field: 'problem', reason: 'no right to create it' },
    ])?.work_note

    expect(note?.text).toContain('- problem: no right to create it')
    expect(note?.text).toContain('Disk fills up\nFour times a day.')
  })

  it('leaves out what was accepted', () => {
    const change = { problem, assignment_group: 'Unix Admins' }

    const note = told(change, [{ field: 'assignment_group', reason: 'inactive' }])?.work_note

    expect(note?.text).not.toContain('Disk fills up')
  })

  it.each(['work_notes', 'work_note'])('is not told when it is the note itself: %s', (field) => {
    expect(told({}, [{ field, reason: 'read-only' }])).toBeNull()
  })

  it('is not told a second time when the telling is refused', () => {
    const change = {
      work_note: { key: `${runId}:refused:3`, text: 'x' },
      transition: 'resolved',
    } as const

    expect(told(change, [{ field: 'state', reason: 'mandatory' }])).toBeNull()
  })

  it('tells nothing when everything was accepted', () => {
    expect(told({ transition: 'resolved' }, [])).toBeNull()
  })
})
