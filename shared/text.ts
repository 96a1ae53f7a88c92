// What text may cross the border, and how it is written there.
import { z } from 'zod'

/** NUL (PostgreSQL and process environments cannot hold it) or half of a surrogate pair (not Unicode text). */
const notCarriable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** True when the text holds NUL or a lone surrogate, which the contract refuses (`text_not_carriable`). */
export function isCarriable(text: string): boolean {
  return !notCarriable.test(text)
}

/** The text with NUL shown as U+2400 and lone surrogates as U+FFFD: visibly replaced, never silently cut. */
export function toCarriable(text: string): string {
  // Not toWellFormed(): the app's build checks this file for an engine that lacks it.
  return text.replace(new RegExp(notCarriable, 'g'), (found) =>
    found === '\0' ? '\u2400' : '\uFFFD',
  )
}

/** A string that every store and every process on the road can hold unchanged. */
export const Text = z.string().refine(isCarriable, {
  error: 'holds NUL or a lone surrogate; replace it before sending',
  params: { code: 'text_not_carriable' },
})

/**
 * JSON with every non-ASCII character written as \uXXXX, so that no charset question between the two
 * halves can change the signed bytes (DESIGN 5, contract rules).
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}

/** How JSON.stringify writes what cannot be carried: NUL and lone surrogates as escapes. */
const escapedNotCarriable = /\\u(0000|d[89a-f])/

/**
 * JSON whose strings every store can hold: PostgreSQL's json types refuse \u0000 and lone surrogates, and
 * one such text would fail a whole group of rows.
 */
export function carriableJson(value: unknown): string {
  const text = JSON.stringify(value)
  if (!escapedNotCarriable.test(text)) return text
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? toCarriable(part) : part,
  )
}

/** The value with every string made carriable; the value itself when that changes nothing. */
export function carriable<T>(value: T): T {
  const text = JSON.stringify(value)
  // Only strings differ, so the shape is the same.
  return escapedNotCarriable.test(text) ? (JSON.parse(carriableJson(value)) as T) : value
}
