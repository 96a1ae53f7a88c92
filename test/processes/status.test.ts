// The picture of a run in a status update: where it is, and how far.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { RunState } from '#shared/status-update.ts'
import { StatusUpdate } from '#shared/status-update.ts'

import type { RunRow, StepRow } from '../../connector/db/runs.ts'
import { planRun } from '../../connector/plan.ts'
import { defaultPolicy } from '../../connector/policy.ts'
import { statusOf } from '../../connector/processes/status.ts'
import { decisionOf } from '../../connector/receipt.ts'
import { makeChange, patchHosts } from '../support/plan-templates.ts'
import { makeTemplate, publish } from '../support/templates.ts'

/** Look, two batches of Drain and Patch, Verify; then four steps that undo. */
function planned(): { run: RunRow; steps: StepRow[] } {
  const { job: _job, ...template } = makeTemplate()
  const published = publish(makeTemplate({ ...template, ...patchHosts, job: undefined }))
  return planRun({
    instance: 'acme',
    id: '4f'.repeat(16),
    eventSeq: '1',
    ticketKey: 'key',
    ticket: makeChange(),
    published,
    trigger: 'manual',
    requestedBy: 'beth.anglin',
    decision: decisionOf(published, [], []),
    parameters: { hosts: 'a,b', token: null },
    targets: ['a', 'b'],
    policy: defaultPolicy,
  })
}

function picture({ run, steps }: { run: RunRow; steps: StepRow[] }): StatusUpdate {
  const update = statusOf(run, steps, { title: 'Patch hosts', change: null, now: new Date() })
  return StatusUpdate.parse(update)
}

function begin(step: StepRow | undefined, state: StepRow['state'], progress = 0): void {
  if (step === undefined) throw new Error('the plan has fewer steps')
  step.state = state
  step.progress = progress
  step.launch_at = new Date()
}

describe('the step a run is at', () => {
  it('is counted among those of the plan, without what would undo it', () => {
    const flight = planned()
    for (const step of flight.steps.slice(0, 3)) begin(step, 'succeeded', 100)
    begin(flight.steps[3], 'running')

    expect(picture(flight)).toMatchObject({
      phase: 'execute',
      step: { name: 'Drain', position: 4, total: 6 },
      progress: 50,
    })
  })

  it('is the one that undoes something once a rollback has begun, and progress stays', () => {
    const flight = planned()
    for (const step of flight.steps.slice(0, 5)) begin(step, 'succeeded', 100)
    begin(flight.steps[5], 'failed')
    const before = picture(flight).progress
    for (const step of flight.steps.slice(6, 8)) begin(step, 'succeeded', 100)
    begin(flight.steps[8], 'running', 40)

    expect(picture(flight)).toMatchObject({
      phase: 'rollback',
      step: { name: 'Patch', position: 9, total: 10 },
      progress: before,
    })
  })
})

describe('progress', () => {
  it('never falls and is 100 only for a run that succeeded, whatever the steps do', () => {
    const ways = fc.array(
      fc.record({ skip: fc.boolean(), percents: fc.array(fc.nat(100)), good: fc.boolean() }),
      { minLength: 10, maxLength: 10 },
    )
    fc.assert(
      fc.property(ways, fc.boolean(), (all, succeeds) => {
        const flight = planned()
        const seen = [picture(flight).progress]
        for (const [index, way] of all.entries()) {
          const step = flight.steps[index]
          if (way.skip) continue
          begin(step, 'launching')
          for (const percent of way.percents) {
            begin(step, 'running', Math.max(step?.progress ?? 0, percent))
            seen.push(picture(flight).progress)
          }
          if (way.good) begin(step, 'succeeded', 100)
          else begin(step, 'failed', step?.progress ?? 0)
          seen.push(picture(flight).progress)
        }
        const end: RunState = succeeds ? 'succeeded' : 'rolled_back'
        flight.run.state = end
        const last = picture(flight).progress

        expect([...seen, last]).toEqual([...seen, last].toSorted((a, b) => a - b))
        expect(Math.max(...seen)).toBeLessThan(100)
        expect(last === 100).toBe(succeeds)
      }),
    )
  })
})
