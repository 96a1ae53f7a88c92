// A platform's pace: so many requests in a second, evenly, in the order in which they were asked for.
import { setTimeout as wait } from 'node:timers/promises'

import { ConnectorError } from '../errors.ts'

/** The pace of one platform, in this process. */
export interface Rate {
  /**
   * Resolves when it is the caller's turn; rejects with platform_rate_limited when `signal` aborts before, or at once
   * when too many others wait.
   */
  turn(signal: AbortSignal): Promise<void>
}

/** Requests that may go at once after a pause, as a share of a second. */
const burstSeconds = 0.25

/** Longest queue, in milliseconds: shorter than a call may take (callTimeoutMs), so that each turn is one. */
const longestQueueMs = 8_000

/** Creates the pace. */
export function createRate(perSecond: number): Rate {
  const gapMs = 1000 / perSecond
  const burstMs = burstSeconds * 1000
  /** When the next request may go. */
  let next = 0
  return {
    async turn(signal) {
      const now = performance.now()
      const at = Math.max(next, now - burstMs)
      if (at - now > longestQueueMs) throw tooMany(perSecond, at - now)
      next = at + gapMs
      if (at <= now) return
      try {
        await wait(at - now, undefined, { signal })
      } catch (cause) {
        // Somebody else may have it.
        next -= gapMs
        throw tooMany(perSecond, gapMs, cause)
      }
    },
  }
}

function tooMany(perSecond: number, retryAfterMs: number, cause?: unknown): ConnectorError {
  const text = `more than ${perSecond} requests in a second: this one had no turn in time`
  return new ConnectorError('platform_rate_limited', text, { retryable: true, retryAfterMs, cause })
}
