// Builds the event of an outbox row: the ticket as it is now, with the actor and the request of then.
import { GlideRecord } from '@servicenow/glide'

import type { ParameterValues, TicketEvent } from '../../../shared/ticket-event.ts'
import type { eventTypes } from '../../../shared/vocabulary.ts'
import { isoTime } from './clock.ts'
import { actorById } from './person.ts'
import { instanceUrl } from './settings.ts'
import { isObject, parseJson } from './text.ts'
import { buildPeople, buildTicket } from './ticket.ts'

/** What an outbox row keeps of a run request. */
export interface RunRequest {
  id: string
  template: string
  version: number
  /** Without the secret ones; these are in the row's encrypted field. */
  parameters: ParameterValues
}

/** What an outbox row keeps of a cancel request. */
export interface CancelRequest {
  id: string
  reason: string
}

/** The event of the row, or the reason why it can never be built. */
export function buildEvent(
  row: GlideRecord,
): { ok: true; event: TicketEvent } | { ok: false; reason: string } {
  const table = row.getValue('ticket_table') || ''
  const ticket = new GlideRecord(table)
  if (!ticket.isValid() || !ticket.get('sys_id', row.getValue('ticket') || '')) {
    return { ok: false, reason: `The ticket ${row.getValue('ticket_number')} no longer exists.` }
  }
  const envelope = {
    specversion: '1.0',
    id: row.getValue('event_id') || '',
    source: instanceUrl(),
    subject: `${table}/${ticket.getValue('number')}`,
    time: isoTime(Number(row.getValue('position'))),
    datacontenttype: 'application/json',
  } as const
  const data = {
    ticket: buildTicket(ticket),
    actor: actorById(row.getValue('actor') || ''),
    people: buildPeople(ticket),
  }
  // The column's choices are the contract's event types; nothing else is ever written there.
  const type = row.getValue('event_type') as (typeof eventTypes)[number]
  if (type === 'run.requested') {
    return { ok: true, event: { ...envelope, type, data: { ...data, run: runRequest(row) } } }
  }
  if (type === 'run.cancel_requested') {
    return { ok: true, event: { ...envelope, type, data: { ...data, run: cancelRequest(row) } } }
  }
  return { ok: true, event: { ...envelope, type, data } }
}

function runRequest(row: GlideRecord): RunRequest {
  // Written by server/outbox.ts from the same type.
  const request = JSON.parse(row.getValue('run_request') || '{}') as RunRequest
  const secrets = parseJson(row.getElement('secrets').getDecryptedValue() || '{}')
  const values = isObject(secrets) ? (secrets as ParameterValues) : {}
  return { ...request, parameters: { ...request.parameters, ...values } }
}

function cancelRequest(row: GlideRecord): CancelRequest {
  return JSON.parse(row.getValue('run_request') || '{}') as CancelRequest
}
