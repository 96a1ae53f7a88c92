// What becomes of an outbox row after an attempt. Pure: an answer and a count in, a decision out.
import { type ConnectorAnswer, problemOf } from './connector-answer.ts'
import { isObject } from './text.ts'

/** First wait in seconds; doubles with every attempt. */
const firstWaitSeconds = 15

/** Longest wait in seconds. */
const longestWaitSeconds = 3600

/**
 * Statuses with which the connector refuses an event for good: the same event gets the same answer. All
 * others may pass: keys, clocks, roles and addresses are mended, and each attempt carries a new signature.
 */
const lastingStatuses = [400, 405, 409, 413, 415, 422]

/** The decision about a row. */
export type Verdict =
  | { outcome: 'sent' }
  | { outcome: 'again'; waitSeconds: number; reason: string }
  | { outcome: 'dead'; reason: string }

/** What the verdict depends on. */
export interface Attempt {
  eventId: string
  answer: ConnectorAnswer
  /** Attempts made, this one included. */
  attempts: number
  maxAttempts: number
  /** 0..1, spreads the waits of many rows. */
  jitter: number
}

/** Sent on a proper 202; given up on the connector's own lasting refusal or after the last attempt. */
export function judge(attempt: Attempt): Verdict {
  const { answer } = attempt
  if (!answer.ok) return again(attempt, `The connector did not answer: ${answer.reason}`, null)
  const { status, json } = answer
  if (status === 202 && isReply(json, attempt.eventId)) return { outcome: 'sent' }
  if (lastingStatuses.includes(status) && hasCode(json)) {
    return { outcome: 'dead', reason: problemOf(json, status) }
  }
  if (status < 400) {
    // A proxy's or login page says 200 as well; only the connector's own reply counts.
    return again(attempt, `HTTP ${status} that is no reply of the connector`, null)
  }
  return again(attempt, problemOf(json, status), answer.retryAfterSeconds)
}

function again(attempt: Attempt, reason: string, retryAfterSeconds: number | null): Verdict {
  if (attempt.attempts >= attempt.maxAttempts) {
    return { outcome: 'dead', reason: `Given up after ${attempt.attempts} attempts. ${reason}` }
  }
  const doubled = firstWaitSeconds * 2 ** (attempt.attempts - 1)
  const wait = Math.min(longestWaitSeconds, Math.max(doubled, retryAfterSeconds ?? 0))
  return { outcome: 'again', reason, waitSeconds: Math.round(wait * (1 + attempt.jitter * 0.2)) }
}

/** Only the connector's own answers carry one: a page of something in between decides nothing. */
function hasCode(json: unknown): boolean {
  return isObject(json) && typeof json['code'] === 'string'
}

function isReply(json: unknown, eventId: string): boolean {
  return isObject(json) && json['event_id'] === eventId
}
