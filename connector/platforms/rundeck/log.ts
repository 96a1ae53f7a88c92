// Output of an execution, read forward in pages. The cursor names the execution, because a job that Rundeck tries again
// prints in several, and Rundeck's own offset in its log, whose bytes are not those of the text.
import { setTimeout as wait } from 'node:timers/promises'

import { maxOutputTail } from '#shared/status-update.ts'

import { ConnectorError } from '../../errors.ts'
import type { JobOutput } from '../driver.ts'
import type { RundeckApi } from './api.ts'
import { isExecutionId } from './executions.ts'
import { Execution, LogPage } from './wire.ts'

/** Lines in one request: few enough that an answer is not longer than we read. */
const pageLines = 1_000

/** Pages in one call. */
const maxPages = 8

/** Waits for a log that comes after the end of its execution, in milliseconds. */
const lateLogMs = [100, 200, 400, 800]

interface Place {
  id: string
  offset: string
}

/** What was printed since the cursor. Rejects with job_lost. */
export async function readLog(
  api: RundeckApi,
  job: { id: string; cursor: string | null },
  signal: AbortSignal,
): Promise<JobOutput> {
  const output = createTail()
  let place = placeOf(job)
  let late = 0
  for (let count = 0; count < maxPages; count++) {
    const page = await readPage(api, place, signal)
    const text = textOf(page)
    output.add(text)
    place = { ...place, offset: page.offset }
    if (text === '' && page.execCompleted === true && !page.completed && late < lateLogMs.length) {
      // The execution's end is known before its log is whole.
      await wait(lateLogMs[late], undefined, { signal })
      late++
    } else if (text === '' || page.completed) {
      const next = page.completed ? await nextTry(api, { place, page }, signal) : null
      if (next === null) break
      place = { id: next, offset: '0' }
    }
  }
  return { ...output.end(), cursor: `${place.id}:${place.offset}` }
}

function placeOf({ id, cursor }: { id: string; cursor: string | null }): Place {
  if (!isExecutionId(id)) throw new ConnectorError('job_lost', `Rundeck has no execution ${id}`)
  if (cursor === null) return { id, offset: '0' }
  const [execution = '', offset = ''] = cursor.split(':')
  if (isExecutionId(execution) && /^\d{1,18}$/.test(offset)) return { id: execution, offset }
  throw new ConnectorError('internal_error', `output of ${id}: ${cursor} is no cursor of ours`)
}

async function readPage(api: RundeckApi, place: Place, signal: AbortSignal): Promise<LogPage> {
  const query = `offset=${place.offset}&maxlines=${pageLines}&compacted=true`
  const path = `/execution/${place.id}/output?${query}`
  try {
    return await api.read({ method: 'GET', path, signal }, LogPage)
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'platform_job_not_found') throw error
    throw new ConnectorError('job_lost', `Rundeck has no execution ${place.id}`, { cause: error })
  }
}

/** One line for each entry. Compacted, a text differs from the entry before in its line alone, {} in nothing. */
function textOf({ entries }: LogPage): string {
  let line = ''
  return entries
    .map((entry) => {
      if (typeof entry === 'string') line = entry
      else if (entry.log !== undefined) line = entry.log ?? ''
      return `${line}\n`
    })
    .join('')
}

/** The execution in which the job is tried again; null = none, or not yet. */
async function nextTry(
  api: RundeckApi,
  { place, page }: { place: Place; page: LogPage },
  signal: AbortSignal,
): Promise<string | null> {
  if (page.execState !== 'failed-with-retry') return null
  const request = { method: 'GET' as const, path: `/execution/${place.id}`, signal }
  const { retriedExecution } = await api.read(request, Execution)
  return retriedExecution?.id ?? null
}

/** Keeps the end of what is added, and counts the rest. */
function createTail(): { add(text: string): void; end(): { text: string; omitted: number } } {
  let kept = ''
  let length = 0
  return {
    add(text) {
      kept = (kept + text).slice(-2 * maxOutputTail)
      length += text.length
    },
    end() {
      // Never starting inside a surrogate pair.
      const text = kept.slice(-maxOutputTail).replace(/^[\uDC00-\uDFFF]/, '')
      return { text, omitted: length - text.length }
    },
  }
}
