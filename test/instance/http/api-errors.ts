// The error answers of the REST front, one function per row of servicenow-runtime.md §4.2.
import type { Failure } from '../types.ts'
import { json } from './message.ts'
import type { Reply } from './message.ts'

/** The common error envelope. */
export function apiError(status: number, message: string, detail: string | null): Reply {
  return json(status, { error: { message, detail }, status: 'failure' })
}

/** 401: no credentials, or wrong ones. */
export function notAuthenticated(): Reply {
  return challenge(apiError(401, 'User Not Authenticated', 'Required to provide Auth information'))
}

/** 401 of the basic-authentication gate (SNCRestrictBasicAuthUserAuthenticationGate). */
export function basicAuthRefused(): Reply {
  return challenge(
    apiError(401, 'User is not authenticated', 'Required to provide Auth information'),
  )
}

/** 404: no such record, or hidden from the session. */
export function noRecord(): Reply {
  return apiError(
    404,
    'No Record found',
    "Record doesn't exist or ACL restricts the record retrieval",
  )
}

/** 400: no such table. */
export function invalidTable(table: string): Reply {
  return apiError(400, `Invalid table ${table}`, `Table ${table} does not exist`)
}

/** 400: nothing answers at this URI. */
export function unknownUri(): Reply {
  return apiError(400, 'Requested URI does not represent any resource', null)
}

/** 405 with the methods that do exist. */
export function methodNotAllowed(allowed: string): Reply {
  const reply = apiError(405, 'Method not supported', null)
  return { ...reply, headers: { ...reply.headers, Allow: allowed } }
}

/** 406: the client does not take JSON. */
export function notAcceptable(): Reply {
  return apiError(406, 'Not acceptable', 'Response media type is not supported')
}

/** 415: the body is not JSON. */
export function unsupportedMediaType(contentType: string): Reply {
  return apiError(415, 'Unsupported media type', `Content type not supported: ${contentType}`)
}

/** 400: the body cannot be read. */
export function unreadableBody(detail: string): Reply {
  return apiError(400, 'Exception while reading request', detail)
}

/** What the core refused, as the Table API tells it. */
export function fromFailure(failure: Failure): Reply {
  return apiError(failure.status, failure.message, failure.detail)
}

function challenge(reply: Reply): Reply {
  return {
    ...reply,
    headers: { ...reply.headers, 'WWW-Authenticate': 'Basic realm="Service-now"' },
  }
}
