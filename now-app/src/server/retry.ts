// What becomes of an outbox row after an attempt. Pure: an answer and a count in, a decision out.
import { type ConnectorAnswer, problemOf } from './connector-answer.ts'
import { isObject } from './text.ts'

/** First wait in seconds; doubles with every attempt. */
const firstWaitSeconds = 15

/** Longest wait in seconds. */
const longestWaitSeconds = 3600

/** Statuses that may go away by themselves (RFC 9110 15.5.9, RFC 6585 4); 5xx as well. */
const passingStatuses = [408, 425, 429]

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

/** Sent on a proper 202; given up on an answer that will not change or after the last attempt. */
export function judge(attempt: Attempt): Verdict {
  const { answer } = attempt
  if (!answer.ok) return again(attempt, `The connector did not answer: ${answer.reason}`, null)
  if (answer.status === 202 && isReply(answer.json, attempt.eventId)) return { outcome: 'sent' }
  const passing = answer.status >= 500 || passingStatuses.includes(answer.status)
  if (answer.status >= 400 && !passing) {
    return { outcome: 'dead', reason: problemOf(answer.json, answer.status) }
  }
  if (answer.status < 400) {
    // A proxy's or login page says 200 as well; only the connector's own reply counts.
    return again(attempt, `HTTP ${answer.status} that is no reply of the connector`, null)
  }
  return again(attempt, problemOf(answer.json, answer.status), answer.retryAfterSeconds)
}

function again(attempt: Attempt, reason: string, retryAfterSeconds: number | null): Verdict {
  if (attempt.attempts >= attempt.maxAttempts) {
    return { outcome: 'dead', reason: `Given up after ${attempt.attempts} attempts. ${reason}` }
  }
  const doubled = firstWaitSeconds * 2 ** (attempt.attempts - 1)
  const wait = Math.min(longestWaitSeconds, Math.max(doubled, retryAfterSeconds ?? 0))
  return { outcome: 'again', reason, waitSeconds: Math.round(wait * (1 + attempt.jitter * 0.2)) }
}

function isReply(json: unknown, eventId: string): boolean {
  return isObject(json) && json['event_id'] === eventId
}
