// Scripted REST APIs of the installed app: routing, access, the request and response objects, the shapes of
// answers and errors (servicenow-runtime.md §2.6, §4.2).
import type { RestRequest, RestResponse, Session, StoredRecord } from '../types.ts'
import type { Core } from './core.ts'
import { serviceErrorState } from './glide/service-error.ts'
import { isApiObject, requestObject, responseObject } from './rest-objects.ts'
import type { ResponseState } from './rest-objects.ts'
import { messageOf } from './script-error.ts'

const maxBodyBytes = 10 * 1024 * 1024 // KB0747638
const json = 'application/json;charset=UTF-8'

const guest: Session = {
  userSysId: '',
  userName: 'guest',
  displayName: 'Guest',
  roles: new Set(),
  groups: [],
  interactive: false,
}

interface Route {
  operation: StoredRecord
  pathParams: Record<string, string>
}

/** Answers a request, or null when no API of the app covers its path. */
export function answerRest(
  core: Core,
  session: Session | null,
  request: RestRequest,
): RestResponse | null {
  const routes = findRoutes(core, request.path)
  if (routes.length === 0) return null
  const method = (header(request, 'x-http-method-override') ?? request.method).toUpperCase()
  const route = routes.find(({ operation }) => operation['http_method'] === method)
  if (!route)
    return failure(405, 'Method not supported', `${method} is not supported by this resource`)
  const { operation } = route
  if (session === null && operation['requires_authentication'] !== 'false') {
    const reply = failure(401, 'User Not Authenticated', 'Required to provide Auth information')
    return {
      ...reply,
      headers: { ...reply.headers, 'WWW-Authenticate': 'Basic realm="Service-now"' },
    }
  }
  if (session !== null && !authorised(core, session, operation)) {
    return failure(403, 'User Not Authorized', 'Failed API level ACL Validation')
  }
  return (
    negotiate(operation, request, method) ?? execute(core, session ?? guest, { route, request })
  )
}

function findRoutes(core: Core, path: string): Route[] {
  const found: Route[] = []
  for (const operation of core.store.rows('sys_ws_operation')) {
    const definition = core.store.find(
      'sys_ws_definition',
      operation['web_service_definition'] ?? '',
    )
    if (operation['active'] === 'false' || definition?.['active'] === 'false') continue
    const uris = [operation['operation_uri'] ?? '', operation['default_operation_uri'] ?? '']
    const pathParams = uris.map((uri) => matchUri(uri, path)).find((one) => one !== null)
    if (pathParams) found.push({ operation, pathParams })
  }
  // A literal segment beats a parameter.
  return found.toSorted(
    (a, b) => Object.keys(a.pathParams).length - Object.keys(b.pathParams).length,
  )
}

function matchUri(uri: string, path: string): Record<string, string> | null {
  const wanted = uri.split('/')
  const given = path.replace(/\/$/, '').split('/')
  if (uri === '' || wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name !== undefined && value !== '') params[name] = decodeURIComponent(value)
    else if (part !== value) return null
  }
  return params
}

/** ACLs of the resource replace those of the API; any one that passes suffices. */
function authorised(core: Core, session: Session, operation: StoredRecord): boolean {
  if (operation['requires_acl_authorization'] === 'false') return true
  const definition = core.store.find('sys_ws_definition', operation['web_service_definition'] ?? '')
  const ids = (operation['enforce_acl'] || definition?.['enforce_acl'] || '').split(',')
  const acls = ids
    .map((id) => core.store.find('sys_security_acl', id.trim()))
    .filter((one) => one !== null)
  // The ACL the platform puts in by default ("Scripted REST External Default") lets signed-in users pass.
  return acls.length === 0 || acls.some((acl) => core.rights.passes(session, acl))
}

function negotiate(
  operation: StoredRecord,
  request: RestRequest,
  method: string,
): RestResponse | null {
  if (Buffer.byteLength(request.body) > maxBodyBytes) {
    const detail = `Rejected large REST payload with content-length = ${Buffer.byteLength(request.body)} bytes. Max allowed: ${maxBodyBytes} bytes.`
    return failure(400, 'Exception while reading request', detail)
  }
  const sends = ['POST', 'PUT', 'PATCH'].includes(method) && request.body !== ''
  const type = (header(request, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (
    sends &&
    !(operation['consumes'] || 'application/json').toLowerCase().split(',').includes(type)
  ) {
    return failure(415, 'Unsupported media type', `Content-Type ${type} is not supported`)
  }
  const accept = header(request, 'accept')
  const produces = (operation['produces'] || 'application/json').split(',')
  if (accept !== undefined && !accepted(accept, produces)) {
    return failure(406, 'Not acceptable', `Accept ${accept} is not supported`)
  }
  return null
}

function accepted(accept: string, produces: readonly string[]): boolean {
  const types = accept.split(',').map((one) => (one.split(';')[0] ?? '').trim().toLowerCase())
  return types.some(
    (type) => type === '' || type === '*/*' || type === 'application/*' || produces.includes(type),
  )
}

function execute(
  core: Core,
  session: Session,
  { route, request }: { route: Route; request: RestRequest },
): RestResponse {
  const state: ResponseState = {
    status: 200,
    headers: {},
    body: undefined,
    error: null,
    stream: '',
  }
  try {
    const returned = core.scripts.run({
      owner: route.operation,
      source: route.operation['operation_script'] ?? '',
      session,
      globals: (host) => ({
        request: requestObject(host, request, route.pathParams),
        response: responseObject(host, state),
      }),
    })
    return answerOf(state, returned)
  } catch (error) {
    const known = serviceErrorState(error)
    if (known) return failure(known.status, known.message, known.detail)
    core.log.add('error', route.operation['name'] ?? '', messageOf(error))
    return failure(500, 'Script Evaluation Exception', messageOf(error))
  }
}

function answerOf(state: ResponseState, returned: unknown): RestResponse {
  if (state.error !== null) {
    const error = serviceErrorState(state.error)
    if (error) return failure(error.status, error.message, error.detail)
  }
  const headers = { 'Content-Type': json, ...state.headers }
  if (state.stream !== '') return { status: state.status, headers, body: state.stream }
  const value = state.body === undefined ? returned : state.body
  if (value === undefined || value === null) return { status: state.status, headers, body: '' }
  if (isApiObject(value)) {
    return failure(
      500,
      'Script Evaluation Exception',
      'the request or response object cannot be serialised',
    )
  }
  return { status: state.status, headers, body: JSON.stringify({ result: value }) }
}

function header(request: RestRequest, name: string): string | undefined {
  const found = Object.entries(request.headers).find(([one]) => one.toLowerCase() === name)
  return found?.[1]
}

function failure(status: number, message: string, detail: string): RestResponse {
  const body = JSON.stringify({ error: { message, detail }, status: 'failure' })
  return { status, headers: { 'Content-Type': json }, body }
}
