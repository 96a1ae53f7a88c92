// What to do next for a run: a pure function of what is stored and of the time. advance.ts does it.
import { isFinal } from '#shared/status-update.ts'
import type { FinalRunState, Phase, RunState } from '#shared/status-update.ts'
import type { stepStates } from '#shared/vocabulary.ts'

/** State of a step. */
export type StepState = (typeof stepStates)[number]

/** How a plan behaves when something does not go as planned. Stored with the run. */
export interface PlanRules {
  /** A failed step that is not critical does not stop the plan. */
  goOnAfterNonCritical: boolean
  /** Share of all targets (0..1) that may be in batches that failed before the plan stops. */
  maxFailedShare: number
  /** When the window ends before the plan does. A running job is never cut off. */
  overrun: 'finish' | 'stop' | 'roll_back'
  /** What becomes of executed steps when the run is cancelled. */
  onCancel: 'roll_back' | 'leave'
}

/** What `next` needs to know of a run. */
export interface RunFacts {
  state: RunState
  cancelRequestedAt: Date | null
  /** Before that moment nothing is to be done (next poll, back-off, start of a window). */
  dueAt: Date | null
}

/** What `next` needs to know of a step. */
export interface StepFacts {
  id: string
  position: number
  phase: Phase
  state: StepState
  /** When the launch intent was written. */
  launchAt: Date | null
  startedAt: Date | null
  timeoutMs: number
  /** The platform can tell for certain whether a launch arrived. */
  canFind: boolean
  canCancel: boolean
}

/** What to do. Steps are named by id. */
export type Action =
  | { do: 'launch'; step: string }
  /** The answer to a launch got lost: ask the platform for our token. */
  | { do: 'find'; step: string }
  | { do: 'poll'; step: string }
  | { do: 'cancel'; step: string; because: 'asked' | 'timed_out' }
  /** Give up on knowing how the step ended; a person has to look. */
  | { do: 'lose'; step: string; reason: string }
  | { do: 'wait'; until: Date }
  | { do: 'finish'; state: FinalRunState }
  | { do: 'nothing' }

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

/** Decides the next action of a run. Pure; never gives two launches of one step without a find between. */
export function next(run: RunFacts, steps: readonly StepFacts[], now: Date): Action {
  if (isFinal(run.state)) return { do: 'nothing' }
  const ordered = steps.toSorted((a, b) => a.position - b.position)
  const ended = ordered.find((step) => endStateOf(step.state) !== null)
  const endState = ended === undefined ? null : endStateOf(ended.state)
  if (endState !== null) return { do: 'finish', state: endState }
  const current = ordered.find((step) => step.state !== 'succeeded' && step.state !== 'skipped')
  if (current === undefined) return { do: 'finish', state: 'succeeded' }
  return nextOf(current, run, now)
}

function nextOf(step: StepFacts, run: RunFacts, now: Date): Action {
  switch (step.state) {
    case 'pending':
      if (run.cancelRequestedAt !== null) return { do: 'finish', state: 'cancelled' }
      return ifDue(run, now, { do: 'launch', step: step.id })
    case 'launching':
      return afterIntent(step, now)
    case 'running':
      return whileRunning(step, run, now)
    case 'cancelling':
      return overdue(step, now) ?? ifDue(run, now, { do: 'poll', step: step.id })
    default:
      throw new TypeError(`step ${step.id} is ${step.state}, which is not a current state`)
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
  if (run.cancelRequestedAt !== null && step.canCancel) {
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

function ifDue(run: RunFacts, now: Date, action: Action): Action {
  return run.dueAt !== null && run.dueAt > now ? { do: 'wait', until: run.dueAt } : action
}

/** The run's final state when a step ended badly, else null. */
function endStateOf(state: StepState): FinalRunState | null {
  if (state === 'failed' || state === 'cancelled' || state === 'unknown') return state
  return null
}
