// Reading and ending pipelines.
import { z } from 'zod'

import { maxOutputTail } from '#shared/status-update.ts'

import { ConnectorError } from '../../errors.ts'
import type { CancelResult, JobOutput, JobStatus } from '../driver.ts'
import { orNull } from '../or-null.ts'
import { readWholeLog } from '../whole-log.ts'
import { ask, lost, readJobId } from './client.ts'
import type { Gitlab } from './client.ts'
import { isOver, Pipeline, PipelineJobs, stateOf } from './wire.ts'
import type { PipelineJob } from './wire.ts'

/** As Driver.status. */
export async function status(
  gitlab: Gitlab,
  jobId: string,
  signal: AbortSignal,
): Promise<JobStatus> {
  const path = pathOf(jobId)
  const pipeline = await orNull(ask(gitlab, Pipeline, { method: 'GET', path, signal }))
  if (pipeline === null) throw lost(jobId)
  const state = stateOf(pipeline.status)
  const over = isOver(pipeline.status)
  // A pipeline that waits for a runner has nothing to tell about its jobs.
  const jobs = state === 'pending' ? [] : await readJobs(gitlab, jobId, signal)
  return {
    state,
    progress: state === 'succeeded' ? 100 : progressOf(jobs),
    message: messageOf(pipeline, jobs),
    startedAt: momentOf(pipeline.started_at),
    // finished_at may come a moment after the status.
    finishedAt: over ? momentOf(pipeline.finished_at ?? pipeline.updated_at) : null,
    exitCode: null,
  }
}

/** As Driver.cancel. */
export async function cancel(
  gitlab: Gitlab,
  jobId: string,
  signal: AbortSignal,
): Promise<CancelResult> {
  const path = pathOrNull(jobId)
  if (path === null) return 'not_found'
  const before = await orNull(ask(gitlab, Pipeline, { method: 'GET', path, signal }))
  if (before === null) return 'not_found'
  if (isOver(before.status)) return 'already_finished'
  const request = { method: 'POST', path: `${path}/cancel`, signal } as const
  // GitLab answers 200 with the pipeline, whatever became of it.
  const after = await orNull(ask(gitlab, Pipeline, request))
  if (after === null) return 'not_found'
  const state = stateOf(after.status)
  if (state === 'cancelled') return 'cancelled'
  return isOver(after.status) ? 'already_finished' : 'requested'
}

/** How far the output was read: so many UTF-16 units of this job's log, and all of the jobs before it. */
const Cursor = z.object({ job: z.int(), at: z.string() })

/** Logs read in one go; the next read goes on. */
const mostLogs = 5

/** As Driver.output: the logs of the jobs, one after the other in the order of their making. */
export async function output(
  gitlab: Gitlab,
  place: { jobId: string; cursor: string | null },
  signal: AbortSignal,
): Promise<JobOutput> {
  const { jobId } = place
  const { project } = readJobId(jobId)
  let { job: current, at } = readCursor(place.cursor)
  const jobs = await readJobs(gitlab, jobId, signal)
  const first = jobs[0]?.id
  let text = ''
  let omitted = 0
  const remaining = jobs.filter(({ id }) => id >= current)
  for (const job of remaining.slice(0, mostLogs)) {
    if (job.id !== current) {
      // Said only once there is something to say: the job may never begin.
      if (stateOf(job.status) === 'pending') break
      if (job.id !== first) text += `\n--- ${job.name} ---\n`
      current = job.id
      at = '0'
    }
    const path = `/api/v4/projects/${project}/jobs/${job.id}/trace`
    const request = { method: 'GET', path, headers: { accept: 'text/plain' }, signal } as const
    const part = await orNull(readWholeLog(gitlab.http, request, at))
    if (part !== null && part.omitted > 0) {
      // What was left out stands between: only what comes after it is the end.
      omitted += text.length + part.omitted
      text = ''
    }
    text += part?.text ?? ''
    at = part?.cursor ?? at
    if (!isOver(job.status)) break
  }
  const tail = text.slice(-maxOutputTail).replace(/^[\uDC00-\uDFFF]/, '')
  const cursor = JSON.stringify({ job: current, at })
  return { text: tail, omitted: omitted + text.length - tail.length, cursor }
}

function readCursor(cursor: string | null): z.infer<typeof Cursor> {
  if (cursor === null) return { job: 0, at: '0' }
  try {
    return Cursor.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new ConnectorError('internal_error', `${cursor} is no cursor of ours`, { cause })
  }
}

/** More jobs than a page has are not looked at. */
const mostJobs = 100

/** The jobs of a pipeline, oldest first. */
async function readJobs(
  gitlab: Gitlab,
  jobId: string,
  signal: AbortSignal,
): Promise<PipelineJob[]> {
  const path = `${pathOf(jobId)}/jobs?per_page=${mostJobs}`
  const jobs = await orNull(ask(gitlab, PipelineJobs, { method: 'GET', path, signal }))
  if (jobs === null) throw lost(jobId)
  return jobs.toSorted((a, b) => a.id - b.id)
}

function progressOf(jobs: readonly PipelineJob[]): number | null {
  if (jobs.length === 0) return null
  const done = jobs.filter((job) => isOver(job.status)).length
  return Math.floor((done / jobs.length) * 100)
}

/** Longest list of jobs in a message. */
const mostNames = 5

function messageOf({ status: word, yaml_errors }: Pipeline, jobs: readonly PipelineJob[]): string {
  if (yaml_errors) return `The pipeline's CI file is wrong: ${yaml_errors.slice(0, 300)}`
  if (word === 'manual') {
    return `The pipeline waits for a person to start ${namesOf(jobs, 'manual') || 'a job'}.`
  }
  const failed = jobs
    .filter((job) => job.status === 'failed' && job.allow_failure !== true)
    .slice(0, mostNames)
    .map(({ name, failure_reason }) => (failure_reason ? `${name} (${failure_reason})` : name))
  if (word === 'failed') {
    return failed.length > 0 ? `Failed: ${failed.join(', ')}.` : 'The pipeline failed.'
  }
  const running = namesOf(jobs, 'running')
  if (word === 'running' && running !== '') return `Running: ${running}.`
  return `The pipeline is ${word}.`
}

function namesOf(jobs: readonly PipelineJob[], word: string): string {
  const names = jobs.filter((job) => job.status === word).map(({ name }) => name)
  return names.slice(0, mostNames).join(', ')
}

function momentOf(text: string | null | undefined): Date | null {
  const moment = new Date(text ?? NaN)
  return Number.isNaN(moment.getTime()) ? null : moment
}

function pathOf(jobId: string): string {
  const { project, pipeline } = readJobId(jobId)
  return `/projects/${project}/pipelines/${pipeline}`
}

function pathOrNull(jobId: string): string | null {
  try {
    return pathOf(jobId)
  } catch {
    // No id of ours.
    return null
  }
}
