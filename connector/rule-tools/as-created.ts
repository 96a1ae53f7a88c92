// A ticket as it was when it was created, as far as its present record tells. Pure.
import type { Ticket, TicketField } from '#shared/ticket-event.ts'

import { firstStateOf } from '../itsm/ticket-fields.ts'
import { momentOf } from '../itsm/tickets.ts'

/** Fields whose value in a new ticket is known: nobody has worked on it yet. */
const values: Readonly<Record<string, (ticket: Ticket) => string>> = {
  active: () => 'true',
  state: ({ table }) => firstStateOf(table),
  incident_state: ({ table }) => firstStateOf(table),
  hold_reason: () => '',
  on_hold: () => 'false',
  closed_at: () => '',
  closed_by: () => '',
  resolved_at: () => '',
  resolved_by: () => '',
  close_code: () => '',
  close_notes: () => '',
  work_start: () => '',
  work_end: () => '',
  reopen_count: () => '0',
  sys_updated_on: ({ fields }) => fields['sys_created_on']?.value ?? '',
  sys_updated_by: ({ fields }) => fields['sys_created_by']?.value ?? '',
}

/** Names of the fields that are set back. */
export const setBack: readonly string[] = Object.keys(values)

/** The ticket with those of its fields set back that it has. */
export function asCreated(ticket: Ticket): Ticket {
  const fields: Record<string, TicketField> = { ...ticket.fields }
  for (const [name, valueIn] of Object.entries(values)) {
    const field = fields[name]
    if (field === undefined) continue
    const value = valueIn(ticket)
    // The display value belongs to the value it stood beside.
    if (value !== field.value) fields[name] = { type: field.type, value }
  }
  return { ...ticket, fields }
}

/** When it was created; null when it does not say. */
export function createdAt({ fields }: Ticket): Date | null {
  return momentOf(fields['sys_created_on']?.value ?? '')
}
