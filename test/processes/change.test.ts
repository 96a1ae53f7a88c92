// What a change request becomes for each state of its run, and what is planned by its type.
import { describe, expect, it } from 'vitest'

import { TicketChange } from '#shared/status-update.ts'
import type { RunState } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'
import { changeTypes } from '#shared/vocabulary.ts'

import { defaultPolicy, Policy } from '../../connector/policy.ts'
import { changeRequest } from '../../connector/processes/change.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import { makeTicket } from '../support/events.ts'
import {
  allDone,
  makePlannedChange,
  makePlanSteps,
  makePlanTemplate,
  makeStep,
  runId,
} from '../support/run-changes.ts'

function makeChangeTicket(fields: Record<string, string>): Ticket {
  const values = Object.entries(fields).map(([name, value]) => [name, { type: 'string', value }])
  return {
    ...makeTicket(),
    table: 'change_request',
    number: 'CHG0030001',
    fields: Object.fromEntries(values),
  }
}

function planFor(fields: Record<string, string>, policy = defaultPolicy, overrides = {}) {
  return changeRequest.plan({
    template: makePlanTemplate(overrides),
    ticket: makeChangeTicket(fields),
    parameters: { hosts: 'web-01,web-02,web-03' },
    targets: ['web-01', 'web-02', 'web-03'],
    policy,
  })
}

const window = { start_date: '2026-06-10 14:00:00', end_date: '2026-06-10 16:00:00' }

describe('the plan of a change', () => {
  it('keeps to the planned window, read as UTC', () => {
    expect(planFor({ type: 'normal', ...window }).window).toEqual({
      start: new Date('2026-06-10T14:00:00Z'),
      end: new Date('2026-06-10T16:00:00Z'),
    })
  })

  it('has no window when the change has none', () => {
    expect(planFor({ type: 'emergency' }).window).toEqual({ start: null, end: null })
    expect(planFor({ type: 'emergency', ...window, end_date: '' }).window.end).toBeNull()
  })

  it('goes on after a step that is not critical in an emergency alone', () => {
    const goesOn = changeTypes.map((type) => planFor({ type }).rules.goOnAfterNonCritical)

    expect(goesOn).toEqual([false, false, true])
  })

  it('does not let an emergency go on after a critical failure: each step says whether it is critical', () => {
    const { steps, rules } = planFor({ type: 'emergency' })

    expect(rules).toMatchObject({ goOnAfterNonCritical: true, maxFailedShare: 0 })
    const critical = steps.filter((step) => step.phase === 'execute').map((step) => step.critical)
    expect(critical).toEqual([true, false, true, false])
  })

  it.each(['', 'Sonderänderung', 'STANDARD2', undefined])(
    'treats the type %s as normal',
    (type) => {
      const { rules } = planFor(type === undefined ? {} : { type })

      expect(rules).toMatchObject({ changeType: 'normal', goOnAfterNonCritical: false })
    },
  )

  it('takes what a type may do from the policy', () => {
    const policy = Policy.parse({ change_types: { standard: { go_on_after_non_critical: true } } })

    expect(planFor({ type: 'Standard' }, policy).rules).toMatchObject({
      changeType: 'standard',
      goOnAfterNonCritical: true,
    })
  })

  it('takes overrun, cancel and tolerance from the template', () => {
    const { rules } = planFor({}, defaultPolicy, {
      change: { overrun: 'stop' },
      on_cancel: 'leave',
      targets: { parameter: 'hosts', max_failed: 0.5 },
    })

    expect(rules).toMatchObject({ overrun: 'stop', onCancel: 'leave', maxFailedShare: 0.5 })
  })

  it('undoes every executed step that names a rollback, latest first', () => {
    const undoes = planFor({}).steps.flatMap((step) => (step.undoes === null ? [] : [step.undoes]))

    expect(undoes).toEqual([5, 4, 3, 2])
  })
})

/** Runs by how far they came. */
const runs = {
  nothing: makePlanSteps({ 1: 'failed' }),
  tolerated: makePlanSteps({ ...allDone, 5: 'failed' }),
  partly: makePlanSteps({ 1: 'succeeded', 2: 'succeeded', 3: 'failed' }),
  undone: makePlanSteps({
    1: 'succeeded',
    2: 'succeeded',
    3: 'failed',
    9: 'succeeded',
    10: 'succeeded',
  }),
  halfUndone: makePlanSteps({
    1: 'succeeded',
    2: 'succeeded',
    3: 'failed',
    9: 'succeeded',
    10: 'failed',
  }),
  inDoubt: makePlanSteps({ 1: 'succeeded', 2: 'unknown' }),
  all: makePlanSteps(allDone),
} as const

type Row = [
  state: RunState,
  ran: keyof typeof runs,
  expected: [transition: string | undefined, closeCode: string | undefined],
]

