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
    executes: false,
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

/** A template of two steps that can be undone, with a check before and one after. */
export function makePlanTemplate(overrides: Record<string, unknown> = {}): RunChange['template'] {
  return makeTemplate({
    name: 'patch-web',
    title: 'Patch web servers',
    job: undefined,
    pre_checks: [{ name: 'Backup is fresh', job: 'backup.mjs' }],
    steps: [
      { name: 'Drain', job: 'drain.mjs', rollback: { job: 'undrain.mjs' } },
      { name: 'Patch', job: 'patch.mjs', critical: false, rollback: { job: 'unpatch.mjs' } },
    ],
    post_checks: [{ name: 'Smoke test', job: 'smoke.mjs' }],
    parameters: [{ name: 'hosts', type: 'string', label: 'Hosts' }],
    targets: { parameter: 'hosts', first: 1 },
    outcome: {},
    ...overrides,
  })
}

/** Step states by position. */
type States = Readonly<Record<number, StepReport['state']>>

/**
 * The plan of that template on web-01 (batch 1) and on web-02 and web-03 (batch 2): 1 pre-check, 2 and 3 batch 1,
 * 4 and 5 batch 2, 6 post-check, 7 to 10 undo 5, 4, 3 and 2. A step without a state was never begun.
 */
export function makePlanSteps(states: States): StepReport[] {
  const rows: Partial<StepReport>[] = [
    { phase: 'pre_check', name: 'Backup is fresh', targets: ['web-01', 'web-02', 'web-03'] },
    { name: 'Drain', batch: 1, targets: ['web-01'] },
    { name: 'Patch', batch: 1, targets: ['web-01'] },
    { name: 'Drain', batch: 2, targets: ['web-02', 'web-03'] },
    { name: 'Patch', batch: 2, targets: ['web-02', 'web-03'] },
    { phase: 'post_check', name: 'Smoke test', targets: ['web-01', 'web-02', 'web-03'] },
    { phase: 'rollback', name: 'Patch', batch: 2, targets: ['web-02', 'web-03'], undoes: 5 },
    { phase: 'rollback', name: 'Drain', batch: 2, targets: ['web-02', 'web-03'], undoes: 4 },
    { phase: 'rollback', name: 'Patch', batch: 1, targets: ['web-01'], undoes: 3 },
    { phase: 'rollback', name: 'Drain', batch: 1, targets: ['web-01'], undoes: 2 },
  ]
  return rows.map((row, index) => {
    const position = index + 1
    const state = states[position]
    if (state === undefined) return makeUnstarted(position, row)
    const message = state === 'failed' ? 'Exit code 2.' : ''
    const digest = state === 'succeeded' ? String(position % 10).repeat(64) : null
    const times = {
      ...(state === 'launching' ? { started_at: null, job_id: null } : {}),
      ...(state === 'launching' || state === 'running' ? { finished_at: null } : {}),
    }
    return makeStep(position, { ...row, state, message, output_sha256: digest, ...times })
  })
}

/** All forward steps of that plan. */
export const allDone: States = {
  1: 'succeeded',
  2: 'succeeded',
  3: 'succeeded',
  4: 'succeeded',
  5: 'succeeded',
  6: 'succeeded',
}

/** A normal change that has run that plan within its window; what is given replaces what stands here. */
export function makePlannedChange(overrides: Partial<RunChange> = {}): RunChange {
  return makeChange({
    title: 'Patch web servers',
    template: makePlanTemplate(),
    ticket: { table: 'change_request', number: 'CHG0030001' },
    changeType: 'normal',
    message: '',
    jobId: null,
    outputTail: '',
    targets: ['web-01', 'web-02', 'web-03'],
    steps: makePlanSteps(allDone),
    window: { start: new Date('2026-06-10T14:00:00Z'), end: new Date('2026-06-10T16:00:00Z') },
    ...overrides,
  })
}
