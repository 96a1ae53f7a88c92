// How plans end: failures that stop them and failures that do not, what is rolled back, what a cancel does, and
// the sentences people read.
import { describe, expect, it } from 'vitest'

import { next } from '../connector/next.ts'
import type { Action, PlanRules, RunFacts, StepFacts } from '../connector/next.ts'
import { at, makeRun, makeStep, start, strictRules } from './next-facts.ts'

/** Steps at positions from 1; a job that ended had started. */
function planOf(...steps: Partial<StepFacts>[]): StepFacts[] {
  return steps.map((step, index) => {
    const { state = 'pending' } = step
    const startedAt = state === 'pending' ? null : start
    return makeStep({ position: index + 1, startedAt, launchAt: startedAt, ...step })
  })
}

function nextOf(run: Partial<RunFacts>, steps: readonly StepFacts[]): Action {
  return next(makeRun({ state: 'running', ...run }), steps, at(1000))
}

function rules(own: Partial<PlanRules>): Partial<RunFacts> {
  return { rules: { ...strictRules, ...own } }
}

const asked = { cancelRequestedAt: start, cancelReason: 'Cancelled by abel.agent.' }

const before = { phase: 'pre_check', name: 'Ping' } as const
const done = { state: 'succeeded', name: 'Drain' } as const
const broken = { state: 'failed', name: 'Upgrade', message: 'Exit code 3' } as const
const last = { phase: 'post_check', name: 'Health' } as const
const undo = { phase: 'rollback', name: 'Drain' } as const

describe('a failure before anything was changed', () => {
  it('of a pre-check fails the run, and says that nothing was changed', () => {
    const steps = planOf(
      { ...before, state: 'failed', message: 'No answer' },
      {},
      { ...undo, undoes: 2 },
    )

    expect(nextOf({}, steps)).toEqual({
      do: 'finish',
      state: 'failed',
      reason: 'Pre-check "Ping" failed: No answer. Nothing was changed.',
    })
  })

  it('of a launch that certainly did not arrive has nothing to undo', () => {
    const steps = planOf({ ...broken, startedAt: null }, {}, { ...undo, undoes: 1 })

    expect(nextOf({}, steps)).toMatchObject({
      state: 'failed',
      reason: 'Step "Upgrade" failed: Exit code 3. Nothing was changed.',
    })
  })
})

describe('a failed step', () => {
  it('rolls back what was executed, the failed one first, and leaves the rest alone', () => {
    const steps = planOf(
      done,
      broken,
      {},
      { ...undo, undoes: 3 },
      { ...undo, undoes: 2 },
      { ...undo, undoes: 1 },
    )

    expect(nextOf({}, steps)).toEqual({ do: 'launch', step: 'step-5' })
  })

  it('whose plan names no rollback fails the run and says what that means', () => {
    expect(nextOf({}, planOf(done, broken, {}))).toEqual({
      do: 'finish',
      state: 'failed',
      reason:
        'Step "Upgrade" failed: Exit code 3. Nothing was rolled back: no step that was done names a rollback job.',
    })
  })

  it('after the steps, in a post-check, rolls them back', () => {
    const steps = planOf(done, { ...last, state: 'failed' }, { ...undo, undoes: 1 })

    expect(nextOf({}, steps)).toEqual({ do: 'launch', step: 'step-3' })
  })

  it.each([
    ['is critical', true, true, 'step-3'],
    ['is not critical, but the rule does not let it go on', false, false, 'step-3'],
    ['is not critical and the emergency rule lets it go on', false, true, 'step-2'],
  ])('that %s', (_title, critical, goOnAfterNonCritical, step) => {
    const steps = planOf({ ...broken, critical }, {}, { ...undo, undoes: 1 })

    expect(nextOf(rules({ goOnAfterNonCritical }), steps)).toEqual({ do: 'launch', step })
  })

  it('that is tolerated lets the plan succeed', () => {
    const steps = planOf({ ...broken, critical: false }, done, { ...last, state: 'succeeded' })

    expect(nextOf(rules({ goOnAfterNonCritical: true }), steps)).toEqual({
      do: 'finish',
      state: 'succeeded',
      reason: null,
    })
  })

  it('is not tolerated when nothing else succeeded: a plan that did nothing has failed', () => {
    const steps = planOf({ ...broken, critical: false }, last, { ...undo, undoes: 1 })

    expect(nextOf(rules({ goOnAfterNonCritical: true }), steps)).toEqual({
      do: 'launch',
      step: 'step-3',
    })
  })
})

describe('a failed batch', () => {
  const batches = planOf(
    { ...broken, batch: 1, targets: 1 },
    { batch: 1, targets: 1 },
    { batch: 2, targets: 4 },
    { batch: 2, targets: 4 },
    { ...undo, undoes: 1 },
  )

  it.each([
    ['nothing is tolerated', 0, 'step-5'],
    ['its share of the targets is too large', 0.19, 'step-5'],
    ['its share is just small enough: the rest of it is left out', 0.2, 'step-3'],
  ])('when %s', (_title, maxFailedShare, step) => {
    expect(nextOf(rules({ maxFailedShare }), batches)).toEqual({ do: 'launch', step })
  })

  it('counts with those before it', () => {
    const steps = [1, 2, 3, 4].flatMap((batch) =>
      planOf({ ...(batch < 3 ? broken : {}), batch }).map((step) => ({
        ...step,
        id: `step-${batch}`,
        position: batch,
      })),
    )

    expect(nextOf(rules({ maxFailedShare: 0.5 }), steps)).toEqual({ do: 'launch', step: 'step-3' })
    expect(nextOf(rules({ maxFailedShare: 0.4 }), steps)).toMatchObject({ state: 'failed' })
  })

  it('is not tolerated when every batch failed', () => {
    const steps = planOf({ ...done, batch: 1 }, { ...broken, batch: 1 }, last)

    expect(nextOf(rules({ maxFailedShare: 1 }), steps)).toMatchObject({ state: 'failed' })
  })

  it('goes on inside the batch after a step that is not critical and may fail', () => {
    const steps = planOf({ ...broken, batch: 1, critical: false }, { batch: 1 })

    expect(nextOf(rules({ goOnAfterNonCritical: true }), steps)).toEqual({
      do: 'launch',
      step: 'step-2',
    })
  })
})

