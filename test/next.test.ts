// The pure core of advancing: hand-picked situations, then thousands of generated runs against a model of a
// platform that loses answers, and of workers that die between intent and answer.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'

import { launchLeaseMs, lostAfterMs, timeoutGraceMs } from '../connector/active-step.ts'
import { next } from '../connector/next.ts'
import type { Action, RunFacts, StepFacts } from '../connector/next.ts'
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

/** What the modelled platform does at one contact. */
type Fault = 'fine' | 'answer_lost' | 'not_arrived' | 'worker_dies'

interface World {
  run: RunFacts
  steps: StepFacts[]
  now: number
  /** Launches that arrived at the platform, per step. */
  arrived: Map<string, number>
  log: Action['do'][]
}

/** Applies one action to the model. Returns false when the run has come to an end. */
function apply(world: World, action: Action, fault: Fault): boolean {
  world.log.push(action.do)
  switch (action.do) {
    case 'nothing':
      return false
    case 'wait':
      world.now = Math.max(world.now, action.until.getTime())
      return true
    case 'finish':
      world.run = { ...world.run, state: action.state }
      return false
    case 'gate':
      world.run = { ...world.run, gatePassed: true }
      return true
    case 'launch':
      patch(world, action.step, { state: 'launching', launchAt: new Date(world.now) })
      if (fault === 'worker_dies') return true
      if (fault === 'not_arrived') {
        patch(world, action.step, { state: 'pending', launchAt: null })
        return true
      }
      world.arrived.set(action.step, (world.arrived.get(action.step) ?? 0) + 1)
      if (fault === 'fine')
        patch(world, action.step, { state: 'running', startedAt: new Date(world.now) })
      return true
    case 'find':
      if (fault !== 'fine') {
        world.now += 1000
        return true
      }
      if (world.arrived.has(action.step)) {
        patch(world, action.step, { state: 'running', startedAt: new Date(world.now) })
      } else patch(world, action.step, { state: 'pending', launchAt: null })
      return true
    case 'poll':
      world.now += 5000
      if (fault === 'fine') patch(world, action.step, { state: 'succeeded' })
      return true
    case 'cancel':
      if (fault === 'fine') patch(world, action.step, { state: 'cancelled' })
      else world.now += 1000
      return true
    case 'lose':
      patch(world, action.step, { state: 'unknown' })
      return true
    default:
      return action satisfies never
  }
}

function patch(world: World, id: string, change: Partial<StepFacts>): void {
  world.steps = world.steps.map((step) => (step.id === id ? { ...step, ...change } : step))
}

const worlds = fc.record({
  steps: fc.array(fc.record({ canFind: fc.boolean(), canCancel: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  }),
  faults: fc.array(fc.constantFrom<Fault>('fine', 'answer_lost', 'not_arrived', 'worker_dies'), {
    maxLength: 30,
  }),
  cancelAfter: fc.option(fc.nat(30), { nil: null }),
})

describe('next over generated runs', () => {
  it('never launches a step twice, always ends, and cancels when asked', () => {
    fc.assert(
      fc.property(worlds, ({ steps, faults, cancelAfter }) => {
        const world: World = {
          run: makeRun(),
          steps: steps.map((step, index) =>
            makeStep({ ...step, id: `step-${index}`, position: index + 1 }),
          ),
          now: start.getTime(),
          arrived: new Map(),
          log: [],
        }
        let going = true
        for (let turn = 0; going && turn < 400; turn++) {
          if (turn === cancelAfter)
            world.run = { ...world.run, cancelRequestedAt: new Date(world.now) }
          const action = next(world.run, world.steps, new Date(world.now))
          going = apply(world, action, faults[turn] ?? 'fine')
        }
        const launches = [...world.arrived.values()]
        expect(launches.every((count) => count === 1)).toBe(true)
        expect(isFinal(world.run.state)).toBe(true)
        // Cancel wins: once asked, nothing more is launched.
        if (cancelAfter !== null) expect(world.log.slice(cancelAfter)).not.toContain('launch')
        // After a step that did not succeed, no later one was launched.
        const stopped = world.steps.findIndex((step) => step.state !== 'succeeded')
        if (stopped !== -1) {
          expect(world.steps.slice(stopped + 1).every((step) => !world.arrived.has(step.id))).toBe(
            true,
          )
        }
      }),
      { numRuns: 10_000 },
    )
  })
})
