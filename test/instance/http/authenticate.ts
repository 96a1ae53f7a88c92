// Who makes a REST request: bearer token, basic authentication or the browser's session (servicenow-runtime.md §4.3).
import type { Session } from '../types.ts'
import { basicAuthRefused, notAuthenticated } from './api-errors.ts'
import { isWebServiceOnly } from './context.ts'
import type { FrontContext, Visitor } from './context.ts'
import type { Incoming, Reply } from './message.ts'
import { sessionCookie } from './sessions.ts'
import { sameText } from './tokens.ts'

/** `session: null` = no credentials were sent; a refusal = wrong ones were. `cookie`: to be set with the answer. */
export type Authentication =
  | { ok: true; session: Session | null; cookie: string | null }
  | { ok: false; reply: Reply }

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Finds the session of a REST request. */
export function authenticate(context: FrontContext, incoming: Incoming): Authentication {
  const header = incoming.headers['authorization']
  if (header !== undefined) return withCookie(context, incoming, fromHeader(context, header))
  const visitor = visitorOf(context, incoming)
  if (visitor === null) return { ok: true, session: null, cookie: null }
  // A foreign page can make the browser send the cookie, but not this header.
  if (!safeMethods.has(incoming.method) && !carriesToken(visitor, incoming)) return refused()
  return { ok: true, session: visitor.session, cookie: null }
}

/** Whom the request's cookie stands for, or null for guests and strangers. */
export function visitorOf(context: FrontContext, incoming: Incoming): Visitor | null {
  const browser = context.browsers.find(incoming)
  if (browser === null || browser.userName === null) return null
  const session = context.platform.session(browser.userName, browser.interactive)
  return session === null ? null : { browser, session }
}

/** True when the request carries the session's token as X-UserToken. */
export function carriesToken(visitor: Visitor, incoming: Incoming): boolean {
  return sameText(incoming.headers['x-usertoken'] ?? '', visitor.browser.token)
}

/**
 * A guest that sends credentials becomes that user, in a session of its own: so the SDK's command line trades a token
 * for a cookie (@servicenow/sdk 4.9.0, getCSRFToken).
 */
function withCookie(
  context: FrontContext,
  incoming: Incoming,
  found: Authentication,
): Authentication {
  const guest = context.browsers.find(incoming)
  if (!found.ok || found.session === null || guest === null || guest.userName !== null) return found
  context.browsers.end(guest)
  const browser = context.browsers.start(found.session.userName, false)
  return { ...found, cookie: sessionCookie(browser, incoming.base) }
}

function fromHeader(context: FrontContext, header: string): Authentication {
  const [scheme = '', value = ''] = header.trim().split(/\s+/, 2)
  if (scheme.toLowerCase() === 'bearer') {
    const userName = context.tokens.userOf(value)
    const session = userName === null ? null : context.platform.session(userName, false)
    return session === null ? refused() : { ok: true, session, cookie: null }
  }
  if (scheme.toLowerCase() === 'basic') return fromBasic(context, value)
  return refused()
}

function fromBasic(context: FrontContext, encoded: string): Authentication {
  const [userName = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  if (!context.platform.checkPassword(userName, rest.join(':'))) return refused()
  const session = context.platform.session(userName, false)
  if (session === null) return refused()
  const letThrough =
    !context.switches.basicAuthGate ||
    session.roles.has('snc_basic_auth_api_access') ||
    isWebServiceOnly(context.platform, session)
  return letThrough ? { ok: true, session, cookie: null } : { ok: false, reply: basicAuthRefused() }
}

function refused(): Authentication {
  return { ok: false, reply: notAuthenticated() }
}
