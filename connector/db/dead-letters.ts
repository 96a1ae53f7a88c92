// Dead letters: events and status updates that ran out of retries, as a person lists them and sends them on
// their way again.
import type { StatusUpdate, TicketChange } from '#shared/status-update.ts'

import { appendAudit } from './audit.ts'
import { storeFollowUp } from './follow-up.ts'
import { inTransaction } from './pool.ts'
import type { Pool, Queryable } from './pool.ts'
import type { Queue } from './queue.ts'

/** One dead letter. */
export interface DeadLetter {
  kind: 'event' | 'status update'
  /** The event's id, or the id of the update's run: what redriveDeadLetters takes. */
  id: string
  /** Number of the update within its run; null for an event. */
  sequence: number | null
  ticket: string
  /** When it was received or written. */
  since: Date
  problem: string
}

/** Which dead letters: all, or those of an event id and of a run id. */
export type DeadLetterChoice = 'all' | { event?: string; run?: string }

/** All dead letters, oldest first. */
export async function listDeadLetters(db: Queryable): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `select 'event' as kind, event_id as id, null::int as sequence, ticket_number as ticket, received_at as since,
       coalesce(problem, '') as problem
     from event where state = 'dead'
     union all
     select 'status update', u.run_id, u.sequence, run.ticket_number, u.created_at, coalesce(u.problem, '')
     from status_update u join run on run.instance = u.instance and run.id = u.run_id
     where u.state = 'dead'
     order by since, id, sequence`,
  )
  return rows
}

/**
 * Makes dead letters wait again, as if they were new, and wakes their workers up. Returns how many there were.
 * `origin` says for the audit who asked. Throws ConnectorError `database_unavailable`; then nothing was changed.
 */
export async function redriveDeadLetters(
  pool: Pool,
  queue: Queue,
  { choice, origin }: { choice: DeadLetterChoice; origin: string },
): Promise<{ events: number; updates: number }> {
  return inTransaction(pool, async (client) => {
    const tickets = await reviveEvents(client, choice)
    const overtaken = await tellOvertaken(client, choice)
    const runs = [...overtaken, ...(await reviveUpdates(client, choice))]
    await queue.send(client, 'decide', wakeupsOf(tickets))
    await queue.send(client, 'report', wakeupsOf(runs))
    const detail = { events: tickets.length, updates: runs.length }
    const subject = subjectOf(choice)
    await appendAudit(client, [
      { actor: 'admin', origin, action: 'dead_letter.redriven', subject, detail },
    ])
    return { events: tickets.length, updates: runs.length }
  })
}

function subjectOf(choice: DeadLetterChoice): string {
  if (choice === 'all') return 'dead_letters/all'
  const { event, run } = choice
  return [event === undefined ? [] : `event/${event}`, run === undefined ? [] : `run/${run}`]
    .flat()
    .join(' ')
}

/** Returns the ticket key of each event. */
async function reviveEvents(db: Queryable, choice: DeadLetterChoice): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `update event set state = 'accepted', attempts = 0, problem = null
     where state = 'dead' and ($1 or event_id = $2) returning ticket_key as key`,
    [choice === 'all', choice === 'all' ? null : (choice.event ?? null)],
  )
  return rows.map(({ key }) => key)
}

/**
 * Dead updates that a later one of their run has overtaken: the instance would ignore them for their number. What
 * they had to tell comes as a follow-up. Returns the run key of each.
 */
async function tellOvertaken(db: Queryable, choice: DeadLetterChoice): Promise<string[]> {
  const { rows } = await db.query<{ instance: string; run_id: string; body: string }>(
    `with overtaken as materialized (
       select u.instance, u.run_id, u.sequence, u.body from status_update u
       where u.state = 'dead' and ($1 or u.run_id = $2) and exists (
         select from status_update later
         where later.instance = u.instance and later.run_id = u.run_id and later.sequence > u.sequence
           and later.state in ('pending', 'acknowledged'))
       for update of u
     ), closed as (
       update status_update u set state = 'superseded', body = '' from overtaken o
       where u.instance = o.instance and u.run_id = o.run_id and u.sequence = o.sequence
     )
     select instance, run_id, body from overtaken order by instance, run_id, sequence`,
    [choice === 'all', choice === 'all' ? null : (choice.run ?? null)],
  )
  for (const { instance, run_id: id, body } of rows) {
    // Written by ourselves through the same type.
    const { state, ticket_change: change } = JSON.parse(body) as StatusUpdate
    if (change === null) continue
    await storeFollowUp(db, { instance, id }, (newest) =>
      newest.state === state ? change : stillTrue(change),
    )
  }
  return rows.map(({ instance, run_id }) => `${instance}/${run_id}`)
}

/** Of a change that an older state of the run asked for: what is told and opened, but no state of the ticket. */
function stillTrue({ work_note, problem }: TicketChange): TicketChange | null {
  if (work_note === undefined && problem === undefined) return null
  return {
    ...(work_note === undefined ? {} : { work_note }),
    ...(problem === undefined ? {} : { problem }),
  }
}

/** Returns the run key of each update. Their age counts anew: two more days until they are dead again. */
async function reviveUpdates(db: Queryable, choice: DeadLetterChoice): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `update status_update set state = 'pending', problem = null, created_at = clock_timestamp()
     where state = 'dead' and ($1 or run_id = $2) returning instance || '/' || run_id as key`,
    [choice === 'all', choice === 'all' ? null : (choice.run ?? null)],
  )
  return rows.map(({ key }) => key)
}

function wakeupsOf(keys: readonly string[]): { key: string; data: object }[] {
  return [...new Set(keys)].map((key) => ({ key, data: {} }))
}
