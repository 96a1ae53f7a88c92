// Looking for an execution that carries our token among those of its job. Rundeck sorts them by their end; those without
// one come first or last, as its database likes, so they are asked for by themselves.
import { ConnectorError } from '../../errors.ts'
import type { LaunchInDoubt } from '../driver.ts'
import { failed, parsed, targetOf } from './api.ts'
import type { RundeckApi } from './api.ts'
import { tokenOption } from './job-options.ts'
import { jobPath } from './jobs.ts'
import { ExecutionList } from './wire.ts'
import type { Execution } from './wire.ts'

const pageSize = 50

/** Pages that are looked at before giving up without a claim. */
const maxPages = 100

/** Clocks are compared by whole seconds of an HTTP date, and both may be a little off. */
const clockMarginMs = 60_000

/** In the order in which an execution goes through them, so that none slips from one list to another unseen. */
const lists = ['queued', 'scheduled', 'running', null] as const

/**
 * The execution with our token, the first one of several tries; null = certainly none. Rejects with platform_error when
 * there are more executions than can be looked at.
 */
export async function findExecution(
  api: RundeckApi,
  wanted: { token: string; launch: LaunchInDoubt },
  signal: AbortSignal,
): Promise<Execution | null> {
  for (const status of lists) {
    const found = await findIn(api, { ...wanted, status }, signal)
    if (found !== null) return found
  }
  return null
}

interface Search {
  token: string
  launch: LaunchInDoubt
  /** null = all, the last to end first. */
  status: (typeof lists)[number]
}

async function findIn(
  api: RundeckApi,
  search: Search,
  signal: AbortSignal,
): Promise<Execution | null> {
  const { token, launch, status } = search
  let found: Execution | null = null
  for (let page = 0; page < maxPages; page++) {
    const { rows, total, aheadMs } = await readPage(api, { search, page }, signal)
    for (const row of rows) {
      if (row.job?.options?.[tokenOption] === token) found = firstOf(found, row)
    }
    if (found !== null || (page + 1) * pageSize >= total) return found
    const since = launch.at.getTime() + aheadMs - clockMarginMs
    if (status === null && rows.some((row) => endedBefore(row, since))) return null
  }
  const reason = `job ${launch.job} has more than ${maxPages * pageSize} executions since its launch`
  throw new ConnectorError('platform_error', reason, { retryable: true })
}

async function readPage(
  api: RundeckApi,
  { search, page }: { search: Search; page: number },
  signal: AbortSignal,
): Promise<{ rows: Execution[]; total: number; aheadMs: number }> {
  const query = new URLSearchParams({ max: `${pageSize}`, offset: `${page * pageSize}` })
  if (search.status !== null) query.set('status', search.status)
  const path = `${jobPath(search.launch.job)}/executions?${query.toString()}`
  const request = { method: 'GET' as const, path, signal }
  const answer = await api.send(request)
  const target = targetOf(request)
  if (answer.status !== 200) throw failed(answer, target, [])
  const list = parsed(jsonOrText(answer.text), ExecutionList, target)
  const clock = Date.parse(answer.headers['date'] ?? '')
  const aheadMs = Number.isNaN(clock) ? 0 : clock - Date.now()
  return { rows: list.executions, total: list.paging.total, aheadMs }
}

/** What is no JSON is refused by the schema. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Later tries of a job carry the same options. */
function firstOf(one: Execution | null, other: Execution): Execution {
  return one === null || Number(other.id) < Number(one.id) ? other : one
}

function endedBefore(row: Execution, time: number): boolean {
  const ended = row['date-ended']?.unixtime
  return ended !== undefined && ended < time
}
