// What a job printed, by lines; a log of more than 1 MiB, which AWX does not give by lines, as a download of which the
// end is kept. The cursor holds the lines and the UTF-16 units that were given out.
import { maxOutputTail } from '#shared/status-update.ts'

import { ConnectorError } from '../../errors.ts'
import type { JobOutput } from '../driver.ts'
import { readWholeLog } from '../whole-log.ts'
import { getOne, lost, ofJob } from './client.ts'
import type { AwxClient } from './client.ts'
import type { LookPace } from './look-pace.ts'
import { jobKeyOf, jobPath } from './reference.ts'
import { OutputLines } from './wire.ts'

/** `lines` null = the log has become too long for lines. */
interface Cursor {
  lines: number | null
  units: number
}

/** What was printed since the cursor. Rejects with job_lost for a job that AWX does not have. */
export async function readOutput(
  shared: { client: AwxClient; pace: LookPace },
  read: { jobId: string; cursor: string | null },
  signal: AbortSignal,
): Promise<JobOutput> {
  const { client, pace } = shared
  const key = jobKeyOf(read.jobId)
  if (key === null) throw lost(read.jobId, 'no id of ours')
  const cursor = parse(read.cursor)
  const nothing = { text: '', omitted: 0, cursor: format(cursor) }
  // A workflow prints nothing itself; its nodes are in the status.
  if (key.kind === 'workflow' || !pace.isDue('output', read.jobId)) return nothing
  const path = `${jobPath(key)}/stdout`
  if (cursor.lines !== null) {
    const query = { format: 'json', start_line: String(cursor.lines) }
    const answer = await ofJob(key, getOne(client, { path, query, signal }, OutputLines))
    if (!isTooLong(answer, cursor.lines)) return since(answer, { ...cursor, lines: cursor.lines })
  }
  const download = {
    method: 'GET',
    path: `${path}/?format=txt_download`,
    headers: { accept: 'text/plain' },
    signal,
  } as const
  const part = await ofJob(key, readWholeLog(client.http, download, String(cursor.units)))
  return { ...part, cursor: format({ lines: null, units: Number(part.cursor) }) }
}

/** In place of the lines AWX then gives a sentence, in the language of the account, as "line 0 to 1 of 1". */
function isTooLong({ range, content }: OutputLines, asked: number): boolean {
  if (range.start !== asked) return true
  return asked === 0 && range.absolute_end === 1 && !content.endsWith('\n') && /\d{7}/.test(content)
}

function since(answer: OutputLines, from: { lines: number; units: number }): JobOutput {
  const text = withoutColours(answer.content)
  const tail = text.slice(-maxOutputTail).replace(/^[\uDC00-\uDFFF]/, '')
  const lines = Math.max(from.lines, answer.range.end)
  const cursor = format({ lines, units: from.units + text.length })
  return { text: tail, omitted: text.length - tail.length, cursor }
}

/** Exactly what AWX takes out of a download (redact_ansi), so that units count the same there. */
function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- escape characters are what is looked for
  return text.replaceAll(/\u001B[^m]*m/g, '')
}

function format({ lines, units }: Cursor): string {
  return `${lines ?? 'all'}:${units}`
}

function parse(text: string | null): Cursor {
  if (text === null) return { lines: 0, units: 0 }
  const match = /^(all|\d{1,12}):(\d{1,12})$/.exec(text)
  if (match === null) throw new ConnectorError('internal_error', `${text} is no cursor of ours`)
  return { lines: match[1] === 'all' ? null : Number(match[1]), units: Number(match[2]) }
}
