// Everything under /api/: content negotiation, authentication, then the Table API, statistics or a scripted REST API.
import type { Session } from '../types.ts'
import { notAcceptable, notAuthenticated, unknownUri } from './api-errors.ts'
import { authenticate } from './authenticate.ts'
import { answerCatalog } from './catalog-api.ts'
import type { FrontContext } from './context.ts'
import type { Incoming, Reply } from './message.ts'
import { answerStats } from './stats-api.ts'
import { answerTable } from './table-api.ts'

const tablePath = /^\/api\/now(?:\/(v1|v2))?\/table\/([^/]+)(?:\/([^/]+))?\/?$/
const statsPath = /^\/api\/now(?:\/v1)?\/stats\/([^/]+)\/?$/

/** Answers a request under /api/. */
export async function answerApi(context: FrontContext, incoming: Incoming): Promise<Reply> {
  const who = authenticate(context, incoming)
  if (!who.ok) return who.reply
  const reply = await route(context, incoming, who.session)
  if (who.cookie !== null) reply.headers['Set-Cookie'] = [who.cookie]
  return reply
}

async function route(
  context: FrontContext,
  incoming: Incoming,
  session: Session | null,
): Promise<Reply> {
  const catalog = session === null ? null : answerCatalog(context, session, incoming)
  if (catalog !== null) return catalog
  if (!incoming.path.startsWith('/api/now/')) {
    // The core knows which of its routes need a session, so it hears about anonymous callers too.
    const answer = await context.platform.rest(session, {
      method: incoming.method,
      path: incoming.path,
      query: incoming.query,
      headers: incoming.headers,
      body: incoming.body,
    })
    if (answer !== null) return answer
    return session === null ? notAuthenticated() : unknownUri()
  }
  if (session === null) return notAuthenticated()
  if (!acceptsJson(incoming.headers['accept'])) return notAcceptable()
  const table = tablePath.exec(incoming.path)
  if (table !== null) {
    const [, version = '', name = '', sysId = null] = table
    return answerTable(context, session, {
      incoming,
      target: { version, table: name, sysId },
    })
  }
  const stats = statsPath.exec(incoming.path)
  if (stats === null) return unknownUri()
  return answerStats(context, session, { incoming, table: stats[1] ?? '' })
}

/** A request without Accept, or for something else than JSON, is refused with 406 (servicenow-runtime.md §4.1). */
function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined) return false
  return accept
    .split(',')
    .map((part) => (part.split(';')[0] ?? '').trim().toLowerCase())
    .some((type) => type === '*/*' || type === 'application/*' || type === 'application/json')
}
