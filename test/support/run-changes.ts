// What became of a run, as processes see it, for tests.
import { defaultPolicy } from '../../connector/policy.ts'
import type { RunChange, StepReport } from '../../connector/processes/process.ts'
import { makeTemplate } from './templates.ts'

/** Id of every run made here. */
export const runId = 'a'.repeat(32)

/** A run of one job that has succeeded; what is given replaces what stands here. */
export function makeChange(overrides: Partial<RunChange> = {}): RunChange {
  return {
    runId,
    title: 'Free disk space',
    template: makeTemplate(),
    ticket: { table: 'incident', number: 'INC0010001' },
    changeType: null,
    state: 'succeeded',
    at: new Date('2026-06-10T15:00:00Z'),
    starts: false,
    stepEnded: false,
    message: 'Freed 1.2 GB.',
    requestedBy: 'abel.agent',
    automatic: false,
    jobUrl: null,
    jobId: 'job-1',
    outputTail: 'deleted 12 files\n',
    outputOmitted: 0,
    note: null,
    targets: [],
    steps: [],
    window: { start: null, end: null },
    decision: null,
    policy: defaultPolicy,
    ...overrides,
  }
}

/** An execute step that has succeeded, at 14:00 UTC plus its position in minutes; it took 30 seconds. */
export function makeStep(position: number, overrides: Partial<StepReport> = {}): StepReport {
  const minute = String(position).padStart(2, '0')
  return {
    position,
    phase: 'execute',
    name: `Step ${position}`,
    state: 'succeeded',
    platform: 'local',
    job: `step-${position}.mjs`,
    job_id: `job-${position}`,
    job_url: null,
    batch: null,
    targets: [],
    started_at: `2026-06-10T14:${minute}:00.000Z`,
    finished_at: `2026-06-10T14:${minute}:30.000Z`,
    message: '',
    output_sha256: null,
    undoes: null,
    ...overrides,
  }
}

/** A step that has never begun. */
export function makeUnstarted(position: number, overrides: Partial<StepReport> = {}): StepReport {
  return makeStep(position, {
    state: 'skipped',
    job_id: null,
    started_at: null,
    finished_at: null,
    ...overrides,
  })
}
