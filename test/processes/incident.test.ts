// What an incident becomes for each state of its run.
import { describe, expect, it } from 'vitest'

import { TicketChange } from '#shared/status-update.ts'
import type { RunState } from '#shared/status-update.ts'
import { runStateChoices } from '#shared/vocabulary.ts'

import { defaultPolicy } from '../../connector/policy.ts'
import { durationMs } from '../../connector/processes/duration.ts'
import { incident } from '../../connector/processes/incident.ts'
import { processFor } from '../../connector/processes/index.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import { makeTicket } from '../support/events.ts'
import { makeChange, makeStep, makeUnstarted, runId } from '../support/run-changes.ts'
import { makeTemplate } from '../support/templates.ts'

describe('the plan of an incident', () => {
  it('is one execute step with the secrets named', () => {
    const template = makeTemplate({
      timeout: '10m',
      parameters: [
        { name: 'path', type: 'string', label: 'Path' },
        { name: 'token', type: 'secret', label: 'Token' },
      ],
    })

    const { steps } = incident.plan({
      template,
      ticket: makeTicket(),
      parameters: { path: '/var', token: 's3cret' },
      targets: [],
      policy: defaultPolicy,
    })

    expect(steps).toEqual([
      {
        phase: 'execute',
        name: 'Free disk space',
        platform: 'local',
        job: 'free-disk-space.mjs',
        parameters: { path: '/var', token: 's3cret' },
        secrets: ['token'],
        timeoutMs: 600_000,
        batch: null,
        targets: [],
        critical: true,
        undoes: null,
      },
    ])
  })

  it('may start at any time and ends with the first failure', () => {
    const template = makeTemplate({ on_cancel: 'leave', targets: { max_failed: 0.25 } })
    const { window, rules } = incident.plan({
      template,
      ticket: makeTicket(),
      parameters: {},
      targets: [],
      policy: defaultPolicy,
    })

    expect(window).toEqual({ start: null, end: null })
    expect(rules).toEqual({
      goOnAfterNonCritical: false,
      maxFailedShare: 0.25,
      overrun: 'finish',
      onCancel: 'leave',
    })
  })
})

describe('the state of an incident', () => {
  const outcome = {
    succeeded: { transition: 'resolved' },
    failed: { transition: 'in_progress' },
    cancelled: { transition: 'on_hold' },
  }
  const mapping: [RunState, string | undefined][] = [
    ['requested', undefined],
    ['refused', undefined],
    ['planned', undefined],
    ['waiting', undefined],
    ['running', undefined],
    ['cancelling', undefined],
    ['rolling_back', undefined],
    ['succeeded', 'resolved'],
    ['failed', 'in_progress'],
    ['cancelled', 'on_hold'],
    ['rolled_back', 'in_progress'],
    ['rollback_failed', undefined],
    ['unknown', undefined],
  ]

  it.each(mapping)('of a run that is %s', (state, transition) => {
    const template = makeTemplate({ outcome })
    const change = incident.change(makeChange({ state, template, starts: true }))

    expect(change?.transition).toBe(transition)
    expect(change?.assignment_group).toBeUndefined()
    expect(TicketChange.nullable().parse(change)).toEqual(change)
  })

  it('is told for every state there is', () => {
    expect(mapping.map(([state]) => state).toSorted()).toEqual(
      Object.keys(runStateChoices).toSorted(),
    )
  })

  it.each(['requested', 'planned', 'waiting', 'cancelling', 'rolling_back'] as const)(
    'and the ticket is left alone while the run is %s',
    (state) => {
      expect(incident.change(makeChange({ state }))).toBeNull()
    },
  )

  it('of a rolled back run is the one the template names for that', () => {
    const template = makeTemplate({
      outcome: { ...outcome, rolled_back: { transition: 'on_hold' } },
    })

    expect(incident.change(makeChange({ state: 'rolled_back', template }))?.transition).toBe(
      'on_hold',
    )
  })

  it.each(['resolved', 'closed', 'cancelled'])(
    'is never %s after a failure, whatever the template asks for',
    (transition) => {
      const template = makeTemplate({ outcome: { failed: { transition } } })
      for (const state of ['failed', 'rolled_back'] as const) {
        const change = incident.change(makeChange({ state, template }))

        expect(change?.transition).toBeUndefined()
        expect(change?.work_note?.text).toContain(`The template asks for "${transition}" here`)
      }
    },
  )

  it('is left to the template on a table that has no process of its own', () => {
    const other = processFor('sc_task')
    const template = makeTemplate({
      outcome: {
        succeeded: { transition: 'closed_incomplete' },
        failed: { transition: 'cancelled' },
      },
    })

    expect(other.change(makeChange({ template }))?.transition).toBe('closed_incomplete')
    expect(other.change(makeChange({ state: 'failed', template }))?.transition).toBeUndefined()
  })
})

