// Applies what a status update asks of the ticket, and looks afterwards what the instance made of it.
import { GlideRecord } from '@servicenow/glide'

import type { StatusReply, TicketChange } from '../../../shared/status-update.ts'
import { closeCode, closeNotes, stateSetting, stateValue, type Transition } from './settings.ts'
import { setWorkNote } from './work-note.ts'

/** What became of the change: fields applied, fields refused with the reason. */
export type ChangeResult = Pick<StatusReply, 'applied' | 'refused'>

/** Fields to set, and what is refused before the instance is asked. */
interface Plan {
  fields: Record<string, string>
  refused: ChangeResult['refused']
}

/** States from which an automation never takes a ticket back. */
const endings: readonly Transition[] = ['resolved', 'closed', 'cancelled']

/**
 * Writes the fields and the note in one update. When the instance refuses the update, the note alone is
 * written, so that the story is on the ticket whatever rules and policies say about its state.
 */
export function changeTicket(
  ticket: GlideRecord,
  change: TicketChange,
  note: string | null,
): ChangeResult {
  const plan = planChange(ticket, change)
  const names = Object.keys(plan.fields)
  if (names.length === 0 && note === null) return { applied: [], refused: plan.refused }
  for (const name of names) ticket.setValue(name, plan.fields[name] ?? '')
  if (note !== null) setWorkNote(ticket, note)
  if (ticket.update()) return compare(ticket, plan, note)

  const reason = ticket.getLastErrorMessage() || 'The instance did not accept the update.'
  const refused = [...plan.refused, ...names.map((field) => ({ field, reason }))]
  if (note === null) return { applied: [], refused }
  const noteReason = names.length === 0 ? reason : writeNoteAlone(ticket, note)
  if (noteReason === null) return { applied: ['work_notes'], refused }
  return { applied: [], refused: [...refused, { field: 'work_notes', reason: noteReason }] }
}

/** Null when it was written, else the reason. */
function writeNoteAlone(ticket: GlideRecord, note: string): string | null {
  const fresh = new GlideRecord(ticket.getTableName())
  if (!fresh.get('sys_id', ticket.getUniqueValue())) return 'The ticket no longer exists.'
  setWorkNote(fresh, note)
  if (fresh.update()) return null
  return fresh.getLastErrorMessage() || 'The instance did not accept the work note.'
}

function planChange(ticket: GlideRecord, change: TicketChange): Plan {
  const { transition } = change
  if (transition === undefined) return { fields: {}, refused: [] }
  const table = ticket.getTableName()
  const value = stateValue(table, transition)
  if (value === '') return noChange(`The setting ${stateSetting(table, transition)} is empty.`)
  const ending = endings.find((word) => stateValue(table, word) === ticket.getValue('state'))
  if (
    ending !== undefined &&
    ending !== transition &&
    !(ending === 'resolved' && transition === 'closed')
  ) {
    return noChange(`The ticket is ${ending} already; an automation does not change that.`)
  }
  const fields: Record<string, string> = { state: value }
  if (transition === 'resolved' || transition === 'closed') {
    fields['close_code'] = change.close_code ?? closeCode(table)
    fields['close_notes'] = change.close_notes ?? closeNotes(table)
  }
  return { fields: ending === undefined ? fields : withoutOthersWords(ticket, fields), refused: [] }
}

/** Who resolved the ticket first, a person or this update before a repeat, has said why already. */
function withoutOthersWords(
  ticket: GlideRecord,
  fields: Record<string, string>,
): Record<string, string> {
  const kept = Object.entries(fields).filter(([name, wanted]) => {
    const found = ticket.getValue(name) || ''
    return name === 'state' || found === '' || found === wanted
  })
  return Object.fromEntries(kept)
}

function noChange(reason: string): Plan {
  return { fields: {}, refused: [{ field: 'state', reason }] }
}

/** Rules and policies may have changed what was set: only the stored ticket tells. */
function compare(ticket: GlideRecord, plan: Plan, note: string | null): ChangeResult {
  const stored = new GlideRecord(ticket.getTableName())
  stored.get('sys_id', ticket.getUniqueValue())
  const applied: string[] = note === null ? [] : ['work_notes']
  const refused = [...plan.refused]
  for (const [field, wanted] of Object.entries(plan.fields)) {
    const found = stored.getValue(field) || ''
    if (found === wanted) applied.push(field)
    else refused.push({ field, reason: `The instance has "${found}" after "${wanted}" was set.` })
  }
  return { applied, refused }
}
