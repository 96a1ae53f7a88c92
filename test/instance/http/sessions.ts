// Browser sessions: a cookie, the token that posts must carry (g_ck), and messages for the next page.
import { randomBytes } from 'node:crypto'

import type { Incoming } from './message.ts'

/** A message that the next page shows (gs.addInfoMessage, gs.addErrorMessage). */
export interface FlashMessage {
  kind: 'info' | 'error'
  text: string
}

/** One browser, or a program that keeps cookies like one. */
export interface BrowserSession {
  id: string
  /** The value of g_ck: required as X-UserToken or sysparm_ck on everything that writes. */
  token: string
  /** Null = a guest, not signed in. */
  userName: string | null
  /** True when somebody signed in; false for a guest and for a session that a token started. */
  interactive: boolean
  messages: FlashMessage[]
}

/** The browser sessions of one instance. */
export interface BrowserSessions {
  start(userName: string | null, interactive: boolean): BrowserSession
  /** The session of the request's cookie, or null. */
  find(incoming: Incoming): BrowserSession | null
  end(session: BrowserSession): void
}

const cookieName = 'JSESSIONID'

/** Creates the session store; it lives in memory, as long as the instance does. */
export function createBrowserSessions(): BrowserSessions {
  const sessions = new Map<string, BrowserSession>()
  return {
    start(userName, interactive) {
      const session: BrowserSession = {
        id: randomBytes(16).toString('hex').toUpperCase(),
        // The platform's tokens are 72 hexadecimal characters as well.
        token: randomBytes(36).toString('hex'),
        userName,
        interactive,
        messages: [],
      }
      sessions.set(session.id, session)
      return session
    },
    find(incoming) {
      const id = cookieOf(incoming.headers['cookie'] ?? '')
      return id === null ? null : (sessions.get(id) ?? null)
    },
    end(session) {
      sessions.delete(session.id)
    },
  }
}

/** The Set-Cookie value that keeps a session in the browser. */
export function sessionCookie(session: BrowserSession, base: string): string {
  const secure = base.startsWith('https:') ? '; Secure' : ''
  return `${cookieName}=${session.id}; Path=/; HttpOnly; SameSite=Lax${secure}`
}

/** The Set-Cookie value that removes it. */
export function clearedCookie(): string {
  return `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`
}

function cookieOf(header: string): string | null {
  for (const pair of header.split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === cookieName && value !== undefined && value !== '') return value
  }
  return null
}
