// A circuit breaker: after several requests in a row without an answer a platform is left alone for a while, then
// asked by one request at a time until it answers.
import { ConnectorError } from '../errors.ts'

/** The breaker of one platform, in this process. */
export interface Breaker {
  /** Throws platform_unreachable, with the time to wait, while the platform is left alone. */
  enter(): void
  /** Says how a request that entered went. */
  leave(answered: boolean): void
  /** Says that a request that entered was never sent. */
  abandon(): void
}

/** Requests in a row without an answer after which it opens. */
const opensAfter = 5

/** How long a platform is left alone, in milliseconds: as long as before the next try, doubled each time. */
const shortestMs = 2_000
const longestMs = 30_000

/** Creates the breaker. `name` is the platform in messages. */
export function createBreaker(name: string, now: () => number = Date.now): Breaker {
  let failures = 0
  let closedUntil = 0
  let isProbing = false
  return {
    enter() {
      if (failures < opensAfter) return
      const waitMs = closedUntil - now()
      if (waitMs > 0 || isProbing) {
        throw new ConnectorError(
          'platform_unreachable',
          `${name} did not answer ${failures} requests in a row; it is asked again in a moment`,
          { retryable: true, retryAfterMs: Math.max(waitMs, 1_000) },
        )
      }
      isProbing = true
    },
    abandon() {
      isProbing = false
    },
    leave(answered) {
      isProbing = false
      failures = answered ? 0 : failures + 1
      if (failures < opensAfter) return
      closedUntil = now() + Math.min(longestMs, shortestMs * 2 ** (failures - opensAfter))
    },
  }
}
