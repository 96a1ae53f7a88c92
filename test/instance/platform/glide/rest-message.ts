// sn_ws.RESTMessageV2 and RESTResponseV2 (c_RESTMessageV2API, c_RESTResponseV2API): synchronous calls only;
// executeAsync and stored REST messages are not emulated and say so.
import { property } from '../core.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'
import { requireScriptable } from './privileges.ts'
import { callAndWait } from './sync-http.ts'
import type { HttpAnswer } from './sync-http.ts'

interface Message {
  endpoint: string
  method: string
  headers: Record<string, string>
  query: [string, string][]
  body: string
  timeoutMs: number | null
}

/** The constructor scripts call: new sn_ws.RESTMessageV2(). */
export function restMessageType(host: GlideHost): (name?: unknown, fn?: unknown) => object {
  return function RESTMessageV2(name) {
    if (name !== undefined) {
      throw host.realm.error(
        `REST message ${text(name)} not found: stored messages are not emulated`,
      )
    }
    const message: Message = {
      endpoint: '',
      method: '',
      headers: {},
      query: [],
      body: '',
      timeoutMs: null,
    }
    return messageMethods(host, message)
  }
}

function messageMethods(host: GlideHost, message: Message): Record<string, unknown> {
  const { realm } = host
  const methods: Record<string, (...args: unknown[]) => unknown> = {
    setEndpoint: (url) => void (message.endpoint = text(url)),
    getEndpoint: () => message.endpoint,
    setHttpMethod: (method) => void (message.method = text(method).toUpperCase()),
    setRequestHeader: (name, value) => void (message.headers[text(name)] = text(value)),
    setQueryParameter: (name, value) => void message.query.push([text(name), text(value)]),
    setRequestBody: (body) => void (message.body = text(body)),
    getRequestBody: () => message.body,
    setHttpTimeout: (limit) => void (message.timeoutMs = Number(limit)),
    setBasicAuth(user, password) {
      const pair = Buffer.from(`${text(user)}:${text(password)}`).toString('base64')
      message.headers['Authorization'] = `Basic ${pair}`
    },
    execute: () => execute(host, message),
    executeAsync() {
      throw realm.error('RESTMessageV2.executeAsync is not emulated')
    },
  }
  return guarded(host, 'ScriptableRESTMessageClient', methods)
}

function guarded(
  host: GlideHost,
  name: string,
  methods: Record<string, (...args: unknown[]) => unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(methods).map(([method, run]) => [
      method,
      (...args: unknown[]) => {
        requireScriptable(host, `${name}.${method}`)
        return run(...args)
      },
    ]),
  )
}

const methodsAllowed = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])

function execute(host: GlideHost, message: Message): object {
  const { realm, core } = host
  if (!methodsAllowed.has(message.method))
    throw realm.error(`Invalid HTTP method: ${message.method}`)
  if (!URL.canParse(message.endpoint)) throw realm.error(`Invalid endpoint: ${message.endpoint}`)
  const url = new URL(message.endpoint)
  for (const [name, value] of message.query) url.searchParams.append(name, value)
  const limit = message.timeoutMs ?? Number(property(core, 'glide.http.timeout') ?? 175_000)
  const answer = callAndWait({
    method: message.method,
    url: url.href,
    headers: { 'User-Agent': 'ServiceNow/1.0', ...message.headers },
    body: message.body,
    timeoutMs: limit,
  })
  if (answer.kind === 'refused') {
    throw realm.error(`Unable to execute HTTP request to ${url.host}: ${answer.message}`)
  }
  return responseMethods(host, url, answer)
}

function responseMethods(host: GlideHost, url: URL, answer: HttpAnswer): Record<string, unknown> {
  const answered = answer.kind === 'answered' ? answer : null
  const status = answered?.status ?? 0
  const headers = answered?.headers ?? []
  function errorMessage(): string {
    if (answer.kind !== 'answered') return answer.message
    return status >= 400 ? `Method failed: (${url.pathname}) with code: ${status}` : ''
  }
  return guarded(host, 'ScriptableRESTResponse', {
    getStatusCode: () => status,
    getBody: () => answered?.body ?? '',
    getHeader(name) {
      const wanted = text(name).toLowerCase()
      return headers.findLast(([one]) => one.toLowerCase() === wanted)?.[1] ?? null
    },
    getHeaders: () => host.realm.data(Object.fromEntries(headers)),
    getAllHeaders: () => host.realm.data(headers.map(([name, value]) => ({ name, value }))),
    haveError: () => errorMessage() !== '',
    getErrorCode: () => (answer.kind === 'timeout' ? 1 : 0),
    getErrorMessage: () => errorMessage(),
    waitForResponse: () => undefined,
  })
}
