// Checks that look at other runs: of this ticket, and on the same targets.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'

import type { CheckContext, TargetRun } from '../../connector/checks/check.ts'
import { changeWith, checkOf, failedOf, targetRun } from '../support/checks.ts'
import { makeTemplate } from '../support/templates.ts'

const web = ['web-01']

describe('no-other-run', () => {
  const earlier = { id: 'a', template: 'free-disk-space', trigger: 'created' } as const

  it.each([
    ['manual', 'succeeded', []],
    ['manual', 'failed', []],
    ['manual', 'running', ['no-other-run']],
    ['manual', 'refused', []],
    ['updated', 'succeeded', ['no-other-run']],
    ['updated', 'failed', ['no-other-run']],
    ['updated', 'refused', []],
    ['created', 'planned', ['no-other-run']],
    ['ordered', 'rolled_back', []],
    ['ordered', 'waiting', ['no-other-run']],
  ] as const)('%s after a run that is %s', (trigger, state, failed) => {
    expect(failedOf({ trigger, earlierRuns: [{ ...earlier, state }] })).toEqual(failed)
  })

  it('does not mind runs of other templates', () => {
    const earlierRuns = [{ ...earlier, template: 'other', state: 'running' as const }]

    expect(failedOf({ earlierRuns })).toEqual([])
  })

  it('the mistake "update events re-run the job": a rule starts a template once per ticket, and says so', () => {
    const earlierRuns = [{ ...earlier, state: 'succeeded' as const }]
    const ticket = changeWith()

    expect(checkOf('no-other-run', { trigger: 'updated', earlierRuns, ticket })).toEqual({
      check: 'no-other-run',
      passed: false,
      detail: '"Free disk space" has already run for CHG0030001; a rule starts it once per ticket.',
      hint: 'Run it by hand if it should run again.',
    })
  })

  it('an open run is to be waited for', () => {
    const earlierRuns = [{ ...earlier, state: 'running' as const }]

    expect(checkOf('no-other-run', { earlierRuns, ticket: changeWith() })).toEqual({
      check: 'no-other-run',
      passed: false,
      detail: '"Free disk space" is already running for CHG0030001.',
      hint: 'Wait for it to end, or cancel it first.',
    })
    expect(checkOf('no-other-run', { ticket: changeWith() })?.detail).toBe(
      'No other run of "Free disk space" is open for CHG0030001.',
    )
  })
})

describe('target-free', () => {
  const other = targetRun({ template: 'patch-hosts', state: 'running', finishedAt: null })
  const change = { ...other, ticketTable: 'change_request', ticketNumber: 'CHG0030002' }
  const refuse = makeTemplate({ when_busy: 'refuse' })

  function free(targetRuns: TargetRun[], overrides: Partial<CheckContext> = {}): Check | null {
    return checkOf('target-free', { targets: web, targetRuns, ...overrides })
  }

  it('does not apply to a run without targets', () => {
    expect(checkOf('target-free', { targetRuns: [other] })).toBeNull()
  })

  it('passes when nobody else is at work', () => {
    const elsewhere = { ...other, target: 'web-02' }

    expect(free([targetRun(), targetRun({ state: 'unknown' }), elsewhere])).toEqual({
      check: 'target-free',
      passed: true,
      detail: 'No other run works on web-01.',
    })
  })

  it.each(['requested', 'planned', 'waiting', 'running', 'cancelling', 'rolling_back'] as const)(
    'waits for a run that is %s',
    (state) => {
      expect(free([{ ...other, state }])).toEqual({
        check: 'target-free',
        passed: true,
        detail:
          'Another run is not finished yet: this one will wait for INC0000009 (patch-hosts) on web-01.',
      })
    },
  )

  it('refuses when the template does not want to wait', () => {
    expect(free([other], { template: refuse })).toEqual({
      check: 'target-free',
      passed: false,
      detail: 'Another run is not finished yet: INC0000009 (patch-hosts) on web-01.',
      hint: 'Wait for that run to end, or cancel it first.',
    })
  })

  it('names another change on the same item as a conflict, for a change only', () => {
    expect(free([change], { ticket: changeWith() })?.detail).toBe(
      'Conflict with another change: this one will wait for CHG0030002 (patch-hosts) on web-01.',
    )
    expect(free([change], { ticket: changeWith(), template: refuse })).toMatchObject({
      passed: false,
      detail: 'Conflict with another change: CHG0030002 (patch-hosts) on web-01.',
    })
    expect(free([change], { template: refuse })?.detail).toMatch(/^Another run is not finished/)
    expect(free([other], { template: refuse, ticket: changeWith() })?.detail).toMatch(/^Another/)
  })

  it('names three runs with three targets each, and counts the rest', () => {
    const targets = ['a', 'b', 'c', 'd']
    const runs = ['1', '2', '3', '4', '5'].flatMap((id) =>
      targets.map((target) => ({ ...other, id, target, ticketNumber: `INC${id}` })),
    )

    expect(free(runs, { targets })?.detail).toBe(
      'Another run is not finished yet: this one will wait for INC1 (patch-hosts) on a, b, c and 1 more, INC2 (patch-hosts) on a, b, c and 1 more, INC3 (patch-hosts) on a, b, c and 1 more and 2 more.',
    )
  })
})

