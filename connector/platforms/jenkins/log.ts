// The console of a build: Jenkins gives what came after a byte of the log and says how long it is. Pure.
import { maxOutputTail } from '#shared/status-update.ts'

import { ConnectorError } from '../../errors.ts'
import type { HttpAnswer, TextPart } from '../../http-client.ts'
import type { JobOutput } from '../driver.ts'

/** Nearly every log goes whole, so that what is left out of it can be counted; of longer ones the end is kept. */
export const logPart: TextPart = { from: 0, most: 2_000_000 }

/** The byte to read from. Throws internal_error for what is no cursor of ours. */
export function startOf(cursor: string | null): number {
  const start = Number(cursor ?? 0)
  if (Number.isSafeInteger(start) && start >= 0) return start
  throw new ConnectorError('internal_error', `${cursor} is no cursor of ours`)
}

/** What the answer of `logText/progressiveText?start=` tells. Throws platform_bad_answer. */
export function outputOf(answer: HttpAnswer, start: number): JobOutput {
  const size = Number(answer.headers['x-text-size'] ?? NaN)
  if (!Number.isSafeInteger(size)) {
    const text = 'the log came without X-Text-Size, so not from Jenkins'
    throw new ConnectorError('platform_bad_answer', text, { retryable: true })
  }
  // A log that is shorter than before was replaced: what is new in it cannot be told from what is old.
  if (size <= start) return { text: '', omitted: 0, cursor: String(start) }
  // Jenkins writes every line end as CR LF.
  const whole = answer.text.replaceAll('\r\n', '\n')
  const text = whole.slice(-maxOutputTail).replace(/^[\uDC00-\uDFFF]/, '')
  const before = Math.max(0, (answer.length ?? answer.text.length) - answer.text.length)
  const isOver = answer.headers['x-more-data'] !== 'true'
  return {
    text,
    omitted: before + whole.length - text.length,
    cursor: String(isOver ? size : size - unfinished(answer.text, whole, size - start)),
  }
}

/**
 * Bytes of a character at the end of the log that is not written yet: Jenkins counts them but leaves them out. Counted
 * by the difference, which in a log with CR LF of its own also is one byte a line.
 */
function unfinished(sent: string, whole: string, bytes: number): number {
  const missing = bytes - Buffer.byteLength(whole)
  const lines = sent.length - whole.length
  return missing >= 1 && missing <= 3 && missing !== lines ? missing : 0
}
