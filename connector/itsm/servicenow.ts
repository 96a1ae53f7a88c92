// ServiceNow: delivers status updates to the app's scripted REST, with OAuth client credentials and our
// signature on top (servicenow-runtime: OAuth, scripted REST, error shapes).
import { z } from 'zod'

import { statusSignatureHeader } from '#shared/signature.ts'
import { StatusReply } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'
import { asciiJson } from '#shared/text.ts'
import { appScope } from '#shared/vocabulary.ts'

import type { Instance } from '../config.ts'
import { ConnectorError } from '../errors.ts'
import { answerError, createHttpClient, excerpt } from '../http-client.ts'
import type { HttpAnswer, HttpClient } from '../http-client.ts'
import { signBody } from '../security/signature.ts'
import type { ItsmAdapter } from './adapter.ts'

/** Connections to one instance: it serves four API requests at a time per node. */
const connections = 8

/** A token is renewed this long before it ends. */
const renewBeforeMs = 60_000

const tokenTimeoutMs = 8_000

const TokenReply = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
})
const ResultReply = z.object({ result: StatusReply })

/** Creates the adapter of one instance. */
export function createServiceNow(instance: Instance, audience: string): ItsmAdapter {
  const http = createHttpClient('instance', { connections })
  const tokens = createTokens(instance, http)
  const url = `${instance.url}/api/${appScope}/v1/automation/status-updates`

  async function post(update: StatusUpdate, signal: AbortSignal): Promise<HttpAnswer> {
    const body = Buffer.from(asciiJson(update), 'ascii')
    const token = await tokens.get()
    const signature = await signBody({
      body,
      key: instance.signingKey,
      issuer: audience,
      audience: instance.issuer,
      now: new Date(),
    })
    return await http.send({
      method: 'POST',
      url,
      headers: {
        authorization: `Bearer ${token}`,
        [statusSignatureHeader]: signature,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body,
      signal,
    })
  }

  return {
    async sendStatus(update, signal) {
      let answer = await post(update, signal)
      if (answer.status === 401) {
        // The token may have been revoked: one new one, then it counts.
        tokens.drop()
        answer = await post(update, signal)
      }
      return readReply(answer, `POST ${url}`)
    },
    close: () => http.close(),
  }
}

function readReply(answer: HttpAnswer, target: string): StatusReply {
  if (answer.status < 200 || answer.status > 299) throw answerError('instance', target, answer)
  const reply = ResultReply.safeParse(parseJson(answer.text))
  if (reply.success) return reply.data.result
  // A hibernating instance or a proxy answers 200 with a page; a cancelled transaction 200 with an error.
  throw new ConnectorError(
    'instance_bad_answer',
    `${target}: ${answer.status} but not the app's answer: ${excerpt(answer.text)}`,
    { retryable: true, cause: reply.error },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema refuses undefined and says so.
    return undefined
  }
}

interface Tokens {
  get(): Promise<string>
  drop(): void
}

/** Caches the access token; callers that need a new one at the same time share one request. */
function createTokens(instance: Instance, http: HttpClient): Tokens {
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
