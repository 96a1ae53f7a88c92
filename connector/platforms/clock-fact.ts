// How far a platform's clock is from ours, by the Date header of an answer (RFC 9110, 6.6.1).
import type { HttpAnswer } from '../http-client.ts'
import type { PlatformFact } from './driver.ts'

/** Clocks that differ by more make "started at" and "finished at" wrong. */
const toleranceMs = 60_000

/** The fact about the clock; none when the answer tells no time. */
export function clockFact({ headers }: HttpAnswer): PlatformFact[] {
  const theirs = Date.parse(headers['date'] ?? '')
  if (Number.isNaN(theirs)) return []
  const apartMs = Math.abs(Date.now() - theirs)
  const passed = apartMs < toleranceMs
  const detail = `${Math.round(apartMs / 1000)} s apart`
  if (passed) return [{ what: 'clock', passed, detail }]
  return [{ what: 'clock', passed, detail, fix: 'Synchronise both clocks by NTP' }]
}
