// The pure core of advancing: a single step from its launch to its end. What becomes of plans stands in
// next-ends.test.ts and next-window.test.ts, thousands of generated ones in next-plans.test.ts.
import { describe, expect, it } from 'vitest'

import { launchLeaseMs, lostAfterMs, timeoutGraceMs } from '../connector/active-step.ts'
import { next } from '../connector/next.ts'
import { at, makeRun, makeStep, start } from './next-facts.ts'

describe('next', () => {
  it('launches a pending step', () => {
    expect(next(makeRun(), [makeStep()], start)).toEqual({ do: 'launch', step: 'step-1' })
  })

  it('waits until a pending step is due', () => {
    expect(next(makeRun({ dueAt: at(1) }), [makeStep()], start)).toEqual({
      do: 'wait',
      until: at(1),
    })
  })

  it('finishes a run cancelled before its launch', () => {
    const run = makeRun({ cancelRequestedAt: start, dueAt: at(5000) })

    expect(next(run, [makeStep()], start)).toEqual({
      do: 'finish',
      state: 'cancelled',
      reason: null,
    })
  })

  it('leaves a launch in doubt to the worker that wrote the intent, then asks the platform', () => {
    const step = makeStep({ state: 'launching', launchAt: start })

    expect(next(makeRun(), [step], at(launchLeaseMs - 1))).toEqual({
      do: 'wait',
      until: at(launchLeaseMs),
    })
    expect(next(makeRun(), [step], at(launchLeaseMs))).toEqual({ do: 'find', step: 'step-1' })
  })

  it('gives up on a launch in doubt when the platform cannot be asked', () => {
    const step = makeStep({ state: 'launching', launchAt: start, canFind: false })

    expect(next(makeRun(), [step], at(launchLeaseMs)).do).toBe('lose')
  })

  it('cancels a running job when asked, at its time limit, and not before', () => {
    const step = makeStep({ state: 'running', startedAt: start })
    const limit = step.timeoutMs + timeoutGraceMs

    expect(next(makeRun({ cancelRequestedAt: start }), [step], start)).toMatchObject({
      because: 'asked',
    })
    expect(next(makeRun(), [step], at(limit)).do).toBe('poll')
    expect(next(makeRun(), [step], at(limit + 1))).toMatchObject({ because: 'timed_out' })
  })

  it('counts a job as lost that is silent long after its time limit', () => {
    const step = makeStep({ state: 'cancelling', startedAt: start })

    expect(next(makeRun(), [step], at(step.timeoutMs + lostAfterMs + 1)).do).toBe('lose')
  })

  it.each(['failed', 'unknown'] as const)('ends the run as %s when its job is', (state) => {
    const step = makeStep({ state, startedAt: start })

    expect(next(makeRun({ state: 'running' }), [step], start)).toEqual({
      do: 'finish',
      state,
      reason: null,
    })
  })

  it('goes on to the next step by position, whatever the order of rows', () => {
    const steps = [
      makeStep({ id: 'step-2', position: 2 }),
      makeStep({ id: 'step-1', position: 1, state: 'succeeded' }),
    ]

    expect(next(makeRun({ state: 'running' }), steps, start)).toEqual({
      do: 'launch',
      step: 'step-2',
    })
  })

  it('does nothing for a run that has ended', () => {
    expect(next(makeRun({ state: 'succeeded' }), [makeStep()], start)).toEqual({ do: 'nothing' })
  })
})