describe('a step of which nobody knows how it ended', () => {
  it('stops everything: nothing is launched and nothing undone', () => {
    const steps = planOf(
      done,
      { ...broken, state: 'unknown', message: '' },
      {},
      { ...undo, undoes: 1 },
    )

    expect(nextOf({}, steps)).toEqual({
      do: 'finish',
      state: 'unknown',
      reason:
        'Step "Upgrade" may or may not have been done. Nothing more was started and nothing rolled back; please look what was done.',
    })
  })
})

describe('a rollback', () => {
  const steps = planOf(
    done,
    broken,
    { ...undo, name: 'Upgrade', undoes: 2 },
    { ...undo, undoes: 1 },
  )

  function rolledBack(first: Partial<StepFacts>, second: Partial<StepFacts> = {}): StepFacts[] {
    const changes = [{}, {}, first, second]
    return steps.map((step, index) => ({ ...step, ...changes[index] }))
  }

  it('goes on in spite of a hold, a cancel and the end of the window', () => {
    const run = { ...asked, held: true, window: { start: null, end: start } }

    expect(nextOf(run, rolledBack({ state: 'succeeded' }))).toEqual({
      do: 'launch',
      step: 'step-4',
    })
    expect(nextOf(run, rolledBack({ state: 'running', startedAt: start }))).toEqual({
      do: 'poll',
      step: 'step-3',
    })
  })

  it('waits until it is due', () => {
    expect(nextOf({ dueAt: at(5000) }, steps)).toEqual({ do: 'wait', until: at(5000) })
  })

  it('says why, when all is undone', () => {
    expect(nextOf({}, rolledBack({ state: 'succeeded' }, { state: 'succeeded' }))).toEqual({
      do: 'finish',
      state: 'rolled_back',
      reason: 'Step "Upgrade" failed: Exit code 3. What had been done was rolled back.',
    })
  })

  it.each(['failed', 'cancelled', 'unknown'] as const)(
    'that is %s in its middle stops, so that a person can look',
    (state) => {
      const action = nextOf({}, rolledBack({ state, message: 'Boom' }))

      expect(action).toMatchObject({ do: 'finish', state: 'rollback_failed' })
      expect(action).toHaveProperty(
        'reason',
        expect.stringMatching(
          /^Step "Upgrade" failed: Exit code 3\. The rollback stopped: Rollback of "Upgrade" .*: Boom\. Please look what is left to undo\.$/,
        ),
      )
    },
  )

  it('that has begun is gone on with, whatever else could be done', () => {
    const plan = planOf({ ...done, undoes: null }, {}, { ...undo, undoes: 1 })

    expect(nextOf({ state: 'rolling_back' }, plan)).toEqual({ do: 'launch', step: 'step-3' })
  })
})

describe('a cancel', () => {
  const halfDone = planOf(done, {}, { ...undo, undoes: 1 })

  it('rolls back what was executed', () => {
    expect(nextOf(asked, halfDone)).toEqual({ do: 'launch', step: 'step-3' })
  })

  it('leaves it where the template says so, and says what stays', () => {
    expect(nextOf({ ...asked, ...rules({ onCancel: 'leave' }) }, halfDone)).toEqual({
      do: 'finish',
      state: 'cancelled',
      reason: 'Cancelled by abel.agent. What had been done stays: "Drain".',
    })
  })

  it('ends the run as cancelled when its job was, and nothing can be undone', () => {
    const steps = planOf({ ...before, state: 'cancelled' }, {})

    expect(nextOf(asked, steps)).toEqual({
      do: 'finish',
      state: 'cancelled',
      reason: 'Cancelled by abel.agent.',
    })
  })

  it('does not hide that the job failed by itself', () => {
    expect(nextOf(asked, planOf(broken))).toEqual({ do: 'finish', state: 'failed', reason: null })
  })

  it('that comes too late for the last step still undoes the plan', () => {
    const steps = planOf(done, { ...undo, undoes: 1 })

    expect(nextOf(asked, steps)).toEqual({ do: 'launch', step: 'step-2' })
  })

  it('that comes too late for what cannot be undone says so', () => {
    expect(nextOf(asked, planOf(done, done))).toEqual({
      do: 'finish',
      state: 'succeeded',
      reason: 'Cancelled by abel.agent. That came too late: every step had been done.',
    })
  })

  it('is the reason of the rollback it began', () => {
    const steps = planOf(done, {}, { ...undo, undoes: 1, state: 'succeeded' })

    expect(nextOf({ ...asked, state: 'rolling_back' }, steps)).toMatchObject({
      state: 'rolled_back',
      reason: 'Cancelled by abel.agent. What had been done was rolled back.',
    })
  })
})
