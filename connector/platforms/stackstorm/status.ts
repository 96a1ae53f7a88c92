// What the state of a StackStorm execution means. Pure.
import type { JobState, JobStatus } from '../driver.ts'
import type { Execution, WithResult } from './wire.ts'

const states: Readonly<Record<string, JobState>> = {
  requested: 'pending',
  scheduled: 'pending',
  delayed: 'pending',
  running: 'running',
  pausing: 'running',
  paused: 'running',
  resuming: 'running',
  // An inquiry waits for somebody's answer.
  pending: 'running',
  canceling: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  timeout: 'failed',
  abandoned: 'failed',
  canceled: 'cancelled',
}

const words: Readonly<Record<string, string>> = {
  requested: 'It waits for a worker of StackStorm.',
  scheduled: 'It waits for a worker of StackStorm.',
  delayed: 'A policy of StackStorm delays it.',
  running: 'It is running.',
  paused: 'It is paused in StackStorm.',
  pending: "It waits for somebody's answer to an inquiry in StackStorm.",
  canceling: 'It is being cancelled.',
  succeeded: 'It succeeded.',
  failed: 'It failed',
  timeout: 'It ran into the time limit of the action',
  abandoned: 'StackStorm gave it up: its worker ended',
  canceled: 'It was cancelled.',
}

/** What is known besides the execution itself. */
export interface Details {
  result: NonNullable<WithResult['result']> | null
  /** Names of the tasks of a workflow that are running. */
  tasks: readonly string[]
}

/** State as the driver port has it; unknown for a word that StackStorm does not have. */
export function stateOf({ status }: Pick<Execution, 'status'>): JobState {
  return states[status] ?? 'unknown'
}

/** The status of a job. StackStorm tells no progress: how many tasks a workflow will have is not known before. */
export function statusOf(execution: Execution, { result, tasks }: Details): JobStatus {
  const state = stateOf(execution)
  const ended = state !== 'pending' && state !== 'running'
  return {
    state,
    progress: null,
    message: messageOf(execution, { result, tasks }),
    startedAt: state === 'pending' ? null : dateOf(execution.start_timestamp),
    finishedAt: ended ? dateOf(execution.end_timestamp) : null,
    exitCode: ended ? (result?.return_code ?? null) : null,
  }
}

function messageOf({ status }: Execution, { result, tasks }: Details): string {
  if (status === 'running' && tasks.length > 0) return `It is at ${tasks.join(', ')}.`
  const word = words[status] ?? `StackStorm says: ${status}`
  if (stateOf({ status }) !== 'failed') return word
  const code = result?.return_code === undefined ? '' : ` with exit code ${result.return_code}`
  const reason = lastLine(result?.stderr ?? '') || lastLine(result?.error ?? '')
  return `${word}${code}${reason === '' ? '.' : `: ${reason}`}`
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? ''
}

function dateOf(text: string | null | undefined): Date | null {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? null : date
}
