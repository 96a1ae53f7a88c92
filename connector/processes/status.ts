// The status update of a run: a pure picture of run and steps at one moment.
import type { StatusUpdate, TicketChange } from '#shared/status-update.ts'

import type { RunRow, StepRow } from '../db/runs.ts'
import { evidenceOf } from '../evidence.ts'

/** What goes into a picture besides run and steps. */
interface StatusFacts {
  title: string
  change: TicketChange | null
  now: Date
}

/** Longest message of an update (StatusUpdate.message). */
const maxMessage = 4000

/** Builds the update with the run's present sequence number. Pure. */
export function statusOf(run: RunRow, steps: readonly StepRow[], facts: StatusFacts): StatusUpdate {
  const step = currentStep(steps)
  return {
    run_id: run.id,
    sequence: run.sequence,
    time: facts.now.toISOString(),
    ticket: { table: run.ticket_table, sys_id: run.ticket_sys_id, number: run.ticket_number },
    template: { name: run.template, version: run.version, title: facts.title },
    trigger: run.trigger,
    requested_by: run.requested_by,
    state: run.state,
    phase: step?.phase ?? null,
    step:
      step === null ? null : { name: step.name, position: step.position, total: totalOf(steps) },
    progress: progressOf(run, steps),
    message: shorten(run.message),
    job: step?.job_id == null ? null : { id: step.job_id, url: step.job_url },
    output:
      step === null || step.output_tail === ''
        ? null
        : { tail: step.output_tail, omitted: step.output_omitted },
    parameters: shown(run.parameters),
    ...(steps.length === 0 ? {} : { steps: steps.map(evidenceOf) }),
    window: windowOf(run),
    decision: run.decision,
    ticket_change: facts.change,
  }
}

function windowOf(run: RunRow): StatusUpdate['window'] {
  if (run.window_start === null && run.window_end === null) return null
  return {
    start: run.window_start?.toISOString() ?? null,
    end: run.window_end?.toISOString() ?? null,
  }
}

/** The step the run is at: the last one that began, else the first. */
export function currentStep(steps: readonly StepRow[]): StepRow | null {
  const begun = steps.filter((step) => step.state !== 'pending' && step.state !== 'skipped')
  return begun.at(-1) ?? steps[0] ?? null
}

/** Steps of the plan; those that undo something only count once one of them has begun. */
function totalOf(steps: readonly StepRow[]): number {
  const undoing = steps.some((step) => step.phase === 'rollback' && step.launch_at !== null)
  return undoing ? steps.length : forwardOf(steps).length
}

function forwardOf(steps: readonly StepRow[]): StepRow[] {
  return steps.filter((step) => step.phase !== 'rollback')
}

/** How much of the plan was done, whatever is undone of it later: the number never falls. */
function progressOf(run: RunRow, steps: readonly StepRow[]): number {
  if (run.state === 'succeeded') return 100
  const forward = forwardOf(steps)
  if (forward.length === 0) return 0
  const done = forward.reduce(
    (sum, step) => sum + (step.state === 'succeeded' ? 100 : step.progress),
    0,
  )
  // 100 is for the end: a job that says 100 % is still running until the platform says otherwise.
  return Math.min(99, Math.floor(done / forward.length))
}

/** Longest parameter value an update shows; the job got all of it. */
const maxShownValue = 2000

function shown(parameters: RunRow['parameters']): RunRow['parameters'] {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (typeof value !== 'string' || value.length <= maxShownValue) return [name, value]
      const left = value.length - maxShownValue
      return [name, `${value.slice(0, maxShownValue).toWellFormed()}… (${left} more characters)`]
    }),
  )
}

function shorten(message: string): string {
  return message.length <= maxMessage
    ? message
    : `${message.slice(0, maxMessage - 30).toWellFormed()}… (shortened)`
}
