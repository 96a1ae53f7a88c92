// Answers of the app's REST routes. Errors carry a stable code beside the text for people.
import type { RESTAPIRequest, RESTAPIResponse } from '@servicenow/glide/sn_ws_int'

import type { ProblemCode } from '../../../shared/problem.ts'
import { isObject, parseJson } from './text.ts'

/** Every code an error answer of the app can carry, beside those of signatures. */
export type AppCode =
  | Extract<ProblemCode, `signature_${string}` | 'body_hash_mismatch' | 'body_invalid_json'>
  | 'body_invalid'
  | 'not_allowed'
  | 'disabled'
  | 'table_not_supported'
  | 'ticket_not_found'
  | 'ticket_closed'
  | 'ticket_mismatch'
  | 'template_changed'
  | 'template_broken'
  | 'parameters_invalid'
  | 'run_not_found'
  | 'run_finished'
  | 'run_not_written'
  | 'cancel_not_written'
  | 'update_in_progress'
  | 'integration_user_mismatch'
  | 'connection_unusable'
  | 'connector_unreachable'
  | 'connector_refused'

/** An error answer: HTTP status, code, and a message that says what to do. */
export interface Refusal {
  status: 400 | 401 | 403 | 404 | 409 | 422 | 502 | 503
  code: AppCode
  message: string
  errors?: readonly { name: string; message: string }[]
}

/** A value, or the refusal to answer with. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

/** Writes a successful answer; the platform wraps the body in `result`. */
export function reply(response: RESTAPIResponse, status: 200 | 201 | 202, body: object): void {
  response.setStatus(status)
  response.setBody(body as Parameters<RESTAPIResponse['setBody']>[0])
}

/** Writes an error answer: `{error: {code, message, errors?}}` inside `result`. */
export function refuse(response: RESTAPIResponse, refusal: Refusal): void {
  const { status, ...error } = refusal
  response.setStatus(status)
  response.setBody({ error } as Parameters<RESTAPIResponse['setBody']>[0])
}

/** Shorthand for an outcome that is a refusal. */
export function refusal(
  status: Refusal['status'],
  code: AppCode,
  message: string,
): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { status, code, message } }
}

/** The body as a JSON object. */
export function bodyOf(request: RESTAPIRequest): Outcome<Record<string, unknown>> {
  const body = parseJson(request.body.dataString || '')
  if (!isObject(body)) return refusal(400, 'body_invalid_json', 'The body must be a JSON object.')
  return { ok: true, value: body }
}

/** One path parameter; '' when the route has none of this name. */
export function pathParameter(request: RESTAPIRequest, name: string): string {
  const parameters = request.pathParams as Record<string, string | undefined>
  // A Java string on the platform: String() makes it one of ours.
  return String(parameters[name] ?? '')
}
