// Builds the event of an outbox row: the ticket as it is now, with the actor and the request of then.
import { GlideRecord } from '@servicenow/glide'

import type { ParameterValues, TicketEvent } from '../../../shared/ticket-event.ts'
import type { eventTypes } from '../../../shared/vocabulary.ts'
import { isoTime, nowMs } from './clock.ts'
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

/** How long an event waits for the rest of its order to be stored. */
const orderLimitMs = 60_000

/** An event, or the reason why it cannot be built: never, or (`later`) not yet. */
type BuiltEvent = { ok: true; event: TicketEvent } | { ok: false; later: boolean; reason: string }

/** The event of the row. */
export function buildEvent(row: GlideRecord): BuiltEvent {
  const table = row.getValue('ticket_table') || ''
  const ticket = new GlideRecord(table)
  if (!ticket.isValid() || !ticket.get('sys_id', row.getValue('ticket') || '')) {
    return never(`The ticket ${row.getValue('ticket_number')} no longer exists.`)
  }
  if (isBeingStored(row, ticket)) {
    return { ok: false, later: true, reason: 'The order is still being stored.' }
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
  const missing = missingSecrets(row)
  if (missing.length > 0) {
    const names = missing.join(', ')
    const reason = `The secret parameters (${names}) are gone or cannot be decrypted; run the automation again.`
    return never(reason)
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

function never(reason: string): BuiltEvent {
  return { ok: false, later: false, reason }
}

/**
 * A checkout stores the answers first, then the item, its request last (request-management-architecture): an
 * item alone is an order that is not whole yet. One whose request never comes goes out as it is.
 */
function isBeingStored(row: GlideRecord, ticket: GlideRecord): boolean {
  if (ticket.getTableName() !== 'sc_req_item') return false
  const request = ticket.getValue('request') || ''
  if (request === '' || nowMs() - Number(row.getValue('position')) >= orderLimitMs) return false
  return !new GlideRecord('sc_request').get('sys_id', request)
}

/** Names of the row's secret parameters whose values are not there any more. */
export function missingSecrets(row: GlideRecord): string[] {
  const values = secretsOf(row)
  return storedRequest(row).secret_names.filter((name) => values[name] === undefined)
}

function runRequest(row: GlideRecord): RunRequest {
  const { secret_names: _names, ...request } = storedRequest(row)
  // Written by server/runs.ts from the same type.
  const { parameters, ...run } = request as RunRequest
  return { ...run, parameters: { ...parameters, ...secretsOf(row) } }
}

function cancelRequest(row: GlideRecord): CancelRequest {
  const { secret_names: _names, ...request } = storedRequest(row)
  return request as CancelRequest
}

/** The request as server/outbox.ts stored it; other events have none. */
function storedRequest(row: GlideRecord): (RunRequest | CancelRequest | object) & {
  secret_names: string[]
} {
  const stored = JSON.parse(row.getValue('run_request') || '{}') as { secret_names?: string[] }
  return { ...stored, secret_names: stored.secret_names ?? [] }
}

function secretsOf(row: GlideRecord): ParameterValues {
  const secrets = parseJson(row.getElement('secrets').getDecryptedValue() || '{}')
  return isObject(secrets) ? (secrets as ParameterValues) : {}
}
