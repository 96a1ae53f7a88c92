// OAuth 2.0 as the platform serves it at /oauth_token.do: client credentials, form-urlencoded only, opaque tokens
// (servicenow-runtime.md §4.3).
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { formParameters, isFormPost, json } from './message.ts'
import type { Incoming, Reply } from './message.ts'

/** An OAuth client with its OAuth Application User. */
export interface OauthClient {
  clientId: string
  clientSecret: string
  /** user_name that a client-credentials token acts as. */
  userName: string
}

/** The tokens of one instance. */
export interface TokenStore {
  /** Answers POST /oauth_token.do. */
  endpoint(incoming: Incoming): Reply
  /** user_name of a live token, or null. */
  userOf(token: string): string | null
}

interface IssuedToken {
  token: string
  userName: string
  expiresAt: number
}

/** Creates the token store. `lifetimeSeconds`: how long a token lives (platform default 1800). */
export function createTokenStore(options: {
  clients: readonly OauthClient[]
  lifetimeSeconds: number
  now: () => Date
}): TokenStore {
  const issued = new Map<string, IssuedToken>()

  // Requests inside the lifetime return the current token (servicenow-runtime.md §4.3).
  function tokenFor(client: OauthClient): IssuedToken {
    const now = options.now().getTime()
    const current = [...issued.values()].find(
      (entry) => entry.userName === client.userName && entry.expiresAt > now + 1000,
    )
    if (current !== undefined) return current
    const fresh: IssuedToken = {
      token: randomBytes(64).toString('base64url'),
      userName: client.userName,
      expiresAt: now + options.lifetimeSeconds * 1000,
    }
    issued.set(fresh.token, fresh)
    return fresh
  }

  return {
    endpoint(incoming) {
      const refusal = refuse(incoming)
      if (refusal !== null) return refusal
      const parameters = credentials(incoming)
      const client = options.clients.find(
        (candidate) =>
          sameText(candidate.clientId, parameters.id) &&
          sameText(candidate.clientSecret, parameters.secret),
      )
      if (client === undefined) return oauthError('invalid_client', 'Client authentication failed')
      const entry = tokenFor(client)
      const remaining = entry.expiresAt - options.now().getTime()
      return json(200, {
        access_token: entry.token,
        scope: 'useraccount',
        token_type: 'Bearer',
        // A fresh token of 1800 s is announced as 1799 (recorded reply).
        expires_in: Math.max(0, Math.ceil(remaining / 1000) - 1),
      })
    },
    userOf(token) {
      const entry = issued.get(token)
      if (entry === undefined) return null
      if (entry.expiresAt > options.now().getTime()) return entry.userName
      issued.delete(token)
      return null
    },
  }
}

function refuse(incoming: Incoming): Reply | null {
  if (incoming.method !== 'POST') return oauthError('invalid_request', 'Only POST is supported')
  if (!isFormPost(incoming)) {
    return oauthError('invalid_request', 'The request must be application/x-www-form-urlencoded')
  }
  const grant = formParameters(incoming).get('grant_type')
  if (grant === 'client_credentials') return null
  return oauthError('unsupported_grant_type', `Grant type ${grant ?? '(none)'} is not enabled`)
}

function credentials(incoming: Incoming): { id: string; secret: string } {
  const parameters = formParameters(incoming)
  const id = parameters.get('client_id')
  if (id !== null) return { id, secret: parameters.get('client_secret') ?? '' }
  const basic = /^Basic\s+(\S+)$/i.exec(incoming.headers['authorization'] ?? '')?.[1] ?? ''
  const [user = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { id: unescaped(user), secret: unescaped(rest.join(':')) }
}

/** RFC 6749 §2.3.1: both halves are form-urlencoded inside the Basic credentials. */
function unescaped(value: string): string {
  return new URLSearchParams(`v=${value.replaceAll('&', '%26')}`).get('v') ?? ''
}

function oauthError(error: string, description: string): Reply {
  return json(401, { error_description: description, error })
}

/** Equality that takes as long for a near miss as for a far one. */
export function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value, 'utf8').digest()
}
