// What an ordered item becomes for each state of its run, and what its requester is told.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import { TicketChange } from '#shared/status-update.ts'
import type { RunState } from '#shared/status-update.ts'
import { runStateChoices } from '#shared/vocabulary.ts'

import { processFor } from '../../connector/processes/index.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import { request } from '../../connector/processes/request.ts'
import { makeChange, makeStep, makeUnstarted, runId } from '../support/run-changes.ts'
import { makeTemplate } from '../support/templates.ts'

function makeOrder(overrides: Partial<RunChange> = {}): RunChange {
  return makeChange({
    title: 'New virtual machine',
    template: makeTemplate({ outcome: {} }),
    ticket: { table: 'sc_req_item', number: 'RITM0010001' },
    automatic: false,
    message: 'Why.',
    ...overrides,
  })
}

function refusedFor(checks: Check[], template = makeTemplate()): RunChange {
  const [first] = checks
  const decision = {
    template: template.name,
    version: 1,
    fits: false,
    summary: `Refused: ${first?.detail}`,
    rules: [],
    checks,
  }
  const message = decision.summary
  return makeOrder({ state: 'refused', jobId: null, outputTail: '', template, decision, message })
}

describe('the state of an order', () => {
  const mapping: [RunState, string | undefined][] = [
    ['requested', undefined],
    ['refused', undefined],
    ['planned', undefined],
    ['waiting', undefined],
    ['running', 'in_progress'],
    ['cancelling', undefined],
    ['rolling_back', undefined],
    ['succeeded', 'closed'],
    ['failed', 'in_progress'],
    ['cancelled', 'in_progress'],
    ['rolled_back', 'in_progress'],
    ['rollback_failed', undefined],
    ['unknown', undefined],
  ]

  it.each(mapping)('of a run that is %s', (state, transition) => {
    const change = request.change(makeOrder({ state, starts: state === 'running' }))

    expect(change?.transition).toBe(transition)
    expect(TicketChange.nullable().parse(change)).toEqual(change)
  })

  it('is told for every state there is', () => {
    expect(mapping.map(([state]) => state).toSorted()).toEqual(
      Object.keys(runStateChoices).toSorted(),
    )
    expect(processFor('sc_req_item')).toBe(request)
  })

  it('is set in progress with the first job alone: later updates leave to people what they did', () => {
    expect(request.change(makeOrder({ state: 'running' }))?.transition).toBeUndefined()
  })

  it.each(['failed', 'rolled_back'] as const)(
    'is never cancelled or closed when the run %s, whatever the template asks for',
    (state) => {
      for (const transition of ['cancelled', 'closed']) {
        const template = makeTemplate({ outcome: { failed: { transition } } })
        const change = request.change(makeOrder({ state, template }))

        expect(change?.transition).toBe('in_progress')
        expect(change?.close_notes).toBeUndefined()
        expect(change?.work_note?.text).toContain(`The template asks for "${transition}" here`)
      }
    },
  )

  it('is the one the template names where that end may lead there', () => {
    const template = makeTemplate({
      outcome: {
        succeeded: { transition: 'in_progress' },
        failed: { transition: 'closed_incomplete', close_code: 'not_possible' },
      },
    })

    expect(request.change(makeOrder({ template }))?.transition).toBe('in_progress')
    expect(request.change(makeOrder({ state: 'failed', template }))).toMatchObject({
      transition: 'closed_incomplete',
      close_code: 'not_possible',
      close_notes: `Automation "New virtual machine": Why. (run ${runId})`,
    })
  })

  it('is closed only after verification', () => {
    const template = makeTemplate({
      outcome: {},
      post_checks: [{ name: 'It answers', job: 'ping.mjs' }],
    })
    const steps = [makeStep(1), makeUnstarted(2, { phase: 'post_check', name: 'It answers' })]
    const change = request.change(makeOrder({ template, steps }))

    expect(change?.transition).toBe('in_progress')
    expect(change?.work_note?.text).toContain('The result was not verified.')
  })
})

describe('an order that was fulfilled', () => {
  it('says what was done', () => {
    const steps = [
      makeStep(1, { name: 'Create', message: 'vm-17 created' }),
      makeStep(2, { phase: 'post_check', name: 'It answers' }),
    ]
    const change = request.change(makeOrder({ steps, message: 'pong' }))

    expect(change?.close_notes).toBe(
      `Automation "New virtual machine": vm-17 created. Verified by "It answers". (run ${runId})`,
    )
  })
})

describe('an order that was refused', () => {
  const parameters = [
    { name: 'disk_gb', type: 'integer', label: 'Disk size', min: 10, max: 500, required: true },
    {
      name: 'os',
      type: 'choice',
      label: 'Operating system',
      choices: [
        { value: 'deb', label: 'Debian' },
        { value: 'win', label: 'Windows Server' },
      ],
    },
    { name: 'owner', type: 'string', label: 'Owner' },
  ]
  const wrongValues: Check = {
    check: 'parameters-valid',
    passed: false,
    detail:
      '"Disk size" must be at least 10; enter a larger number. "Operating system" must be one of "deb", "win"; choose one.',
    hint: 'Correct "disk_gb", "os" and run it again.',
  }

  it('names each wrong answer by its label and says what is expected', () => {
    const change = request.change(refusedFor([wrongValues], makeTemplate({ parameters })))

    expect(change?.transition).toBeUndefined()
    expect(change?.work_note).toEqual({
      comment: [
        'Some answers of this order cannot be used:',
        wrongValues.detail,
        'Please place a new order with corrected answers. This one stays open until somebody has looked at it.',
      ].join('\n'),
      key: `${runId}:end`,
      text: [
        'This order could not be fulfilled by "New virtual machine": some answers cannot be used.',
        '"Disk size" must be at least 10; enter a larger number. "Operating system" must be one of "deb", "win"; choose one.',
        '- "Disk size" expects a whole number, from 10 to 500, required.',
        '- "Operating system" expects one of "Debian", "Windows Server".',
        'Correct the answers in a new order, or fulfil this one by hand; it is still open.',
        `Run: ${runId}`,
      ].join('\n'),
    })
  })

  it('names other reasons, too', () => {
    const others: Check[] = [
      { check: 'template-ready', passed: true, detail: 'It is.' },
      wrongValues,
      { check: 'freeze', passed: false, detail: 'Year end freeze.', hint: 'Wait.' },
    ]
    const change = request.change(refusedFor(others, makeTemplate({ parameters })))

    expect(change?.work_note?.text).toContain('\nAlso: Year end freeze. Wait.\n')
    expect(change?.work_note?.text).not.toContain('It is.')
  })

  it('for another reason gets the reason and stays open', () => {
    const detail = 'You are not in the group Cloud.'
    const change = request.change(
      refusedFor([{ check: 'template-permission', passed: false, detail }]),
    )

    expect(Object.keys(change ?? {})).toEqual(['work_note'])
    expect(change?.work_note?.text).toBe(
      `Automation "New virtual machine" was not started. Refused: ${detail}\nThe order is still open: run it again, or fulfil it by hand.\nRun: ${runId}`,
    )
  })
})
