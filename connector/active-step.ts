// What to do about the one step that is under way: a launch in doubt, a running job, a cancel. Pure.
import type { Action, RunFacts, StepFacts } from './next.ts'

/**
 * How long a written launch intent belongs to the worker that wrote it. Longer than that worker may take
 * from intent to answer (launchWindowMs + callTimeoutMs of advance.ts), so that nobody else asks the
 * platform while the call may still arrive there.
 */
export const launchLeaseMs = 20_000

/** How long after its time limit a job may still be reported as ended before the step counts as lost. */
export const lostAfterMs = 3_600_000

/** How long a platform gets to end a job at its own time limit before we cancel it. */
export const timeoutGraceMs = 30_000

/** What to do about a step that is launching, running or cancelling. */
export function watchStep(step: StepFacts, run: RunFacts, now: Date): Action {
  switch (step.state) {
    case 'launching':
      return afterIntent(step, now)
    case 'running':
      return whileRunning(step, run, now)
    default:
      return overdue(step, now) ?? ifDue(run, now, { do: 'poll', step: step.id })
  }
}

function afterIntent(step: StepFacts, now: Date): Action {
  const leaseEnds = new Date((step.launchAt ?? now).getTime() + launchLeaseMs)
  if (step.launchAt !== null && now < leaseEnds) return { do: 'wait', until: leaseEnds }
  if (step.launchAt !== null && now.getTime() > step.launchAt.getTime() + lostAfterMs) {
    const reason = 'The platform could not be asked for an hour whether the launch had arrived.'
    return { do: 'lose', step: step.id, reason }
  }
  if (step.canFind) return { do: 'find', step: step.id }
  return {
    do: 'lose',
    step: step.id,
    reason:
      'The answer to the launch was lost and the platform cannot be asked whether the job exists.',
  }
}

function whileRunning(step: StepFacts, run: RunFacts, now: Date): Action {
  const lost = overdue(step, now)
  if (lost !== null) return lost
  // What undoes is not cancelled: half a rollback is worse than any end of it.
  if (run.cancelRequestedAt !== null && step.canCancel && step.phase !== 'rollback') {
    return { do: 'cancel', step: step.id, because: 'asked' }
  }
  const limit = (step.startedAt ?? now).getTime() + step.timeoutMs + timeoutGraceMs
  if (now.getTime() > limit && step.canCancel) {
    return { do: 'cancel', step: step.id, because: 'timed_out' }
  }
  return ifDue(run, now, { do: 'poll', step: step.id })
}

function overdue(step: StepFacts, now: Date): Action | null {
  const limit = (step.startedAt ?? now).getTime() + step.timeoutMs + lostAfterMs
  if (now.getTime() <= limit) return null
  return {
    do: 'lose',
    step: step.id,
    reason: 'The platform did not report an end long after the time limit.',
  }
}

/** The action, or a wait until it is due. */
export function ifDue(run: RunFacts, now: Date, action: Action): Action {
  return run.dueAt !== null && run.dueAt > now ? { do: 'wait', until: run.dueAt } : action
}
