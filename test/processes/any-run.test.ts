// What must hold for every run there could be, on every kind of ticket.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { keysOf } from '#shared/choice.ts'
import type { Check } from '#shared/decision.ts'
import { isFinal, maxWorkNote, TicketChange } from '#shared/status-update.ts'
import type { StepEvidence } from '#shared/status-update.ts'
import {
  changeTypes,
  phaseChoices,
  runStateChoices,
  stepStates,
  ticketTransitions,
} from '#shared/vocabulary.ts'

import { defaultPolicy } from '../../connector/policy.ts'
import { processFor } from '../../connector/processes/index.ts'
import type { RunChange, StepReport } from '../../connector/processes/process.ts'
import { makeChange, runId } from '../support/run-changes.ts'
import { makeTemplate } from '../support/templates.ts'

const tables = ['incident', 'change_request', 'sc_req_item', 'sc_task']
const mask = '••••••'

/** Texts with all that a cut could tear apart. */
const words = fc.constantFrom('a', 'bc ', '😀', '\n', '|', mask, '磁盘', '"', '. ')
const text = fc.oneof(
  fc.array(words, { maxLength: 12 }).map((parts) => parts.join('')),
  fc
    .tuple(words, fc.integer({ min: 1, max: 3000 }))
    .map(([word, count]) => `${'x'.repeat(count % 7)}${word.repeat(count)}`),
)

const time = fc.date({
  min: new Date('2026-06-10T00:00:00Z'),
  max: new Date('2026-06-12T00:00:00Z'),
  noInvalidDate: true,
})
const maybeTime = fc.option(time)
const isoTime = maybeTime.map((at) => at?.toISOString() ?? null)
const targets = fc.array(fc.constantFrom('web-01', 'db-01', mask, 'x'.repeat(300)), {
  maxLength: 6,
})

const step: fc.Arbitrary<Omit<StepReport, 'position'>> = fc.record({
  phase: fc.constantFrom(...keysOf(phaseChoices)),
  name: text.map((name) => name.slice(0, 100).toWellFormed().replaceAll('•', '')),
  state: fc.constantFrom<StepEvidence['state']>(...stepStates),
  platform: fc.constant('local'),
  job: fc.constant('job.mjs'),
  job_id: fc.option(text),
  job_url: fc.option(fc.constant('https://jobs.example/1')),
  batch: fc.option(fc.integer({ min: 1, max: 9 })),
  targets,
  started_at: isoTime,
  finished_at: isoTime,
  message: text,
  output_sha256: fc.option(fc.constant('0'.repeat(64))),
  undoes: fc.option(fc.integer({ min: 1, max: 12 })),
})
const steps = fc
  .array(step, { maxLength: 12 })
  .map((rows) => rows.map((row, index) => ({ ...row, position: index + 1 })))

const outcome = fc.record(
  {
    transition: fc.constantFrom(...ticketTransitions),
    close_code: fc.constantFrom('successful', 'Solved'),
  },
  { requiredKeys: [] },
)
const template = fc
  .record({
    outcome: fc.record({
      succeeded: outcome,
      failed: outcome,
      cancelled: outcome,
      rolled_back: outcome,
    }),
    progress_notes: fc.boolean(),
    post_checks: fc.constantFrom([], [{ name: 'Check', job: 'check.mjs' }]),
    limits: fc.constantFrom(undefined, { escalate: { problem: true, assignment_group: 'Group' } }),
  })
  .map(makeTemplate)

const check: fc.Arbitrary<Check> = fc.record({
  check: fc.constantFrom(
    'blast-approval',
    'max-runs',
    'parameters-valid',
    'automation-fits',
    'freeze',
  ),
  passed: fc.boolean(),
  detail: text,
  hint: text,
})
const decision = fc.option(
  fc.array(check, { maxLength: 4 }).map((checks) => ({
    template: 'free-disk-space',
    version: 1,
    fits: false,
    summary: 'Refused.',
    rules: [],
    checks,
  })),
)

