// Events as the app sends them, and their signature made with jose (not with the connector's code).
import { createHash, createSecretKey, randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { SignJWT } from 'jose'

import { asciiJson } from '#shared/text.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { testAudience, testIssuer, testKid, testSecret, testUrl } from './config.ts'

/** A person who may do everything in tests. */
export const testActor = {
  sys_id: '6816f79cc0a8016401c5a33be04be441',
  user_name: 'beth.anglin',
  name: 'Beth Anglin',
  roles: ['itil', 'x_snc_ticket_auto.agent'],
  groups: ['Service Desk'],
}

/** An incident as its event carries it. */
export function makeTicket(sysId = randomHex()): TicketEvent['data']['ticket'] {
  return {
    table: 'incident',
    sys_id: sysId,
    number: `INC${String(Number.parseInt(sysId.slice(0, 6), 16)).padStart(7, '0')}`,
    fields: {
      short_description: { type: 'string', value: 'Disk full on web-01' },
      state: { type: 'integer', value: '1', display: 'New' },
      active: { type: 'boolean', value: 'true' },
    },
  }
}

/** 32 hex digits, as sys_ids and run ids are. */
export function randomHex(): string {
  return randomUUID().replaceAll('-', '')
}

/** A ticket.created event; what is given replaces what stands here, right or wrong. */
export function makeEvent(overrides: { [Key in keyof TicketEvent]?: unknown } = {}): TicketEvent {
  const ticket = ticketIn(overrides.data) ?? makeTicket()
  const event = {
    specversion: '1.0',
    id: randomHex(),
    source: testUrl,
    type: 'ticket.created',
    subject: `${ticket.table}/${ticket.number}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { ticket, actor: testActor, people: {} },
    ...overrides,
  }
  // Overrides may be wrong on purpose: that is what the receiving end is tested with.
  return event as TicketEvent
}

/** The ticket of the given data, so that the envelope speaks of the same one. */
function ticketIn(data: unknown): TicketEvent['data']['ticket'] | undefined {
  // Whatever a test gives as data has a ticket, or is wrong on purpose.
  return (data as Partial<TicketEvent['data']> | undefined)?.ticket
}

/** How to sign; what is left out is what the test instance would do. */
export interface SignOptions {
  kid?: string
  alg?: string
  key?: KeyObject
  issuer?: string
  audience?: string
  /** Moment of signing. */
  now?: Date
  lifeSeconds?: number
  jti?: string
  bodySha256?: string
}

/** The token for a body. */
export async function signBytes(body: Uint8Array, options: SignOptions = {}): Promise<string> {
  const issued = Math.floor((options.now ?? new Date()).getTime() / 1000)
  const hash = createHash('sha256').update(body).digest('base64url')
  return new SignJWT({ body_sha256: options.bodySha256 ?? hash })
    .setProtectedHeader({ alg: options.alg ?? 'HS256', kid: options.kid ?? testKid, typ: 'JWT' })
    .setIssuer(options.issuer ?? testIssuer)
    .setAudience(options.audience ?? testAudience)
    .setIssuedAt(issued)
    .setExpirationTime(issued + (options.lifeSeconds ?? 300))
    .setJti(options.jti ?? randomUUID())
    .sign(options.key ?? createSecretKey(Buffer.from(testSecret, 'base64')))
}

/** Body and token of an event (or of any other value), ready to be posted. */
export async function signEvent(
  event: unknown,
  options: SignOptions = {},
): Promise<{ body: Buffer; token: string }> {
  const body = Buffer.from(asciiJson(event))
  return { body, token: await signBytes(body, options) }
}
