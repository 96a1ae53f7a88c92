// Output of platforms that give a job's whole log at every read: what came since the last read is cut out of it.
// The cursor counts UTF-16 units of the log.
import { maxOutputTail } from '#shared/status-update.ts'

import { ConnectorError } from '../errors.ts'
import type { JobOutput } from './driver.ts'
import { platformError, targetOf } from './http.ts'
import type { PlatformHttp, PlatformRequest } from './http.ts'

/** Reads the log that `request` answers as text. Rejects as PlatformHttp.json does. */
export async function readWholeLog(
  http: PlatformHttp,
  request: PlatformRequest,
  cursor: string | null,
): Promise<JobOutput> {
  const from = offsetOf(cursor)
  const answer = await http.send({ ...request, part: { from, most: maxOutputTail } })
  if (answer.status < 200 || answer.status > 299) throw platformError(answer, targetOf(request))
  return cutOut(answer.text, { from, length: answer.length ?? 0 })
}

/** What came after the cursor in a text that is at hand. */
export function sinceCursor(text: string, cursor: string | null): JobOutput {
  const from = offsetOf(cursor)
  const end = text.slice(from).slice(-maxOutputTail)
  return cutOut(end.replace(/^[\uDC00-\uDFFF]/, ''), { from, length: text.length })
}

function cutOut(text: string, place: { from: number; length: number }): JobOutput {
  const { from, length } = place
  // A log that got shorter was cleared; what is new in it cannot be told from what is old.
  if (length <= from) return { text: '', omitted: 0, cursor: String(from) }
  return { text, omitted: length - from - text.length, cursor: String(length) }
}

function offsetOf(cursor: string | null): number {
  const offset = Number(cursor ?? 0)
  if (Number.isSafeInteger(offset) && offset >= 0) return offset
  throw new ConnectorError('internal_error', `${cursor} is no cursor of ours`)
}
