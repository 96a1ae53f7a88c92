// What the async rules on tickets do: write one outbox row. They run as the person who caused the change.
import { gs } from '@servicenow/glide'
import type { GlideRecord } from '@servicenow/glide'

import { enqueue, isWaiting } from './outbox.ts'
import { integrationUser, sendsEvents } from './settings.ts'

/** A ticket was created. */
export function onTicketCreated(current: GlideRecord): void {
  if (!concerns(current, 'created')) return
  enqueue({ type: 'ticket.created', ticket: current, actor: gs.getUserID() })
}

/** A field that matters has changed on an open ticket. */
export function onTicketUpdated(current: GlideRecord): void {
  if (!concerns(current, 'updated')) return
  const message = { type: 'ticket.updated', ticket: current, actor: gs.getUserID() } as const
  // Several saves in a row become one event: it carries the ticket as it is when it is sent.
  if (!isWaiting(message)) enqueue(message)
}

/** A ticket was closed or cancelled. */
export function onTicketClosed(current: GlideRecord): void {
  if (!concerns(current, 'closed')) return
  enqueue({ type: 'ticket.closed', ticket: current, actor: gs.getUserID() })
}

/** False when switched off, and for our own writes: a status update must never start an automation. */
function concerns(current: GlideRecord, kind: 'created' | 'updated' | 'closed'): boolean {
  return gs.getUserName() !== integrationUser() && sendsEvents(current.getTableName(), kind)
}
