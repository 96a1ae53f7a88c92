// Versions of job templates. A version is never changed: a run always finds the content it was planned with.
import { connectorOrigin } from '../origin.ts'
import { appendAudit } from './audit.ts'
import { inTransaction } from './pool.ts'
import type { Pool, Queryable } from './pool.ts'

/** A content that is to have a version. */
export interface TemplateContent {
  name: string
  digest: string
  content: unknown
}

/** The version of one content. */
export interface TemplateVersion {
  name: string
  digest: string
  version: number
}

/**
 * The version of each content, in no order. Content that is new gets the next number of its name; content
 * that was there before, however long ago, keeps the number it had. Safe against other connectors that
 * publish at the same moment. Throws ConnectorError `database_unavailable`.
 */
export function publishTemplates(
  pool: Pool,
  contents: readonly TemplateContent[],
): Promise<TemplateVersion[]> {
  return inTransaction(pool, async (client) => {
    const known = await selectVersions(client, contents)
    const isKnown = new Set(known.map(({ name, digest }) => `${name} ${digest}`))
    const fresh = contents.filter(({ name, digest }) => !isKnown.has(`${name} ${digest}`))
    if (fresh.length === 0) return known
    await lockTemplates(client)
    for (const content of fresh) await insertVersion(client, content)
    return [...known, ...(await selectVersions(client, fresh))]
  })
}

/** The stored content of a version, or null when there is no such version. */
export async function selectTemplateContent(
  db: Queryable,
  name: string,
  version: number,
): Promise<{ digest: string; content: unknown } | null> {
  const result = await db.query<{ digest: string; content: unknown }>(
    'select digest, content from template_version where name = $1 and version = $2',
    [name, version],
  )
  return result.rows[0] ?? null
}

/** The versions of those contents that have been published. */
export async function selectVersions(
  db: Queryable,
  contents: readonly Pick<TemplateContent, 'name' | 'digest'>[],
): Promise<TemplateVersion[]> {
  const result = await db.query<TemplateVersion>(
    `select v.name, v.digest, v.version from template_version v
     join unnest($1::text[], $2::text[]) as wanted (name, digest) using (name, digest)`,
    [contents.map(({ name }) => name), contents.map(({ digest }) => digest)],
  )
  return result.rows
}

/** One publisher at a time: two that count the versions of a name at once would both find the same next number. */
async function lockTemplates(db: Queryable): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('template_version', 0))`)
}

async function insertVersion(
  db: Queryable,
  { name, digest, content }: TemplateContent,
): Promise<void> {
  const { rows } = await db.query<{ version: number }>(
    `insert into template_version (name, version, digest, content)
     select $1, coalesce(max(version), 0) + 1, $2, $3 from template_version where name = $1
     on conflict (name, digest) do nothing returning version`,
    [name, digest, JSON.stringify(content)],
  )
  await appendAudit(
    db,
    rows.map(({ version }) => ({
      actor: 'connector',
      origin: connectorOrigin(),
      action: 'template.published',
      subject: `template/${name}`,
      detail: { version, digest },
    })),
  )
}