describe('a successful incident', () => {
  it('is resolved when the template says so', () => {
    const change = incident.change(makeChange())

    expect(change).toEqual({
      work_note: {
        key: `${runId}:end`,
        text: `Automation "Free disk space" succeeded. Freed 1.2 GB.\nOutput:\ndeleted 12 files\nJob: job-1\nRun: ${runId}`,
      },
      transition: 'resolved',
      close_notes: `Automation "Free disk space": Freed 1.2 GB. (run ${runId})`,
    })
  })

  it('keeps its state when the template names no transition', () => {
    const change = incident.change(makeChange({ template: makeTemplate({ outcome: {} }) }))

    expect(change).toEqual({ work_note: expect.objectContaining({ key: `${runId}:end` }) })
  })

  it('gets the close code of the template when it has one', () => {
    const template = makeTemplate({
      outcome: { succeeded: { transition: 'closed', close_code: 'Workaround provided' } },
    })

    expect(incident.change(makeChange({ template }))?.close_code).toBe('Workaround provided')
  })

  const post_checks = [{ name: 'Disk below 80 %', job: 'disk.mjs' }]
  const job = makeStep(1, { name: 'Free disk space', message: 'Freed 1.2 GB.' })
  const check = makeStep(2, { phase: 'post_check', name: 'Disk below 80 %', message: '61 %' })

  it('says in its close notes what was done and how it was verified', () => {
    const template = makeTemplate({ post_checks })
    const change = incident.change(makeChange({ template, message: '61 %', steps: [job, check] }))

    expect(change?.transition).toBe('resolved')
    expect(change?.close_notes).toBe(
      `Automation "Free disk space": Freed 1.2 GB. Verified by "Disk below 80 %". (run ${runId})`,
    )
  })

  it('has close notes that fit their column, however much there is to say', () => {
    const checks = Array.from({ length: 20 }, (_, index) => ({
      ...check,
      position: index + 2,
      name: `${index} ${'n'.repeat(97)}`,
    }))
    const template = makeTemplate({
      title: 't'.repeat(100),
      post_checks: checks.map(({ name }) => ({ name, job: 'disk.mjs' })),
    })
    const said = { ...job, message: 'm'.repeat(4000) }
    const change = incident.change(
      makeChange({ template, title: template.title, steps: [said, ...checks] }),
    )

    expect(change?.close_notes?.length).toBeLessThanOrEqual(4000)
    expect(change?.close_notes).toContain('Verified by "0 n')
    expect(change?.close_notes).toMatch(new RegExp(`\\(run ${runId}\\)$`))
  })

  it.each<[string, RunChange['steps']]>([
    ['failed', [job, { ...check, state: 'failed' }]],
    ['was skipped', [job, makeUnstarted(2, { phase: 'post_check' })]],
    ['is of unknown end', [job, { ...check, state: 'unknown' }]],
    ['is missing from the plan', [job]],
  ])('is resolved only after verification: not when the post-check %s', (_what, steps) => {
    const change = incident.change(makeChange({ template: makeTemplate({ post_checks }), steps }))

    expect(Object.keys(change ?? {})).toEqual(['work_note'])
    expect(change?.work_note?.text).toContain('The result was not verified')
  })
})

describe('what people read on an incident', () => {
  it('names the rule when no person started it', () => {
    const change = incident.change(makeChange({ state: 'running', automatic: true }))

    expect(change?.work_note?.text).toContain('started (by a rule)')
  })

  it('keeps state and assignment after a failure and says so', () => {
    const change = incident.change(makeChange({ state: 'failed', message: 'Exit code 2.' }))

    expect(change?.close_notes).toBeUndefined()
    expect(change?.work_note?.text).toContain('failed. Exit code 2.')
    expect(change?.work_note?.text).toContain('The ticket stays with its assignment')
  })

  it('says that a person must look when nobody knows whether the job ran', () => {
    const change = incident.change(
      makeChange({ state: 'unknown', message: 'The supervisor died.' }),
    )

    expect(change?.work_note?.text).toMatch(/^ATTENTION: /)
    expect(change?.work_note?.text).toContain('may or may not have run')
    expect(change?.work_note?.text).toContain('not started again by itself')
  })
})

describe('durationMs', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms)
  })
})
