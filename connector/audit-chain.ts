// The audit chain: every link carries the hash of the one before it, so that a changed, removed or inserted link
// is found. Pure; the database is db/audit.ts's business.
import { createHash } from 'node:crypto'

import { z } from 'zod'

/** One sealed entry: a link of the chain. */
export const AuditLink = z.strictObject({
  /** Place in the chain, from 1 without gaps. */
  position: z.int().min(1),
  /** Row number in the database. */
  id: z.string(),
  /** When it happened. */
  at: z.iso.datetime(),
  actor: z.string(),
  origin: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  /** Hash of the link before; 64 zeros for the first. */
  previous_hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 (hex) of everything above as canonical JSON. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type AuditLink = z.infer<typeof AuditLink>

/** The end of a chain. */
export interface ChainHead {
  position: number
  hash: string
}

/** What a verification found. */
export type ChainVerdict =
  | { ok: true; head: ChainHead }
  | { ok: false; position: number; reason: string }

/** The head of a chain without links. */
export const emptyChain: ChainHead = { position: 0, hash: '0'.repeat(64) }

/** Adds an entry to the chain that ends in `head`. */
export function linkTo(
  head: ChainHead,
  entry: Omit<AuditLink, 'position' | 'previous_hash' | 'hash'>,
): AuditLink {
  const link = { ...entry, position: head.position + 1, previous_hash: head.hash }
  return { ...link, hash: hashOf(link) }
}

/** Follows the chain from `start`; stops at the first link that does not hold. */
export async function verifyChain(
  links: AsyncIterable<AuditLink> | Iterable<AuditLink>,
  start: ChainHead = emptyChain,
): Promise<ChainVerdict> {
  let head = start
  for await (const link of links) {
    const reason = problemOf(link, head)
    if (reason !== null) return { ok: false, position: head.position + 1, reason }
    head = { position: link.position, hash: link.hash }
  }
  return { ok: true, head }
}

function problemOf(link: AuditLink, head: ChainHead): string | null {
  if (link.position !== head.position + 1) {
    return `link ${head.position + 1} is missing; the next one there is ${link.position}`
  }
  if (link.previous_hash !== head.hash) {
    return `link ${link.position} does not follow the one before it`
  }
  return hashOf(link) === link.hash ? null : `link ${link.position} was changed after it was sealed`
}

function hashOf(link: Omit<AuditLink, 'hash'>): string {
  const { position, id, at, actor, origin, action, subject, detail, previous_hash } = link
  const text = canonicalJson({
    action,
    actor,
    at,
    detail,
    id,
    origin,
    position,
    previous_hash,
    subject,
  })
  return createHash('sha256').update(text).digest('hex')
}

/** JSON with the keys of every object sorted (the idea of RFC 8785; we hold no numbers it would round). */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`)
  return `{${parts.join(',')}}`
}