describe('cooldown', () => {
  const template = makeTemplate({ limits: { cooldown: '2h' } })

  function rest(targetRuns: TargetRun[], overrides: Partial<CheckContext> = {}): Check | null {
    return checkOf('cooldown', { template, targets: web, targetRuns, ...overrides })
  }

  it('does not apply to a template without one', () => {
    expect(rest([targetRun()], { template: makeTemplate() })).toBeNull()
  })

  it('says when the next run is possible, in UTC', () => {
    expect(rest([targetRun()])).toEqual({
      check: 'cooldown',
      passed: false,
      detail:
        '"Free disk space" ran on web-01 for INC0000009, and the target rests 2h; the next run is possible from 2026-06-10 13:00 UTC.',
      hint: 'Run it again after 2026-06-10 13:00 UTC.',
    })
  })

  it('is over when the time has passed since the end of the last run', () => {
    const passed = rest([targetRun({ finishedAt: new Date('2026-06-10T10:00:00Z') })])

    expect(passed?.passed).toBe(true)
    expect(passed?.detail).toBe('No run of "Free disk space" on web-01 in the last 2h.')
    expect(rest([targetRun({ finishedAt: new Date('2026-06-10T10:00:01Z') })])?.detail).toContain(
      'from 2026-06-10 12:01 UTC',
    )
  })

  it.each<[string, Partial<TargetRun>, boolean]>([
    ['refused', { state: 'refused', startedAt: null }, true],
    ['cancelled before it started anything', { state: 'cancelled', startedAt: null }, true],
    ['cancelled while it ran', { state: 'cancelled' }, false],
    ['failed', { state: 'failed' }, false],
    ['of unknown end', { state: 'unknown' }, false],
    ['of another template', { template: 'other' }, true],
    ['on another target', { target: 'web-02' }, true],
    [
      'planned for later',
      {
        state: 'waiting',
        startedAt: null,
        finishedAt: null,
        windowStart: new Date('2026-06-11T00:00:00Z'),
      },
      true,
    ],
  ])('a run that is %s', (_name, part, passed) => {
    expect(rest([targetRun(part)])?.passed).toBe(passed)
  })

  it('holds for a person, too', () => {
    for (const trigger of ['manual', 'ordered', 'created', 'updated'] as const) {
      expect(rest([targetRun()], { trigger })?.passed).toBe(false)
    }
  })

  it.each([
    ['running', new Date('2026-06-10T11:58:00Z')],
    ['planned', null],
    ['waiting', null],
  ] as const)(
    'an alarm with many tickets passes once: one that is %s counts',
    (state, startedAt) => {
      expect(rest([targetRun({ state, startedAt, finishedAt: null })])).toEqual({
        check: 'cooldown',
        passed: false,
        detail: `"Free disk space" is ${state} on web-01 for INC0000009; after its end the target rests 2h.`,
        hint: 'Look at INC0000009 first: that run may help here, too.',
      })
    },
  )

  it('looks at the target that is free last', () => {
    const late = targetRun({ target: 'web-02', finishedAt: new Date('2026-06-10T11:30:00Z') })

    expect(rest([targetRun(), late], { targets: ['web-01', 'web-02'] })?.detail).toContain(
      'ran on web-02 for INC0000009, and the target rests 2h; the next run is possible from 2026-06-10 13:30 UTC',
    )
  })

  it('is measured at the planned start of a change', () => {
    expect(
      rest([targetRun()], { ticket: changeWith({ start_date: '2026-06-10 13:00:00' }) })?.passed,
    ).toBe(true)
    expect(
      rest([targetRun()], { ticket: changeWith({ start_date: '2026-06-10 12:59:59' }) })?.passed,
    ).toBe(false)
  })

  it('counts nothing where there is no target', () => {
    expect(rest([targetRun()], { targets: [] })?.detail).toBe(
      'The ticket names no target, so nothing has to rest.',
    )
  })
})

