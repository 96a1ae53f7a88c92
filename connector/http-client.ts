// Outgoing HTTP: one place for time limits, connection reuse, redirects, body limits and the table that says
// which answers are worth another try.
import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'

import { toCarriable } from '#shared/text.ts'

import { ConnectorError, messageOf } from './errors.ts'
import type { ErrorCode } from './errors.ts'

/** One request. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers?: Record<string, string>
  body?: Buffer | string
  /** Keeps only a part of the answer's text, however long it is; without it a long answer is an error. */
  part?: TextPart
  signal: AbortSignal
}

/** Which part of a long text is kept. Counted in UTF-16 units. */
export interface TextPart {
  /** Left out at the start. */
  from: number
  /** Most that is kept of the rest: its end. */
  most: number
}

/** An answer whose status the caller looks at. */
export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  text: string
  /** With `part`: UTF-16 units of the whole text, without a character that is not finished yet. */
  length?: number
}

/** A client for one peer. */
export interface HttpClient {
  /** Rejects with `<peer>_unreachable` or `<peer>_timeout` when there is no answer. */
  send(request: HttpRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Who is at the other end; the first half of the error codes. */
export type Peer = 'instance' | 'platform'

/** Longest answer that is read, in bytes. */
const maxAnswerBytes = 5_000_000

const connectTimeoutMs = 5_000

/** Creates a client. `connections` = most connections to one host at once. */
export function createHttpClient(peer: Peer, options: { connections: number }): HttpClient {
  const agent = new Agent({
    connections: options.connections,
    connect: { timeout: connectTimeoutMs },
    // Redirects are never followed: a token must not travel to a host nobody configured.
  })
  return {
    send: (httpRequest) => send(httpRequest, { peer, agent }),
    close: () => agent.close(),
  }
}

async function send(
  { method, url, headers, body, signal, part }: HttpRequest,
  { peer, agent }: { peer: Peer; agent: Dispatcher },
): Promise<HttpAnswer> {
  const target = `${method} ${new URL(url).origin}${new URL(url).pathname}`
  try {
    const response = await request(url, {
      method,
      dispatcher: agent,
      signal,
      headers: headers ?? {},
      body: body ?? null,
    })
    const answer = { status: response.statusCode, headers: flat(response.headers) }
    if (part !== undefined) return { ...answer, ...(await readPart(response.body, part)) }
    return { ...answer, text: await readText(response.body) }
  } catch (error) {
    throw connectionError(error, { peer, target })
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxAnswerBytes)
      throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Longest text of which a part is read, in UTF-16 units; what comes after is left alone. */
const maxPartedLength = 200_000_000

async function readPart(
  body: AsyncIterable<Buffer>,
  { from, most }: TextPart,
): Promise<{ text: string; length: number }> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let length = 0
  for await (const chunk of body) {
    const piece = decoder.decode(chunk, { stream: true })
    text += piece.slice(Math.max(0, from - length))
    length += piece.length
    if (text.length > 4 * most) text = text.slice(-most)
    if (length > maxPartedLength) break
  }
  // Never starting inside a surrogate pair.
  return { text: text.slice(-most).replace(/^[\uDC00-\uDFFF]/, ''), length }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? (value[0] ?? '') : (value ?? ''),
    ]),
  )
}

/** Codes that mean that no byte of the request arrived. */
const neverArrived = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function connectionError(error: unknown, call: { peer: Peer; target: string }): ConnectorError {
  const { peer, target } = call
  const code = codeOf(error)
  const options = { retryable: true, cause: error }
  if (neverArrived.has(code)) {
    return new ConnectorError(
      `${peer}_unreachable`,
      `${target}: ${messageOf(error) || code}`,
      options,
    )
  }
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError' || name === 'AbortError' || code.includes('TIMEOUT')) {
    return new ConnectorError(`${peer}_timeout`, `${target}: no answer in time`, options)
  }
  return new ConnectorError(`${peer}_error`, `${target}: ${messageOf(error)}`, options)
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

/** Turns an answer that is not a success into the error the road understands. */
export function answerError(peer: Peer, target: string, answer: HttpAnswer): ConnectorError {
  const { code, retryable } = answerCodes(peer, answer.status)
  const retryAfterMs = retryAfterOf(answer)
  return new ConnectorError(code, `${target}: ${answer.status} ${excerpt(answer.text)}`.trim(), {
    retryable,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
}

function answerCodes(peer: Peer, status: number): { code: ErrorCode; retryable: boolean } {
  // An admin can mend credentials and roles; until then the work waits.
  if (status === 401 || status === 403) return { code: `${peer}_auth`, retryable: true }
  if (status === 429) return { code: `${peer}_rate_limited`, retryable: true }
  if (status === 408) return { code: `${peer}_timeout`, retryable: true }
  if (status >= 500 || status === 404) return { code: `${peer}_error`, retryable: true }
  if (status >= 300 && status < 400) return { code: `${peer}_bad_answer`, retryable: true }
  return { code: `${peer}_rejected`, retryable: false }
}

/** Longest wait that a Retry-After may ask for. */
const maxRetryAfterMs = 3_600_000

function retryAfterOf(answer: HttpAnswer): number | null {
  const value = answer.headers['retry-after']
  if (value === undefined) return null
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  if (!Number.isFinite(seconds) || seconds < 0) return null
  return Math.min(seconds * 1000, maxRetryAfterMs)
}

/** The start of a body, in one line, for a message. */
export function excerpt(text: string): string {
  return toCarriable(text.replaceAll(/\s+/g, ' ').slice(0, 200))
}
