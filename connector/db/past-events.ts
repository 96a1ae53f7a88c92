// Events of the past as a repeated decision reads them: what was sent, what was decided, and which runs there were
// at that time. Reads only.
import type { Decision } from '#shared/decision.ts'
import type { Ticket, TicketEvent } from '#shared/ticket-event.ts'

import type { EarlierRun } from '../checks/check.ts'
import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'

/** A stored event. */
export interface PastEvent {
  seq: string
  source: string
  eventId: string
  type: string
  ticketKey: string
  ticketNumber: string
  body: string
  issuer: string
  kid: string
  receivedAt: Date
  state: 'accepted' | 'decided' | 'dead'
}

/** Events with this id, newest first; each instance numbers its own, so there may be several. */
export async function findPastEvents(
  db: Queryable,
  eventId: string,
  source: string | null,
): Promise<PastEvent[]> {
  const result = await db.query<PastEvent>(
    prepared(
      `select seq, source, event_id as "eventId", type, ticket_key as "ticketKey",
       ticket_number as "ticketNumber", body, issuer, kid, received_at as "receivedAt", state
     from event where event_id = $1 and ($2::text is null or source = $2) order by seq desc`,
      [eventId, source],
    ),
  )
  return result.rows
}

/** The order as the event of its creation showed it, or null when that event did not come. */
export async function orderAsCreated(db: Queryable, ticketKey: string): Promise<Ticket | null> {
  const result = await db.query<{ body: string }>(
    prepared(
      `select body from event
     where ticket_key = $1 and type = 'ticket.created' and ticket_key like '%|sc_req_item|%' limit 1`,
      [ticketKey],
    ),
  )
  const body = result.rows[0]?.body
  // Validated when it was received; the column holds nothing else.
  return body === undefined ? null : (JSON.parse(body) as TicketEvent).data.ticket
}

/** The receipts of an event, and the templates of which it started or refused runs. */
export async function pastDecisions(
  db: Queryable,
  seq: string,
): Promise<{ receipts: Decision[]; started: string[] }> {
  const receipts = await db.query<{ receipt: Decision }>(
    prepared('select receipt from decision where event_seq = $1 order by template', [seq]),
  )
  const runs = await db.query<{ template: string }>(
    prepared(
      `select distinct run.template from run join step on step.instance = run.instance and step.run_id = run.id
     where run.event_seq = $1 order by run.template`,
      [seq],
    ),
  )
  return {
    receipts: receipts.rows.map(({ receipt }) => receipt),
    started: runs.rows.map(({ template }) => template),
  }
}

/** Runs the ticket had when the event came; one that was open then shows as running, whatever became of it. */
export async function runsBefore(
  db: Queryable,
  event: Pick<PastEvent, 'ticketKey' | 'receivedAt' | 'seq'>,
): Promise<EarlierRun[]> {
  const result = await db.query<EarlierRun>(
    prepared(
      `select id, template, trigger,
       case when finished_at is null or finished_at > $2 then 'running' else state end as state
     from run where ticket_key = $1 and event_seq < $3 order by created_at`,
      [event.ticketKey, event.receivedAt, event.seq],
    ),
  )
  return result.rows
}
