// How work notes read: golden texts of every kind, and what must hold for all of them.
import { describe, expect, it } from 'vitest'

import { maxWorkNote } from '#shared/status-update.ts'

import { processFor } from '../../connector/processes/index.ts'
import { mustArrive } from '../../connector/processes/notes.ts'
import type { RunChange } from '../../connector/processes/process.ts'
import {
  allDone,
  makeChange,
  makePlannedChange,
  makePlanSteps,
  makePlanTemplate,
  makeStep,
  runId,
} from '../support/run-changes.ts'
import { makeTemplate } from '../support/templates.ts'

function noteOf(run: RunChange): { key: string; text: string } {
  const note = processFor(run.ticket.table).change(run)?.work_note
  if (note === undefined) throw new Error('there is no note')
  return note
}

describe('golden notes of a change', () => {
  it('start', () => {
    const steps = makePlanSteps({ 1: 'running' })
    const run = makePlannedChange({ state: 'running', starts: true, steps, jobId: 'job-1' })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers" started (by abel.agent).
      Plan: 6 steps, 2 batches, 3 targets; window until 2026-06-10 16:00 UTC.
      Job: job-1
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('success', () => {
    expect(noteOf(makePlannedChange()).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers" succeeded. "Drain", "Patch" done on 3 targets. Verified by "Smoke test".
      Evidence: phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output
      pre-check | Backup is fresh | web-01, web-02, web-03 | job-1 | 2026-06-10 14:01:00 - 14:01:30 | succeeded | 111111111111
      execute | Drain | batch 1: web-01 | job-2 | 2026-06-10 14:02:00 - 14:02:30 | succeeded | 222222222222
      execute | Patch | batch 1: web-01 | job-3 | 2026-06-10 14:03:00 - 14:03:30 | succeeded | 333333333333
      execute | Drain | batch 2: web-02, web-03 | job-4 | 2026-06-10 14:04:00 - 14:04:30 | succeeded | 444444444444
      execute | Patch | batch 2: web-02, web-03 | job-5 | 2026-06-10 14:05:00 - 14:05:30 | succeeded | 555555555555
      post-check | Smoke test | web-01, web-02, web-03 | job-6 | 2026-06-10 14:06:00 - 14:06:30 | succeeded | 666666666666
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('success with issues', () => {
    const steps = makePlanSteps({ ...allDone, 5: 'failed' })

    expect(noteOf(makePlannedChange({ steps })).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers" succeeded. "Drain", "Patch" done. Verified by "Smoke test".
      With issues: "Patch" (batch 2: web-02, web-03) failed: Exit code 2.
      Evidence: phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output
      pre-check | Backup is fresh | web-01, web-02, web-03 | job-1 | 2026-06-10 14:01:00 - 14:01:30 | succeeded | 111111111111
      execute | Drain | batch 1: web-01 | job-2 | 2026-06-10 14:02:00 - 14:02:30 | succeeded | 222222222222
      execute | Patch | batch 1: web-01 | job-3 | 2026-06-10 14:03:00 - 14:03:30 | succeeded | 333333333333
      execute | Drain | batch 2: web-02, web-03 | job-4 | 2026-06-10 14:04:00 - 14:04:30 | succeeded | 444444444444
      execute | Patch | batch 2: web-02, web-03 | job-5 | 2026-06-10 14:05:00 - 14:05:30 | failed | no output
      post-check | Smoke test | web-01, web-02, web-03 | job-6 | 2026-06-10 14:06:00 - 14:06:30 | succeeded | 666666666666
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('failure before anything was changed', () => {
    const run = makePlannedChange({
      state: 'failed',
      message: 'Pre-check "Backup is fresh" failed: Exit code 2. Nothing was changed.',
      steps: makePlanSteps({ 1: 'failed' }),
    })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers" failed. Pre-check "Backup is fresh" failed: Exit code 2. Nothing was changed.
      The change keeps its state, because nothing was changed yet: run it again, reschedule it or cancel it.
      Evidence: phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output
      pre-check | Backup is fresh | web-01, web-02, web-03 | job-1 | 2026-06-10 14:01:00 - 14:01:30 | failed | no output
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('rollback', () => {
    const run = makePlannedChange({
      state: 'rolled_back',
      message: 'Step "Patch" failed: Exit code 2. What had been done was rolled back.',
      steps: makePlanSteps({
        1: 'succeeded',
        2: 'succeeded',
        3: 'failed',
        9: 'succeeded',
        10: 'succeeded',
      }),
      outputTail: 'package is locked\n',
      jobUrl: 'https://jobs.example/10',
    })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers" was rolled back. Step "Patch" failed: Exit code 2. What had been done was rolled back.
      Executed: "Drain" (batch 1: web-01), "Patch" (batch 1: web-01) (failed).
      Undone: "Drain" (batch 1: web-01), "Patch" (batch 1: web-01).
      Output of "Patch" (batch 1: web-01):
      package is locked
      Please review the change; the evidence of every step is below.
      Evidence: phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output
      pre-check | Backup is fresh | web-01, web-02, web-03 | job-1 | 2026-06-10 14:01:00 - 14:01:30 | succeeded | 111111111111
      execute | Drain | batch 1: web-01 | job-2 | 2026-06-10 14:02:00 - 14:02:30 | succeeded | 222222222222
      execute | Patch | batch 1: web-01 | job-3 | 2026-06-10 14:03:00 - 14:03:30 | failed | no output
      rollback | Patch | batch 1: web-01 | job-9 | 2026-06-10 14:09:00 - 14:09:30 | succeeded | 999999999999
      rollback | Drain | batch 1: web-01 | job-10 | 2026-06-10 14:10:00 - 14:10:30 | succeeded | 000000000000
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('failed rollback', () => {
    const run = makePlannedChange({
      state: 'rollback_failed',
      message:
        'Step "Patch" failed: Exit code 2. The rollback stopped: Rollback of "Drain" failed: Exit code 2. Please look what is left to undo.',
      steps: makePlanSteps({
        1: 'succeeded',
        2: 'succeeded',
        3: 'succeeded',
        4: 'succeeded',
        5: 'failed',
        7: 'succeeded',
        8: 'failed',
      }),
    })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "ATTENTION: rollback failed. Automation "Patch web servers" stopped between old and new; a person must look now.
      Step "Patch" failed: Exit code 2. The rollback stopped: Rollback of "Drain" failed: Exit code 2. Please look what is left to undo.
      Executed: "Drain" (batch 1: web-01), "Patch" (batch 1: web-01), "Drain" (batch 2: web-02, web-03), "Patch" (batch 2: web-02, web-03) (failed).
      Undone: "Patch" (batch 2: web-02, web-03).
      Not undone: "Drain" (batch 1: web-01) (not begun), "Patch" (batch 1: web-01) (not begun), "Drain" (batch 2: web-02, web-03) (its rollback failed: Exit code 2).
      The change stays open: finish or undo it by hand, then close it.
      Evidence: phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output
      pre-check | Backup is fresh | web-01, web-02, web-03 | job-1 | 2026-06-10 14:01:00 - 14:01:30 | succeeded | 111111111111
      execute | Drain | batch 1: web-01 | job-2 | 2026-06-10 14:02:00 - 14:02:30 | succeeded | 222222222222
      execute | Patch | batch 1: web-01 | job-3 | 2026-06-10 14:03:00 - 14:03:30 | succeeded | 333333333333
      execute | Drain | batch 2: web-02, web-03 | job-4 | 2026-06-10 14:04:00 - 14:04:30 | succeeded | 444444444444
      execute | Patch | batch 2: web-02, web-03 | job-5 | 2026-06-10 14:05:00 - 14:05:30 | failed | no output
      rollback | Patch | batch 2: web-02, web-03 | job-7 | 2026-06-10 14:07:00 - 14:07:30 | succeeded | 777777777777
      rollback | Drain | batch 2: web-02, web-03 | job-8 | 2026-06-10 14:08:00 - 14:08:30 | failed | no output
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('unknown end', () => {
    const run = makePlannedChange({
      state: 'unknown',
      message: 'Step "Drain" may or may not have been done: The answer to the launch was lost.',
      steps: makePlanSteps({ 1: 'succeeded', 2: 'unknown' }),
    })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "ATTENTION: Automation "Patch web servers" was broken off; nobody knows how far it came.
      Step "Drain" may or may not have been done: The answer to the launch was lost.
      Executed: "Drain" (batch 1: web-01) (may or may not have been done).
      Not undone: "Drain" (batch 1: web-01) (not begun).
      It is not started again by itself: please look on the job platform whether the job ran. The change stays open.
      Evidence: phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output
      pre-check | Backup is fresh | web-01, web-02, web-03 | job-1 | 2026-06-10 14:01:00 - 14:01:30 | succeeded | 111111111111
      execute | Drain | batch 1: web-01 | job-2 | 2026-06-10 14:02:00 - 14:02:30 | may or may not have been done | no output
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('schedule', () => {
    const run = makePlannedChange({
      state: 'waiting',
      at: new Date('2026-06-10T09:00:00Z'),
      steps: makePlanSteps({}),
    })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "Scheduled: automation "Patch web servers" starts at 2026-06-10 14:00 UTC (by abel.agent). Its window ends 2026-06-10 16:00 UTC.
      Cancel the run, or put the ticket on hold, to keep it from starting.
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })
})

describe('golden notes of other tickets', () => {
  it('start and end of one job', () => {
    const run = makeChange({ jobUrl: 'https://jobs.example/1', note: 'Noted by the template.' })

    expect(noteOf({ ...run, state: 'running' }).text).toMatchInlineSnapshot(`
      "Automation "Free disk space" started (by abel.agent).
      Job: https://jobs.example/1
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "Automation "Free disk space" succeeded. Freed 1.2 GB.
      Noted by the template.
      Output:
      deleted 12 files
      Job: https://jobs.example/1
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
    expect(noteOf({ ...run, state: 'failed', message: 'Exit code 2.', note: null }).text)
      .toMatchInlineSnapshot(`
      "Automation "Free disk space" failed. Exit code 2.
      Output:
      deleted 12 files
      The ticket stays with its assignment; please look at the reason above.
      Job: https://jobs.example/1
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('cancelled order', () => {
    const run = makeChange({
      ticket: { table: 'sc_req_item', number: 'RITM0010001' },
      state: 'cancelled',
      message: 'Cancelled by abel.agent: wrong size.',
      outputTail: '',
    })

    expect(noteOf(run).text).toMatchInlineSnapshot(`
      "Automation "Free disk space" was cancelled. Cancelled by abel.agent: wrong size.
      The order is still open: run it again, or fulfil it by hand.
      Job: job-1
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })
})

describe('notes about progress', () => {
  const template = makePlanTemplate({ progress_notes: true })

  function ended(overrides: Partial<RunChange>): RunChange {
    return makePlannedChange({ state: 'running', stepEnded: true, template, ...overrides })
  }

  it('are written only when the template asks for them', () => {
    const steps = makePlanSteps({ 1: 'succeeded', 2: 'running' })

    expect(noteOf(ended({ steps })).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers": "Backup is fresh" succeeded.
      Steps ended: 1 of 6.
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
    expect(noteOf(ended({ steps, template: makePlanTemplate() })).key).toBe(`${runId}:start`)
  })

  it('are written once for each step, whatever else the run reports', () => {
    const steps = makePlanSteps({ 1: 'succeeded', 2: 'running' })
    const later = makePlanSteps({ 1: 'succeeded', 2: 'succeeded', 3: 'launching' })

    expect(noteOf(ended({ steps })).key).toBe(`${runId}:step:1`)
    expect(noteOf(ended({ steps: later })).key).toBe(`${runId}:step:2`)
    expect(noteOf(ended({ steps: later, stepEnded: false })).key).toBe(`${runId}:start`)
  })

  it('are never written for polling: nothing but the start is repeated', () => {
    const steps = makePlanSteps({ 1: 'succeeded', 2: 'running' })
    const polled = { stepEnded: false, steps }

    expect(mustArrive(processFor('change_request').change(ended(polled)))).toBe(false)
    for (const state of ['cancelling', 'rolling_back'] as const) {
      expect(processFor('change_request').change(ended({ ...polled, state }))).toBeNull()
    }
  })

  it('tell steps that could not even be started, too', () => {
    const steps = makePlanSteps({ 1: 'succeeded', 2: 'failed', 3: 'launching' }).map((step) =>
      step.position === 2 ? { ...step, started_at: null, job_id: null } : step,
    )

    expect(noteOf(ended({ steps })).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers": "Backup is fresh" succeeded.
      Automation "Patch web servers": "Drain" (batch 1: web-01) failed. Exit code 2.
      Steps ended: 2 of 6.
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })

  it('tell a rollback step by step', () => {
    const steps = makePlanSteps({
      1: 'succeeded',
      2: 'succeeded',
      3: 'failed',
      9: 'succeeded',
      10: 'launching',
    })

    expect(noteOf(ended({ state: 'rolling_back', steps })).text).toMatchInlineSnapshot(`
      "Automation "Patch web servers": rollback of "Patch" (batch 1: web-01) succeeded.
      Run: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    `)
  })
})

describe('an update', () => {
  it('may give way to a later one only when that says the same', () => {
    const change = processFor('change_request')
    const started = makePlannedChange({ state: 'running', starts: true, executes: true })
    const job = makeChange({ state: 'running', starts: true })

    expect(mustArrive(null)).toBe(false)
    expect(mustArrive(processFor('incident').change(job))).toBe(false)
    // The transition belongs to this update alone.
    expect(mustArrive(change.change(started))).toBe(true)
    expect(mustArrive(change.change(makePlannedChange()))).toBe(true)
    expect(
      mustArrive(
        change.change(
          makePlannedChange({ state: 'waiting', at: new Date('2026-06-10T09:00:00Z') }),
        ),
      ),
    ).toBe(true)
  })
})

describe('long texts', () => {
  it('say how much output is left out and never cut an emoji in two', () => {
    const { text } = noteOf(makeChange({ outputTail: `x${'😀'.repeat(2000)}`, outputOmitted: 10 }))

    expect(text).toMatch(/Output \(1011 characters before this left out\):\n😀/u)
    expect(text.isWellFormed()).toBe(true)
  })

  it('never show a part of a mask that stands for a secret', () => {
    for (let shift = 0; shift < 8; shift++) {
      const outputTail = `${'a'.repeat(100)}••••••${'b'.repeat(2990 + shift)}`
      const { text } = noteOf(
        makeChange({ outputTail, message: `${'c'.repeat(3990 + shift)}••••••` }),
      )

      for (const mask of text.match(/•+/g) ?? []) expect(mask).toHaveLength(6)
    }
  })

  it('stay within what a work note may have', () => {
    const { text } = noteOf(makeChange({ note: 'n'.repeat(maxWorkNote + 1000) }))

    expect(text.length).toBeLessThanOrEqual(maxWorkNote)
    expect(text).toMatch(/… \d+ characters left out here\.$/)
  })

  it('are cut in the table of evidence, with what failed always in it', () => {
    const steps = Array.from({ length: 300 }, (_, index) =>
      makeStep(index + 1, {
        name: `Step | ${'x'.repeat(90)}`,
        batch: index + 1,
        targets: Array.from({ length: 50 }, (_each, target) => `host-${target}`),
        started_at: '2026-06-10T23:59:00.000Z',
        finished_at: '2026-06-11T00:01:00.000Z',
        state: index === 250 ? 'failed' : 'succeeded',
      }),
    )
    const { text } = noteOf(makePlannedChange({ steps, template: makePlanTemplate() }))
    const rows = text.split('\n').filter((line) => line.startsWith('execute | '))

    expect(rows).toHaveLength(60)
    expect(rows.filter((row) => row.includes('| failed |'))).toHaveLength(1)
    expect(rows.every((row) => row.split(' | ').length === 7 && row.length < 300)).toBe(true)
    expect(rows[0]).toContain('2026-06-10 23:59:00 - 2026-06-11 00:01:00')
    expect(text).toContain('(240 more that succeeded; the run has all of them)')
  })

  it('name the step whose output is shown when there are several', () => {
    const run = makeChange({
      template: makeTemplate({ post_checks: [{ name: 'Check', job: 'check.mjs' }] }),
      steps: [makeStep(1), makeStep(2, { phase: 'post_check', name: 'Check' })],
    })

    expect(noteOf(run).text).toContain('Output of "Step 1":\ndeleted 12 files')
  })
})
