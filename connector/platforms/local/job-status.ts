// The state of a job in the words of the driver port.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { JobState, JobStatus } from '../driver.ts'
import { createProgressReader, lastLine } from './job-output.ts'
import type { OutputPlace, Progress } from './job-output.ts'
import { signalOrphan } from './job-state.ts'
import type { LocalJob } from './job-state.ts'
import { cancelMark, fileNames, jobDirectory } from './layout.ts'
import type { EndRecord } from './records.ts'

/** Turns what is known of a token into a status. */
export interface StatusReader {
  statusOf(token: string, job: Exclude<LocalJob, { is: 'none' }>): Promise<JobStatus>
  /** Where the output is; `job` must have been read before the output is. */
  outputOf(token: string, job: LocalJob): OutputPlace
}

/** A reader for one work directory; `cap` = bytes of output kept per job. */
export function createStatusReader(workDir: string, cap: number): StatusReader {
  const readers = new Map<string, (place: OutputPlace) => Promise<Progress>>()

  function outputOf(token: string, job: LocalJob): OutputPlace {
    const path = join(jobDirectory(workDir, token), fileNames.output)
    return { path, cap, final: isFinal(job) }
  }

  async function progressOf(token: string, place: OutputPlace): Promise<Progress> {
    const reader = readers.get(token) ?? createProgressReader()
    if (place.final) readers.delete(token)
    else readers.set(token, reader)
    return reader(place)
  }

  async function statusOf(
    token: string,
    job: Exclude<LocalJob, { is: 'none' }>,
  ): Promise<JobStatus> {
    const place = outputOf(token, job)
    const progress = await progressOf(token, place)
    switch (job.is) {
      case 'waiting':
        return notBegun('pending', 'waits until a running job has ended')
      case 'never_began':
        return notBegun('failed', 'never started: the runner was ended while the job was waiting')
      case 'starting':
        return notBegun('pending', 'is being started')
      case 'running':
        return running(job, progress, progress.message || 'running')
      case 'orphaned':
        await endOrphan(workDir, token, job)
        return running(
          job,
          progress,
          'running, but its supervisor is gone: its end will not be known',
        )
      case 'lost':
        return lost(job, progress)
      case 'ended':
        return ended(job.end, progress, await lastLine(place))
      default:
        return job satisfies never
    }
  }
  return { statusOf, outputOf }
}

/** True when nothing happens any more. */
export function isFinal(job: LocalJob): boolean {
  return job.is === 'ended' || job.is === 'lost' || job.is === 'never_began'
}

function notBegun(state: JobState, message: string): JobStatus {
  const times = { startedAt: null, finishedAt: null }
  return { state, progress: null, message, ...times, exitCode: null }
}

function running(
  job: Extract<LocalJob, { is: 'running' | 'orphaned' }>,
  progress: Progress,
  message: string,
): JobStatus {
  const startedAt = new Date(job.running.startedAt)
  const { percent } = progress
  return {
    state: 'running',
    progress: percent,
    message,
    startedAt,
    finishedAt: null,
    exitCode: null,
  }
}

function lost(job: Extract<LocalJob, { is: 'lost' }>, progress: Progress): JobStatus {
  const message =
    job.running === null
      ? 'the runner was ended while it started the job: the job may or may not have begun'
      : 'the runner was ended while the job ran: how the job ended is not known'
  const startedAt = job.running === null ? null : new Date(job.running.startedAt)
  const { percent } = progress
  return {
    state: 'unknown',
    progress: percent,
    message,
    startedAt,
    finishedAt: null,
    exitCode: null,
  }
}

function ended(end: EndRecord, progress: Progress, last: string): JobStatus {
  const state = stateOf(end)
  return {
    state,
    progress: state === 'succeeded' ? 100 : progress.percent,
    message: messageOf(end, progress, last),
    startedAt: end.startedAt === null ? null : new Date(end.startedAt),
    finishedAt: new Date(end.finishedAt),
    exitCode: end.exitCode,
  }
}

function stateOf(end: EndRecord): JobState {
  if (end.reason === 'cancelled') return 'cancelled'
  return end.reason === 'exited' && end.exitCode === 0 ? 'succeeded' : 'failed'
}

function messageOf(end: EndRecord, progress: Progress, last: string): string {
  switch (end.reason) {
    case 'cancelled':
      return end.startedAt === null ? 'cancelled before it began' : 'cancelled'
    case 'timed_out':
    case 'not_started':
      return end.detail
    case 'exited': {
      if (end.exitCode === 0) return progress.message || 'finished'
      const how = end.signal === null ? `exit code ${end.exitCode}` : `ended by ${end.signal}`
      return last === '' ? how : `${how}: ${last}`
    }
    default:
      return end.reason satisfies never
  }
}

/** Time limit and cancel of a job whose supervisor is gone, done at each look instead. */
async function endOrphan(
  workDir: string,
  token: string,
  { record, running }: Extract<LocalJob, { is: 'orphaned' }>,
): Promise<void> {
  const asked = await stat(cancelMark(workDir, token)).then(
    ({ mtimeMs }) => mtimeMs,
    () => Infinity,
  )
  const due = Math.min(asked, Date.parse(running.startedAt) + record.timeoutMs)
  if (Date.now() < due) return
  signalOrphan(running, Date.now() < due + record.killGraceMs ? 'SIGTERM' : 'SIGKILL')
}
