// Reading executions: one by one, or, when many are asked for at once, by the list of all that run; and following a job
// that Rundeck tries again from the execution that we launched to the one that counts.
import { ConnectorError } from '../../errors.ts'
import { createBatch } from '../batch.ts'
import type { RundeckApi } from './api.ts'
import { Execution, ExecutionList } from './wire.ts'

/** An execution as it was read. */
interface ReadExecution {
  execution: Execution
  /** Many were asked for at once: what takes a request of its own should be left out. */
  isOneOfMany: boolean
}

/** An execution, or why it could not be read. */
type Read = ReadExecution | { error: unknown }

/** The execution that counts for a job. */
export interface Latest extends ReadExecution {
  /** Rundeck tries again, but has not begun to. */
  awaitsRetry: boolean
}

/** Reads executions. */
export interface Executions {
  /** Follows retries. Rejects with job_lost for an id that Rundeck does not know. */
  latest(jobId: string, signal: AbortSignal): Promise<Latest>
}

/** Most executions read in one go. */
const mostAtOnce = 500

/** How long the first to ask waits for others, in milliseconds. */
const gatherMs = 25

const batchTimeoutMs = 9_000

/** From so many on the list of all that run is cheaper. */
const manyFrom = 5

const pageSize = 200

/** Pages of the list; what is not on them is read by itself. */
const maxPages = 10

/** Tries of one job that are followed. */
const maxRetries = 50

/** How long Rundeck may take to note the next try, in milliseconds. */
const retryNoteMs = 60_000

/** Creates the reader; `now` is for tests. */
export function createExecutions(api: RundeckApi, now: () => number = Date.now): Executions {
  const ask = createBatch<Read>({
    most: mostAtOnce,
    gatherMs,
    timeoutMs: batchTimeoutMs,
    load: (ids, signal) => loadAll(api, ids, signal),
  })

  async function one(id: string, signal: AbortSignal): Promise<ReadExecution> {
    const read = isExecutionId(id) ? await ask(id, signal) : null
    if (read === null) throw new ConnectorError('job_lost', `Rundeck has no execution ${id}`)
    if ('execution' in read) return read
    throw read.error
  }

  return {
    async latest(jobId, signal) {
      let read = await one(jobId, signal)
      for (let tries = 0; tries < maxRetries && isRetried(read.execution); tries++) {
        const next = read.execution.retriedExecution?.id
        if (next === undefined) {
          const endedAt = read.execution['date-ended']?.unixtime ?? 0
          return { ...read, awaitsRetry: now() - endedAt < retryNoteMs }
        }
        read = await one(next, signal)
      }
      return { ...read, awaitsRetry: false }
    },
  }
}

/** Ids of executions are whole numbers. */
export function isExecutionId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text)
}

function isRetried({ status }: Execution): boolean {
  return status === 'failed-with-retry' || status === 'retried'
}

async function loadAll(
  api: RundeckApi,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Read>> {
  const isOneOfMany = ids.length >= manyFrom
  const reads = isOneOfMany ? await loadRunning(api, signal) : new Map<string, Read>()
  const rest = ids.filter((id) => !reads.has(id))
  await Promise.all(
    rest.map(async (id) => {
      const read = await loadOne(api, { id, isOneOfMany }, signal)
      if (read !== null) reads.set(id, read)
    }),
  )
  return reads
}

async function loadOne(
  api: RundeckApi,
  { id, isOneOfMany }: { id: string; isOneOfMany: boolean },
  signal: AbortSignal,
): Promise<Read | null> {
  try {
    const request = { method: 'GET' as const, path: `/execution/${id}`, signal }
    return { execution: await api.read(request, Execution), isOneOfMany }
  } catch (error) {
    const isGone = error instanceof ConnectorError && error.code === 'platform_job_not_found'
    return isGone ? null : { error }
  }
}

/** All that run in projects that we may see. A token that may not list them reads one by one. */
async function loadRunning(api: RundeckApi, signal: AbortSignal): Promise<Map<string, Read>> {
  const running = new Map<string, Read>()
  try {
    for (let page = 0; page < maxPages; page++) {
      const query = `max=${pageSize}&offset=${page * pageSize}`
      const path = `/project/*/executions/running?${query}`
      const list = await api.read({ method: 'GET', path, signal }, ExecutionList)
      for (const execution of list.executions) {
        running.set(execution.id, { execution, isOneOfMany: true })
      }
      if ((page + 1) * pageSize >= list.paging.total) break
    }
  } catch (error) {
    const code = error instanceof ConnectorError ? error.code : ''
    if (code !== 'platform_auth' && code !== 'platform_forbidden') throw error
  }
  return running
}
