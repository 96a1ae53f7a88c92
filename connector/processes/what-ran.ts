// What a run has done so far, read from its steps: what was executed, undone and verified, what went wrong
// although the run went on, and how a step is called in a note. Pure.
import type { RunState } from '#shared/status-update.ts'

import { utcTime } from '../utc-time.ts'
import { oneLine } from './cut.ts'
import type { RunChange, StepReport } from './process.ts'

/** Steps that may have changed something: their job was started, or nobody knows whether it was. */
export function executedSteps({ steps }: RunChange): StepReport[] {
  return steps.filter((step) => step.phase === 'execute' && hasBegun(step))
}

/** True when a job of the step was started, or may have been. */
export function hasBegun({ started_at: startedAt, state }: StepReport): boolean {
  return startedAt !== null || state === 'unknown'
}

/** Executed steps whose rollback has succeeded. */
export function undoneSteps(run: RunChange): StepReport[] {
  return executedSteps(run).filter((step) => rollbackOf(run, step)?.state === 'succeeded')
}

/** Executed steps that still stand as they ended. */
export function standingSteps(run: RunChange): StepReport[] {
  return executedSteps(run).filter((step) => rollbackOf(run, step)?.state !== 'succeeded')
}

/** The step that undoes another one, if it names a rollback job. */
function rollbackOf({ steps }: RunChange, { position }: StepReport): StepReport | undefined {
  return steps.find(({ undoes }) => undoes === position)
}

/** True when the step is over, and it was not just left out. */
export function hasEnded({ state }: StepReport): boolean {
  return ['succeeded', 'failed', 'cancelled', 'unknown'].includes(state)
}

/**
 * The step whose job and output tell most about a run: what was done when it succeeded, what went wrong when it
 * was rolled back, else the last one that began. Null = there is no plan.
 */
export function tellingStep<S extends Pick<StepReport, 'phase' | 'state'>>(
  run: RunState,
  steps: readonly S[],
): S | null {
  const last = steps.findLast(({ state }) => state !== 'pending' && state !== 'skipped')
  return telling(run, steps) ?? last ?? steps[0] ?? null
}

function telling<S extends Pick<StepReport, 'phase' | 'state'>>(
  run: RunState,
  steps: readonly S[],
): S | undefined {
  if (run === 'succeeded') {
    return steps.findLast(({ phase, state }) => phase === 'execute' && state === 'succeeded')
  }
  if (run !== 'rolled_back') return undefined
  return steps.findLast(({ phase, state }) => phase !== 'rollback' && state === 'failed')
}

/** True when every post-check that the template names has succeeded; also when it names none. */
export function isVerified({ template, steps }: RunChange): boolean {
  const checks = steps.filter(({ phase }) => phase === 'post_check')
  const named = template.post_checks.length
  return checks.length >= named && checks.every(({ state }) => state === 'succeeded')
}

/** Which post-checks have verified the result, as a sentence; null = none. */
export function verifiedText({ steps }: RunChange): string | null {
  const done = steps.filter(({ phase, state }) => phase === 'post_check' && state === 'succeeded')
  const names = [...new Set(done.map(({ name }) => `"${oneLine(name, 100)}"`))]
  return names.length === 0 ? null : `Verified by ${listed(names)}.`
}

/** What went wrong although the run went on: one sentence each; empty = nothing. */
export function issuesOf(run: RunChange): string[] {
  const forward = run.steps.filter(({ phase }) => phase !== 'rollback')
  const bad = forward.filter(({ state }) => ['failed', 'cancelled', 'unknown'].includes(state))
  const issues = bad.map((step) => `${stepLabel(step)} ${endWord(step)}${reasonOf(step)}.`)
  const late = latestEnd(forward)
  const { end } = run.window
  if (end === null || late === null || late <= end) return issues
  return [...issues, `It ended at ${utcTime(late)}, after its window (${utcTime(end)}).`]
}

