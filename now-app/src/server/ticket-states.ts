// How a ticket gets to the state an update asks for: one state after the other, never backwards, never into
// or through an approval. Only says what to write; server/ticket-change.ts writes it.
import type { GlideRecord } from '@servicenow/glide'

import type { TicketChange } from '../../../shared/status-update.ts'
import { choicesOf, labelOf } from './choices.ts'
import { nowMs, storedTime } from './clock.ts'
import {
  closeCode,
  closeNotes,
  holdReason,
  stateOrder,
  stateSetting,
  stateValue,
  type Transition,
} from './settings.ts'

/** What an update may not do, and why. */
export interface Refused {
  field: string
  reason: string
}

/** The writes that lead to a state, each an update of its own, and what is refused before any is tried. */
export interface StatePlan {
  writes: Record<string, string>[]
  refused: Refused[]
  /** True when the ticket is already as asked and nothing needs to be written. */
  reached: boolean
}

/** States from which an automation never takes a ticket back. */
const endings: readonly Transition[] = ['resolved', 'closed', 'closed_incomplete', 'cancelled']

/** Transitions that say why the ticket ends. */
const closing: readonly Transition[] = ['resolved', 'closed', 'closed_incomplete']

/** The word for the state in which the ticket has ended, or null while it is open. */
export function endingOf(ticket: GlideRecord): Transition | null {
  const state = ticket.getValue('state') || ''
  return endings.find((word) => stateValue(ticket.getTableName(), word) === state) ?? null
}

/** What to write so that the ticket makes this transition. */
export function planState(ticket: GlideRecord, change: TicketChange): StatePlan {
  const { transition } = change
  if (transition === undefined) return { writes: [], refused: [], reached: false }
  const table = ticket.getTableName()
  if (transition === 'on_hold' && table === 'change_request') return planHold(ticket)
  const value = stateValue(table, transition)
  if (value === '') return refuse(`The setting ${stateSetting(table, transition)} is empty.`)
  const ending = endingOf(ticket)
  const taken = ending !== null && ending !== transition
  if (taken && !(ending === 'resolved' && transition === 'closed')) {
    return refuse(`The ticket is ${wordsOf(ending)} already; an automation does not change that.`)
  }
  const order = stateOrder(table)
  if (order.includes(value)) return planPath(ticket, change, { order, value })
  const fields = { state: value, ...closingFields(ticket, change) }
  return {
    writes: [ending ? withoutOthersWords(ticket, fields) : fields],
    refused: [],
    reached: false,
  }
}

/** A change on hold keeps its state; the flag is a field of its own (c_ChangeStateModel). */
function planHold(ticket: GlideRecord): StatePlan {
  const ending = endingOf(ticket)
  if (ending !== null) {
    const reason = `The ticket is ${wordsOf(ending)} already; an automation does not change that.`
    return { writes: [], refused: [{ field: 'on_hold', reason }], reached: false }
  }
  const fields = { on_hold: 'true', on_hold_reason: holdReason(ticket.getTableName()) }
  const onHold = ['1', 'true'].includes(ticket.getValue('on_hold') || '')
  return { writes: onHold ? [] : [fields], refused: [], reached: onHold }
}

interface Path {
  order: string[]
  value: string
}

/**
 * Step by step along the setting's order. Every type of change is authorised when it reaches the state before
 * Implement (Scheduled: "fully scheduled and authorized", c_ChangeStateModel); what lies before that state is
 * an approval's business, so nothing is moved from there.
 */
