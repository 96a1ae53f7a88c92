// What an execution and the state of its steps say in our words. Pure. States: Execution.getExecutionState (status) and
// docs/api "Execution State" (steps).
import type { JobState, JobStatus } from '../driver.ts'
import type { Execution, WorkflowState } from './wire.ts'

const states: Readonly<Record<string, JobState>> = {
  scheduled: 'pending',
  queued: 'pending',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  timedout: 'failed',
  missed: 'failed',
  incomplete: 'failed',
  retried: 'failed',
  'failed-with-retry': 'failed',
  aborted: 'cancelled',
}

/** What an administrator says about status texts that jobs set themselves. */
export type CustomStates = Readonly<Record<string, 'succeeded' | 'failed' | 'cancelled'>>

const finishedSteps = new Set([
  'SUCCEEDED',
  'FAILED',
  'ABORTED',
  'NODE_PARTIAL_SUCCEEDED',
  'NODE_MIXED',
  'NOT_STARTED',
])

const runningSteps = new Set(['RUNNING', 'RUNNING_HANDLER'])

const failedSteps = new Set(['FAILED', 'NODE_PARTIAL_SUCCEEDED', 'NODE_MIXED'])

/** Node names in one message; further ones are counted. */
const maxNodes = 5

/** How an execution stands. */
export interface Standing {
  execution: Execution
  /** null = not read, or not there yet. */
  steps: WorkflowState | null
  /** Descriptions of the steps in the job's definition; shorter when unknown. */
  names: readonly string[]
  /** Rundeck tries again after this one, but has not begun to. */
  awaitsRetry: boolean
}

/** The state of an execution; a word that nobody explained is unknown. */
export function stateOf(execution: Execution, custom: CustomStates): JobState {
  const { status, customStatus } = execution
  if (status === 'other') return custom[customStatus ?? ''] ?? 'unknown'
  return states[status] ?? custom[status] ?? 'unknown'
}

/** True when nothing will change any more. */
export function hasEnded(execution: Execution): boolean {
  const state = states[execution.status]
  if (state === 'pending' || state === 'running') return false
  return state !== undefined || (execution['date-ended'] ?? null) !== null
}

/** The status of a job. */
export function statusOf(standing: Standing, custom: CustomStates): JobStatus {
  const { execution, awaitsRetry } = standing
  const ended = hasEnded(execution) && !awaitsRetry
  // A status that nobody knows is no end as long as the execution has none.
  const open = execution.status === 'queued' || execution.status === 'scheduled'
  const running: JobState = open ? 'pending' : 'running'
  const state = ended ? stateOf(execution, custom) : running
  return {
    state,
    progress: state === 'succeeded' ? 100 : progressOf(standing, ended),
    message: messageOf(standing, state),
    startedAt: dateOf(execution['date-started']),
    finishedAt: ended ? (dateOf(execution['date-ended']) ?? new Date()) : null,
    exitCode: null,
  }
}

function dateOf(moment: { unixtime: number } | null | undefined): Date | null {
  return moment === null || moment === undefined ? null : new Date(moment.unixtime)
}

/** Finished steps of all steps; null once it has ended otherwise than well, or when a later try begins anew. */
function progressOf({ execution, steps, awaitsRetry }: Standing, ended: boolean): number | null {
  const count = steps?.stepCount ?? 0
  if (ended || awaitsRetry || count === 0 || execution.status !== 'running') return null
  const finished = (steps?.steps ?? []).filter(({ executionState }) =>
    finishedSteps.has(executionState),
  ).length
  // 100 is the platform's to say.
  return Math.min(99, Math.floor((100 * finished) / count))
}

function messageOf(standing: Standing, state: JobState): string {
  const { execution, awaitsRetry } = standing
  if (awaitsRetry) return 'The try failed; Rundeck will start the next one.'
  switch (state) {
    case 'pending':
      return 'Waiting in Rundeck.'
    case 'running':
      return stepMessage(standing, runningSteps) ?? 'Running.'
    case 'succeeded':
      return `Succeeded${onNodes(execution.successfulNodes ?? [])}.`
    case 'cancelled':
      return `Aborted in Rundeck${byWhom(execution)}.`
    case 'failed':
      return failureMessage(standing)
    case 'unknown':
      return `Ended with the status "${wordOf(execution)}", which custom_status does not explain.`
  }
}

function failureMessage(standing: Standing): string {
  const { execution } = standing
  if (execution.status === 'timedout') return 'Ended by Rundeck at the time limit of the job.'
  if (execution.status === 'missed') return 'Rundeck missed the time at which it should have begun.'
  if (execution.status === 'other') return `Ended with the status "${wordOf(execution)}".`
  const nodes = execution.failedNodes ?? []
  const step = stepMessage(standing, failedSteps)
  if (step === null) return `Failed${onNodes(nodes)}.`
  return `Failed: ${step}`
}

/** The first step in one of these states and the nodes on which it is; null when there is none. */
function stepMessage(standing: Standing, wanted: ReadonlySet<string>): string | null {
  const steps = standing.steps?.steps ?? []
  const index = steps.findIndex(({ executionState }) => wanted.has(executionState))
  const step = steps[index]
  if (step === undefined) return null
  const inState = Object.entries(step.nodeStates ?? {})
    .filter(([, { executionState }]) => wanted.has(executionState))
    .map(([node]) => node)
  const failed = wanted === failedSteps ? (standing.execution.failedNodes ?? []) : []
  const name = standing.names[index] ?? ''
  const number = `step ${index + 1} of ${standing.steps?.stepCount ?? steps.length}`
  const text = `${number}${name === '' ? '' : ` "${name}"`}${onNodes(inState.length > 0 ? inState : failed)}.`
  return wanted === failedSteps ? text : text.replace('step', 'Step')
}

function onNodes(nodes: readonly string[]): string {
  if (nodes.length === 0) return ''
  const rest = nodes.length - maxNodes
  return ` on ${nodes.slice(0, maxNodes).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function byWhom({ abortedby }: Execution): string {
  return (abortedby ?? '') === '' ? '' : ` by ${abortedby}`
}

function wordOf({ status, customStatus }: Execution): string {
  return (customStatus ?? '') === '' ? status : (customStatus ?? '')
}