const mapping: Row[] = [
  ['requested', 'nothing', [undefined, undefined]],
  ['planned', 'nothing', [undefined, undefined]],
  ['waiting', 'nothing', [undefined, undefined]],
  ['running', 'partly', [undefined, undefined]],
  ['cancelling', 'partly', [undefined, undefined]],
  ['rolling_back', 'partly', [undefined, undefined]],
  ['refused', 'nothing', [undefined, undefined]],
  ['failed', 'nothing', [undefined, undefined]],
  ['cancelled', 'nothing', [undefined, undefined]],
  ['failed', 'partly', ['review', 'unsuccessful']],
  ['cancelled', 'partly', ['review', 'unsuccessful']],
  ['rolled_back', 'undone', ['review', 'unsuccessful']],
  ['rollback_failed', 'halfUndone', [undefined, undefined]],
  ['unknown', 'inDoubt', [undefined, undefined]],
]

describe('the state of a change', () => {
  const rows = changeTypes.flatMap((type) => mapping.map((row) => [type, ...row] as const))

  it.each(rows)('of type %s, run %s with "%s" done', (changeType, state, ran, expected) => {
    const change = changeRequest.change(
      makePlannedChange({ changeType, state, message: 'Why.', steps: runs[ran] }),
    )

    expect([change?.transition, change?.close_code]).toEqual(expected)
    expect(TicketChange.nullable().parse(change)).toEqual(change)
  })

  it.each([
    ['standard', 'closed'],
    ['normal', 'review'],
    ['emergency', 'review'],
    [null, 'review'],
  ] as const)('of type %s that succeeded goes to %s', (changeType, transition) => {
    const change = changeRequest.change(makePlannedChange({ changeType }))

    expect(change).toMatchObject({ transition, close_code: 'successful' })
  })

  it('goes where the policy says for its type', () => {
    const policy = Policy.parse({ change_types: { normal: { ends_in: 'closed' } } })

    expect(changeRequest.change(makePlannedChange({ policy }))?.transition).toBe('closed')
  })

  it('starts to be implemented with the first step that changes something, and only then', () => {
    const running = makePlannedChange({ state: 'running', steps: makePlanSteps({ 1: 'running' }) })
    const first = changeRequest.change({ ...running, starts: true })

    expect(first).toMatchObject({ work_note: { key: `${runId}:start` } })
    expect(first?.transition).toBeUndefined()
    expect(changeRequest.change({ ...running, executes: true })?.transition).toBe('implement')
    expect(changeRequest.change(running)?.transition).toBeUndefined()
  })
})

