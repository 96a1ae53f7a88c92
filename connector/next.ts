// What to do next for a run: a pure function of what is stored and of the time. advance.ts does it.
import { isFinal } from '#shared/status-update.ts'
import type { FinalRunState, Phase, RunState } from '#shared/status-update.ts'
import type { changeTypes, stepStates } from '#shared/vocabulary.ts'

import { ifDue, watchStep } from './active-step.ts'
import {
  cancelledReason,
  failedReason,
  lateCancelReason,
  rollbackFailedReason,
  rolledBackReason,
  unknownReason,
  waitReason,
  windowReason,
} from './end-reasons.ts'
import type { Situation } from './end-reasons.ts'
import { standingOf, undoSteps, wasExecuted } from './standing.ts'

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
  /** Type of the change the plan belongs to, for the words of its end (processes/change.ts). */
  changeType?: (typeof changeTypes)[number]
}

/** What `next` needs to know of a run. */
export interface RunFacts {
  state: RunState
  cancelRequestedAt: Date | null
  /** Who cancelled and why, for people. */
  cancelReason: string | null
  /** Before that moment nothing is to be done (next poll, back-off, a target that is busy). */
  dueAt: Date | null
  /** The ticket is on hold: nothing new is launched. */
  held: boolean
  /** The last look before the first launch was passed. */
  gatePassed: boolean
  /** From `start` on, and before `end`, steps that come before or change something may start. */
  window: { start: Date | null; end: Date | null }
  rules: PlanRules
  /**
   * When a run that has launched nothing ends, whatever it waits for; null = it waits for ever. Counted from
   * the start of the window where there is one.
   */
  waitsUntil: Date | null
}

/** What `next` needs to know of a step. */
export interface StepFacts {
  id: string
  position: number
  phase: Phase
  /** Name and last message, for the reason of an end. */
  name: string
  message: string
  state: StepState
  /** When the launch intent was written. */
  launchAt: Date | null
  /** When the job started; null = it certainly never did. */
  startedAt: Date | null
  timeoutMs: number
  critical: boolean
  /** Number of its batch; null = it is in none. */
  batch: number | null
  /** How many targets it works on. */
  targets: number
  /** Position of the step that this one undoes. */
  undoes: number | null
  /** The platform can tell for certain whether a launch arrived. */
  canFind: boolean
  canCancel: boolean
}

/** What to do. Steps are named by id. */
export type Action =
  /** Take the last look before the first launch. */
  | { do: 'gate' }
  | { do: 'launch'; step: string }
  /** The answer to a launch got lost: ask the platform for our token. */
  | { do: 'find'; step: string }
  | { do: 'poll'; step: string }
  | { do: 'cancel'; step: string; because: 'asked' | 'timed_out' }
  /** Give up on knowing how the step ended; a person has to look. */
  | { do: 'lose'; step: string; reason: string }
  | { do: 'wait'; until: Date }
  /** `reason` = a sentence or two for people, where the last step's own message does not say it all. */
  | { do: 'finish'; state: FinalRunState; reason: string | null }
  | { do: 'nothing' }

/** How long a run on hold sleeps before it is looked at again; its end wakes it at once. */
const holdLookMs = 3_600_000

/**
 * Decides the next action of a run. Pure and without memory; never gives two launches of one step without a
 * find between.
 *
 * - A step that is launching, running or cancelling comes first; steps run one at a time, by position.
 * - A step was *executed* when it is an execute step whose job started, however it ended.
 * - Cancel: nothing forward is launched any more and the running job is cancelled. Then what was executed is
 *   rolled back (`onCancel: roll_back`), else the run is cancelled. A run whose every step had succeeded by then
 *   has succeeded. A rollback is not stopped by a cancel.
 * - A failed pre-check fails the run. A failed execute step stops the plan unless it is tolerated: not critical
 *   and `goOnAfterNonCritical`, or the targets of failed batches are at most `maxFailedShare` of all (then the
 *   rest of its batch is left out). A plan of which nothing succeeded has not succeeded. A failed post-check
 *   stops the plan. What stops the plan rolls back what was executed.
 * - A step of which nobody knows how it ended ends the run as unknown: nothing more is launched or undone.
 * - Rollback: the rollback steps of executed steps, latest first, in spite of window, hold and cancel. The first
 *   one that does not succeed ends the run as rollback_failed. Once the run is rolling_back, or a rollback step
 *   has begun, the run stays in it. With nothing to undo the run has failed, or is cancelled.
 * - Window: pre-checks and execute steps start from `start` on and before `end`. At the end, a plan that has
 *   executed nothing fails, whatever `overrun` says: no plan begins to change things after its window. One that
 *   has, goes on (finish), fails as it stands (stop) or is rolled back (roll_back). Post-checks and rollback may
 *   start later.
 * - A hold or a wait ends with `waitsUntil` as long as nothing was launched. Afterwards a hold lasts until a
 *   person ends it or the window ends: half a plan is not given up by itself.
 */
