// What text may cross the border, and how it is written there.
import { z } from 'zod'

/** NUL (PostgreSQL and process environments cannot hold it) or half of a surrogate pair (not Unicode text). */
const notCarriable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** True when the text holds NUL or a lone surrogate, which the contract refuses (`text_not_carriable`). */
export function isCarriable(text: string): boolean {
  return !notCarriable.test(text)
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
