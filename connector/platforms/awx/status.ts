// The state of a job: one request for many jobs, and for one job at its end what came of its hosts.
import { createBatch } from '../batch.ts'
import type { JobState, JobStatus } from '../driver.ts'
import { getPage, lost } from './client.ts'
import type { AwxClient } from './client.ts'
import { endMessage } from './end-message.ts'
import type { LookPace } from './look-pace.ts'
import { jobIdOf, jobKeyOf, jobPath, kindOf } from './reference.ts'
import type { JobKey } from './reference.ts'
import { stepOf, workflowStep } from './step.ts'
import type { Step } from './step.ts'
import { Job } from './wire.ts'

/** Words of AWX (UnifiedJob.STATUS_CHOICES) and ours; one that is not here is `unknown`. */
const states: Readonly<Record<string, JobState>> = {
  new: 'pending',
  pending: 'pending',
  waiting: 'pending',
  running: 'running',
  successful: 'succeeded',
  failed: 'failed',
  error: 'failed',
  canceled: 'cancelled',
}

/** Most jobs in one request. Rows hold all their extra variables. */
const mostAtOnce = 100
const gatherMs = 25
const requestMs = 8_000

/** AWX may say that a job has ended before it has stored all its output: waited for at most this long. */
const storingMs = 30_000

/** Steps that are remembered between turns. */
const mostSteps = 10_000

/** Reads states. Rejects with job_lost for a job that AWX does not have. */
export type StatusReader = (jobId: string, signal: AbortSignal) => Promise<JobStatus>

/** Creates the reader of one platform. */
export function createStatusReader(client: AwxClient, pace: LookPace): StatusReader {
  const ask = createBatch<Job>({
    most: mostAtOnce,
    gatherMs,
    timeoutMs: requestMs,
    load: (ids, signal) => loadJobs(client, ids, signal),
  })
  /** What each running job did when it was last looked at. */
  const steps = new Map<string, Step>()
  /** When a job was first seen as ended whose output was not stored yet. */
  const endSeen = new Map<string, number>()

  async function step(key: JobKey, signal: AbortSignal): Promise<Step> {
    const jobId = jobIdOf(key)
    const known = steps.get(jobId) ?? { message: 'running', progress: null }
    if (!pace.isDue('step', jobId)) return known
    const now =
      key.kind === 'workflow'
        ? await workflowStep(client, key, signal)
        : await stepOf(client, key, signal)
    steps.delete(jobId)
    steps.set(jobId, now)
    const [oldest] = steps.keys()
    if (steps.size > mostSteps && oldest !== undefined) steps.delete(oldest)
    return now
  }

  /** True when everything a job printed is there, or nobody should wait for it any longer. */
  function isStored(jobId: string, finished: boolean): boolean {
    const since = endSeen.get(jobId) ?? Date.now()
    if (!finished && Date.now() - since < storingMs) {
      endSeen.set(jobId, since)
      return false
    }
    endSeen.delete(jobId)
    return true
  }

  return async (jobId, signal) => {
    const key = jobKeyOf(jobId)
    const job = key === null ? null : await ask(String(key.number), signal)
    if (key === null || job === null || kindOf(job.type) !== key.kind) {
      throw lost(jobId, key === null ? 'no id of ours' : jobPath(key))
    }
    const state = states[job.status] ?? 'unknown'
    if (state === 'pending') return statusOf(job, state, { message: waitingMessage(job) })
    if (state === 'running') return statusOf(job, state, await step(key, signal))
    if (state === 'unknown') {
      return statusOf(job, state, { message: `AWX says "${job.status}"` })
    }
    const end = await endMessage(client, { key, job, state }, signal)
    if (!isStored(jobId, end.stored)) {
      const message = 'has ended; AWX is storing the last of its output'
      return { ...statusOf(job, 'running', { message }), finishedAt: null }
    }
    steps.delete(jobId)
    pace.end(jobId)
    const progress = state === 'succeeded' ? 100 : null
    return statusOf(job, state, { message: end.message, progress })
  }
}

async function loadJobs(
  client: AwxClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Job>> {
  const query = { id__in: ids.join(','), page_size: String(mostAtOnce) }
  const { rows } = await getPage(client, { path: '/unified_jobs', query, signal }, Job)
  return new Map(rows.map((row) => [String(row.id), row]))
}

function statusOf(
  job: Job,
  state: JobState,
  step: { message: string; progress?: number | null },
): JobStatus {
  return {
    state,
    progress: step.progress ?? null,
    message: step.message,
    startedAt: dateOf(job.started),
    finishedAt: dateOf(job.finished),
    // AWX keeps no exit code.
    exitCode: null,
  }
}

function waitingMessage({ status, job_explanation: why }: Job): string {
  return why === '' ? `is in the queue of AWX (${status})` : `is in the queue of AWX: ${why}`
}

function dateOf(text: string | null): Date | null {
  const date = new Date(text ?? NaN)
  return Number.isNaN(date.getTime()) ? null : date
}
