// The outbox: rows in, rows claimed, rows sent or given up. Rows of one ticket go out in order; every row
// goes out at least once, and the connector drops repeats by the event id.
import { gs, GlideRecord } from '@servicenow/glide'

import type { ParameterValues } from '../../../shared/ticket-event.ts'
import type { eventTypes } from '../../../shared/vocabulary.ts'
import type { CancelRequest, RunRequest } from './build-event.ts'
import { nowMs, storedTime } from './clock.ts'
import type { Verdict } from './retry.ts'
import { failRun } from './run-record.ts'
import { sendRow } from './send.ts'
import { isEnabled, maxAttempts, retentionDays } from './settings.ts'
import { writeWorkNote } from './work-note.ts'

const table = 'x_snc_ticket_auto_outbox'
const eventName = 'x_snc_ticket_auto.outbox'
const queueName = 'x_snc_ticket_auto.outbox_queue'
const adminRole = 'x_snc_ticket_auto.admin'

/** Rows a sweep takes at most, and the time after which it stops: jobs must stay short (quota rules). */
const sweepRows = 50
const sweepMs = 20_000

/** A row in sending for longer belongs to a worker that is gone. */
const staleClaimMs = 5 * 60_000

const dayMs = 24 * 60 * 60_000

/** What a new row holds: facts a sending job could not find out any more. */
export interface Message {
  type: (typeof eventTypes)[number]
  ticket: GlideRecord
  /** sys_id of the user who caused it. */
  actor: string
  run?: { sysId: string; request: RunRequest | CancelRequest; secrets: ParameterValues }
}

/** Writes a row and wakes the sender. Returns false when the row could not be written. */
export function enqueue(message: Message): boolean {
  const now = nowMs()
  const row = new GlideRecord(table)
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
    row.setValue('run', message.run.sysId)
    row.setValue('run_request', JSON.stringify(message.run.request))
    if (Object.keys(message.run.secrets).length > 0) {
      row.getElement('secrets').setDisplayValue(JSON.stringify(message.run.secrets))
    }
  }
  const sysId = row.insert()
  if (!sysId) return false
  wake(row)
  return true
}

/** Position of the ticket's newest row, 0 when it has none: two messages of one millisecond keep their order. */
function lastPosition(ticket: GlideRecord): number {
  const row = new GlideRecord(table)
  row.addQuery('ticket', ticket.getUniqueValue())
  row.orderByDesc('position')
  row.setLimit(1)
  row.query()
  return row.next() ? Number(row.getValue('position')) : 0
}

/** True when such an event of the ticket waits already; it will carry the ticket as it is when sent. */
export function isWaiting(message: Message): boolean {
  const row = new GlideRecord(table)
  row.addQuery('ticket', message.ticket.getUniqueValue())
  row.addQuery('event_type', message.type)
  row.addQuery('actor', message.actor)
  row.addQuery('state', 'pending')
  row.setLimit(1)
  row.query()
  return row.hasNext()
}

/** Script action of the event: sends the row whose sys_id is parm1. */
export function onOutboxEvent(event: GlideRecord): void {
  deliver(event.getValue('parm1') || '')
}

/** Every minute: frees rows of lost workers and sends what is due (heals lost events as well). */
export function sweepOutbox(): void {
  const started = nowMs()
  freeStaleClaims(started)
  const due = new GlideRecord(table)
  due.addQuery('state', 'pending')
  due.addQuery('next_attempt', '<=', storedTime(started))
  due.orderBy('position')
  due.setLimit(sweepRows)
  due.query()
  while (due.next() && nowMs() - started < sweepMs) deliver(due.getUniqueValue())
}

/** Every night: old sent rows go (their story is on the run); old dead letters lose their secrets. */
export function deleteOldRows(): void {
  const limit = storedTime(nowMs() - retentionDays() * dayMs)
  const sent = new GlideRecord(table)
  sent.addQuery('state', 'sent')
  sent.addQuery('sent_at', '<', limit)
  sent.deleteMultiple()
  const dead = new GlideRecord(table)
  dead.addQuery('state', 'dead')
  dead.addQuery('claimed_at', '<', limit)
  // updateMultiple leaves '' alone; this word is the platform's way to empty a field.
  dead.setValue('secrets', 'NULL')
  dead.updateMultiple()
}

