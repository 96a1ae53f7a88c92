// What every route of the run page asks again on the server: has this person the role, may they read this
// ticket, and, for what changes something, may they write it and is the app on.
import { gs, GlideRecordSecure } from '@servicenow/glide'
import type { GlideRecord } from '@servicenow/glide'
import type { RESTAPIRequest } from '@servicenow/glide/sn_ws_int'

import { type Outcome, pathParameter, refusal } from './rest-reply.ts'
import { isEnabled, stateValue } from './settings.ts'
import { isTicketTable } from './ticket-tables.ts'

const agentRole = 'x_snc_ticket_auto.agent'

/** The ticket of the path, if the app is on and this agent may read it. */
export function ticketOf(request: RESTAPIRequest): Outcome<GlideRecord> {
  const ticket = readableTicket(pathParameter(request, 'table'), pathParameter(request, 'sys_id'))
  if (!ticket.ok || isEnabled()) return ticket
  return refusal(503, 'disabled', 'Ticket Automation is switched off (setting enabled).')
}

/** The ticket, if the signed-in agent may read it. */
export function readableTicket(table: string, sysId: string): Outcome<GlideRecord> {
  if (!gs.hasRole(agentRole)) {
    return refusal(403, 'not_allowed', `This needs the role ${agentRole}.`)
  }
  if (!isTicketTable(table)) {
    return refusal(
      400,
      'table_not_supported',
      `Ticket Automation works with incidents, changes and requested items, not with "${table}".`,
    )
  }
  const ticket = new GlideRecordSecure(table)
  if (!/^[0-9a-f]{32}$/.test(sysId) || !ticket.get('sys_id', sysId) || !ticket.canRead()) {
    return refusal(404, 'ticket_not_found', 'There is no such ticket, or you may not read it.')
  }
  return { ok: true, value: ticket }
}

/** The same ticket for somebody who changes something: an automation is a change of the ticket. */
export function writableTicket(found: Outcome<GlideRecord>): Outcome<GlideRecord> {
  if (!found.ok || found.value.canWrite()) return found
  const message = 'You may read this ticket, but not change it; ask somebody who may.'
  return refusal(403, 'not_allowed', message)
}

/** True when nothing may be started on the ticket any more. */
export function isOver(ticket: GlideRecord): boolean {
  const state = ticket.getValue('state') || ''
  const active = ticket.getValue('active')
  const inactive = active === '0' || active === 'false'
  const resolved = stateValue(ticket.getTableName(), 'resolved')
  return inactive || (resolved !== '' && state === resolved)
}
