// The run row: finding, describing and ending it. Rows are written by the app alone.
import { GlideRecord } from '@servicenow/glide'

import type { RunState, StepEvidence } from '../../../shared/status-update.ts'
import type { finalRunStates } from '../../../shared/vocabulary.ts'
import { isoFromStored, nowMs, storedTime } from './clock.ts'
import { isObject, parseJson } from './text.ts'

export const runTable = 'x_snc_ticket_auto_run'

const finalStates: typeof finalRunStates = [
  'refused',
  'succeeded',
  'failed',
  'cancelled',
  'rolled_back',
  'rollback_failed',
  'unknown',
]

/** What the page shows of a run. */
export interface RunView {
  run_id: string
  ticket: { table: string; sys_id: string; number: string }
  template: { name: string; version: number; title: string }
  state: string
  state_label: string
  final: boolean
  phase_label: string
  step: { name: string; position: number; total: number } | null
  progress: number
  message: string
  job: { id: string; url: string } | null
  output: string
  output_omitted: number
  decision: unknown
  decision_summary: string
  cancel_requested: boolean
  requested_by: string
  started: string | null
  finished: string | null
  /** When it may start and must have ended; null = at any time. */
  window: { start: string | null; end: string | null } | null
  sequence: number
}

/** A run with its plan: every step as the connector reported it. */
export interface RunWithPlan extends RunView {
  steps: readonly StepEvidence[]
}

/** True for a run id of the contract. */
export function isRunId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}

/** True when nothing happens any more in this state. */
export function isFinalState(state: string): boolean {
  return finalStates.some((final) => final === state)
}

/** The run row with this id, or null. */
export function findRun(runId: string): GlideRecord | null {
  const run = new GlideRecord(runTable)
  return run.get('run_id', runId) ? run : null
}

/** Ends a run that never reached the connector, with a message an agent understands. */
export function failRun(runSysId: string, message: string): GlideRecord | null {
  const run = new GlideRecord(runTable)
  if (!run.get('sys_id', runSysId) || isFinalState(run.getValue('state'))) return null
  const failed: RunState = 'failed'
  run.setValue('state', failed)
  run.setValue('message', message)
  run.setValue('finished', storedTime(nowMs()))
  run.update()
  return run
}

/** The run as the page shows it. */
export function viewRun(run: GlideRecord): RunView {
  const state = run.getValue('state') || ''
  const step = run.getValue('step') || ''
  const jobId = run.getValue('job_id') || ''
  return {
    run_id: run.getValue('run_id') || '',
    ticket: {
      table: run.getValue('ticket_table') || '',
      sys_id: run.getValue('ticket') || '',
      number: run.getDisplayValue('ticket') || '',
    },
    template: {
      name: run.getValue('template') || '',
      version: Number(run.getValue('template_version')),
      title: run.getValue('template_title') || '',
    },
    state,
    state_label: run.getDisplayValue('state') || state,
    final: isFinalState(state),
    phase_label: run.getValue('phase') ? run.getDisplayValue('phase') : '',
    step: step
      ? {
          name: step,
          position: Number(run.getValue('step_position')),
          total: Number(run.getValue('step_total')),
        }
      : null,
    progress: Number(run.getValue('progress')),
    message: run.getValue('message') || '',
    job: jobId ? { id: jobId, url: run.getValue('job_url') || '' } : null,
    output: run.getValue('output') || '',
    output_omitted: Number(run.getValue('output_omitted')),
    decision: decisionOf(run),
    decision_summary: run.getValue('decision_summary') || '',
    cancel_requested: isTrue(run.getValue('cancel_requested')),
    requested_by: run.getDisplayValue('requested_by') || '',
    started: isoFromStored(run.getValue('started')),
    finished: isoFromStored(run.getValue('finished')),
    window: windowOf(run),
    sequence: Number(run.getValue('sequence')),
  }
}

/** The run with its plan; lists do without, a plan can have hundreds of steps. */
export function viewRunWithPlan(run: GlideRecord): RunWithPlan {
  const steps = parseJson(run.getValue('steps') || '[]')
  // Written by server/status-updates.ts from the same type.
  return { ...viewRun(run), steps: Array.isArray(steps) ? (steps as StepEvidence[]) : [] }
}

function windowOf(run: GlideRecord): RunView['window'] {
  const start = isoFromStored(run.getValue('window_start'))
  const end = isoFromStored(run.getValue('window_end'))
  return start === null && end === null ? null : { start, end }
}

/** Booleans come as `1` from getValue and as `true` from elsewhere. */
export function isTrue(value: string | null): boolean {
  return value === '1' || value === 'true'
}

function decisionOf(run: GlideRecord): unknown {
  const decision = parseJson(run.getValue('decision') || '')
  return isObject(decision) ? decision : null
}
