// Step 3 of the road: a signed message is verified, then parsed, then stored once. Nothing is decided
// or launched here, and nothing in a body is looked at before its signature holds.
import type { z } from 'zod'

import { clockToleranceSeconds } from '#shared/signature.ts'
import { maxEventBytes, TicketEvent } from '#shared/ticket-event.ts'
import type { EventReply } from '#shared/ticket-event.ts'

import type { Config, Instance } from './config.ts'
import { acceptEvents, ticketKeyOf, useSignature } from './db/events.ts'
import type { AcceptOutcome, IncomingEvent, SignatureUse } from './db/events.ts'
import { createGroupCommit } from './db/group-commit.ts'
import { asDatabaseError } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import type { Metrics } from './metrics.ts'
import { parseBody } from './parse-body.ts'
import { Refusal } from './refusal.ts'
import { createKeyring } from './security/keys.ts'
import { verifySignature } from './security/signature.ts'
import type { VerifiedSignature } from './security/signature.ts'

/** A request as it came over the wire. */
export interface RawRequest {
  /** The Content-Type header; not looked at when the body is empty. */
  contentType: string | undefined
  /** The Authorization header. */
  authorization: string | undefined
  body: Uint8Array
}

/** What the receiver needs. */
export interface ReceiverDeps {
  config: Pick<Config, 'audience' | 'instances'>
  pool: Pool
  queue: Queue
  metrics: Metrics
}

/** The receiving end. Every method throws Refusal, or ConnectorError `database_unavailable`. */
export interface Receiver {
  /** Accepts an event; resolves after the commit. */
  event(request: RawRequest): Promise<EventReply>
  /** Proves a question of an instance, uses up its signature, and gives its content. */
  question<T extends { source: string }>(
    request: RawRequest,
    schema: z.ZodType<T>,
  ): Promise<{ instance: Instance; value: T }>
  /** Proves a request without a body and uses up its signature. */
  bodiless(request: RawRequest): Promise<Instance>
}

/** Most events in one transaction; above this the statement gets slower than a second commit. */
const maxGroup = 200

const contentTypes = new Set(['application/json', 'application/cloudevents+json'])

/** Creates the receiver. */
export function createReceiver(deps: ReceiverDeps): Receiver {
  const { pool, metrics } = deps
  const keys = createKeyring(deps.config.instances)
  const store = createGroupCommit<IncomingEvent, AcceptOutcome>(
    (events) => storeGroup(deps, events),
    { maxItems: maxGroup },
  )

  function verify(request: RawRequest): Promise<VerifiedSignature> {
    if (request.body.length > maxEventBytes) {
      throw new Refusal('body_too_large', `the body is larger than ${maxEventBytes} bytes`)
    }
    return verifySignature({
      token: bearerOf(request.authorization),
      body: request.body,
      keys,
      audience: deps.config.audience,
      now: new Date(),
    })
  }

  async function useUp(verified: VerifiedSignature): Promise<void> {
    try {
      if (!(await useSignature(pool, useOf(verified)))) throw replayed()
    } catch (error) {
      throw asDatabaseError(error)
    }
  }

  return {
    async event(request) {
      checkContentType(request.contentType)
      const verified = await verify(request)
      const { text, value } = parseBody(TicketEvent, request.body)
      checkSource(value.source, verified.instance)
      const outcome = await store(toIncoming(value, text, verified))
      if (outcome === 'replayed') throw replayed()
      metrics.events.inc({ instance: verified.instance.name, outcome })
      return { event_id: value.id, status: outcome }
    },
    async question(request, schema) {
      checkContentType(request.contentType)
      const verified = await verify(request)
      const { value } = parseBody(schema, request.body)
      checkSource(value.source, verified.instance)
      await useUp(verified)
      return { instance: verified.instance, value }
    },
    async bodiless(request) {
      const verified = await verify(request)
      await useUp(verified)
      return verified.instance
    },
  }
}

/** Stores a group of events and wakes the deciders. */
async function storeGroup(
  { pool, queue }: ReceiverDeps,
  events: readonly IncomingEvent[],
): Promise<readonly AcceptOutcome[]> {
  const outcomes = await acceptEvents(pool, queue, events)
  queue.kick('decide')
  return outcomes
}

/** RFC 6750 section 2.1; the scheme's name has no case (RFC 9110 section 11.1). */
function bearerOf(authorization: string | undefined): string | null {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null
}

function checkContentType(contentType: string | undefined): void {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (contentTypes.has(type)) return
  throw new Refusal('content_type_unsupported', `send ${[...contentTypes].join(' or ')}`)
}

function checkSource(source: string, instance: Instance): void {
  if (source === instance.url) return
  throw new Refusal('source_mismatch', `this key may speak for ${instance.url} only`, {
    errors: [{ pointer: '/source', message: `must be ${instance.url}` }],
  })
}

function toIncoming(event: TicketEvent, body: string, verified: VerifiedSignature): IncomingEvent {
  const { ticket } = event.data
  return {
    source: event.source,
    eventId: event.id,
    type: event.type,
    ticketKey: ticketKeyOf(event.source, ticket),
    ticketNumber: ticket.number,
    body,
    signature: useOf(verified),
  }
}

function useOf({ claims, kid }: VerifiedSignature): SignatureUse {
  const expiresAt = new Date((claims.exp + clockToleranceSeconds + 1) * 1000)
  return { issuer: claims.iss, kid, jti: claims.jti, expiresAt }
}

function replayed(): Refusal {
  return new Refusal('signature_replayed', 'this token was used before; sign every sending anew')
}
