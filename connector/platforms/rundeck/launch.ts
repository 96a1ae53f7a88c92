// Launching a Rundeck job: its definition is read first, so that nothing is sent that Rundeck would drop, change or show.
import { ConnectorError } from '../../errors.ts'
import type { LaunchedJob, LaunchRequest } from '../driver.ts'
import { failedQuietly, failureOf, targetOf } from './api.ts'
import type { RundeckApi } from './api.ts'
import { optionValues } from './job-options.ts'
import { jobPath, nodeFilter, readJob } from './jobs.ts'
import { Execution } from './wire.ts'

/** What launching needs. */
export interface Launcher {
  api: RundeckApi
  /** undefined = the job's own. */
  logLevel: string | undefined
}

/**
 * Starts the job once. Rejects with parameters_invalid before anything is sent when an option would be dropped, changed
 * or shown, and with platform_rate_limited when the job may not run more often at once.
 */
export async function launchJob(
  { api, logLevel }: Launcher,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const { info, definition } = await readJob(api, request.job, signal)
  if (info.enabled === false) {
    const reason = `executions of job ${request.job} are disabled in Rundeck; enable them there`
    throw new ConnectorError('platform_rejected', reason)
  }
  const options = optionValues(definition.options, request)
  const filter = await nodeFilter(api, { request, project: info.project }, signal)
  const run = {
    method: 'POST' as const,
    path: `${jobPath(request.job)}/run`,
    body: {
      options,
      ...(filter === null ? {} : { filter }),
      ...(logLevel === undefined ? {} : { loglevel: logLevel }),
    },
    signal,
  }
  const target = targetOf(run)
  const answer = await api.send(run)
  if (answer.status === 409) throw busy(request, info.averageDuration ?? 0)
  if (answer.status === 400) {
    const { errorCode, message } = failureOf(answer)
    if (errorCode === 'api.error.job.options-invalid') {
      const names = definition.options.map(({ name }) => name)
      throw optionsRefused(request, names, message ?? '')
    }
  }
  if (answer.status !== 200) throw failedQuietly(answer, target)
  return launchedJob(executionIn(answer.text, target))
}

/** An answer that cannot be read says nothing about the execution, and is not shown: it may repeat options. */
function executionIn(text: string, target: string): Execution {
  try {
    return Execution.parse(JSON.parse(text))
  } catch {
    const reason = `${target}: 200, but no execution in the answer`
    throw new ConnectorError('platform_bad_answer', reason, { retryable: true })
  }
}

/** How long to leave a busy job alone, in milliseconds. */
const shortestBusyMs = 15_000
const longestBusyMs = 300_000

/**
 * Rundeck refuses a second execution of a job that may not run twice at once, or that runs as often as it may: nothing
 * began, and it will be taken when the other has ended. So it is no refusal for good, but to be tried again later.
 */
function busy({ job }: LaunchRequest, averageMs: number): ConnectorError {
  const reason = `job ${job} is running and may not run more often at once; allow multiple executions in Rundeck, or wait`
  const retryAfterMs = Math.min(longestBusyMs, Math.max(shortestBusyMs, averageMs / 2))
  return new ConnectorError('platform_rate_limited', reason, { retryable: true, retryAfterMs })
}

/** Rundeck's own sentence repeats the values. */
function optionsRefused(
  { job }: LaunchRequest,
  names: readonly string[],
  message: string,
): ConnectorError {
  const words = new Set(message.split(/[^\w.-]+/))
  const named = names.filter((name) => words.has(name)).join(', ')
  const reason = `launch of ${job}: Rundeck refuses the value of ${named === '' ? 'an option' : named}; compare it with what the option allows`
  return new ConnectorError('parameters_invalid', reason)
}

/** An execution as the road knows it. */
export function launchedJob({ id, permalink }: Execution): LaunchedJob {
  const isPage = /^https?:\/\//.test(permalink ?? '')
  return { id, url: isPage ? (permalink ?? null) : null }
}
