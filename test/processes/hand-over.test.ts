// What is said on a ticket that no automation fits.
import { describe, expect, it } from 'vitest'

import type { Classification } from '#shared/preview.ts'

import { defaultPolicy, Policy } from '../../connector/policy.ts'
import { handOver, handOverTemplate, handOverTitle } from '../../connector/processes/hand-over.ts'
import type { HandOverFacts } from '../../connector/processes/hand-over.ts'
import { processFor } from '../../connector/processes/index.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import { makeChange, runId } from '../support/run-changes.ts'
import { makeTemplate } from '../support/templates.ts'

const incident = { table: 'incident', number: 'INC0010001' }
const order = { table: 'sc_req_item', number: 'RITM0010001' }

const disk: Classification = {
  label: 'disk',
  source: 'keywords',
  confidence: 0.8,
  words: ['disk', 'no space left'],
  reason: 'Disk space, because of the words "disk" and "no space left"',
}

const freeDisk = { title: 'Free disk space', reason: 'It is meant for incidents of this kind' }

function facts(overrides: Partial<HandOverFacts> = {}): HandOverFacts {
  return {
    ticket: incident,
    classifications: [],
    suggestions: [],
    policy: defaultPolicy,
    ...overrides,
  }
}

/** The refused run that carries a hand-over, as it reaches the process of its table. */
function carrying(given: HandOverFacts): RunChange {
  const handedOver = handOver(given)
  if (handedOver === null) throw new Error('nothing is handed over')
  return makeChange({
    title: handOverTitle,
    template: makeTemplate({ title: handOverTitle, outcome: {} }),
    ticket: given.ticket,
    state: 'refused',
    automatic: true,
    message: handedOver.note,
    jobId: null,
    outputTail: '',
    decision: handedOver.decision,
    policy: given.policy,
  })
}

function changeBy(given: HandOverFacts): ReturnType<ReturnType<typeof processFor>['change']> {
  return processFor(given.ticket.table).change(carrying(given))
}

describe('an incident that nothing fits', () => {
  it('is told once what it looks like and what could be started by hand', () => {
    const change = changeBy(facts({ classifications: [disk], suggestions: [freeDisk] }))

    expect(change).toEqual({
      work_note: {
        key: `${runId}:end`,
        text: [
          'No automation runs for INC0010001 by itself.',
          'It looks like this: Disk space, because of the words "disk" and "no space left".',
          'Worth a look, to be started by hand with Run automation:',
          '- Free disk space: It is meant for incidents of this kind.',
          'State and assignment are unchanged.',
          `Run: ${runId}`,
        ].join('\n'),
      },
    })
  })

  it('is left alone by default when there is nothing to suggest', () => {
    expect(handOver(facts())).toBeNull()
    expect(handOver(facts({ classifications: [disk] }))).not.toBeNull()
    expect(handOver(facts({ suggestions: [freeDisk] }))).not.toBeNull()
  })

  it.each([
    ['never', false],
    ['suggested', false],
    ['always', true],
  ] as const)('with the policy %s and nothing to suggest is told: %s', (note, told) => {
    const policy = Policy.parse({ hand_over: { incident: { note } } })

    expect(handOver(facts({ policy })) !== null).toBe(told)
  })

  it('goes to the group that the policy names, without another state', () => {
    const policy = Policy.parse({
      hand_over: { incident: { note: 'always', assignment_group: 'Service Desk' } },
    })
    const change = changeBy(facts({ policy }))

    expect(Object.keys(change ?? {}).toSorted()).toEqual(['assignment_group', 'work_note'])
    expect(change?.assignment_group).toBe('Service Desk')
    expect(change?.work_note?.text).toContain('It goes to the group "Service Desk"')
  })

  it('names five suggestions at most', () => {
    const suggestions = Array.from({ length: 9 }, (_, index) => ({
      title: `Automation ${index}`,
      reason: 'fits',
    }))
    const note = handOver(facts({ suggestions }))?.note ?? ''

    expect(note.match(/^- /gm)).toHaveLength(5)
  })
})

describe('an order that nothing fits', () => {
  it('is handed to the fulfilment group and never cancelled', () => {
    const policy = Policy.parse({
      hand_over: { sc_req_item: { note: 'always', assignment_group: 'Fulfilment' } },
    })
    const change = changeBy(facts({ ticket: order, policy }))

    expect(change?.transition).toBeUndefined()
    expect(change?.assignment_group).toBe('Fulfilment')
    expect(change?.work_note?.text).toBe(
      `No automation fulfils RITM0010001 by itself.\nIt goes to the group "Fulfilment" to be fulfilled by hand; its state is unchanged.\nRun: ${runId}`,
    )
  })

  it('gets a note also when no group is named', () => {
    const change = changeBy(facts({ ticket: order }))

    expect(Object.keys(change ?? {})).toEqual(['work_note'])
    expect(change?.work_note?.text).toContain('Please fulfil it by hand')
  })
})

describe('the receipt of a hand-over', () => {
  it('says that nothing fits, under a name that no template can have', () => {
    const decision = handOver(facts({ classifications: [disk] }))?.decision

    expect(decision).toMatchObject({ template: handOverTemplate, fits: false, rules: [] })
    expect(decision?.summary).toBe('No automation runs for INC0010001 by itself.')
    expect(() => makeTemplate({ name: handOverTemplate })).toThrow('kebab-case')
  })

  it('belongs to incidents and orders alone', () => {
    const ticket = { table: 'change_request', number: 'CHG0030001' }

    expect(handOver(facts({ ticket, suggestions: [freeDisk] }))).toBeNull()
  })
})
