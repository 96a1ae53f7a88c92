// What a change says about itself: its type and its planned window. Pure; reads stored values only, never
// display texts, because those depend on the language and time zone of whoever sends.
import type { Ticket, TicketField } from '#shared/ticket-event.ts'
import { changeTypes } from '#shared/vocabulary.ts'

import { parseStored } from './matching/glide-dates.ts'
import type { ChangeType, Policy } from './policy.ts'

/** Type of a change in the base system. */
export type ChangeTypeName = (typeof changeTypes)[number]

/** Planned start and end of a change. */
export interface PlannedWindow {
  start: Date | null
  end: Date | null
  /** Why the dates cannot be relied on, or null. */
  problem: string | null
}

/** True for a change request. */
export function isChange({ table }: Pick<Ticket, 'table'>): boolean {
  return table === 'change_request'
}

/** The type of a change: an empty one counts as normal, one that the base system does not have gives null. */
export function changeTypeOf(ticket: Ticket): ChangeTypeName | null {
  const value = valueOf(ticket.fields['type']).toLowerCase()
  if (value === '') return 'normal'
  return changeTypes.find((type) => type === value) ?? null
}

/** What the company asks of this change; a type it does not know is treated as normal. */
export function changeRulesOf(ticket: Ticket, policy: Policy): ChangeType {
  return policy.change_types[changeTypeOf(ticket) ?? 'normal']
}

/** `start_date` and `end_date` of a change, stored in UTC; an empty one is null. Other tickets have no window. */
export function windowOf(ticket: Ticket): PlannedWindow {
  if (!isChange(ticket)) return { start: null, end: null, problem: null }
  const [start, end] = [dateOf(ticket.fields['start_date']), dateOf(ticket.fields['end_date'])]
  if (start === undefined) return unreadable(ticket, 'start_date')
  if (end === undefined) return unreadable(ticket, 'end_date')
  const backwards = start !== null && end !== null && end <= start
  return {
    start,
    end,
    problem: backwards ? 'The planned end is not after the planned start.' : null,
  }
}

/** The moment at which a run decided now would start: now, or the planned start of a change if that is later. */
export function startOf(ticket: Ticket, now: Date): Date {
  const { start } = windowOf(ticket)
  return start !== null && start > now ? start : now
}

function unreadable(ticket: Ticket, field: string): PlannedWindow {
  const problem = `${field} is "${valueOf(ticket.fields[field])}", which is not a date.`
  return { start: null, end: null, problem }
}

/** Null = empty, undefined = not a date. */
function dateOf(field: TicketField | undefined): Date | null | undefined {
  const value = valueOf(field)
  if (value === '') return null
  const at = parseStored(value)
  return Number.isNaN(at) ? undefined : new Date(at)
}

function valueOf(field: TicketField | undefined): string {
  return field?.value.trim() ?? ''
}
