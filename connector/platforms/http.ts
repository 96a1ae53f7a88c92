// HTTP to a job platform, once for all drivers: one address, credentials, rate, time limits, and what each answer
// means. A platform that does not answer is left alone for a moment (circuit breaker), so that its runs do not hold
// up those of others.
import { ConnectorError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { answerError, createHttpClient, excerpt } from '../http-client.ts'
import type { HttpAnswer, HttpRequest, TextPart } from '../http-client.ts'
import { redact } from '../templates/parameters.ts'
import { createBreaker } from './breaker.ts'
import { createRate } from './rate.ts'

/** How a platform is reached. */
export interface PlatformHttpOptions {
  /** Address without a trailing slash; every path is below it. */
  baseUrl: string
  /** Headers of every request, credentials among them; asked for anew each time. */
  headers: () => Record<string, string> | Promise<Record<string, string>>
  /** Values that no message may show, should an answer repeat them: the credentials. */
  secrets?: () => readonly string[]
  /** Most requests in a second; more wait their turn. */
  requestsPerSecond: number
  /** Most connections at once. */
  connections: number
}

/** A request below the platform's address. */
export interface PlatformRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Starts with a slash; with its query. */
  path: string
  headers?: Record<string, string>
  /** Sent as JSON; a string goes as it is. */
  body?: unknown
  /** Values in it that no message may show, should the answer repeat them. */
  secrets?: readonly string[]
  /** Keeps only a part of the answer's text, for logs. */
  part?: TextPart
  signal: AbortSignal
}

/** HTTP to one platform. */
export interface PlatformHttp {
  /** Sends and gives whatever is answered. Rejects with ConnectorError when there is no answer. */
  send(request: PlatformRequest): Promise<HttpAnswer>
  /**
   * Sends and parses a successful JSON answer. Rejects with platform_auth (401), platform_forbidden (403),
   * platform_job_not_found (404), platform_rate_limited (429), platform_rejected (other 4xx), platform_error (5xx) or
   * platform_bad_answer (not JSON, a redirect).
   */
  json(request: PlatformRequest): Promise<unknown>
  close(): Promise<void>
}

/** Creates the client. */
export function createPlatformHttp(options: PlatformHttpOptions): PlatformHttp {
  const { baseUrl, connections } = options
  const http = createHttpClient('platform', { connections })
  const rate = createRate(options.requestsPerSecond)
  const breaker = createBreaker(new URL(baseUrl).host)

  async function send(request: PlatformRequest): Promise<HttpAnswer> {
    await rate.turn(request.signal)
    breaker.enter()
    try {
      const answer = await http.send(await requestOf(request, options))
      // Too busy to answer is no answer either.
      breaker.leave(answer.status !== 503 && answer.status !== 502 && answer.status !== 504)
      return answer
    } catch (error) {
      breaker.leave(false)
      throw error
    }
  }

  return {
    send,
    async json(request) {
      const secrets = [...(options.secrets?.() ?? []), ...(request.secrets ?? [])]
      return jsonOf(await send(request), targetOf(request), secrets)
    },
    close: () => http.close(),
  }
}

async function requestOf(
  { method, path, headers, body, part, signal }: PlatformRequest,
  options: PlatformHttpOptions,
): Promise<HttpRequest> {
  const isText = typeof body === 'string' || body === undefined
  return {
    method,
    url: `${options.baseUrl}${path}`,
    headers: {
      accept: 'application/json',
      ...(isText ? {} : { 'content-type': 'application/json' }),
      ...(await options.headers()),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    ...(part === undefined ? {} : { part }),
    signal,
  }
}

/** What a request is called in messages: without its query, which may hold anything. */
export function targetOf({ method, path }: Pick<PlatformRequest, 'method' | 'path'>): string {
  return `${method} ${path.split('?')[0]}`
}

/** The JSON of a successful answer. Throws as PlatformHttp.json says; no message shows one of `secrets`. */
export function jsonOf(
  answer: HttpAnswer,
  target: string,
  secrets: readonly string[] = [],
): unknown {
  if (answer.status < 200 || answer.status > 299) throw platformError(answer, target, secrets)
  if (answer.text.trim() === '') return null
  try {
    return JSON.parse(answer.text)
  } catch (cause) {
    const text = `${target}: ${answer.status} but not JSON: ${excerpt(masked(answer, secrets).text)}`
    throw new ConnectorError('platform_bad_answer', text, { retryable: true, cause })
  }
}

/** Codes that job platforms mean otherwise than an instance does. */
const codes: Record<number, { code: ErrorCode; retryable: boolean }> = {
  401: { code: 'platform_auth', retryable: true },
  403: { code: 'platform_forbidden', retryable: true },
  404: { code: 'platform_job_not_found', retryable: false },
}

/** What an answer that is not a success means; its message shows none of `secrets`. */
export function platformError(
  answer: HttpAnswer,
  target: string,
  secrets: readonly string[] = [],
): ConnectorError {
  const known = codes[answer.status]
  const shown = masked(answer, secrets)
  if (known === undefined) return answerError('platform', target, shown)
  return new ConnectorError(known.code, `${target}: ${answer.status} ${excerpt(shown.text)}`, {
    retryable: known.retryable,
  })
}

/** Far more than an excerpt shows. */
const longestMasked = 20_000

function masked(answer: HttpAnswer, secrets: readonly string[]): HttpAnswer {
  return { ...answer, text: redact(answer.text.slice(0, longestMasked), secrets) }
}
