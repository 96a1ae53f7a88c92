// What must hold in every story of next-model.ts, told without a look at how next.ts does it. Each law gives
// what is wrong, or null.
import { isFinal } from '#shared/status-update.ts'

import { launchLeaseMs } from '../connector/active-step.ts'
import type { Action, StepFacts } from '../connector/next.ts'
import type { Entry, World } from './next-model.ts'

type Law = (world: World) => string | null

type Launch = Entry & { step: StepFacts }

/** Every launch with its step as it was before. */
function launchesOf({ log }: World): Launch[] {
  return log.flatMap((entry) => {
    const { action } = entry
    if (action.do !== 'launch') return []
    const step = entry.steps.find(({ id }) => id === action.step)
    if (step === undefined) throw new Error(`${action.step} does not exist`)
    return [{ ...entry, step }]
  })
}

function forwardLaunches(world: World): Launch[] {
  return launchesOf(world).filter(({ step }) => step.phase !== 'rollback')
}

function undoLaunches(world: World): Launch[] {
  return launchesOf(world).filter(({ step }) => step.phase === 'rollback')
}

function executed(steps: readonly StepFacts[]): StepFacts[] {
  return steps.filter(({ phase, startedAt }) => phase === 'execute' && startedAt !== null)
}

/** Rollback steps of what was executed, as sorted ids. */
function undoable(steps: readonly StepFacts[]): StepFacts[] {
  const done = executed(steps).map(({ position }) => position)
  return steps.filter(({ undoes }) => undoes !== null && done.includes(undoes))
}

function broken({ state }: StepFacts): boolean {
  return state === 'failed' || state === 'cancelled'
}

/** Execute steps that failed and that the rules do not put down as "not critical". */
function seriousFailures({ run }: World, steps: readonly StepFacts[]): StepFacts[] {
  return steps.filter(
    (step) =>
      step.phase === 'execute' &&
      broken(step) &&
      (step.critical || !run.rules.goOnAfterNonCritical),
  )
}

/** Share of the targets whose batch has a serious failure; without limit when a failure stands in no batch. */
function share(world: World, steps: readonly StepFacts[]): number {
  const serious = seriousFailures(world, steps)
  if (serious.some(({ batch }) => batch === null)) return Infinity
  const bad = new Set(serious.map(({ batch }) => batch))
  const sizes = new Map(
    steps.filter(({ batch }) => batch !== null).map(({ batch, targets }) => [batch, targets]),
  )
  const sum = [...sizes.values()].reduce((all, size) => all + size, 0)
  const lost = [...sizes].reduce((all, [batch, size]) => all + (bad.has(batch) ? size : 0), 0)
  return sum === 0 ? 0 : lost / sum
}

/** True when the failures so far allow the plan to go on. */
function isTolerable(world: World, steps: readonly StepFacts[]): boolean {
  const max = world.run.rules.maxFailedShare
  if (seriousFailures(world, steps).length === 0) return true
  return max > 0 && share(world, steps) <= max
}

/** True when something was done all the same. */
function wasUseful(world: World, steps: readonly StepFacts[]): boolean {
  const lost = seriousFailures(world, steps).map(({ batch }) => batch)
  return steps.some(
    ({ phase, state, batch }) =>
      phase === 'execute' && state === 'succeeded' && (batch === null || !lost.includes(batch)),
  )
}

function firstOf<T>(
  items: readonly T[],
  isWrong: (item: T) => boolean,
  what: string,
): string | null {
  const index = items.findIndex(isWrong)
  return index === -1 ? null : `${what} (number ${index + 1})`
}

function everyPlanEnds({ run, log }: World): string | null {
  return isFinal(run.state)
    ? null
    : `no end after ${log.length} actions, at last ${log.at(-1)?.action.do}`
}

function oneAtATime(world: World): string | null {
  return firstOf(
    launchesOf(world),
    ({ steps, step }) =>
      step.state !== 'pending' ||
      steps.some(({ state }) => ['launching', 'running', 'cancelling'].includes(state)),
    'a launch of a step that is not pending, or beside another',
  )
}

/** At most one job per step; a second launch only after a find, or when the first certainly made none. */
function launchedOnce(world: World): string | null {
  for (const [id, count] of world.arrived) if (count > 1) return `${id} has ${count} jobs`
  for (const { id } of world.steps) {
    const own = world.log.map(({ action }) => action).filter((action) => isAbout(action, id))
    const blind = own.filter(
      ({ do: what }, at) => what === 'launch' && own[at + 1]?.do === 'launch',
    )
    const known = world.notMade.filter((made) => made === id).length
    if (blind.length > known) return `${id} was launched again without a look`
  }
  return null
}

function isAbout(action: Action, id: string): boolean {
  return 'step' in action && action.step === id && (action.do === 'launch' || action.do === 'find')
}

