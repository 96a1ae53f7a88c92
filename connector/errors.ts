// The one family of errors of the connector. Every code has a line in README ("When it goes wrong").

/** Codes of failures inside the connector and towards other systems (answers to senders: shared/problem.ts). */
export type ErrorCode =
  | 'config_invalid'
  | 'template_invalid'
  | 'template_unknown'
  | 'parameters_invalid'
  | 'platform_unknown'
  | 'platform_unreachable'
  | 'platform_timeout'
  | 'platform_auth'
  | 'platform_forbidden'
  | 'platform_job_not_found'
  | 'platform_rejected'
  | 'platform_rate_limited'
  | 'platform_error'
  | 'platform_bad_answer'
  | 'job_start_failed'
  | 'job_lost'
  | 'instance_unknown'
  | 'instance_unreachable'
  | 'instance_timeout'
  | 'instance_auth'
  | 'instance_rejected'
  | 'instance_rate_limited'
  | 'instance_error'
  | 'instance_bad_answer'
  | 'database_unavailable'
  | 'database_start_failed'
  | 'migration_failed'
  | 'internal_error'

/** Options of a ConnectorError. */
interface ConnectorErrorOptions {
  /** True when the same call may succeed later without anybody changing anything. */
  retryable?: boolean
  /** Milliseconds the other side asked us to wait (Retry-After). */
  retryAfterMs?: number
  cause?: unknown
}

/** Any failure the connector raises itself. The message says what was tried on what, never a secret. */
export class ConnectorError extends Error {
  override name = 'ConnectorError' as const
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: ConnectorErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}

/** The message of anything thrown, for a log line or a reason. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
