// How a plan stands: what of its forward steps ended it or comes next, and what there is to undo. Pure; what
// follows from it is next.ts's decision.
import type { RunFacts, StepFacts } from './next.ts'

/** How the steps before the rollback stand, when none of them is under way. */
export type Standing =
  /** Nobody knows how the step ended. */
  | { is: 'unknown'; step: StepFacts }
  /** The step ended so that the plan does not go on. */
  | { is: 'stopped'; step: StepFacts }
  /** The step is the next one to launch. */
  | { is: 'going'; step: StepFacts }
  | { is: 'done' }

/** How the plan stands; `plan` in order of position. */
export function standingOf(run: RunFacts, plan: readonly StepFacts[]): Standing {
  const forward = plan.filter(({ phase }) => phase !== 'rollback')
  const unknown = forward.find(({ state }) => state === 'unknown')
  if (unknown !== undefined) return { is: 'unknown', step: unknown }
  const failedBatches = new Set<number>()
  for (const step of forward) {
    // The rest of a failed batch is left out.
    if (step.batch !== null && failedBatches.has(step.batch)) continue
    if (step.state === 'succeeded' || step.state === 'skipped') continue
    if (step.state !== 'pending') {
      if (!isTolerated(step, { run, forward, failedBatches })) return { is: 'stopped', step }
      continue
    }
    const futile = step.phase === 'post_check' ? futileStep(forward, failedBatches) : null
    return futile === null ? { is: 'going', step } : { is: 'stopped', step: futile }
  }
  const futile = futileStep(forward, failedBatches)
  return futile === null ? { is: 'done' } : { is: 'stopped', step: futile }
}

/** True when a job of this step that may have changed something was started, however it ended. */
export function wasExecuted(step: StepFacts): boolean {
  return step.phase === 'execute' && step.startedAt !== null
}

/** The rollback steps of what was executed, latest first. */
export function undoSteps(plan: readonly StepFacts[]): StepFacts[] {
  const executed = new Set(plan.filter(wasExecuted).map(({ position }) => position))
  return plan
    .filter(({ phase, undoes }) => phase === 'rollback' && undoes !== null && executed.has(undoes))
    .toSorted((a, b) => (b.undoes ?? 0) - (a.undoes ?? 0))
}

/** True when the plan goes on after this failed or cancelled step; notes a batch that failed by it. */
function isTolerated(
  step: StepFacts,
  plan: { run: RunFacts; forward: readonly StepFacts[]; failedBatches: Set<number> },
): boolean {
  const { run, forward, failedBatches } = plan
  const cancelled = step.state === 'cancelled' && run.cancelRequestedAt !== null
  if (step.phase !== 'execute' || cancelled) return false
  if (!step.critical && run.rules.goOnAfterNonCritical) return true
  if (step.batch === null || run.rules.maxFailedShare === 0) return false
  failedBatches.add(step.batch)
  return failedShare(forward, failedBatches) <= run.rules.maxFailedShare
}

/** Share (0..1) of all targets that are in failed batches. */
function failedShare(forward: readonly StepFacts[], failedBatches: ReadonlySet<number>): number {
  const sizes = new Map<number, number>()
  for (const { batch, targets } of forward) if (batch !== null) sizes.set(batch, targets)
  let all = 0
  let failed = 0
  for (const [batch, size] of sizes) {
    all += size
    if (failedBatches.has(batch)) failed += size
  }
  return all === 0 ? 1 : failed / all
}

/** The last failed step of a plan of which nothing succeeded although every failure was tolerated, else null. */
function futileStep(
  forward: readonly StepFacts[],
  failedBatches: ReadonlySet<number>,
): StepFacts | null {
  const execute = forward.filter(({ phase }) => phase === 'execute')
  const succeeded = execute.some(
    ({ state, batch }) => state === 'succeeded' && (batch === null || !failedBatches.has(batch)),
  )
  if (succeeded) return null
  return execute.findLast(({ state }) => state === 'failed' || state === 'cancelled') ?? null
}
