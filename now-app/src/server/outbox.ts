// The outbox: one row for every message to the connector, written before anything is sent. Rows of one
// ticket go out in order, each at least once; the connector drops repeats by the event id. Sending is
// server/delivery.ts.
import { gs, GlideRecord } from '@servicenow/glide'

import type { ParameterValues } from '../../../shared/ticket-event.ts'
import type { eventTypes } from '../../../shared/vocabulary.ts'
import type { CancelRequest, RunRequest } from './build-event.ts'
import { nowMs, storedTime } from './clock.ts'
import { isEnabled } from './settings.ts'

export const outboxTable = 'x_snc_ticket_auto_outbox'
const eventName = 'x_snc_ticket_auto.outbox'
const queueName = 'x_snc_ticket_auto.outbox_queue'

type EventType = (typeof eventTypes)[number]

/** What goes out while the app is switched off: it ends things and starts none. */
const endingTypes: readonly EventType[] = ['run.cancel_requested', 'ticket.closed']

/** What a new row holds: facts a sending job could not find out any more. */
export interface Message {
  type: EventType
  ticket: GlideRecord
  /** sys_id of the user who caused it. */
  actor: string
  run?: { sysId: string; request: RunRequest | CancelRequest; secrets: ParameterValues }
}

/** Writes a row and wakes the sender. Returns false when the row could not be written. */
export function enqueue(message: Message): boolean {
  const now = nowMs()
  const row = new GlideRecord(outboxTable)
  row.initialize()
  row.setValue('event_id', gs.generateGUID())
  row.setValue('event_type', message.type)
  row.setValue('ticket_table', message.ticket.getTableName())
  row.setValue('ticket', message.ticket.getUniqueValue())
  row.setValue('ticket_number', message.ticket.getValue('number'))
  row.setValue('actor', message.actor)
  row.setValue('position', String(Math.max(now, lastPosition(message.ticket) + 1)))
  row.setValue('state', 'pending')
  row.setValue('attempts', 0)
  row.setValue('next_attempt', storedTime(now))
  if (message.run) {
    const { sysId, request, secrets } = message.run
    // The names stay readable: a value that is lost must stop the run, not leave it without a parameter.
    const secretNames = Object.keys(secrets)
    row.setValue('run', sysId)
    row.setValue('run_request', JSON.stringify({ ...request, secret_names: secretNames }))
    if (secretNames.length > 0) row.getElement('secrets').setDisplayValue(JSON.stringify(secrets))
  }
  const sysId = row.insert()
  if (!sysId) return false
  wake(row)
  return true
}

/** Position of the ticket's newest row, 0 when it has none: two messages of one millisecond keep their order. */
function lastPosition(ticket: GlideRecord): number {
  const row = new GlideRecord(outboxTable)
  row.addQuery('ticket', ticket.getUniqueValue())
  row.orderByDesc('position')
  row.setLimit(1)
  row.query()
  return row.next() ? Number(row.getValue('position')) : 0
}

/**
 * True when such an event of the ticket waits already; it will carry the ticket as it is when sent. A row
 * that was ever claimed does not count: its event may be at the connector, which drops the id's repeat.
 */
export function isWaiting(message: Message): boolean {
  const row = new GlideRecord(outboxTable)
  row.addQuery('ticket', message.ticket.getUniqueValue())
  row.addQuery('event_type', message.type)
  row.addQuery('actor', message.actor)
  row.addQuery('state', 'pending')
  row.addQuery('attempts', 0)
  row.addNullQuery('claimed_at')
  row.setLimit(1)
  row.query()
  return row.hasNext()
}

/** The ticket's earliest row that waits or is being sent, or null. */
export function firstOf(ticket: string): GlideRecord | null {
  const row = new GlideRecord(outboxTable)
  row.addQuery('ticket', ticket)
  row.addQuery('state', 'IN', 'pending,sending')
  onlySendable(row)
  row.orderBy('position')
  row.orderBy('event_id')
  row.setLimit(1)
  row.query()
  return row.next() ? row : null
}

/** Narrows a query of rows to those that may go out now. */
export function onlySendable(rows: GlideRecord): void {
  if (!isEnabled()) rows.addQuery('event_type', 'IN', endingTypes.join(','))
}

/** False while the app is switched off, except for what ends things. */
export function isSendable(row: GlideRecord): boolean {
  return isEnabled() || endingTypes.some((type) => type === row.getValue('event_type'))
}

/** Asks for the row to be sent at once. */
export function wake(row: GlideRecord): void {
  gs.eventQueue(eventName, row, row.getUniqueValue(), row.getValue('event_id'), queueName)
}
