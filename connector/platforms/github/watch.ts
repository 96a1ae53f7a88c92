// Reading and ending workflow runs.
import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { CancelResult, JobStatus } from '../driver.ts'
import { orNull } from '../or-null.ts'
import { ask, Jobs, Run, runPath, stateOf } from './client.ts'
import type { Github, RunJobs } from './client.ts'

/** As Driver.status. */
export async function status(
  github: Github,
  jobId: string,
  signal: AbortSignal,
): Promise<JobStatus> {
  const path = runPath(jobId)
  const run = path && (await orNull(ask(github, Run, { method: 'GET', path, signal })))
  if (!run || path === null) throw lost(jobId)
  const state = stateOf(run)
  const jobs = state === 'pending' ? [] : await readJobs(github, path, signal)
  const isOver = state !== 'pending' && state !== 'running'
  return {
    state,
    progress: state === 'succeeded' ? 100 : progressOf(jobs),
    message: messageOf(run, jobs),
    startedAt: momentOf(run.run_started_at),
    // A run has no moment of its end; nothing changes it later.
    finishedAt: isOver ? momentOf(run.updated_at) : null,
    exitCode: null,
  }
}

function lost(jobId: string): ConnectorError {
  return new ConnectorError('job_lost', `GitHub has no run ${jobId}`)
}

async function readJobs(github: Github, path: string, signal: AbortSignal): Promise<RunJobs> {
  const request = { method: 'GET', path: `${path}/jobs?per_page=100`, signal } as const
  return (await orNull(ask(github, Jobs, request)))?.jobs ?? []
}

/** As Driver.cancel. */
export async function cancel(
  github: Github,
  jobId: string,
  signal: AbortSignal,
): Promise<CancelResult> {
  const path = runPath(jobId)
  const run = path && (await orNull(ask(github, Run, { method: 'GET', path, signal })))
  if (!run || path === null) return 'not_found'
  if (run.status === 'completed') return 'already_finished'
  try {
    await ask(github, z.unknown(), { method: 'POST', path: `${path}/cancel`, signal })
    return 'requested'
  } catch (error) {
    // 409: it ended in between, or is being cancelled already.
    if (error instanceof ConnectorError && error.code === 'platform_rejected') {
      const { status: word } = await ask(github, Run, { method: 'GET', path, signal })
      return word === 'completed' ? 'already_finished' : 'requested'
    }
    throw error
  }
}

/** Steps are known only of jobs that began; a job without any counts as one. */
function progressOf(jobs: RunJobs): number | null {
  const steps = jobs.flatMap((job) => (job.steps?.length ? job.steps : [job]))
  if (steps.length === 0) return null
  return Math.floor(
    (steps.filter((step) => step.status === 'completed').length / steps.length) * 100,
  )
}

/** Longest list of names in a message. */
const mostNames = 5

function messageOf({ status: word, conclusion }: Run, jobs: RunJobs): string {
  if (word === 'waiting') return 'The run waits for a person to approve its environment.'
  if (conclusion === 'action_required') return 'The run waits for a person to act on GitHub.'
  if (word === 'completed') {
    const failed = namesOf(jobs, (one) => ['failure', 'timed_out'].includes(one.conclusion ?? ''))
    return failed === '' ? `The run ended as ${conclusion ?? 'unknown'}.` : `Failed: ${failed}.`
  }
  const running = namesOf(jobs, (one) => one.status === 'in_progress')
  return running === '' ? `The run is ${word ?? 'unknown'}.` : `Running: ${running}.`
}

type Part = { status: string; conclusion?: string | null | undefined }

/** Jobs that the question is true of, with their steps. */
function namesOf(jobs: RunJobs, is: (part: Part) => boolean): string {
  const names = jobs.filter(is).map(({ name, steps }) => {
    const step = steps?.find(is)
    return step === undefined ? name : `${name} > ${step.name}`
  })
  return names.slice(0, mostNames).join(', ')
}

function momentOf(text: string | null | undefined): Date | null {
  const moment = new Date(text ?? NaN)
  return Number.isNaN(moment.getTime()) ? null : moment
}
