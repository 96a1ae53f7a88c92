// When a plan may start something: its gate, its window, a ticket on hold, and how long it waits at most.
import { describe, expect, it } from 'vitest'

import { next } from '../connector/next.ts'
import type { RunFacts } from '../connector/next.ts'
import { at, makeRun, makeStep, start, strictRules } from './next-facts.ts'

const minute = 60_000
const window = { start: at(10 * minute), end: at(70 * minute) }
const inWindow = at(20 * minute)
const afterWindow = at(70 * minute)

const done = makeStep({ state: 'succeeded', startedAt: start })
const pending = makeStep({ position: 2, name: 'Upgrade' })
const undo = makeStep({ position: 3, phase: 'rollback', undoes: 1 })

function overrun(rule: 'finish' | 'stop' | 'roll_back'): Partial<RunFacts> {
  return { window, rules: { ...strictRules, overrun: rule } }
}

describe('the gate', () => {
  it('comes before the first launch', () => {
    expect(next(makeRun({ gatePassed: false }), [makeStep()], start)).toEqual({ do: 'gate' })
    expect(next(makeRun({ gatePassed: true }), [makeStep()], start)).toMatchObject({ do: 'launch' })
  })

  it.each([
    ['is due', { dueAt: at(1) }, at(1)],
    ['is in its window', { window }, window.start],
    ['is on hold no more', { held: true }, at(60 * minute)],
  ])('waits until the run %s', (_title, run, until) => {
    expect(next(makeRun({ gatePassed: false, ...run }), [makeStep()], start)).toEqual({
      do: 'wait',
      until,
    })
  })

  it('is not taken by a run that is cancelled, or has launched something', () => {
    const cancelled = makeRun({ gatePassed: false, cancelRequestedAt: start })

    expect(next(cancelled, [makeStep()], start)).toMatchObject({ do: 'finish', state: 'cancelled' })
    expect(next(makeRun({ gatePassed: false }), [done, pending], start)).toMatchObject({
      do: 'launch',
    })
  })
})

describe('a window', () => {
  it('is waited for, on hold or not, however long the run may wait', () => {
    const run = { window, waitsUntil: at(1) }

    for (const held of [false, true]) {
      expect(next(makeRun({ ...run, held }), [makeStep()], at(2))).toEqual({
        do: 'wait',
        until: window.start,
      })
    }
  })

  it('lets steps start from its start on and not at its end', () => {
    const run = makeRun({ window })

    expect(next(run, [makeStep()], window.start)).toMatchObject({ do: 'launch' })
    expect(next(run, [makeStep()], at(70 * minute - 1))).toMatchObject({ do: 'launch' })
    expect(next(run, [makeStep()], window.end)).toMatchObject({ do: 'finish' })
  })

  it.each(['finish', 'stop', 'roll_back'] as const)(
    'that ended before anything was executed fails the run, with overrun: %s',
    (rule) => {
      const steps = [
        makeStep({ phase: 'pre_check', state: 'succeeded', startedAt: start }),
        pending,
      ]

      expect(next(makeRun(overrun(rule)), steps, afterWindow)).toEqual({
        do: 'finish',
        state: 'failed',
        reason: 'The window ended at 2026-06-10 13:10 UTC before "Upgrade" could start.',
      })
    },
  )

  it.each([
    ['finish', { do: 'launch', step: 'step-2' }],
    ['roll_back', { do: 'launch', step: 'step-3' }],
    [
      'stop',
      {
        do: 'finish',
        state: 'failed',
        reason: 'The window ended at 2026-06-10 13:10 UTC before "Upgrade" could start.',
      },
    ],
  ] as const)('that ended in the middle of the plan, with overrun: %s', (rule, action) => {
    expect(next(makeRun(overrun(rule)), [done, pending, undo], afterWindow)).toEqual(action)
  })

  it('that ended fails a plan which cannot be rolled back', () => {
    expect(next(makeRun(overrun('roll_back')), [done, pending], afterWindow)).toMatchObject({
      do: 'finish',
      state: 'failed',
    })
  })

  it('that ended is the reason of the rollback it began, also when somebody cancels after that', () => {
    const run = makeRun({
      ...overrun('roll_back'),
      state: 'rolling_back',
      cancelRequestedAt: at(71 * minute),
      cancelReason: 'Cancelled.',
    })
    const undone = { ...undo, state: 'succeeded' as const }

    expect(next(run, [done, pending, undone], at(72 * minute))).toEqual({
      do: 'finish',
      state: 'rolled_back',
      reason:
        'The window ended at 2026-06-10 13:10 UTC before "Upgrade" could start. What had been done was rolled back.',
    })
  })

  it('that ended does not cut off a running job', () => {
    const running = makeStep({
      state: 'running',
      startedAt: at(69 * minute),
      timeoutMs: 9 * minute,
    })

    expect(next(makeRun(overrun('stop')), [running], afterWindow)).toMatchObject({ do: 'poll' })
  })

  it('that ended does not keep post-checks from starting', () => {
    const check = makeStep({ position: 2, phase: 'post_check' })

    expect(next(makeRun(overrun('stop')), [done, check], afterWindow)).toEqual({
      do: 'launch',
      step: 'step-2',
    })
  })
})

describe('a run on hold', () => {
  it.each([
    ['an hour', {}, at(80 * minute)],
    ['the end of the window', { window }, window.end],
    ['the longest wait', { window, waitsUntil: at(30 * minute) }, at(30 * minute)],
  ])('looks again after %s', (_title, run, until) => {
    expect(next(makeRun({ held: true, ...run }), [makeStep()], inWindow)).toEqual({
      do: 'wait',
      until,
    })
  })

  it('starts no post-check either, and goes on with a running job', () => {
    const check = makeStep({ position: 2, phase: 'post_check' })
    const running = makeStep({ state: 'running', startedAt: start, timeoutMs: 90 * minute })

    expect(next(makeRun({ held: true }), [done, check], start)).toMatchObject({ do: 'wait' })
    expect(next(makeRun({ held: true }), [running], inWindow)).toMatchObject({ do: 'poll' })
  })

  it('is not given up in the middle of its plan', () => {
    const run = makeRun({ held: true, waitsUntil: at(1) })

    expect(next(run, [done, pending], inWindow)).toEqual({ do: 'wait', until: at(80 * minute) })
  })
})

describe('the longest wait', () => {
  it.each([
    [true, 'The ticket was on hold until 2026-06-10 12:01 UTC'],
    [false, 'It could not start until 2026-06-10 12:01 UTC'],
  ])('ends a run that has launched nothing, on hold: %s', (held, why) => {
    const run = makeRun({ held, waitsUntil: at(minute), dueAt: at(2 * minute) })

    expect(next(run, [makeStep()], at(minute - 1))).toMatchObject({ do: 'wait' })
    expect(next(run, [makeStep()], at(minute))).toEqual({
      do: 'finish',
      state: 'failed',
      reason: `${why}, which is as long as a run waits. Nothing was changed.`,
    })
  })
})
