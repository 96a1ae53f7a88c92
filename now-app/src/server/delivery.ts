// Sends outbox rows: claims one, sends it once, writes what became of it. A row is taken by one worker at a
// time and only while it is the first of its ticket.
import { gs, GlideRecord } from '@servicenow/glide'

import { nowMs, storedTime } from './clock.ts'
import { tellRun } from './dead-letters.ts'
import { firstOf, isSendable, outboxTable, wake } from './outbox.ts'
import type { Verdict } from './retry.ts'
import { sendRow } from './send.ts'
import { maxAttempts } from './settings.ts'

/** What stood in the way of a row. */
export type Obstacle = { until: number } | null

/** Script action of the event: sends the row whose sys_id is parm1. */
export function onOutboxEvent(event: GlideRecord): void {
  deliver(event.getValue('parm1') || '')
}

/**
 * Sends one row if it is pending, due, first of its ticket and nobody else has it. Returns when an earlier
 * row's turn comes (ms) if that is what it waits for.
 */
export function deliver(sysId: string): Obstacle {
  const row = new GlideRecord(outboxTable)
  if (!row.get('sys_id', sysId) || !isSendable(row)) return null
  const due = (row.getValue('next_attempt') || '') <= storedTime(nowMs())
  if (row.getValue('state') !== 'pending' || !due) return null
  const earlier = earlierRow(row)
  if (earlier)
    return { until: Date.parse(`${earlier.getValue('next_attempt')}Z`.replace(' ', 'T')) }
  const token = claim(sysId)
  if (token !== null) sendClaimed(sysId, token)
  return null
}

function sendClaimed(sysId: string, token: string): void {
  const row = claimedRow(sysId, token)
  if (!row) return
  const verdict = attempt(row)
  // The call may have taken longer than a claim lasts: then the row is another worker's by now.
  const claimed = claimedRow(sysId, token)
  if (!claimed) return
  settle(claimed, verdict)
  if (verdict.outcome === 'dead') tellRun(claimed, verdict.reason)
  if (verdict.outcome !== 'again') wakeNext(claimed.getValue('ticket') || '')
}

function settle(row: GlideRecord, verdict: Verdict): void {
  row.setValue('state', verdict.outcome === 'again' ? 'pending' : verdict.outcome)
  if (verdict.outcome === 'again') {
    row.setValue('next_attempt', storedTime(nowMs() + verdict.waitSeconds * 1000))
  }
  if (verdict.outcome === 'sent') {
    row.setValue('sent_at', storedTime(nowMs()))
    row.getElement('secrets').setDisplayValue('')
  } else {
    row.setValue('last_error', verdict.reason)
  }
  row.update()
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

/** The row this one waits for, or null when it is its turn. */
function earlierRow(row: GlideRecord): GlideRecord | null {
  const first = firstOf(row.getValue('ticket') || '')
  if (first && first.getUniqueValue() !== row.getUniqueValue()) return first
  if (row.getValue('event_type') !== 'run.cancel_requested') return null
  // While the app is switched off a request may be held back; its cancel must not overtake it.
  const request = new GlideRecord(outboxTable)
  request.addQuery('run', row.getValue('run'))
  request.addQuery('event_type', 'run.requested')
  request.addQuery('state', 'IN', 'pending,sending')
  request.setLimit(1)
  request.query()
  return request.next() ? request : null
}

/** Takes the row: the update hits only while it is pending, and the last claim written wins. */
function claim(sysId: string): string | null {
  const token = gs.generateGUID()
  const row = new GlideRecord(outboxTable)
  row.addQuery('sys_id', sysId)
  row.addQuery('state', 'pending')
  row.setValue('state', 'sending')
  row.setValue('claim', token)
  row.setValue('claimed_at', storedTime(nowMs()))
  row.updateMultiple()
  return claimedRow(sysId, token) ? token : null
}

/** The row while this claim on it holds. */
function claimedRow(sysId: string, token: string): GlideRecord | null {
  const row = new GlideRecord(outboxTable)
  if (!row.get('sys_id', sysId) || row.getValue('claim') !== token) return null
  return row.getValue('state') === 'sending' ? row : null
}

/** The ticket's next row need not wait any longer, whatever the sweep had put it off to. */
function wakeNext(ticket: string): void {
  const next = firstOf(ticket)
  if (!next || next.getValue('state') !== 'pending') return
  next.setValue('next_attempt', storedTime(nowMs()))
  next.update()
  wake(next)
}
