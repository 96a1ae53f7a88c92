// The sentences that tell people why a run ended, where the last job's own message does not say it all. Pure.
import type { RunFacts, StepFacts } from './next.ts'
import { standingOf, wasExecuted } from './standing.ts'
import { utcTime } from './utc-time.ts'

/** A run at one moment; `plan` in order of position. */
export interface Situation {
  run: RunFacts
  plan: readonly StepFacts[]
  now: Date
}

/** Why a run failed that has nothing to undo; null = its only job says it. */
export function failedReason({ plan }: Situation, step: StepFacts): string | null {
  if (forwardOf(plan).length === 1) return null
  const left = plan.some(wasExecuted)
    ? 'Nothing was rolled back: no step that was done names a rollback job.'
    : 'Nothing was changed.'
  return `${endOf(step)} ${left}`
}

/** Why a run is cancelled; null = nobody gave a reason. */
export function cancelledReason({ run, plan }: Situation): string | null {
  const done = plan.filter((step) => wasExecuted(step) && step.state === 'succeeded')
  if (done.length === 0) return run.cancelReason
  return `${cancelOf(run)} What had been done stays: ${done.map(({ name }) => `"${name}"`).join(', ')}.`
}

/** Why a run succeeded although a cancel was asked for. */
export function lateCancelReason({ run, plan }: Situation): string {
  const [only, ...more] = forwardOf(plan)
  if (more.length > 0) return `${cancelOf(run)} That came too late: every step had been done.`
  const said = only?.message.trim() ?? ''
  const late = `${cancelOf(run)} That came too late: the job had finished before.`
  return said === '' ? late : `${sentence(said)} ${late}`
}

/** Why nobody knows how a run ended; null = its only job says it. */
export function unknownReason({ plan }: Situation, step: StepFacts): string | null {
  if (forwardOf(plan).length === 1) return null
  return `${endOf(step)} Nothing more was started and nothing rolled back; please look what was done.`
}

/** Why a run was rolled back. */
export function rolledBackReason(situation: Situation): string {
  return `${causeOf(situation)} What had been done was rolled back.`
}

/** Why a rollback did not come to its end. */
export function rollbackFailedReason(situation: Situation, step: StepFacts): string {
  return `${causeOf(situation)} The rollback stopped: ${endOf(step)} Please look what is left to undo.`
}

/** Why nothing starts any more although the plan is not done. */
export function windowReason({ run }: Situation, step: StepFacts): string {
  return `The window ended${timeOf(run.window.end, ' at')} before "${step.name}" could start.`
}

/** Why a run ends that never started. */
export function waitReason({ run }: Situation): string {
  const why = run.held ? 'The ticket was on hold' : 'It could not start'
  return `${why}${timeOf(run.waitsUntil, ' until')}, which is as long as a run waits. Nothing was changed.`
}

/** What began the rollback. */
function causeOf(situation: Situation): string {
  const { run, plan, now } = situation
  const standing = standingOf(run, plan)
  const asked = run.cancelRequestedAt
  if (standing.is === 'stopped' && standing.step.state !== 'cancelled') return endOf(standing.step)
  const { end } = run.window
  if (standing.is === 'going' && end !== null && now >= end && (asked === null || asked > end)) {
    return windowReason(situation, standing.step)
  }
  if (asked !== null) return cancelOf(run)
  return standing.is === 'stopped' ? endOf(standing.step) : 'The plan did not come to its end.'
}

const phaseNames = {
  pre_check: 'Pre-check',
  execute: 'Step',
  post_check: 'Post-check',
  rollback: 'Rollback of',
} as const

function endOf({ phase, name, state, message }: StepFacts): string {
  const what = state === 'unknown' ? 'may or may not have been done' : `was ${state}`
  const how = state === 'failed' ? 'failed' : what
  const said = message.trim()
  return sentence(`${phaseNames[phase]} "${name}" ${how}${said === '' ? '' : `: ${said}`}`)
}

function cancelOf({ cancelReason }: RunFacts): string {
  return sentence(cancelReason?.trim() || 'The run was cancelled')
}

function sentence(text: string): string {
  return /[.!?…。！？]$/.test(text) ? text : `${text}.`
}

function forwardOf(plan: readonly StepFacts[]): StepFacts[] {
  return plan.filter(({ phase }) => phase !== 'rollback')
}

function timeOf(time: Date | null, before: string): string {
  return time === null ? '' : `${before} ${utcTime(time)}`
}
