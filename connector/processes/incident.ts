// Incident: one job; success resolves it (where the template says so), failure puts it back in progress with
// the reason and leaves its assignment alone.
import type { Outcome } from '#shared/job-template.ts'
import type { TicketChange } from '#shared/status-update.ts'

import { endNote, startNote } from './notes.ts'
import type { Plan, PlanInput, Process, RunChange } from './process.ts'
import { planSteps } from './steps.ts'

/** The process for incidents. */
export const incident: Process = { plan, change }

function plan(input: PlanInput): Plan {
  const { targets, on_cancel: onCancel } = input.template
  return {
    steps: planSteps(input),
    window: { start: null, end: null },
    rules: {
      goOnAfterNonCritical: false,
      maxFailedShare: targets?.max_failed ?? 0,
      overrun: 'finish',
      onCancel,
    },
  }
}

function change(run: RunChange): TicketChange | null {
  switch (run.state) {
    case 'running':
      return { work_note: { key: `${run.runId}:start`, text: startNote(run) } }
    case 'succeeded':
      return ended(run, run.template.outcome.succeeded)
    case 'cancelled':
      return ended(run, run.template.outcome.cancelled)
    case 'failed':
    case 'rolled_back':
    case 'rollback_failed':
      return ended(run, run.template.outcome.failed)
    case 'refused':
    case 'unknown':
      // Nobody knows or nothing happened: the state is a person's to change.
      return { work_note: { key: `${run.runId}:end`, text: endNote(run) } }
    case 'requested':
    case 'planned':
    case 'waiting':
    case 'cancelling':
    case 'rolling_back':
      return null
    default:
      return run.state satisfies never
  }
}

function ended(run: RunChange, outcome: Outcome): TicketChange {
  const change: TicketChange = { work_note: { key: `${run.runId}:end`, text: endNote(run) } }
  if (outcome.transition === undefined) return change
  change.transition = outcome.transition
  if (outcome.transition === 'resolved' || outcome.transition === 'closed') {
    change.close_notes = `Automation "${run.title}": ${run.message || 'done'} (run ${run.runId})`
    if (outcome.close_code !== undefined) change.close_code = outcome.close_code
  }
  return change
}
