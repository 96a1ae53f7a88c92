// What a refused run asks of its ticket: reasons, an approval, an escalation.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import { TicketChange } from '#shared/status-update.ts'

import { processFor } from '../../connector/processes/index.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import { checkOf, incidentWith } from '../support/checks.ts'
import { makeChange, runId } from '../support/run-changes.ts'
import { makeTemplate } from '../support/templates.ts'

const blast: Check = {
  check: 'blast-approval',
  passed: false,
  detail: '12 services depend on db-01.',
  hint: 'Have the change approved.',
}
const approval: Check = { check: 'approval', passed: false, detail: 'It waits for approval.' }
const freeze: Check = { check: 'freeze', passed: false, detail: 'Year end.', hint: 'Wait.' }
const maxRuns: Check = {
  check: 'max-runs',
  passed: false,
  detail: '"Free disk space" has run 3 times on web-01 within 24h, and 3 is the most.',
  hint: 'Look for the lasting cause on web-01.',
}

function makeRefused(checks: Check[], overrides: Partial<RunChange> = {}): RunChange {
  const failed = checks.filter(({ passed }) => !passed)
  const [first] = failed
  const summary = `Refused: ${first?.detail ?? ''}${first?.hint === undefined ? '' : ` ${first.hint}`}`
  return makeChange({
    state: 'refused',
    automatic: true,
    message: summary,
    jobId: null,
    outputTail: '',
    decision: {
      template: 'free-disk-space',
      version: 1,
      fits: false,
      summary,
      rules: [],
      checks,
    },
    ...overrides,
  })
}

function changeOf(run: RunChange): TicketChange | null {
  const change = processFor(run.ticket.table).change(run)
  return TicketChange.nullable().parse(change)
}

describe('a refused run', () => {
  it('gives every reason with its next step, the first one in the headline', () => {
    const passed: Check = { check: 'actor-role', passed: true, detail: 'Fine.' }

    expect(changeOf(makeRefused([passed, freeze, approval]))).toEqual({
      work_note: {
        key: `${runId}:end`,
        text: [
          'Automation "Free disk space" was not started. Refused: Year end. Wait.',
          'Also in the way:',
          '- It waits for approval.',
          `Run: ${runId}`,
        ].join('\n'),
      },
    })
  })
})

describe('the approval of a ticket', () => {
  const tables = ['incident', 'change_request', 'sc_req_item']

  it.each(tables)('is asked for when only that is missing (%s)', (table) => {
    const ticket = { table, number: 'T0010001' }

    for (const checks of [[blast], [approval, blast]]) {
      const change = changeOf(makeRefused(checks, { ticket }))

      expect(change?.approval).toBe('requested')
      expect(change?.work_note?.text).toContain('The approval of this ticket is asked for')
    }
  })

  it('is not asked for when the run would be refused again, or when much is not affected', () => {
    expect(changeOf(makeRefused([blast, freeze]))?.approval).toBeUndefined()
    expect(changeOf(makeRefused([approval]))?.approval).toBeUndefined()
    expect(changeOf(makeRefused([{ ...blast, passed: true }, freeze]))?.approval).toBeUndefined()
  })
})

describe('a rejected approval', () => {
  it('is not asked for again by itself: who rejected it has a reason', () => {
    const fields = { approval: { type: 'string', value: 'rejected' } }
    const rejected = checkOf('approval', { ticket: incidentWith(fields) })
    const waiting = checkOf('approval', {
      ticket: incidentWith({ approval: { type: 'string', value: 'requested' } }),
    })
    if (rejected === null || waiting === null) throw new Error('there is no check')
    const change = changeOf(makeRefused([rejected, blast]))

    expect(change?.approval).toBeUndefined()
    expect(change?.work_note?.text).toContain('Talk to who rejected it')
    expect(change?.work_note?.text).not.toContain('The approval of this ticket is asked for')
    expect(changeOf(makeRefused([waiting, blast]))?.approval).toBe('requested')
  })
})

describe('an escalation', () => {
  const limits = {
    max_runs: { count: 3, per: '24h' },
    escalate: { problem: true, assignment_group: 'Problem Management' },
  }
  const template = makeTemplate({ limits })
  const targets = ['web-01']

  it('opens one problem for template and target, and hands the ticket over', () => {
    const change = changeOf(makeRefused([maxRuns], { template, targets }))

    expect(change).toMatchObject({
      assignment_group: 'Problem Management',
      problem: {
        key: 'max-runs:free-disk-space:web-01',
        short_description: '"Free disk space" is needed again and again on web-01',
        description: `${maxRuns.detail}\n${maxRuns.hint}\nNoticed with INC0010001; automation "free-disk-space", run ${runId}.`,
      },
    })
    expect(change?.work_note?.text).toContain('It goes to the group "Problem Management"')
    expect(change?.work_note?.text).toContain('A problem record is kept about it.')
  })

  it('has the same key for the next ticket, and another one for another target', () => {
    const keys = ['web-01', 'web-02'].flatMap((target) =>
      ['INC0010001', 'INC0010002'].map((number) => {
        const detail = maxRuns.detail.replace('web-01', target)
        const run = makeRefused([{ ...maxRuns, detail }], {
          template,
          targets: ['web-01', 'web-02'],
          ticket: { table: 'incident', number },
        })
        return changeOf(run)?.problem?.key
      }),
    )

    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).toBe(keys[3])
    expect(keys[0]).not.toBe(keys[2])
  })

  it('keeps long keys apart and within their limit', () => {
    const keys = ['a', 'b'].map((end) => {
      const target = `${'x'.repeat(120)}${end}`
      const detail = `It has run 3 times on ${target} within 24h.`
      return changeOf(makeRefused([{ ...maxRuns, detail }], { template, targets: [target] }))
        ?.problem?.key
    })

    expect(keys.map((key) => key?.length)).toEqual([100, 100])
    expect(keys[0]).not.toBe(keys[1])
  })

  it('follows only when a rule started it, max-runs failed and the template wants it', () => {
    const none = { problem: undefined, assignment_group: undefined }
    const byHand = changeOf(makeRefused([maxRuns], { template, targets, automatic: false }))
    const other = changeOf(makeRefused([freeze], { template, targets }))
    const unwanted = changeOf(makeRefused([maxRuns], { targets }))

    for (const change of [byHand, other, unwanted])
      expect({ ...none, ...change }).toMatchObject(none)
  })
})
