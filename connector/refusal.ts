// A request that is answered with an error: the code, the status, and what the sender can do about it.
import type { Problem, ProblemCode } from '#shared/problem.ts'

/** Where in a body something is wrong. */
type ProblemPlace = NonNullable<Problem['errors']>[number]

interface RefusalOptions {
  /** Places in the body. */
  errors?: readonly ProblemPlace[]
  /** Seconds after which the same request may succeed. */
  retryAfterSeconds?: number
  cause?: unknown
}

/** HTTP status and title of each code (RFC 9457 sections 3.1.2 and 3.1.3). */
const kinds: Record<ProblemCode, { status: number; title: string }> = {
  signature_missing: { status: 401, title: 'Signature missing' },
  signature_invalid: { status: 401, title: 'Signature not valid' },
  signature_unknown_key: { status: 401, title: 'Signature by an unknown key' },
  signature_wrong_issuer: { status: 401, title: 'Signature by the wrong issuer' },
  signature_wrong_audience: { status: 401, title: 'Signature for another audience' },
  signature_expired: { status: 401, title: 'Signature expired' },
  signature_not_yet_valid: { status: 401, title: 'Signature from the future' },
  signature_too_long_lived: { status: 401, title: 'Signature valid for too long' },
  signature_replayed: { status: 401, title: 'Signature used before' },
  body_hash_mismatch: { status: 401, title: 'Body is not the signed one' },
  body_too_large: { status: 413, title: 'Body too large' },
  body_too_deep: { status: 422, title: 'Body nested too deeply' },
  body_invalid_json: { status: 400, title: 'Body is not JSON' },
  content_type_unsupported: { status: 415, title: 'Content type not supported' },
  event_invalid: { status: 422, title: 'Body does not match the contract' },
  text_not_carriable: { status: 422, title: 'Text that cannot be carried' },
  source_mismatch: { status: 403, title: "Source is not the signer's instance" },
  template_unknown: { status: 404, title: 'No such template' },
  event_not_found: { status: 404, title: 'No such event' },
  backtest_running: { status: 409, title: 'A backtest is running' },
  instance_unreadable: { status: 502, title: 'Instance cannot be read' },
  callback_refused: { status: 401, title: 'Call of a platform not proved' },
  callback_invalid: { status: 422, title: 'Call of a platform not understood' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  database_unavailable: { status: 503, title: 'Database unavailable' },
  internal_error: { status: 500, title: 'Internal error' },
}

/** Thrown while a request is handled; the server turns it into problem+json. */
export class Refusal extends Error {
  override name = 'Refusal' as const
  readonly code: ProblemCode
  readonly status: number
  readonly errors: readonly ProblemPlace[]
  readonly retryAfterSeconds: number | undefined

  constructor(code: ProblemCode, detail: string, options: RefusalOptions = {}) {
    super(detail, { cause: options.cause })
    this.code = code
    this.status = kinds[code].status
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** The body of the answer. */
export function problemOf(refusal: Refusal): Problem {
  return {
    type: `urn:ticket-automation:problem:${refusal.code}`,
    title: kinds[refusal.code].title,
    status: refusal.status,
    code: refusal.code,
    detail: refusal.message,
    ...(refusal.errors.length === 0 ? {} : { errors: [...refusal.errors] }),
  }
}
