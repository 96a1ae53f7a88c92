// What an incident becomes for each state of its run, and how its work notes read.
import { describe, expect, it } from 'vitest'

import { TicketChange } from '#shared/status-update.ts'
import { runStateChoices } from '#shared/vocabulary.ts'

import { defaultPolicy } from '../../connector/policy.ts'
import { durationMs } from '../../connector/processes/duration.ts'
import { incident } from '../../connector/processes/incident.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import { makeTicket } from '../support/events.ts'
import { makeChange, runId } from '../support/run-changes.ts'
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
})

describe('the change of an incident', () => {
  it('resolves it when the job succeeded and the template says so', () => {
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

  it('leaves the state alone when the template names no transition', () => {
    const change = incident.change(makeChange({ template: makeTemplate({ outcome: {} }) }))

    expect(change).toEqual({ work_note: expect.objectContaining({ key: `${runId}:end` }) })
  })

  it('puts it back in progress after a failure, never resolved or cancelled', () => {
    const change = incident.change(makeChange({ state: 'failed', message: 'Exit code 2.' }))

    expect(change?.transition).toBe('in_progress')
    expect(change?.close_notes).toBeUndefined()
    expect(change?.work_note?.text).toContain('failed. Exit code 2.')
  })

  it('changes no state when nobody knows whether the job ran', () => {
    const change = incident.change(
      makeChange({ state: 'unknown', message: 'The supervisor died.' }),
    )

    expect(change?.transition).toBeUndefined()
    expect(change?.work_note?.text).toContain('may or may not have run')
    expect(change?.work_note?.text).toContain('not started again by itself')
  })

  it('uses the close code of the template when it has one', () => {
    const template = makeTemplate({
      outcome: { succeeded: { transition: 'closed', close_code: 'Workaround provided' } },
    })

    expect(incident.change(makeChange({ template }))?.close_code).toBe('Workaround provided')
  })

  it.each(Object.keys(runStateChoices) as RunChange['state'][])(
    'is within the contract for the state %s',
    (state) => {
      const change = incident.change(makeChange({ state }))

      if (change !== null) expect(TicketChange.parse(change)).toEqual(change)
      const silent = ['requested', 'planned', 'waiting', 'cancelling', 'rolling_back']
      expect(change === null).toBe(silent.includes(state))
    },
  )

  it('says how much output it leaves out and never cuts an emoji in two', () => {
    const change = incident.change(
      makeChange({ outputTail: `x${'😀'.repeat(2000)}`, outputOmitted: 10 }),
    )

    const text = change?.work_note?.text ?? ''
    expect(text).toMatch(/Output \(1011 characters before this left out\):\n😀/u)
    expect(text.isWellFormed()).toBe(true)
  })

  it('names the rule when no person started it', () => {
    const change = incident.change(makeChange({ state: 'running', automatic: true }))

    expect(change?.work_note?.text).toContain('started (by a rule)')
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
