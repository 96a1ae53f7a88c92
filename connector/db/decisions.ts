// Events as the decide step reads them, and the decisions it leaves behind.
import type { Decision } from '#shared/decision.ts'
import { carriableJson } from '#shared/text.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'

/** An accepted event that is still to be decided. */
export interface UndecidedEvent {
  seq: string
  source: string
  type: TicketEvent['type']
  ticket_key: string
  body: string
  issuer: string
  kid: string
  attempts: number
  received_at: Date
}

/** How an event left the decide step. */
export interface EventResult {
  seq: string
  state: 'accepted' | 'decided' | 'dead'
  attempts: number
  problem: string | null
  /** The body with secret parameter values masked, when it held any; null = leave it as it is. */
  body: string | null
}

/** The undecided events of the given tickets in the order in which they came. */
export async function undecidedEvents(
  db: Queryable,
  ticketKeys: readonly string[],
  limit: number,
): Promise<UndecidedEvent[]> {
  const result = await db.query<UndecidedEvent>(
    prepared(
      `select seq, source, type, ticket_key, body, issuer, kid, attempts, received_at from event
     where ticket_key = any($1) and state = 'accepted' order by seq limit $2`,
      [ticketKeys, limit],
    ),
  )
  return result.rows
}

/**
 * Locks events until the transaction ends and returns the numbers of those still undecided: a worker that was
 * thought lost cannot decide one a second time.
 */
export async function lockUndecided(
  db: Queryable,
  seqs: readonly string[],
): Promise<ReadonlySet<string>> {
  const result = await db.query<{ seq: string }>(
    prepared(
      `select seq from event where seq = any($1::bigint[]) and state = 'accepted' order by seq for update`,
      [seqs],
    ),
  )
  return new Set(result.rows.map(({ seq }) => seq))
}

/** Stores how events were decided. */
export async function saveEventResults(
  db: Queryable,
  results: readonly EventResult[],
): Promise<void> {
  if (results.length === 0) return
  await db.query(
    prepared(
      `update event set state = r.state, attempts = r.attempts, problem = r.problem, body = coalesce(r.body, event.body),
       decided_at = case when r.state = 'decided' then clock_timestamp() end
     from json_to_recordset($1) as r (seq bigint, state text, attempts int, problem text, body text)
     where event.seq = r.seq`,
      [carriableJson(results)],
    ),
  )
}

/** Stores receipts; they are kept for ever. */
export async function insertDecisions(
  db: Queryable,
  decisions: readonly { event_seq: string; decision: Decision }[],
): Promise<void> {
  if (decisions.length === 0) return
  const rows = decisions.map(({ event_seq, decision }) => ({
    event_seq,
    template: decision.template,
    version: decision.version,
    fits: decision.fits,
    receipt: decision,
  }))
  await db.query(
    prepared(
      `insert into decision (event_seq, template, version, fits, receipt)
     select d.event_seq, d.template, d.version, d.fits, d.receipt
     from json_to_recordset($1) as d (event_seq bigint, template text, version int, fits boolean, receipt json)
     on conflict do nothing`,
      [carriableJson(rows)],
    ),
  )
}

/** Ticket keys of events that were accepted before `before` and are still undecided. */
export async function overdueTickets(
  db: Queryable,
  before: Date,
  limit: number,
): Promise<string[]> {
  const result = await db.query<{ ticket_key: string }>(
    prepared(
      `select distinct ticket_key from event where state = 'accepted' and received_at < $1 limit $2`,
      [before, limit],
    ),
  )
  return result.rows.map((row) => row.ticket_key)
}
