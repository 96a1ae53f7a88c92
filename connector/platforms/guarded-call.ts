// Calls of drivers over HTTP as their callers see them: every failure is a ConnectorError that says what was tried and
// shows no secret.
import { ConnectorError, messageOf } from '../errors.ts'
import { redact } from '../templates/parameters.ts'

/** One call of a driver. */
export interface GuardedCall {
  /** What was tried on what, e.g. `awx launch of 42`. */
  what: string
  signal: AbortSignal
  /** Values that answers of the platform may repeat and errors must not. */
  secrets: readonly string[]
}

/** Runs the call; every failure leaves as a ConnectorError that says what was tried and shows no secret. */
export async function guardCall<T>(call: GuardedCall, work: () => Promise<T>): Promise<T> {
  const { what, signal } = call
  const secrets = call.secrets.filter((secret) => secret !== '')
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    const reason = redact(`${what}: ${messageOf(error)}`, secrets)
    if (!(error instanceof ConnectorError)) {
      const code = signal.aborted ? 'platform_timeout' : 'platform_error'
      // Not as the cause: it may hold what was redacted.
      throw new ConnectorError(code, reason, { retryable: true })
    }
    const { code, retryable, retryAfterMs } = error
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    throw new ConnectorError(code, reason, { retryable, ...wait })
  }
}