/** Whoever wrote an intent is left alone with it while the call may still arrive. */
function leaseIsKept({ log }: World): string | null {
  return firstOf(
    log,
    ({ action, steps, at }) =>
      action.do === 'find' &&
      steps.some(
        ({ id, launchAt }) =>
          id === action.step && launchAt !== null && at < launchAt.getTime() + launchLeaseMs,
      ),
    'a look for a launch that is still under way',
  )
}

function cancelWins(world: World): string | null {
  return firstOf(
    forwardLaunches(world),
    ({ run }) => run.cancelRequestedAt !== null,
    'a forward launch after the cancel',
  )
}

function holdHolds(world: World): string | null {
  return firstOf(forwardLaunches(world), ({ run }) => run.held, 'a forward launch of a run on hold')
}

function windowsAreKept(world: World): string | null {
  const bound = forwardLaunches(world).filter(({ step }) => step.phase !== 'post_check')
  return firstOf(
    bound,
    ({ run: { window, rules }, at, steps }) =>
      (window.start !== null && at < window.start.getTime()) ||
      (window.end !== null &&
        at >= window.end.getTime() &&
        (rules.overrun !== 'finish' || executed(steps).length === 0)),
    'a launch outside the window',
  )
}

function waitsEnd(world: World): string | null {
  return firstOf(
    forwardLaunches(world),
    ({ run, at, steps }) =>
      run.waitsUntil !== null &&
      at >= run.waitsUntil.getTime() &&
      steps.every(({ state }) => state === 'pending'),
    'a first launch after the longest wait',
  )
}

function gateIsFirst(world: World): string | null {
  const gates = world.log.filter(({ action }) => action.do === 'gate')
  const late = firstOf(
    gates,
    ({ run, steps, at }) =>
      run.gatePassed ||
      run.held ||
      run.cancelRequestedAt !== null ||
      steps.some(({ state }) => state !== 'pending') ||
      (run.window.start !== null && at < run.window.start.getTime()) ||
      (run.window.end !== null && at >= run.window.end.getTime()),
    'a gate at the wrong time',
  )
  return (
    late ?? firstOf(launchesOf(world), ({ run }) => !run.gatePassed, 'a launch before the gate')
  )
}

function inOrder(world: World): string | null {
  const positions = forwardLaunches(world).map(({ step }) => step.position)
  return firstOf(
    positions,
    (position) =>
      positions.indexOf(position) > 0 &&
      position < Math.max(...positions.slice(0, positions.indexOf(position))),
    'a forward step before an earlier one',
  )
}

/** The emergency rule and the share of failed batches: what was not tolerable stops everything forward. */
function failureStops(world: World): string | null {
  return firstOf(
    forwardLaunches(world),
    ({ steps }) =>
      !isTolerable(world, steps) ||
      steps.some(({ state }) => state === 'unknown') ||
      steps.some((step) => step.phase !== 'execute' && broken(step)),
    'a forward launch after a failure that stops the plan',
  )
}

/** The rest of a failed batch is never launched. */
function failedBatchRests(world: World): string | null {
  return firstOf(
    forwardLaunches(world),
    ({ step, steps }) =>
      step.batch !== null &&
      seriousFailures(world, steps).some(({ batch }) => batch === step.batch),
    'a launch in a batch that has failed',
  )
}

function postChecksLast(world: World): string | null {
  return firstOf(
    forwardLaunches(world).filter(({ step }) => step.phase === 'post_check'),
    ({ steps }) => {
      const lost = seriousFailures(world, steps).map(({ batch }) => batch)
      const execute = steps.filter(({ phase }) => phase === 'execute')
      const open = execute.some(({ state, batch }) => state === 'pending' && !lost.includes(batch))
      return open || !wasUseful(world, steps)
    },
    'a post-check before its steps',
  )
}

/** Rollback: once each, latest first, only for what was executed, and nothing forward from then on. */
function rollbackInReverse(world: World): string | null {
  const undo = undoLaunches(world)
  const wrong = firstOf(
    undo,
    ({ step, steps }) => !undoable(steps).some(({ id }) => id === step.id),
    'a rollback of what was not executed',
  )
  if (wrong !== null) return wrong
  const order = [...new Set(undo.map(({ step }) => step.undoes ?? 0))]
  if (order.some((position, at) => at > 0 && position >= (order[at - 1] ?? 0))) {
    return `rolled back in the order ${order.join(', ')}`
  }
  const first = undo[0]?.at
  if (first !== undefined && forwardLaunches(world).some(({ at }) => at > first)) {
    return 'a forward launch after the rollback began'
  }
  return firstOf(
    undo,
    ({ steps }) => steps.some(({ phase, state }) => phase === 'rollback' && state === 'failed'),
    'a rollback step after one that failed',
  )
}

/** What undoes is not cut off, whoever cancels the run. */
function rollbackIsNotCancelled({ log }: World): string | null {
  return firstOf(
    log,
    ({ action, steps }) =>
      action.do === 'cancel' &&
      action.because === 'asked' &&
      steps.some(({ id, phase }) => id === action.step && phase === 'rollback'),
    'a cancel of a rollback step',
  )
}

