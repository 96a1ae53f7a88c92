// What every handler of the front may use, and the two ways in which it looks at data.
import type { Platform, Session } from '../types.ts'
import type { FaultQueue } from './faults.ts'
import type { BrowserSession, BrowserSessions } from './sessions.ts'
import type { TokenStore } from './tokens.ts'

/** The front's own switches. */
export interface FrontSwitches {
  /** Refuse basic authentication of interactive users, as new instances do (servicenow-runtime.md §0.5). */
  basicAuthGate: boolean
  /** Let a person pick a sample user without a password; only ever on for a loopback address. */
  passwordlessSignIn: boolean
}

/** Everything a handler may use. */
export interface FrontContext {
  platform: Platform
  switches: FrontSwitches
  browsers: BrowserSessions
  tokens: TokenStore
  faults: FaultQueue
  /** All switches in force, front and core, for /about. */
  described: Readonly<Record<string, string>>
}

/** A signed-in person in a browser. */
export interface Visitor {
  browser: BrowserSession
  session: Session
}

/** The instance itself, for what no person asked for (list of sample users, control interface). */
export const systemSession: Session = {
  userSysId: 'system',
  userName: 'system',
  displayName: 'System',
  roles: new Set(['admin']),
  groups: [],
  interactive: false,
}

/** True when the user exists for web services only: no sign-in page, and let through by the basic-auth gate. */
export function isWebServiceOnly(platform: Platform, session: Session): boolean {
  const user = platform.get(session, 'sys_user', session.userSysId, false)
  return user !== null && isTrue(user['web_service_access_only'])
}

/** Stored booleans come as 'true' or '1'. */
export function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1'
}
