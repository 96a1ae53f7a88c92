// The access token of an instance: OAuth client credentials, fetched once for all callers and renewed in time.
import { z } from 'zod'

import type { Instance } from '../config.ts'
import { ConnectorError } from '../errors.ts'
import { answerError } from '../http-client.ts'
import type { HttpClient } from '../http-client.ts'

/** A token is renewed this long before it ends. */
const renewBeforeMs = 60_000

const tokenTimeoutMs = 8_000

const TokenReply = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
})

/** The token of one instance. */
export interface Tokens {
  get(): Promise<string>
  drop(): void
}

/** Caches the access token; callers that need a new one at the same time share one request. */
export function createTokens(instance: Instance, http: HttpClient): Tokens {
  let current: { token: string; renewAt: number } | null = null
  let pending: Promise<string> | null = null

  async function fetchToken(): Promise<string> {
    const { clientId, clientSecret, tokenUrl } = instance.oauth
    const answer = await http.send({
      method: 'POST',
      url: tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret.reveal(),
      }).toString(),
      // Its own limit: several callers may be waiting for this one token.
      signal: AbortSignal.timeout(tokenTimeoutMs),
    })
    if (answer.status !== 200) {
      const error = answerError('instance', `POST ${tokenUrl}`, answer)
      // Wrong credentials come as 400 or 401; both wait for an admin.
      throw error.retryable
        ? error
        : new ConnectorError('instance_auth', error.message, { retryable: true })
    }
    const reply = TokenReply.safeParse(parseJson(answer.text))
    if (!reply.success) {
      throw new ConnectorError('instance_bad_answer', `POST ${tokenUrl}: 200 but no token`, {
        retryable: true,
        cause: reply.error,
      })
    }
    const { access_token: token, expires_in: seconds } = reply.data
    current = { token, renewAt: Date.now() + seconds * 1000 - renewBeforeMs }
    return token
  }

  return {
    async get() {
      if (current !== null && current.renewAt > Date.now()) return current.token
      pending ??= fetchToken().finally(() => {
        pending = null
      })
      return await pending
    },
    drop() {
      current = null
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema refuses undefined and says so.
    return undefined
  }
}
