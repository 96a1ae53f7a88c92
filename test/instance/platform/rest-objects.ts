// The request and response objects of scripted REST resources (c_ScriptableServiceRequest, …Response).
import type { RestRequest } from '../types.ts'
import { text } from './glide/host.ts'
import type { GlideHost } from './glide/host.ts'
import { requireScriptable } from './glide/privileges.ts'

/** What a resource said so far. */
export interface ResponseState {
  status: number
  headers: Record<string, string>
  body: unknown
  error: unknown
  /** Written through getStreamWriter: goes out as it is. */
  stream: string
}

const apiObjects = new WeakSet<object>()

/** True for request and response themselves, which cannot be an answer. */
export function isApiObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && apiObjects.has(value)
}

/** `request` of a resource script. */
export function requestObject(
  host: GlideHost,
  request: RestRequest,
  pathParams: Record<string, string>,
): object {
  const { realm } = host
  const names = [...new Set(request.query.keys())]
  const queryParams = Object.fromEntries(names.map((name) => [name, request.query.getAll(name)]))
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const object = {
    pathParams: realm.data(pathParams),
    queryParams: realm.data(queryParams),
    queryString: request.query.toString(),
    uri: request.path,
    url: request.path,
    headers: realm.data(headers),
    getHeader(name: unknown) {
      requireScriptable(host, 'RESTAPIRequest')
      return headers[text(name).toLowerCase()] ?? null
    },
    get body(): object {
      requireScriptable(host, 'RESTAPIRequest')
      return bodyObject
    },
  }
  const bodyObject = requestBody(host, request.body)
  apiObjects.add(object)
  return object
}

/** The body is a stream: what was read once, in whatever form, is gone. */
function requestBody(host: GlideHost, content: string): object {
  let left: string | null = content
  function take(): string {
    requireScriptable(host, 'RESTAPIRequestBody')
    const taken = left ?? ''
    left = null
    return taken
  }
  return {
    get data(): unknown {
      const taken = take()
      return taken === '' ? undefined : host.realm.data(parse(host, taken))
    },
    get dataString(): string {
      return take()
    },
    get dataStream(): string {
      return take()
    },
  }
}

function parse({ realm }: GlideHost, content: string): unknown {
  try {
    return JSON.parse(content) as unknown
  } catch {
    // The script sees an error of its own world, as for any unreadable body.
    throw realm.error('Unable to parse the request body')
  }
}

/** `response` of a resource script. */
export function responseObject(host: GlideHost, state: ResponseState): object {
  function builder(name: string): void {
    requireScriptable(host, `ScriptableServiceResultBuilder.${name}`)
  }
  const object = {
    setStatus(status: unknown) {
      builder('setStatus')
      state.status = Number(status)
    },
    setBody(body: unknown) {
      builder('setBody')
      state.body = body
    },
    setHeader(name: unknown, value: unknown) {
      builder('setHeader')
      state.headers[text(name)] = text(value)
    },
    setHeaders(headers: Record<string, unknown>) {
      builder('setHeaders')
      for (const [name, value] of Object.entries(headers)) state.headers[name] = text(value)
    },
    setContentType(type: unknown) {
      builder('setContentType')
      state.headers['Content-Type'] = text(type)
    },
    setLocation(location: unknown) {
      builder('setLocation')
      state.headers['Location'] = text(location)
    },
    setError(error: unknown) {
      state.error = error
    },
    getStreamWriter: () => ({
      writeString: (value: unknown) => void (state.stream += text(value)),
    }),
  }
  apiObjects.add(object)
  return object
}