export function next(run: RunFacts, steps: readonly StepFacts[], now: Date): Action {
  if (isFinal(run.state)) return { do: 'nothing' }
  const plan = steps.toSorted((a, b) => a.position - b.position)
  const situation: Situation = { run, plan, now }
  const active = plan.find(({ state }) => activeStates.has(state))
  if (active !== undefined) return watchStep(active, run, now)
  const undo = undoSteps(plan)
  const rolling = run.state === 'rolling_back' || undo.some(({ state }) => state !== 'pending')
  if (rolling && undo.length > 0) return rollBack(situation)
  const standing = standingOf(run, plan)
  switch (standing.is) {
    case 'unknown':
      return {
        do: 'finish',
        state: 'unknown',
        reason: unknownReason(situation, standing.step),
      }
    case 'stopped':
      return afterStop(standing.step, situation)
    case 'going':
      return run.cancelRequestedAt === null
        ? goOn(standing.step, situation)
        : afterCancel(situation)
    case 'done':
      return whenDone(situation)
    default:
      return standing satisfies never
  }
}

const activeStates: ReadonlySet<StepState> = new Set(['launching', 'running', 'cancelling'])

/** Launches the next step, or says what keeps it from being launched. */
function goOn(step: StepFacts, situation: Situation): Action {
  const { run, plan, now } = situation
  const { start, end } = run.window
  const bound = step.phase !== 'post_check'
  if (bound && start !== null && now < start) return { do: 'wait', until: start }
  const ended = bound && end !== null && now >= end ? afterWindow(step, situation) : null
  if (ended !== null) return ended
  const launched = plan.some(({ state }) => state !== 'pending' && state !== 'skipped')
  if (!launched && run.waitsUntil !== null && now >= run.waitsUntil) {
    return { do: 'finish', state: 'failed', reason: waitReason(situation) }
  }
  if (run.held) return { do: 'wait', until: holdEnd(run, { launched, now }) }
  const go: Action = launched || run.gatePassed ? { do: 'launch', step: step.id } : { do: 'gate' }
  return ifDue(run, now, go)
}

/** What becomes of a plan whose window ended before this step; null = it goes on. */
function afterWindow(step: StepFacts, situation: Situation): Action | null {
  const { run, plan } = situation
  const begun = plan.some(wasExecuted)
  if (begun && run.rules.overrun === 'finish') return null
  if (begun && run.rules.overrun === 'roll_back' && undoSteps(plan).length > 0) {
    return rollBack(situation)
  }
  return { do: 'finish', state: 'failed', reason: windowReason(situation, step) }
}

function holdEnd(run: RunFacts, { launched, now }: { launched: boolean; now: Date }): Date {
  const limits = [run.window.end, launched ? null : run.waitsUntil]
    .filter((limit) => limit !== null)
    .map((limit) => limit.getTime())
    .filter((limit) => limit > now.getTime())
  return new Date(Math.min(now.getTime() + holdLookMs, ...limits))
}

/** A step ended so that the plan does not go on. */
function afterStop(step: StepFacts, situation: Situation): Action {
  const { run, plan } = situation
  const asked = run.cancelRequestedAt !== null
  const leave = asked && run.rules.onCancel === 'leave'
  if (!leave && undoSteps(plan).length > 0) return rollBack(situation)
  if (asked && step.state === 'cancelled') {
    return { do: 'finish', state: 'cancelled', reason: cancelledReason(situation) }
  }
  return { do: 'finish', state: 'failed', reason: failedReason(situation, step) }
}

/** A cancel was asked for while steps were left to do. */
function afterCancel(situation: Situation): Action {
  if (undoesOnCancel(situation)) return rollBack(situation)
  return { do: 'finish', state: 'cancelled', reason: cancelledReason(situation) }
}

function whenDone(situation: Situation): Action {
  if (situation.run.cancelRequestedAt === null) {
    return { do: 'finish', state: 'succeeded', reason: null }
  }
  if (undoesOnCancel(situation)) return rollBack(situation)
  return { do: 'finish', state: 'succeeded', reason: lateCancelReason(situation) }
}

function undoesOnCancel({ run, plan }: Situation): boolean {
  return run.rules.onCancel === 'roll_back' && undoSteps(plan).length > 0
}

function rollBack(situation: Situation): Action {
  const { run, plan, now } = situation
  const undo = undoSteps(plan)
  const step = undo.find(({ state }) => state !== 'succeeded')
  if (step?.state === 'pending') return ifDue(run, now, { do: 'launch', step: step.id })
  if (step !== undefined) {
    const reason = rollbackFailedReason(situation, step)
    return { do: 'finish', state: 'rollback_failed', reason }
  }
  return { do: 'finish', state: 'rolled_back', reason: rolledBackReason(situation) }
}