describe('the end of a change', () => {
  it('is successful with issues when a failed step was tolerated', () => {
    const change = changeRequest.change(
      makePlannedChange({ changeType: 'emergency', steps: runs.tolerated }),
    )

    expect(change).toMatchObject({ transition: 'review', close_code: 'successful_issues' })
    expect(change?.close_notes).toContain('"Patch" (batch 2: web-02, web-03) failed: Exit code 2.')
  })

  it('is successful with issues when it took longer than its window', () => {
    const end = new Date('2026-06-10T14:05:00Z')
    const change = changeRequest.change(makePlannedChange({ window: { start: null, end } }))

    expect(change?.close_code).toBe('successful_issues')
    expect(change?.close_notes).toContain(
      'It ended at 2026-06-10 14:06 UTC, after its window (2026-06-10 14:05 UTC).',
    )
  })

  it('is reviewed by a person when a post-check did not run to its end', () => {
    const steps = makePlanSteps({ ...allDone, 6: 'skipped' })
    const change = changeRequest.change(makePlannedChange({ changeType: 'standard', steps }))

    expect(change?.transition).toBe('review')
    expect(change?.work_note?.text).toContain('The result was not verified')
  })

  it('takes transition and close code from the template where it names them', () => {
    const outcome = {
      succeeded: { transition: 'closed', close_code: 'done' },
      failed: { transition: 'closed', close_code: 'failed_here' },
      rolled_back: { close_code: 'undone' },
    }
    const template = makePlanTemplate({ outcome })
    function ends(overrides: Partial<RunChange>): TicketChange | null {
      return changeRequest.change(makePlannedChange({ template, ...overrides }))
    }

    expect(ends({})).toMatchObject({ transition: 'closed', close_code: 'done' })
    expect(ends({ state: 'failed', steps: runs.partly })).toMatchObject({
      transition: 'closed',
      close_code: 'failed_here',
    })
    expect(ends({ state: 'rolled_back', steps: runs.undone })).toMatchObject({
      transition: 'closed',
      close_code: 'undone',
    })
    expect(ends({ state: 'failed', steps: runs.nothing })).toMatchObject({
      transition: 'closed',
      close_code: 'failed_here',
    })
  })

  it('never takes a failed change to cancelled, whatever its template asks for', () => {
    const template = makePlanTemplate({ outcome: { failed: { transition: 'cancelled' } } })
    const change = changeRequest.change(
      makePlannedChange({ state: 'failed', template, steps: runs.partly }),
    )

    expect(change?.transition).toBe('review')
    expect(change?.work_note?.text).toContain('The template asks for "cancelled" here')
  })

  it('never takes a change to cancelled of which something was carried out', () => {
    const template = makePlanTemplate({ outcome: { cancelled: { transition: 'cancelled' } } })
    function cancelled(steps: RunChange['steps']): TicketChange | null {
      return changeRequest.change(makePlannedChange({ state: 'cancelled', template, steps }))
    }

    expect(cancelled(runs.nothing)?.transition).toBe('cancelled')
    expect(cancelled(runs.partly)?.transition).toBe('review')
  })

  it('ignores an outcome that is meant for incidents, with its close code', () => {
    const outcome = { succeeded: { transition: 'resolved', close_code: 'Solution provided' } }
    const template = makePlanTemplate({ outcome })
    const change = changeRequest.change(makePlannedChange({ template }))

    expect(change).toMatchObject({ transition: 'review', close_code: 'successful' })
    expect(change?.work_note?.text).not.toContain('The template asks')
  })

  it('says what was rolled back, also when a step could not even be started', () => {
    const change = changeRequest.change(
      makePlannedChange({
        state: 'rolled_back',
        message: 'Step "Patch" failed: the driver threw. What had been done was rolled back.',
        steps: runs.undone,
      }),
    )

    expect(change?.close_notes).toBe(
      [
        'Automation "Patch web servers" was rolled back: Step "Patch" failed: the driver threw. What had been done was rolled back.',
        'Executed: "Drain" (batch 1: web-01), "Patch" (batch 1: web-01) (failed).',
        'Undone: "Drain" (batch 1: web-01), "Patch" (batch 1: web-01).',
        `Run: ${runId}`,
      ].join('\n'),
    )
  })

  it.each(['rollback_failed', 'unknown'] as const)(
    'of a run that is %s is loud and leaves the change open, even when the template names an outcome',
    (state) => {
      const outcome = { failed: { transition: 'closed', close_code: 'x' } }
      const change = changeRequest.change(
        makePlannedChange({
          state,
          message: 'Why.',
          template: makePlanTemplate({ outcome }),
          steps: state === 'unknown' ? runs.inDoubt : runs.halfUndone,
        }),
      )

      expect(Object.keys(change ?? {})).toEqual(['work_note'])
      expect(change?.work_note?.text).toMatch(/^ATTENTION: /)
      expect(change?.work_note?.text).toContain('The change stays open')
    },
  )

  it('counts a step as executed of which nobody knows whether it was started', () => {
    const steps = runs.inDoubt.map((step) =>
      step.position === 2 ? { ...step, started_at: null, job_id: null } : step,
    )
    const { text } = changeRequest.change(makePlannedChange({ state: 'unknown', steps }))
      ?.work_note ?? { text: '' }

    expect(text).toContain('Executed: "Drain" (batch 1: web-01) (may or may not have been done).')
    expect(text).toContain('execute | Drain | batch 1: web-01 | - | ? - ')
  })

  it('has close notes that fit their column, however many steps failed', () => {
    const failed = { state: 'failed', name: 'x'.repeat(100), message: 'y'.repeat(500) } as const
    const steps = Array.from({ length: 400 }, (_, index) => makeStep(index + 1, failed))
    const change = changeRequest.change(
      makePlannedChange({ state: 'failed', message: 'z'.repeat(4000), steps }),
    )

    expect(change?.close_notes?.length).toBeLessThanOrEqual(4000)
    expect(change?.close_notes).toMatch(new RegExp(`\nRun: ${runId}$`))
  })
})

describe('a change that waits', () => {
  const window = { start: new Date('2026-06-10T14:00:00Z'), end: new Date('2026-06-10T16:00:00Z') }

  function waiting(at: string): RunChange {
    const steps = makePlanSteps({})
    return makePlannedChange({ state: 'waiting', at: new Date(at), window, steps })
  }

  it('says once for each start time when it starts', () => {
    const [first, again] = ['2026-06-10T09:00:00Z', '2026-06-10T13:59:00Z'].map((at) =>
      changeRequest.change(waiting(at)),
    )
    const moved = changeRequest.change({
      ...waiting('2026-06-10T09:00:00Z'),
      window: { ...window, start: new Date('2026-06-10T15:00:00Z') },
    })

    expect(first).toEqual(again)
    expect(first?.work_note?.text).toMatch(
      /^Scheduled: automation "Patch web servers" starts at 2026-06-10 14:00 UTC \(by abel\.agent\)\. Its window ends 2026-06-10 16:00 UTC\.\n/,
    )
    expect(moved?.work_note?.key).not.toBe(first?.work_note?.key)
  })

  it('says nothing when it waits for something else', () => {
    expect(changeRequest.change(waiting('2026-06-10T14:30:00Z'))).toBeNull()
  })
})