function planPath(ticket: GlideRecord, change: TicketChange, { order, value }: Path): StatePlan {
  const table = ticket.getTableName()
  const labels = choicesOf(table, 'state')
  const state = ticket.getValue('state') || ''
  const [from, to] = [order.indexOf(state), order.indexOf(value)]
  const implement = order.indexOf(stateValue(table, 'implement'))
  const shown = `"${labelOf(labels, state)}"`
  if (from < 0) return refuse(`The state ${shown} is not in the setting ${table}.state.order.`)
  if (from === to) return { writes: [], refused: [], reached: true }
  if (from > to) return refuse(`The ticket is in ${shown} already; an automation never goes back.`)
  if (implement > 0 && from < implement - 1) {
    const scheduled = labelOf(labels, order[implement - 1] ?? '')
    const reason = `The ticket is in ${shown}; its approval takes it to "${scheduled}", and an automation goes on from there.`
    return refuse(reason)
  }
  return withSteps(ticket, change, order.slice(from + 1, to + 1))
}

function withSteps(ticket: GlideRecord, change: TicketChange, states: string[]): StatePlan {
  const wrongCode = wrongCodeOf(ticket, change)
  const stopsBefore = wrongCode !== null && closes(change)
  // The work before the end is done, whatever it is to be called.
  const taken = stopsBefore ? states.slice(0, -1) : states
  const writes = taken.map((state) => ({ state, ...workTimes(ticket, state) }))
  const last = writes[writes.length - 1]
  if (last && change.transition === 'review') Object.assign(last, reviewFields(change, wrongCode))
  if (last && !stopsBefore) Object.assign(last, closingFields(ticket, change))
  if (wrongCode === null) return { writes, refused: [], reached: false }
  const refused = [{ field: 'close_code', reason: wrongCode }]
  if (stopsBefore) {
    const reason = 'It cannot be closed without a close code that this instance knows.'
    refused.push({ field: 'state', reason })
  }
  return { writes, refused, reached: false }
}

/** What is wrong with the code of this end, or null; a review needs none, but may be given one. */
function wrongCodeOf(ticket: GlideRecord, change: TicketChange): string | null {
  const table = ticket.getTableName()
  if (closes(change)) return unknownCode(table, change.close_code ?? closeCode(table))
  const given = change.transition === 'review' ? change.close_code : undefined
  return given === undefined ? null : unknownCode(table, given)
}

/** A proposal for whoever reviews the change and closes it. */
function reviewFields(change: TicketChange, wrongCode: string | null): Record<string, string> {
  const { close_code: code, close_notes: notes } = change
  return {
    ...(code === undefined || wrongCode !== null ? {} : { close_code: code }),
    ...(notes === undefined ? {} : { close_notes: notes }),
  }
}

/** Why a close code is not one of the instance's, or null. */
function unknownCode(table: string, code: string): string | null {
  const choices = choicesOf(table, 'close_code')
  if (code === '') return `No close code is given, and the setting ${table}.close_code is empty.`
  if (choices.length === 0 || choices.some((choice) => choice.value === code)) return null
  const known = choices.map((choice) => choice.value).join(', ')
  return `"${code}" is not one of this instance's close codes (${known}).`
}

/** When the work began and ended, unless somebody has said so already. */
function workTimes(ticket: GlideRecord, state: string): Record<string, string> {
  const table = ticket.getTableName()
  const now = storedTime(nowMs())
  if (state === stateValue(table, 'implement') && !ticket.getValue('work_start')) {
    return { work_start: now }
  }
  if (state === stateValue(table, 'review') && !ticket.getValue('work_end'))
    return { work_end: now }
  return {}
}

function closingFields(ticket: GlideRecord, change: TicketChange): Record<string, string> {
  if (!closes(change)) return {}
  const table = ticket.getTableName()
  const notes = { close_notes: change.close_notes ?? closeNotes(table) }
  if (!ticket.isValidField('close_code')) return notes
  return { close_code: change.close_code ?? closeCode(table), ...notes }
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

function closes({ transition }: TicketChange): boolean {
  return closing.some((word) => word === transition)
}

function wordsOf(transition: Transition): string {
  return transition.replace('_', ' ')
}

function refuse(reason: string): StatePlan {
  return { writes: [], refused: [{ field: 'state', reason }], reached: false }
}
