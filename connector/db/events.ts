// Accepting events: a group of verified events becomes rows and wake-ups in one transaction.
import type { PoolClient } from 'pg'

import { inTransaction, prepared } from './pool.ts'
import type { Pool, Queryable } from './pool.ts'
import type { Queue } from './queue.ts'

/** A verified, parsed event on its way into the store. */
export interface IncomingEvent {
  source: string
  eventId: string
  type: string
  /** `source|table|sys_id` */
  ticketKey: string
  ticketNumber: string
  /** The body as signed. */
  body: string
  signature: SignatureUse
}

/** One use of a signature. */
export interface SignatureUse {
  issuer: string
  kid: string
  jti: string
  /** After this nobody would accept the token any more. */
  expiresAt: Date
}

/** What became of an event. `replayed` = its signature was used before; nothing was stored. */
export type AcceptOutcome = 'accepted' | 'duplicate' | 'replayed'

/** The ticket an event is about, as a key: its events are decided in order. */
export function ticketKeyOf(source: string, ticket: { table: string; sys_id: string }): string {
  return `${source}|${ticket.table}|${ticket.sys_id}`
}

/**
 * Stores a group of events in one transaction and wakes the deciders of their tickets. The outcome is
 * per event, in order. Throws ConnectorError `database_unavailable`; then nothing is known to be
 * stored and the sender tries again. Call `queue.kick('decide')` afterwards.
 */
export async function acceptEvents(
  pool: Pool,
  queue: Queue,
  events: readonly IncomingEvent[],
): Promise<AcceptOutcome[]> {
  return inTransaction(pool, async (client) => {
    const { used, stored } = await insertEvents(client, events)
    // The first of its kind in the group is the one that was stored; what follows is a repeat.
    const outcomes = events.map((event): AcceptOutcome => {
      if (!used.delete(signatureKey(event.signature))) return 'replayed'
      return stored.delete(eventKey(event)) ? 'accepted' : 'duplicate'
    })
    const accepted = events.filter((_event, index) => outcomes[index] === 'accepted')
    const woken = new Set(accepted.map((event) => event.ticketKey))
    await queue.send(
      client,
      'decide',
      [...woken].map((key) => ({ key, data: {} })),
    )
    return outcomes
  })
}

function eventKey(event: { source: string; eventId: string }): string {
  return `${event.source}\n${event.eventId}`
}

function signatureKey(use: { issuer: string; jti: string }): string {
  return `${use.issuer}\n${use.jti}`
}

/**
 * One statement, because each further one costs the whole group a round trip:
 * - used: signatures seen for the first time, sorted so that two transactions with the same ones wait
 *   for each other instead of deadlocking;
 * - locked: one lock per ticket until the commit, so that `seq` grows per ticket in the order of the
 *   commits over all replicas; without it a decider could see event 8 of a ticket before event 7;
 * - stored: events of fresh signatures, in the order of the group. The count makes it wait for the locks.
 */
const insertEventsText = `
  with incoming as materialized (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
      $7::text[], $8::text[], $9::text[], $10::timestamptz[]) with ordinality as t (source, event_id,
      type, ticket_key, ticket_number, body, issuer, kid, jti, expires_at, position)
  ), used as (
    insert into signature_use (issuer, jti, expires_at)
    select issuer, jti, max(expires_at) from incoming group by issuer, jti order by issuer, jti
    on conflict do nothing
    returning issuer, jti
  ), locked as materialized (
    select pg_advisory_xact_lock(lock) from (
      select distinct hashtextextended(ticket_key, 0) as lock from incoming order by 1 offset 0) locks
  ), stored as (
    insert into event (source, event_id, type, ticket_key, ticket_number, body, issuer, kid)
    select source, event_id, type, ticket_key, ticket_number, body, issuer, kid
    from incoming join used using (issuer, jti)
    where (select count(*) from locked) > 0
    order by position
    on conflict do nothing
    returning source, event_id
  )
  select true as is_signature, issuer as owner, jti as id from used
  union all
  select false, source, event_id from stored`

async function insertEvents(
  client: PoolClient,
  events: readonly IncomingEvent[],
): Promise<{ used: Set<string>; stored: Set<string> }> {
  const { rows } = await client.query<{ is_signature: boolean; owner: string; id: string }>({
    name: 'insert-events',
    text: insertEventsText,
    values: [
      events.map((event) => event.source),
      events.map((event) => event.eventId),
      events.map((event) => event.type),
      events.map((event) => event.ticketKey),
      events.map((event) => event.ticketNumber),
      events.map((event) => event.body),
      events.map(({ signature }) => signature.issuer),
      events.map(({ signature }) => signature.kid),
      events.map(({ signature }) => signature.jti),
      events.map(({ signature }) => signature.expiresAt.toISOString()),
    ],
  })
  const used = rows.filter((row) => row.is_signature)
  const stored = rows.filter((row) => !row.is_signature)
  return {
    used: new Set(used.map((row) => signatureKey({ issuer: row.owner, jti: row.id }))),
    stored: new Set(stored.map((row) => eventKey({ source: row.owner, eventId: row.id }))),
  }
}

/** The stored body of an event; secret values of its parameters are masked once it was decided. */
export async function loadEventBody(db: Queryable, seq: string): Promise<string> {
  const { rows } = await db.query<{ body: string }>(
    prepared('select body from event where seq = $1', [seq]),
  )
  const body = rows[0]?.body
  if (body === undefined) throw new TypeError(`event ${seq} is not stored`)
  return body
}

/** Marks one signature as used. False when it was used before. Throws what the database throws. */
export async function useSignature(db: Queryable, use: SignatureUse): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into signature_use (issuer, jti, expires_at) values ($1, $2, $3) on conflict do nothing`,
    [use.issuer, use.jti, use.expiresAt],
  )
  return rowCount === 1
}

/** Forgets signatures that have expired; their tokens are refused for their age by now. */
export async function deleteExpiredSignatures(pool: Pool, now: Date): Promise<number> {
  const { rowCount } = await pool.query('delete from signature_use where expires_at < $1', [now])
  return rowCount ?? 0
}