describe('max-runs', () => {
  const template = makeTemplate({ limits: { max_runs: { count: 2, per: '24h' } } })

  function most(targetRuns: TargetRun[], overrides: Partial<CheckContext> = {}): Check | null {
    return checkOf('max-runs', { template, targets: web, targetRuns, ...overrides })
  }

  function at(time: string, part: Partial<TargetRun> = {}): TargetRun {
    return targetRun({ startedAt: new Date(time), ...part })
  }

  const yesterday = at('2026-06-09T15:30:00Z')
  const today = at('2026-06-10T09:10:00Z')

  it('does not apply to a template without one', () => {
    expect(most([today], { template: makeTemplate() })).toBeNull()
  })

  it('counts the runs of the period', () => {
    expect(most([])?.detail).toBe('Run 1 of 2 in 24h on web-01.')
    expect(most([today])).toEqual({
      check: 'max-runs',
      passed: true,
      detail: 'Run 2 of 2 in 24h on web-01.',
    })
  })

  it('says when the next run is possible, in UTC, and that a person should look', () => {
    expect(most([today, yesterday])).toEqual({
      check: 'max-runs',
      passed: false,
      detail:
        '"Free disk space" has run 2 times on web-01 within 24h, and 2 is the most; the next run is possible from 2026-06-10 15:30 UTC.',
      hint: 'Look for the lasting cause on web-01 in place of another run.',
    })
  })

  it.each([
    ['2026-06-09T12:00:00Z', true],
    ['2026-06-09T12:00:01Z', false],
  ])('a run of %s at noon a day later', (time, passed) => {
    expect(most([today, at(time)])?.passed).toBe(passed)
  })

  it('with more runs than allowed, names the time when enough of them are past', () => {
    const runs = [today, at('2026-06-10T08:00:00Z'), yesterday]

    expect(most(runs)?.detail).toContain('has run 3 times')
    expect(most(runs)?.detail).toContain('from 2026-06-11 08:00 UTC')
  })

  it.each<[string, Partial<TargetRun>, boolean]>([
    ['refused', { state: 'refused', startedAt: null }, true],
    ['cancelled before it started anything', { state: 'cancelled', startedAt: null }, true],
    ['failed', { state: 'failed' }, false],
    ['about to start', { state: 'planned', startedAt: null, finishedAt: null }, false],
    ['of another template', { template: 'other' }, true],
    ['on another target', { target: 'web-02' }, true],
  ])('a run that is %s', (_name, part, passed) => {
    expect(most([today, targetRun(part)])?.passed).toBe(passed)
  })

  it('holds for a person, too', () => {
    for (const trigger of ['manual', 'ordered', 'created', 'updated'] as const) {
      expect(most([today, yesterday], { trigger })?.passed).toBe(false)
    }
  })

  it('looks at the target that is at its limit longest, else at the one with most runs', () => {
    const other = { ...today, target: 'web-02' }
    const longest = [other, { ...other, startedAt: new Date('2026-06-10T09:00:00Z') }]
    const targets = ['web-01', 'web-02']

    expect(most([...longest, today, yesterday, yesterday], { targets })?.detail).toContain(
      'on web-02 within 24h, and 2 is the most; the next run is possible from 2026-06-11 09:00 UTC',
    )
    expect(most([other], { targets })?.detail).toBe('Run 2 of 2 in 24h on web-02.')
    expect(most([other, today, yesterday], { targets: ['web-02', 'web-01'] })?.detail).toContain(
      'on web-01',
    )
  })

  it('counts nothing where there is no target', () => {
    expect(most([today, yesterday], { targets: [] })?.detail).toBe(
      'The ticket names no target, so no runs are counted.',
    )
  })
})
