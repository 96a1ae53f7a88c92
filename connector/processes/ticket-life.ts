// Where a ticket stands in its life, per table of the base system, and the words for it. Pure.
// State models: /docs of incident, change, request; every value is configurable there, `active` is not.
import type { Ticket } from '#shared/ticket-event.ts'

/** Resolved and in review are ends that are often taken back; closed and cancelled are ends for good. */
export type TicketLife = 'open' | 'on_hold' | 'resolved' | 'in_review' | 'closed' | 'cancelled'

/** States per table that are not simply open; a change on hold says so in a field of its own. */
const lives: Readonly<Record<string, Readonly<Record<string, TicketLife>>>> = {
  incident: { 3: 'on_hold', 6: 'resolved', 7: 'closed', 8: 'cancelled' },
  change_request: { 0: 'in_review', 3: 'closed', 4: 'cancelled' },
  problem: { 106: 'resolved', 107: 'closed' },
  sc_req_item: { 3: 'closed', 4: 'closed', 7: 'closed' },
  sc_task: { 3: 'closed', 4: 'closed', 7: 'closed' },
}

/** Where the ticket stands. */
export function lifeOf({ table, fields }: Ticket): TicketLife {
  const life = lives[table]?.[fields['state']?.value ?? ''] ?? 'open'
  if (life !== 'open' && life !== 'on_hold') return life
  if (isFalse(fields['active']?.value)) return 'closed'
  return isTrue(fields['on_hold']?.value) ? 'on_hold' : life
}

/** True when nobody works on the ticket any more. */
export function isOver(life: TicketLife): boolean {
  return life !== 'open' && life !== 'on_hold'
}

/** True when the ticket will not be worked on again. */
export function isEndForGood(life: TicketLife): boolean {
  return life === 'closed' || life === 'cancelled'
}

/** Why the ticket is on hold, as a person reads it; '' = it does not say. */
export function holdReasonOf({ fields }: Ticket): string {
  const reason = fields['on_hold_reason'] ?? fields['hold_reason']
  return reason === undefined ? '' : (reason.display ?? reason.value)
}

/** ServiceNow writes booleans as true and false, in some exports as 1 and 0. */
function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1'
}

function isFalse(value: string | undefined): boolean {
  return value === 'false' || value === '0'
}
