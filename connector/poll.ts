// Reads a job's state and new output into its step.
import { maxOutputTail } from '#shared/status-update.ts'
import { toCarriable } from '#shared/text.ts'

import type { RunRow, StepRow } from './db/runs.ts'
import { digestOf } from './evidence.ts'
import { askPlatform } from './platform-call.ts'
import type { Driver, JobStatus } from './platforms/driver.ts'
import { redact } from './templates/parameters.ts'

/** Reads of output for one status read; a job that prints faster is caught up with at the next poll. */
const maxOutputReads = 50

/** A job that is looked at. */
interface PolledJob {
  run: RunRow
  step: StepRow
  driver: Driver
  now: Date
  /** What must not be shown of anything the job says. */
  secrets: readonly string[]
}

/**
 * Updates the step from the platform, and the run's message. Resolves to true when something changed that a
 * person may like to see. When the job has ended, step.finished_at is set and its state is a final one.
 */
export async function pollJob(job: PolledJob, signal: AbortSignal): Promise<boolean> {
  const { run, step, driver, now, secrets } = job
  const status = await askPlatform({ step, secrets, signal }, () =>
    driver.status(step.job_id ?? '', signal),
  )
  const ended = status.state !== 'pending' && status.state !== 'running'
  const printed = driver.capabilities.output ? await readOutput(job, signal) : false
  const before = `${step.progress} ${run.message}`
  step.progress = Math.max(step.progress, percentOf(status.progress))
  step.message = toCarriable(redact(status.message, secrets))
  if (step.message !== '') run.message = step.message
  // The time limit counts from the start of the job, not from its place in the platform's queue.
  step.started_at = status.state === 'pending' ? now : startOf(status, step, now)
  // Nobody asks for the end of a rollback.
  const cancelAsked = run.cancel_requested_at !== null && step.phase !== 'rollback'
  if (ended) endStep(step, status, { cancelAsked, now })
  return printed || ended || before !== `${step.progress} ${run.message}`
}

/*
 * What a platform says may be anything: a time that is none, or a number that no column holds, would make every save
 * of the run fail, and it would never end.
 */

function percentOf(progress: number | null): number {
  const percent = Math.round(progress ?? 0)
  return Number.isNaN(percent) ? 0 : Math.min(100, Math.max(0, percent))
}

function momentOf(time: Date | null): Date | null {
  return time === null || Number.isNaN(time.getTime()) ? null : time
}

/** Exit codes have 32 bits: with a sign on most systems, without one on Windows. */
function exitCodeOf(code: number | null): number | null {
  return code === null || !Number.isInteger(code) || Math.abs(code) > 0xffff_ffff ? null : code | 0
}

/** The platform's word on the start, within what we know: its clock may be wrong. */
function startOf(status: JobStatus, step: StepRow, now: Date): Date | null {
  const startedAt = momentOf(status.startedAt)
  if (startedAt === null) return step.started_at
  const earliest = step.launch_at ?? startedAt
  if (startedAt < earliest) return earliest
  return startedAt > now ? now : startedAt
}

function endStep(
  step: StepRow,
  status: JobStatus,
  facts: { cancelAsked: boolean; now: Date },
): void {
  step.finished_at = momentOf(status.finishedAt) ?? facts.now
  step.exit_code = exitCodeOf(status.exitCode)
  step.output_sha256 = digestOf(step)
  switch (status.state) {
    case 'succeeded':
      step.state = 'succeeded'
      step.progress = 100
      return
    case 'cancelled':
      // Cancelled by us at the time limit, or by somebody on the platform: nobody asked for it on the ticket.
      step.state = facts.cancelAsked ? 'cancelled' : 'failed'
      if (!facts.cancelAsked && step.message === '')
        step.message = 'The job was cancelled on the platform.'
      return
    case 'failed':
      step.state = 'failed'
      return
    default:
      step.state = 'unknown'
  }
}

async function readOutput(job: PolledJob, signal: AbortSignal): Promise<boolean> {
  const { step, driver, secrets } = job
  let printed = false
  for (let read = 0; read < maxOutputReads; read++) {
    const output = await askPlatform({ step, secrets, signal }, () =>
      driver.output(step.job_id ?? '', step.output_cursor, signal),
    )
    step.output_cursor = output.cursor
    if (output.text === '' && output.omitted === 0) break
    printed = true
    appendOutput(job, output)
  }
  return printed
}

function appendOutput(
  { step, secrets }: PolledJob,
  output: { text: string; omitted: number },
): void {
  const text = redact(step.output_tail + toCarriable(output.text), secrets)
  const cut = Math.max(0, text.length - maxOutputTail)
  // Never start in the middle of a surrogate pair.
  const start = /^[\uDC00-\uDFFF]/.test(text.slice(cut)) ? cut + 1 : cut
  step.output_tail = text.slice(start)
  step.output_omitted += output.omitted + start
}
