// Accepting events: a group of verified events becomes rows and wake-ups in one transaction.
import type { PoolClient } from 'pg'

import { inTransaction } from './pool.ts'
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
    const fresh = await useSignatures(
      client,
      events.map((event) => event.signature),
    )
    // A replayed signature is refused whatever it signs. Of one event twice in the group the first counts.
    const candidates = new Map<string, IncomingEvent>()
    events.forEach((event, index) => {
      const key = eventKey(event)
      if (fresh[index] === true && !candidates.has(key)) candidates.set(key, event)
    })
    const stored = await insertEvents(client, [...candidates.values()])
    const woken = new Set([...stored].map((key) => candidates.get(key)?.ticketKey ?? ''))
    await queue.send(
      client,
      'decide',
      [...woken].map((key) => ({ key, data: {} })),
    )
    return events.map((event, index) => {
      if (fresh[index] !== true) return 'replayed'
      const key = eventKey(event)
      return stored.has(key) && candidates.get(key) === event ? 'accepted' : 'duplicate'
    })
  })
}

function eventKey(event: IncomingEvent): string {
  return `${event.source}\n${event.eventId}`
}

/**
 * Marks signatures as used. True where a signature was fresh; of the same one twice in the list only
 * the first is. Throws what the database throws.
 */
export async function useSignatures(
  db: Queryable,
  uses: readonly SignatureUse[],
): Promise<boolean[]> {
  const first = new Map<string, number>()
  uses.forEach((use, index) => {
    const key = `${use.issuer}\n${use.jti}`
    if (!first.has(key)) first.set(key, index)
  })
  // Sorted, so that two transactions with the same signatures wait for each other instead of deadlocking.
  const wanted = [...first.keys()].toSorted()
  const rows = wanted.flatMap((key) => uses[first.get(key) ?? -1] ?? [])
  const { rows: inserted } = await db.query<{ issuer: string; jti: string }>(
    `insert into signature_use (issuer, jti, expires_at)
     select * from unnest($1::text[], $2::text[], $3::timestamptz[])
     on conflict do nothing
     returning issuer, jti`,
    [
      rows.map((use) => use.issuer),
      rows.map((use) => use.jti),
      rows.map((use) => use.expiresAt.toISOString()),
    ],
  )
  const fresh = new Set(inserted.map((row) => `${row.issuer}\n${row.jti}`))
  return uses.map((use, index) => {
    const key = `${use.issuer}\n${use.jti}`
    return fresh.has(key) && first.get(key) === index
  })
}

/**
 * Inserts events and gives the keys of those that were new. The locks make `seq` grow per ticket in
 * the order of the commits, over all replicas: without them a decider could see event 8 of a ticket
 * before event 7 is visible.
 */
async function insertEvents(
  client: PoolClient,
  events: readonly IncomingEvent[],
): Promise<Set<string>> {
  if (events.length === 0) return new Set()
  const tickets = [...new Set(events.map((event) => event.ticketKey))].toSorted()
  await client.query(
    `select pg_advisory_xact_lock(lock) from (
       select hashtextextended(key, 0) as lock from unnest($1::text[]) as key order by 1 offset 0)`,
    [tickets],
  )
  const { rows } = await client.query<{ source: string; event_id: string }>(
    `insert into event (source, event_id, type, ticket_key, ticket_number, body, issuer, kid)
     select source, event_id, type, ticket_key, ticket_number, body, issuer, kid
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::text[]) with ordinality
       as t (source, event_id, type, ticket_key, ticket_number, body, issuer, kid, position)
     order by position
     on conflict do nothing
     returning source, event_id`,
    [
      events.map((event) => event.source),
      events.map((event) => event.eventId),
      events.map((event) => event.type),
      events.map((event) => event.ticketKey),
      events.map((event) => event.ticketNumber),
      events.map((event) => event.body),
      events.map((event) => event.signature.issuer),
      events.map((event) => event.signature.kid),
    ],
  )
  return new Set(rows.map((row) => `${row.source}\n${row.event_id}`))
}

/** Forgets signatures that have expired; their tokens are refused for their age by now. */
export async function deleteExpiredSignatures(pool: Pool, now: Date): Promise<number> {
  const { rowCount } = await pool.query('delete from signature_use where expires_at < $1', [now])
  return rowCount ?? 0
}
