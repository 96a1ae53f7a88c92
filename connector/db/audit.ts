// The audit table: entries come with the transaction of what they tell, and are sealed into the chain moments
// later by one sealer at a time. One function per statement.
import { carriableJson } from '#shared/text.ts'

import { emptyChain, linkTo } from '../audit-chain.ts'
import type { AuditLink, ChainHead } from '../audit-chain.ts'
import { inTransaction, prepared } from './pool.ts'
import type { Pool, Queryable } from './pool.ts'

/** Something that happened. */
export interface AuditEntry {
  /** Who: user_name, `rule`, `admin` (command line) or `connector`. */
  actor: string
  /** From where: name of an instance, `host pid` of a connector, a command. */
  origin: string
  action: AuditAction
  /** What it was done to, e.g. `run/acme/4f…`. */
  subject: string
  detail: Record<string, unknown>
}

/** The kinds of entries there are. */
export type AuditAction =
  | 'decision'
  | 'run.cancel_requested'
  | 'run.held'
  | 'run.released'
  | 'run.redecided'
  | 'run.finished'
  | 'job.launched'
  | 'job.not_launched'
  | 'job.outcome_unknown'
  | 'job.cancel_sent'
  | 'dead_letter.redriven'
  | 'platform.released'
  | 'template.published'
  | 'template.withdrawn'
  | 'keys.changed'
  | 'policy.changed'

/** Entries sealed by one transaction. */
const sealLimit = 2_000

/** Adds entries to the caller's transaction. */
export async function appendAudit(db: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  // The time in milliseconds, so that it reads back as it was hashed.
  const at = new Date().toISOString()
  await db.query(
    prepared(
      `insert into audit_entry (at, actor, origin, action, subject, detail)
     select $2, e.actor, e.origin, e.action, e.subject, e.detail
     from json_to_recordset($1) as e (actor text, origin text, action text, subject text, detail json)`,
      [carriableJson(entries), at],
    ),
  )
}

/**
 * Seals what is not sealed yet, oldest row first, and returns the new head; null = another sealer is at work, or
 * there was nothing to seal. Call it again while it returns a head with `more`.
 */
export async function sealAudit(pool: Pool): Promise<(ChainHead & { more: boolean }) | null> {
  return await inTransaction(pool, async (client) => {
    if (!(await lockChain(client))) return null
    const entries = await unsealed(client)
    if (entries.length === 0) return null
    let head = await readHead(client)
    const links: AuditLink[] = []
    for (const entry of entries) {
      const link = linkTo(head, entry)
      links.push(link)
      head = link
    }
    await saveLinks(client, links)
    return { position: head.position, hash: head.hash, more: entries.length === sealLimit }
  })
}

/** The end of the chain. */
export async function readHead(db: Queryable): Promise<ChainHead> {
  const { rows } = await db.query<{ position: string; hash: string }>(
    `select position, hash from audit_entry where position is not null order by position desc limit 1`,
  )
  const row = rows[0]
  return row === undefined ? emptyChain : { position: Number(row.position), hash: row.hash }
}

/** Links in the order of the chain, page by page. */
export async function* readLinks(db: Queryable, after = 0): AsyncGenerator<AuditLink> {
  let position = after
  for (;;) {
    const { rows } = await db.query<LinkRow>(
      `select ${linkColumns} from audit_entry where position > $1 order by position limit 1000`,
      [position],
    )
    for (const row of rows) yield linkOf(row)
    const last = rows.at(-1)
    if (last === undefined) return
    position = Number(last.position)
  }
}

/** How many entries wait for their seal. */
export async function countUnsealed(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `select count(*) from audit_entry where position is null`,
  )
  return Number(rows[0]?.count ?? 0)
}

/** The newest entry of a kind about a subject, sealed or not. */
export async function newestAudit(
  db: Queryable,
  action: AuditAction,
  subject: string,
): Promise<Record<string, unknown> | null> {
  const { rows } = await db.query<{ detail: Record<string, unknown> }>(
    `select detail from audit_entry where subject = $1 and action = $2 order by id desc limit 1`,
    [subject, action],
  )
  return rows[0]?.detail ?? null
}

const linkColumns = `position, id, at, actor, origin, action, subject, detail, previous_hash, hash`

/** bigint arrives as text from pg. */
type LinkRow = Omit<AuditLink, 'position' | 'at'> & { position: string; at: Date }

function linkOf(row: LinkRow): AuditLink {
  return { ...row, position: Number(row.position), at: row.at.toISOString() }
}

/** One sealer at a time, whoever else is connected to this database. */
async function lockChain(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ got: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('audit_entry', 0)) as got`,
  )
  return rows[0]?.got === true
}

type UnsealedEntry = Parameters<typeof linkTo>[1]

async function unsealed(db: Queryable): Promise<UnsealedEntry[]> {
  const { rows } = await db.query<Omit<UnsealedEntry, 'at'> & { at: Date }>(
    `select id, at, actor, origin, action, subject, detail from audit_entry
     where position is null order by id limit ${sealLimit} for update`,
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

async function saveLinks(db: Queryable, links: readonly AuditLink[]): Promise<void> {
  await db.query(
    `update audit_entry a set position = l.position, previous_hash = l.previous_hash, hash = l.hash
     from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as l (id, position, previous_hash, hash)
     where a.id = l.id`,
    [
      links.map((link) => link.id),
      links.map((link) => link.position),
      links.map((link) => link.previous_hash),
      links.map((link) => link.hash),
    ],
  )
}