function latestEnd(steps: readonly StepReport[]): Date | null {
  const ends = steps.flatMap(({ finished_at }) => (finished_at === null ? [] : [finished_at]))
  const last = ends.toSorted().at(-1)
  return last === undefined ? null : new Date(last)
}

/**
 * What is done, undone and not undone, a line each, when an account is needed: something was executed, and there
 * was more than one job or something to undo.
 */
export function accountOf(run: RunChange): string[] {
  const executed = executedSteps(run)
  if (executed.length === 0) return []
  const forward = run.steps.filter(({ phase }) => phase !== 'rollback')
  if (forward.length === 1 && forward.length === run.steps.length) return []
  const undone = undoneSteps(run)
  const standing = standingSteps(run)
  return [
    `Executed: ${listed(executed.map((step) => `${stepLabel(step)}${unlessSucceeded(step)}`))}.`,
    ...(undone.length === 0 ? [] : [`Undone: ${listed(undone.map(stepLabel))}.`]),
    // A plan that can undo nothing says so in its reason.
    ...(standing.length === 0 || forward.length === run.steps.length
      ? []
      : [
          `Not undone: ${listed(standing.map((step) => `${stepLabel(step)} ${whyNot(run, step)}`))}.`,
        ]),
  ]
}

function unlessSucceeded(step: StepReport): string {
  return step.state === 'succeeded' ? '' : ` (${endWord(step)})`
}

function whyNot(run: RunChange, step: StepReport): string {
  const rollback = rollbackOf(run, step)
  if (rollback === undefined) return '(no rollback job)'
  if (rollback.state === 'pending' || rollback.state === 'skipped') return '(not begun)'
  return `(its rollback ${endWord(rollback)}${reasonOf(rollback)})`
}

/** How a step stands, as the end of a sentence. */
export function endWord({ state }: StepReport): string {
  switch (state) {
    case 'succeeded':
    case 'failed':
      return state
    case 'unknown':
      return 'may or may not have been done'
    default:
      return `was ${state}`
  }
}

/** Characters of a step's own message inside a list. */
const reasonLength = 120

function reasonOf({ message }: StepReport): string {
  const reason = oneLine(message, reasonLength).replace(/\.$/u, '')
  return reason === '' ? '' : `: ${reason}`
}

/** The step as notes call it, with its batch. */
export function stepLabel(step: StepReport): string {
  const undo = step.phase === 'rollback' ? 'rollback of ' : ''
  const name = `${undo}"${oneLine(step.name, 100)}"`
  if (step.batch === null) return name
  return `${name} (${targetsText(step)})`
}

const shownTargets = 3

/** What a step works on, cut: `batch 2: web-03, web-04`; empty when it names nothing. */
export function targetsText({ batch, targets }: StepReport): string {
  const shown = targets.slice(0, shownTargets).map((target) => oneLine(target, 40))
  const more = targets.length - shown.length
  const names = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  if (batch === null) return names
  return names === '' ? `batch ${batch}` : `batch ${batch}: ${names}`
}

const shownSteps = 12

function listed(labels: readonly string[]): string {
  const more = labels.length - shownSteps
  if (more <= 0) return labels.join(', ')
  return `${labels.slice(0, shownSteps).join(', ')} and ${more} more`
}

/** `1 target`, `2 targets`. */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** What a run that succeeded did, for close notes: the job's own words, or which steps on how much. */
export function doneText(run: RunChange): string {
  const forward = run.steps.filter(({ phase }) => phase !== 'rollback')
  if (forward.length <= 1) return run.message || 'done'
  const executed = executedSteps(run).filter(({ state }) => state === 'succeeded')
  const [only] = executed
  if (executed.length === 1 && only !== undefined) {
    return only.message === '' ? `${stepLabel(only)} done.` : only.message
  }
  const names = [...new Set(executed.map(({ name }) => `"${oneLine(name, 100)}"`))]
  const everywhere = executed.length === executedSteps(run).length && run.targets.length > 0
  const where = everywhere ? ` on ${countOf(run.targets.length, 'target')}` : ''
  return `${listed(names)} done${where}.`
}
