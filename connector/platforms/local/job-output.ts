// Reading what a job printed: progress lines are taken out, bytes that are no UTF-8 are replaced visibly,
// and what came after the cap is named. Positions are byte offsets in the output file.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

import { maxOutputTail } from '#shared/status-update.ts'

import type { JobOutput } from '../driver.ts'

/** A line `::progress 40 Cleaning /var/log` (percent, then what the job is doing). */
const progressLine = /^::progress (\d{1,3})(?:\.\d{1,9})?(?=\s|$)/

const marker = '::progress '

/** Longest message taken from a progress or last line, in characters. */
const longestMessage = 500

/** How far a job is by its own word. */
export interface Progress {
  percent: number | null
  message: string
}

/** Where in which file to read. */
export interface OutputPlace {
  path: string
  /** Bytes of the file that count. */
  cap: number
  /** Nothing more will be written: unfinished lines and characters are given out as they are. */
  final: boolean
}

/** What was printed from byte `cursor` on, at most the last maxOutputTail characters of it. */
export async function readOutput(place: OutputPlace, cursor: number): Promise<JobOutput> {
  const raw = await readFrom(place, cursor)
  if (raw === null) return { text: '', omitted: 0, cursor: String(cursor) }
  const { bytes, atLineStart, dropped } = raw
  const complete =
    place.final || dropped ? bytes : bytes.subarray(0, settledLength(bytes, atLineStart))
  const text = readable(withoutProgress(decode(complete), atLineStart))
  const tail = endOf(text, maxOutputTail)
  const omitted = text.length - tail.length
  // One past the cap: the sentence has been given out.
  if (dropped) return { text: tail + dropNotice(place.cap), omitted, cursor: String(place.cap + 1) }
  return { text: tail, omitted, cursor: String(cursor + complete.length) }
}

/** Reads the progress lines of a growing file; the percentage never goes back. */
export function createProgressReader(): (place: OutputPlace) => Promise<Progress> {
  let offset = 0
  const progress: Progress = { percent: null, message: '' }

  async function read(place: OutputPlace): Promise<Progress> {
    const raw = await readFrom(place, offset)
    if (raw === null) return { ...progress }
    const end = place.final ? raw.bytes.length : raw.bytes.lastIndexOf(0x0a) + 1
    const complete = raw.bytes.subarray(0, end)
    offset += complete.length
    if (!complete.includes(marker)) return { ...progress }
    for (const line of decode(complete).split('\n')) {
      const found = progressOf(line)
      if (found === null) continue
      progress.percent = Math.max(progress.percent ?? 0, found.percent)
      if (found.message !== '') progress.message = found.message
    }
    return { ...progress }
  }
  return read
}

/** The last line with something on it, as a reason for people; empty when there is none. */
export async function lastLine(place: OutputPlace): Promise<string> {
  const { text } = await readOutput({ ...place, final: true }, 0)
  return oneLine(text.trimEnd().split('\n').at(-1) ?? '')
}

async function readFrom(
  place: OutputPlace,
  offset: number,
): Promise<{ bytes: Buffer; atLineStart: boolean; dropped: boolean } | null> {
  if (offset > place.cap) return null
  let file: FileHandle
  try {
    file = await open(place.path, 'r')
  } catch (error) {
    // Not begun yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = await file.stat()
    // The byte before tells whether the offset is the start of a line.
    const from = Math.max(0, offset - 1)
    const length = Math.max(0, Math.min(size, place.cap) - from)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
    const bytes = buffer.subarray(offset - from, bytesRead)
    const atLineStart = offset === 0 || buffer[0] === 0x0a
    return { bytes, atLineStart, dropped: size > place.cap }
  } finally {
    await file.close()
  }
}

/** Bytes up to which nothing can change its meaning: not inside a character, not inside a progress line. */
function settledLength(bytes: Buffer, atLineStart: boolean): number {
  const lastBreak = bytes.lastIndexOf(0x0a)
  const rest = bytes.toString('latin1', lastBreak + 1, lastBreak + 1 + marker.length)
  const atStart = lastBreak >= 0 || atLineStart
  if (atStart && marker.startsWith(rest)) return lastBreak + 1
  return bytes.length - unfinishedCharacter(bytes)
}

/** Bytes at the end that begin a UTF-8 character without finishing it (0 to 3). */
function unfinishedCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < sequenceLength(byte) ? back : 0
  }
  return 0
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  return lead >= 0xe0 ? 3 : 2
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function withoutProgress(text: string, atLineStart: boolean): string {
  if (!text.includes(marker)) return text
  const kept: string[] = []
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline + 1
    const line = text.slice(start, end)
    if ((start === 0 && !atLineStart) || progressOf(line) === null) kept.push(line)
    start = end
  }
  return kept.join('')
}

function progressOf(line: string): { percent: number; message: string } | null {
  if (!line.startsWith(marker)) return null
  const match = progressLine.exec(line)
  if (match === null) return null
  const message = oneLine(line.slice(match[0].length))
  return { percent: Math.min(100, Number(match[1])), message }
}

function oneLine(text: string): string {
  const line = readable(text)
    .replaceAll(/[\r\n\u2028\u2029]+/gu, ' ')
    .trim()
  return line.length <= longestMessage ? line : `${startOf(line, longestMessage - 1)}…`
}

/** PostgreSQL text cannot hold NUL: it is shown as its symbol. */
function readable(text: string): string {
  return text.replaceAll('\0', '\u2400')
}

/** The last `count` characters, never starting inside a surrogate pair. */
function endOf(text: string, count: number): string {
  const end = text.slice(-count)
  return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end
}

function startOf(text: string, count: number): string {
  const start = text.slice(0, count)
  return /[\uD800-\uDBFF]$/.test(start) ? start.slice(0, -1) : start
}

function dropNotice(cap: number): string {
  return `\n[output beyond ${cap} bytes was dropped]\n`
}
