// Applies what a status update asks of the ticket, and looks afterwards what the instance made of it. Every
// part that was asked for ends up among the applied or, with a reason, among the refused.
import { GlideRecord } from '@servicenow/glide'

import type { StatusReply, TicketChange } from '../../../shared/status-update.ts'
import { choicesOf, labelOf } from './choices.ts'
import { openProblem, planParts } from './hand-over.ts'
import { planState, type Refused } from './ticket-states.ts'
import { setWorkNote, type TicketNote } from './work-note.ts'

/** What became of the change: fields applied, fields refused with the reason. */
export type ChangeResult = Pick<StatusReply, 'applied' | 'refused'>

type Fields = Record<string, string>

/**
 * Writes the note, the parts and the first state in one update, every further state in one of its own. When
 * the instance refuses the first update, it is tried without the state, then the note alone, so that the story
 * is on the ticket whatever rules and policies say about the rest.
 */
export function changeTicket(
  ticket: GlideRecord,
  change: TicketChange,
  note: TicketNote | null,
): ChangeResult {
  const state = planState(ticket, change)
  const parts = planParts(ticket, change)
  const result: ChangeResult = {
    applied: [...parts.reached, ...(state.reached ? [reachedField(ticket, change)] : [])],
    refused: [...state.refused, ...parts.refused],
  }
  const fields = { ...parts.fields, ...problemFields(ticket, change, result) }
  const [first = {}, ...further] = state.writes
  const written = writeFirst(ticket, { note, fields, first }, result)
  if (written) writeFurther(ticket, further, result)
  return settled(result)
}

/** Where a transition shows: a change on hold keeps its state. */
function reachedField(ticket: GlideRecord, { transition }: TicketChange): string {
  const flag = transition === 'on_hold' && ticket.getTableName() === 'change_request'
  return flag ? 'on_hold' : 'state'
}

function problemFields(ticket: GlideRecord, change: TicketChange, result: ChangeResult): Fields {
  if (change.problem === undefined) return {}
  const problem = openProblem(ticket, change.problem)
  if (problem.ok) result.applied.push('problem')
  else result.refused.push({ field: 'problem', reason: problem.reason })
  return problem.ok ? problem.fields : {}
}

interface FirstWrite {
  note: TicketNote | null
  fields: Fields
  /** Fields of the first state. */
  first: Fields
}

/** True when the first state was taken (or none was asked for), so that the next one may follow. */
function writeFirst(
  ticket: GlideRecord,
  { note, fields, first }: FirstWrite,
  result: ChangeResult,
): boolean {
  const everything = { ...fields, ...first }
  const reason = write(ticket, everything, note)
  if (reason === null) return compare(ticket, { fields: everything, note }, result)
  result.refused.push(...refusals(first, reason))
  const hasState = Object.keys(first).length > 0
  const hasFields = Object.keys(fields).length > 0
  const second = hasFields && hasState ? write(ticket, fields, note) : reason
  if (hasFields && hasState && second === null) {
    compare(ticket, { fields, note }, result)
    return false
  }
  result.refused.push(...refusals(fields, second ?? reason))
  if (note === null) return false
  // Whatever kept the rest from being written may be the comment.
  const more = hasState || hasFields || note.comment !== undefined
  const alone = more ? write(ticket, {}, { text: note.text }) : reason
  if (alone === null) result.applied.push('work_notes')
  else result.refused.push({ field: 'work_notes', reason: alone })
  return false
}

/** One state after the other, each looked at before the next; the first refusal ends it. */
function writeFurther(ticket: GlideRecord, writes: readonly Fields[], result: ChangeResult): void {
  for (const fields of writes) {
    const reason = write(ticket, fields, null)
    if (reason !== null) {
      result.refused.push(...refusals(fields, stoppedAt(ticket, fields, reason)))
      return
    }
    if (!compare(ticket, { fields, note: null }, result)) return
  }
}

/** Which state was not taken, and where the ticket stands. */
function stoppedAt(ticket: GlideRecord, fields: Fields, reason: string): string {
  const labels = choicesOf(ticket.getTableName(), 'state')
  const stands = labelOf(labels, freshOf(ticket)?.getValue('state') || '')
  return `Stays in "${stands}"; "${labelOf(labels, fields['state'] ?? '')}" was refused: ${reason}`
}

/** Null when it was written (or there was nothing to write), else the reason. */
function write(ticket: GlideRecord, fields: Fields, note: TicketNote | null): string | null {
  const names = Object.keys(fields)
  if (names.length === 0 && note === null) return null
  const fresh = freshOf(ticket)
  if (!fresh) return 'The ticket no longer exists.'
  for (const name of names) fresh.setValue(name, fields[name] ?? '')
  if (note !== null) setWorkNote(fresh, note)
  if (fresh.update()) return null
  return fresh.getLastErrorMessage() || 'The instance did not accept the update.'
}

/** A record that was refused keeps what it was given; the next try starts from what is stored. */
function freshOf(ticket: GlideRecord): GlideRecord | null {
  const fresh = new GlideRecord(ticket.getTableName())
  return fresh.get('sys_id', ticket.getUniqueValue()) ? fresh : null
}

/** Rules and policies may have changed what was set: only the stored ticket tells. */
function compare(
  ticket: GlideRecord,
  { fields, note }: { fields: Fields; note: TicketNote | null },
  result: ChangeResult,
): boolean {
  const stored = freshOf(ticket)
  if (note !== null) result.applied.push('work_notes')
  let same = true
  for (const [field, wanted] of Object.entries(fields)) {
    const found = plainValue(stored?.getValue(field) || '', wanted)
    if (found === wanted) {
      result.applied.push(field)
      continue
    }
    same = false
    const reason = `The instance has "${found}" after "${wanted}" was set.`
    result.refused.push({ field, reason })
  }
  return same
}

/** getValue gives booleans as 1 and 0. */
function plainValue(found: string, wanted: string): string {
  if (wanted !== 'true') return found
  return found === '1' ? 'true' : found
}

function refusals(fields: Fields, reason: string): Refused[] {
  return Object.keys(fields).map((field) => ({ field, reason }))
}

/** Each field once; a state that was passed through is not one that was reached. */
function settled({ applied, refused }: ChangeResult): ChangeResult {
  const open = refused.filter(
    (one, index) => refused.findIndex((other) => other.field === one.field) === index,
  )
  const done = applied.filter(
    (field, index) =>
      applied.indexOf(field) === index && !open.some((other) => other.field === field),
  )
  return { applied: done, refused: open }
}
