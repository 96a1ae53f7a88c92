// One HTTP exchange as plain values: what came in, what goes out. Handlers never touch sockets, so that faults can
// replace any answer before or after the work was done.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** The platform's own limit of a REST payload (servicenow-runtime.md §2.6, KB0747638). */
export const maxBodyBytes = 10_485_760

/** A request, read completely. */
export interface Incoming {
  /** Upper case, X-HTTP-Method-Override applied. */
  method: string
  path: string
  query: URLSearchParams
  /** Lower-case names; repeated headers joined with ', '. */
  headers: Record<string, string>
  body: string
  /** Scheme and authority the client used, no trailing slash. */
  base: string
  remoteAddress: string
  /** Aborted when the client goes away before it was answered. */
  gone: AbortSignal
}

/** An answer. */
export interface Reply {
  status: number
  headers: Record<string, string | string[]>
  body: string | Buffer
}

/** Thrown while reading when the body is longer than the platform takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge' as const
  readonly bytes: number

  constructor(bytes: number) {
    super(`request body of ${bytes} bytes`)
    this.bytes = bytes
  }
}

/** Reads a whole request. Throws BodyTooLarge above 10 MB. */
export async function readIncoming(
  request: IncomingMessage,
  secure: boolean,
  gone: AbortSignal,
): Promise<Incoming> {
  const url = new URL(request.url ?? '/', 'http://instance.invalid')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const override = headers['x-http-method-override']
  return {
    method: (override ?? request.method ?? 'GET').toUpperCase(),
    path: decodePath(url.pathname),
    query: url.searchParams,
    headers,
    body: await readBody(request),
    base: `${secure ? 'https' : 'http'}://${hostOf(headers['host'], request)}`,
    remoteAddress: request.socket.remoteAddress ?? '',
    gone,
  }
}

/** Writes an answer; HEAD and 204 send headers only. */
export function writeReply(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return
  const body = Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(reply.body, 'utf8')
  response.statusCode = reply.status
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  if (reply.status !== 204) response.setHeader('Content-Length', body.length)
  response.end(request.method === 'HEAD' || reply.status === 204 ? undefined : body)
}

/** A JSON answer as the REST front of the platform labels it. */
export function json(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=UTF-8' },
    body: JSON.stringify(value),
  }
}

/** A redirect after a form post (303) or to another page (302). */
export function redirect(location: string, status: 302 | 303 = 303): Reply {
  return { status, headers: { Location: location }, body: '' }
}

/** A plain text answer, for what no page exists. */
export function text(status: number, body: string): Reply {
  return { status, headers: { 'Content-Type': 'text/plain;charset=UTF-8' }, body }
}

/** Parameters of the URL and, for a form post, of its body (body wins). */
export function formParameters(incoming: Incoming): URLSearchParams {
  const all = new URLSearchParams(incoming.query)
  if (!isFormPost(incoming)) return all
  const posted = new URLSearchParams(incoming.body)
  for (const name of new Set(posted.keys())) all.delete(name)
  for (const [name, value] of posted) all.append(name, value)
  return all
}

/** True when the body is application/x-www-form-urlencoded. */
export function isFormPost(incoming: Incoming): boolean {
  const type = (incoming.headers['content-type'] ?? '').split(';')[0] ?? ''
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    // A node:http body without an encoding set yields Buffers only.
    const part = chunk as Buffer
    bytes += part.length
    if (bytes <= maxBodyBytes) chunks.push(part)
  }
  if (bytes > maxBodyBytes) throw new BodyTooLarge(bytes)
  return Buffer.concat(chunks).toString('utf8')
}

/** A hostile Host header must not end up in links: anything but a plain authority falls back to the local address. */
function hostOf(host: string | undefined, request: IncomingMessage): string {
  if (host !== undefined && /^[a-z0-9.-]+(:\d+)?$|^\[[0-9a-f:]+\](:\d+)?$/i.test(host)) return host
  return `127.0.0.1:${request.socket.localPort ?? 80}`
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    // Malformed escapes stay as they came; no route matches them.
    return pathname
  }
}