/** UI action on a dead letter: back into the outbox with its attempts forgotten. */
export function retryDeadLetter(current: GlideRecord): void {
  if (!gs.hasRole(adminRole) || current.getValue('state') !== 'dead') {
    gs.addErrorMessage('Only an admin of Ticket Automation can send a dead letter again.')
    return
  }
  current.setValue('state', 'pending')
  current.setValue('attempts', 0)
  current.setValue('next_attempt', storedTime(nowMs()))
  current.update()
  wake(current)
  gs.addInfoMessage('The message is on its way again.')
}

/** Sends one row if it is pending, due, first of its ticket and nobody else has it. */
function deliver(sysId: string): void {
  const row = new GlideRecord(table)
  if (!isEnabled() || !row.get('sys_id', sysId)) return
  const due = (row.getValue('next_attempt') || '') <= storedTime(nowMs())
  if (row.getValue('state') !== 'pending' || !due || !isFirst(row) || !claim(sysId)) return

  const claimed = new GlideRecord(table)
  if (!claimed.get('sys_id', sysId)) return
  const verdict = attempt(claimed)
  const ticket = claimed.getValue('ticket') || ''
  if (verdict.outcome === 'again') {
    claimed.setValue('state', 'pending')
    claimed.setValue('next_attempt', storedTime(nowMs() + verdict.waitSeconds * 1000))
    claimed.setValue('last_error', verdict.reason)
    claimed.update()
    return
  }
  claimed.setValue('state', verdict.outcome)
  if (verdict.outcome === 'sent') {
    claimed.setValue('sent_at', storedTime(nowMs()))
    claimed.setValue('secrets', '')
  }
  if (verdict.outcome === 'dead') claimed.setValue('last_error', verdict.reason)
  claimed.update()
  if (verdict.outcome === 'dead') tellRun(claimed, verdict.reason)
  wakeNext(ticket)
}

/** One more attempt, counted before it is made: a row that takes its worker along is given up as well. */
function attempt(row: GlideRecord): Verdict {
  const attempts = Number(row.getValue('attempts')) + 1
  if (attempts > maxAttempts()) {
    const reason = `Given up after ${attempts - 1} attempts. The last one never ended.`
    return { outcome: 'dead', reason }
  }
  row.setValue('attempts', attempts)
  row.update()
  return sendRow(row, attempts)
}

/** True when no earlier row of the same ticket waits or is being sent. */
function isFirst(row: GlideRecord): boolean {
  const first = firstOf(row.getValue('ticket') || '')
  return first !== null && first.getUniqueValue() === row.getUniqueValue()
}

function firstOf(ticket: string): GlideRecord | null {
  const row = new GlideRecord(table)
  row.addQuery('ticket', ticket)
  row.addQuery('state', 'IN', 'pending,sending')
  row.orderBy('position')
  row.orderBy('event_id')
  row.setLimit(1)
  row.query()
  return row.next() ? row : null
}

/** Takes the row: the update hits only while it is pending, and the last claim written wins. */
function claim(sysId: string): boolean {
  const token = gs.generateGUID()
  const row = new GlideRecord(table)
  row.addQuery('sys_id', sysId)
  row.addQuery('state', 'pending')
  row.setValue('state', 'sending')
  row.setValue('claim', token)
  row.setValue('claimed_at', storedTime(nowMs()))
  row.updateMultiple()
  const check = new GlideRecord(table)
  return check.get('sys_id', sysId) && check.getValue('claim') === token
}

function freeStaleClaims(now: number): void {
  const stale = new GlideRecord(table)
  stale.addQuery('state', 'sending')
  stale.addQuery('claimed_at', '<', storedTime(now - staleClaimMs))
  stale.setValue('state', 'pending')
  stale.setValue('next_attempt', storedTime(now))
  stale.updateMultiple()
}

/** A request that was given up ends its run; a cancel request that was given up says so on it. */
function tellRun(row: GlideRecord, reason: string): void {
  gs.error('Ticket Automation: event {0} is a dead letter: {1}', row.getValue('event_id'), reason)
  const runId = row.getValue('run')
  if (!runId || row.getValue('event_type') !== 'run.requested') return
  const message = `The automation was not started: the connector did not take the request. ${reason}`
  const run = failRun(runId, message)
  if (run) writeWorkNote(row.getValue('ticket_table'), row.getValue('ticket'), message)
}

function wakeNext(ticket: string): void {
  const next = firstOf(ticket)
  if (next && next.getValue('state') === 'pending') wake(next)
}

function wake(row: GlideRecord): void {
  gs.eventQueue(eventName, row, row.getUniqueValue(), row.getValue('event_id'), queueName)
}