const run: fc.Arbitrary<RunChange> = fc
  .record({
    template,
    ticket: fc.constantFrom(...tables).map((table) => ({ table, number: 'T0010001' })),
    changeType: fc.option(fc.constantFrom(...changeTypes)),
    state: fc.constantFrom(...keysOf(runStateChoices)),
    at: time,
    starts: fc.boolean(),
    executes: fc.boolean(),
    stepEnded: fc.boolean(),
    message: text,
    automatic: fc.boolean(),
    jobUrl: fc.option(fc.constant('https://jobs.example/1')),
    jobId: fc.option(fc.constant('job-1')),
    outputTail: text,
    outputOmitted: fc.nat(),
    note: fc.option(text),
    targets,
    steps,
    window: fc.record({ start: maybeTime, end: maybeTime }),
    decision,
    policy: fc.constant(defaultPolicy),
  })
  .map(makeChange)

function changeOf(one: RunChange): TicketChange | null {
  return processFor(one.ticket.table).change(one)
}

/** Checks a promise against many runs. */
function forAnyRun(promise: (one: RunChange, change: TicketChange | null) => void): void {
  fc.assert(
    fc.property(run, (one) => {
      promise(one, changeOf(one))
    }),
    { numRuns: 1000 },
  )
}

describe('for any run', () => {
  it('the change fits the contract', () => {
    forAnyRun((_one, change) => {
      expect(TicketChange.nullable().parse(change)).toEqual(change)
    })
  })

  it('its end is told by one note, and no end is left out', () => {
    forAnyRun((one, change) => {
      if (isFinal(one.state)) expect(change?.work_note?.key).toBe(`${runId}:end`)
      else expect(change?.work_note?.key).not.toBe(`${runId}:end`)
    })
  })

  it('nothing but the start and the end moves the ticket', () => {
    forAnyRun((one, change) => {
      if (isFinal(one.state) || one.starts || one.executes) return
      expect(change?.transition).toBeUndefined()
    })
  })

  it('what nobody knows, and what is half undone, moves nothing and is loud', () => {
    forAnyRun((one, change) => {
      if (one.state !== 'rollback_failed' && one.state !== 'unknown') return
      expect(Object.keys(change ?? {})).toEqual(['work_note'])
      expect(change?.work_note?.text).toMatch(/^ATTENTION: /)
    })
  })

  it('failed never maps to cancelled, nor to resolved', () => {
    forAnyRun((one, change) => {
      if (one.state !== 'failed' && one.state !== 'rolled_back') return
      expect(['cancelled', 'resolved']).not.toContain(change?.transition)
      if (change?.transition === 'closed') expect(one.ticket.table).toBe('change_request')
    })
  })

  it('success resolves or closes only after verification', () => {
    forAnyRun((one, change) => {
      const checks = one.steps.filter(({ phase }) => phase === 'post_check')
      const verified =
        checks.length >= one.template.post_checks.length &&
        checks.every(({ state }) => state === 'succeeded')
      if (one.state !== 'succeeded' || verified) return
      if (one.ticket.table === 'change_request') return
      expect(['resolved', 'closed']).not.toContain(change?.transition)
    })
  })

  it('only a refusal asks for an approval, a group or a problem', () => {
    forAnyRun((one, change) => {
      if (one.state === 'refused') return
      const asked = Object.keys(change ?? {})
      for (const key of ['approval', 'assignment_group', 'problem']) {
        expect(asked).not.toContain(key)
      }
    })
  })

  it('no text is too long, torn, or shows a part of a mask', () => {
    forAnyRun((_one, change) => {
      const { work_note: note, close_notes: notes, problem } = change ?? {}
      expect(note?.text.length ?? 0).toBeLessThanOrEqual(maxWorkNote)
      expect(notes?.length ?? 0).toBeLessThanOrEqual(4000)
      const texts = [note?.text, notes, problem?.short_description, problem?.description]
      for (const each of texts.filter((one) => one !== undefined)) {
        expect(each.isWellFormed()).toBe(true)
        for (const dots of each.match(/•+/g) ?? []) expect(dots.length % mask.length).toBe(0)
      }
    })
  })
})
