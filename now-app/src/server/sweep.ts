// What runs by the clock: every minute the rows that are due and what was left behind, every night what is
// old.
import { GlideRecord } from '@servicenow/glide'

import { nowMs, storedTime } from './clock.ts'
import { deliver } from './delivery.ts'
import { onlySendable, outboxTable } from './outbox.ts'
import { failRun, runTable } from './run-record.ts'
import { retentionDays } from './settings.ts'
import { writeWorkNote } from './work-note.ts'

/** Rows looked at in one query, and the time after which a sweep stops: jobs must stay short (quota rules). */
const pageRows = 50
const sweepMs = 20_000

/** A row in sending for longer belongs to a worker that is gone. */
const staleClaimMs = 5 * 60_000

/** A follower is looked at again after this at the earliest; the row before it wakes it sooner. */
const followerWaitMs = 60_000

/** Run and outbox row are written in one request: a run alone for so long lost its request. */
const lostRunMs = 10 * 60_000
const lostRuns = 200

const dayMs = 24 * 60 * 60_000

/** Every minute: frees rows of lost workers, sends what is due and ends runs whose request was lost. */
export function sweepOutbox(): void {
  const started = nowMs()
  freeStaleClaims(started)
  failLostRuns(started)
  const seen: Record<string, true> = {}
  let more = true
  while (more) more = sweepPage(started, seen)
}

/** One page of due rows. False when there is nothing new or no time left. */
function sweepPage(started: number, seen: Record<string, true>): boolean {
  const due = new GlideRecord(outboxTable)
  due.addQuery('state', 'pending')
  due.addQuery('next_attempt', '<=', storedTime(started))
  onlySendable(due)
  due.orderBy('position')
  due.setLimit(pageRows)
  due.query()
  let found = false
  while (due.next()) {
    if (nowMs() - started >= sweepMs) return false
    const sysId = due.getUniqueValue()
    if (seen[sysId]) continue
    seen[sysId] = true
    found = true
    const obstacle = deliver(sysId)
    // Put off, so that the followers of a few tickets never fill the pages of every sweep.
    if (obstacle) putOff(sysId, Math.max(obstacle.until || 0, nowMs() + followerWaitMs))
  }
  return found
}

function putOff(sysId: string, until: number): void {
  const row = new GlideRecord(outboxTable)
  row.addQuery('sys_id', sysId)
  row.addQuery('state', 'pending')
  row.setValue('next_attempt', storedTime(until))
  row.updateMultiple()
}

function freeStaleClaims(now: number): void {
  const stale = new GlideRecord(outboxTable)
  stale.addQuery('state', 'sending')
  stale.addQuery('claimed_at', '<', storedTime(now - staleClaimMs))
  stale.setValue('state', 'pending')
  stale.setValue('next_attempt', storedTime(now))
  stale.updateMultiple()
}

/** The request that wrote the run died before its outbox row: nothing was sent, and nothing will be. */
function failLostRuns(now: number): void {
  const runs = new GlideRecord(runTable)
  runs.addQuery('state', 'requested')
  runs.addQuery('trigger', 'manual')
  runs.addQuery('sequence', 0)
  runs.addQuery('sys_created_on', '<', storedTime(now - lostRunMs))
  runs.orderByDesc('sys_created_on')
  runs.setLimit(lostRuns)
  runs.query()
  const ids: string[] = []
  while (runs.next()) ids.push(runs.getUniqueValue())
  if (ids.length === 0) return

  const rows = new GlideRecord(outboxTable)
  rows.addQuery('run', 'IN', ids.join(','))
  rows.query()
  const sent: Record<string, true> = {}
  while (rows.next()) sent[rows.getValue('run') || ''] = true
  for (const id of ids.filter((candidate) => !sent[candidate])) failLostRun(id)
}

function failLostRun(sysId: string): void {
  const message =
    'The automation was not started: its request was lost inside ServiceNow. Nothing ran; run it again.'
  const run = failRun(sysId, message)
  if (run) writeWorkNote(run.getValue('ticket_table') || '', run.getValue('ticket') || '', message)
}

/** Every night: old sent rows go (their story is on the run); old dead letters lose their secrets. */
export function deleteOldRows(): void {
  const limit = storedTime(nowMs() - retentionDays() * dayMs)
  const sent = new GlideRecord(outboxTable)
  sent.addQuery('state', 'sent')
  sent.addQuery('sent_at', '<', limit)
  sent.deleteMultiple()
  const dead = new GlideRecord(outboxTable)
  dead.addQuery('state', 'dead')
  dead.addQuery('claimed_at', '<', limit)
  dead.addNotNullQuery('secrets')
  dead.query()
  while (dead.next()) {
    // password2 takes its values by setDisplayValue alone.
    dead.getElement('secrets').setDisplayValue('')
    dead.update()
  }
}