/** A job on the platform is known at the end, or its run says that it is not. */
function noJobIsForgotten({ run, steps, jobs }: World): string | null {
  const forgotten = steps.filter(({ id, startedAt }) => jobs.has(id) && startedAt === null)
  if (run.state === 'unknown' || run.state === 'rollback_failed' || forgotten.length === 0)
    return null
  return `${run.state}, but ${forgotten.map(({ id }) => id).join(', ')} has a job`
}

/** Each end is told only of a run that ended like that. */
function endIsTrue(world: World): string | null {
  const { run, steps } = world
  const undo = undoable(steps)
  const begun = steps.filter(({ phase, state }) => phase === 'rollback' && state !== 'pending')
  const checks = steps.filter(({ phase }) => phase === 'pre_check' || phase === 'post_check')
  const unknown = steps.some(({ phase, state }) => phase !== 'rollback' && state === 'unknown')
  switch (run.state) {
    case 'succeeded': {
      if (checks.some(({ state }) => state !== 'succeeded')) return 'succeeded without its checks'
      if (!isTolerable(world, steps) || unknown) return 'succeeded in spite of a failure'
      return wasUseful(world, steps) && begun.length === 0
        ? null
        : 'succeeded with nothing done, or rolled back'
    }
    case 'unknown':
      return unknown && begun.length === 0 ? null : 'unknown although everything is known'
    case 'rolled_back':
      if (undo.length === 0 || undo.some(({ state }) => state !== 'succeeded')) {
        return 'rolled back, but not everything that was executed'
      }
      return unknown ? 'rolled back what nobody knows' : null
    case 'rollback_failed':
      return begun.some(({ state }) => state !== 'succeeded') ? null : 'no rollback has failed'
    case 'cancelled':
      if (run.cancelRequestedAt === null || begun.length > 0) return 'cancelled by nobody'
      return undo.length > 0 && run.rules.onCancel === 'roll_back' ? 'left what to undo' : null
    case 'failed':
      return begun.length > 0 ? 'failed in its rollback' : failedRightly(world, undo)
    default:
      return `ended as ${run.state}`
  }
}

/** A failed run leaves something that could be undone only where its rules say so. */
function failedRightly({ run, log }: World, undo: readonly StepFacts[]): string | null {
  const last = log.at(-1)
  const { end } = run.window
  const overran = end !== null && last !== undefined && last.at >= end.getTime()
  if (undo.length === 0) return null
  if (overran && run.rules.overrun === 'stop') return null
  if (run.cancelRequestedAt !== null && run.rules.onCancel === 'leave') return null
  return 'failed and left what to undo'
}

/** What nothing stands in the way of comes to its end: tolerated failures do not stop a plan. */
function goesOn(world: World): string | null {
  const { run, steps, scenario } = world
  const disturbed =
    run.cancelRequestedAt !== null || scenario.window !== null || scenario.waits !== null
  const known = steps.every(({ state }) => state !== 'unknown')
  const checks = steps.filter(({ phase }) => phase === 'pre_check' || phase === 'post_check')
  if (
    disturbed ||
    !known ||
    checks.some(broken) ||
    !isTolerable(world, steps) ||
    !wasUseful(world, steps)
  )
    return null
  return run.state === 'succeeded' ? null : `ended as ${run.state} for no reason`
}

/** What is not the last job's own story is told in a sentence. */
function endsWithReason({ log }: World): string | null {
  const action = log.at(-1)?.action
  if (action?.do !== 'finish') return null
  const told = action.reason === null || /^[A-Z].*[.]$/s.test(action.reason)
  const needed = action.state === 'rolled_back' || action.state === 'rollback_failed'
  return told && !(needed && action.reason === null) ? null : `says "${action.reason}"`
}

/** All laws by what they promise. */
export const laws: Readonly<Record<string, Law>> = {
  'every plan ends': everyPlanEnds,
  'steps run one at a time': oneAtATime,
  'a step has at most one job': launchedOnce,
  'a launch under way is left alone': leaseIsKept,
  'steps run in their order': inOrder,
  'cancel wins': cancelWins,
  'a hold holds': holdHolds,
  'windows are kept': windowsAreKept,
  'nothing starts after the longest wait': waitsEnd,
  'the gate is passed before the first launch': gateIsFirst,
  'a failure that is not tolerated stops the plan': failureStops,
  'the rest of a failed batch is left out': failedBatchRests,
  'post-checks come after their steps': postChecksLast,
  'rollback undoes what was executed, latest first': rollbackInReverse,
  'a cancel does not stop a rollback': rollbackIsNotCancelled,
  'no job is forgotten': noJobIsForgotten,
  'the end is true': endIsTrue,
  'tolerated failures do not stop the plan': goesOn,
  'an end says why': endsWithReason,
}
