// Executions of the stand-in for Rundeck and how its API shows them.
import { throughArgline } from './argline.ts'

/** An option as a job definition has it. */
export interface OptionDefinition {
  name: string
  [setting: string]: unknown
}

/** A job of the stand-in and what its executions do. */
export interface StandInJob {
  uuid: string
  name: string
  group?: string
  options: OptionDefinition[]
  /** Descriptions of its steps. */
  steps: string[]
  /** What it prints, at once. */
  prints: string[]
  ends: 'succeeded' | 'failed' | 'when released'
  enabled?: boolean
  multiple?: boolean
}

/** An execution. */
export interface StandInExecution {
  id: number
  job: StandInJob
  status: string
  customStatus?: string
  /** What the job gets, secure options among them. */
  received: Record<string, string>
  options: Record<string, string>
  argstring: string
  filter: string | null
  loglevel: string | null
  nodes: string[]
  startedAt: number
  endedAt: number | null
  abortedby?: string
  log: string[]
  /** Finished steps. */
  done: number
  failedNodes: string[]
  retriedBy?: number
  /** Reads of the log after the end that do not have its last lines yet. */
  lateReads: number
}

/** What a run is asked for with. */
export interface RunBody {
  options?: Record<string, unknown>
  filter?: string
  loglevel?: string
}

/** The one project of the stand-in. */
export const project = 'ops'

/** Starts an execution; what ends by itself has ended at once. */
export function run(
  executions: StandInExecution[],
  job: StandInJob,
  { body, nodes }: { body: RunBody; nodes: readonly string[] },
): StandInExecution {
  // What is no text is dropped without a word (filterOptParams).
  const given = Object.fromEntries(
    Object.entries(body.options ?? {}).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string'
    }),
  )
  const hidden = new Set(
    job.options.filter((option) => option['secure'] === true).map(({ name }) => name),
  )
  const plain = Object.fromEntries(Object.entries(given).filter(([name]) => !hidden.has(name)))
  const secure = Object.fromEntries(Object.entries(given).filter(([name]) => hidden.has(name)))
  const line = throughArgline(plain)
  const execution: StandInExecution = {
    id: 1000 + executions.length,
    job,
    status: 'running',
    received: { ...line.options, ...secure },
    ...line,
    // Empty text is as good as none.
    filter: body.filter || null,
    loglevel: body.loglevel || null,
    nodes: nodesOf(nodes, body.filter || 'name: /localhost/'),
    startedAt: Date.now(),
    endedAt: null,
    log: [...job.prints],
    done: 0,
    failedNodes: [],
    lateReads: 0,
  }
  executions.push(execution)
  if (job.ends !== 'when released') end(execution, job.ends)
  return execution
}

/** Ends an execution with this status. */
export function end(execution: StandInExecution, status: string): void {
  execution.status = status
  execution.endedAt = Date.now()
  if (status === 'succeeded') execution.done = execution.job.steps.length
  if (status.startsWith('failed')) execution.failedNodes = execution.nodes
}

/** The filters that the driver writes: names by a regular expression. */
export function nodesOf(nodes: readonly string[], filter: string): string[] {
  const [, text = ''] = /^name: \/(?:\(\?i\))?(.*)\/$/.exec(filter) ?? []
  const expression = new RegExp(`^(?:${text})$`, 'i')
  return nodes.filter((node) => expression.test(node))
}

/** An execution as Rundeck's API shows it (ApiService.renderExecutionsJson). */
export function shown(execution: StandInExecution): Record<string, unknown> {
  const { id, job, status, customStatus, startedAt, endedAt, abortedby } = execution
  const retried = execution.retriedBy
  return {
    id,
    href: `http://rundeck.test/api/59/execution/${id}`,
    permalink: `http://rundeck.test/project/${project}/execution/show/${id}`,
    status,
    ...(customStatus === undefined ? {} : { customStatus }),
    project,
    executionType: 'user',
    user: 'svc-tickets',
    'date-started': moment(startedAt),
    ...(endedAt === null ? {} : { 'date-ended': moment(endedAt) }),
    ...(abortedby === undefined ? {} : { abortedby }),
    job: {
      id: job.uuid,
      averageDuration: 6094,
      name: job.name,
      group: job.group ?? '',
      project,
      description: '',
      ...(execution.argstring === '' ? {} : { options: execution.options }),
      href: `http://rundeck.test/api/59/job/${job.uuid}`,
      permalink: `http://rundeck.test/project/${project}/job/show/${job.uuid}`,
    },
    description: `${job.steps[0]} [... ${job.steps.length} steps]`,
    argstring: execution.argstring,
    ...(status === 'succeeded' ? { successfulNodes: execution.nodes } : {}),
    ...(execution.failedNodes.length > 0 ? { failedNodes: execution.failedNodes } : {}),
    ...(retried === undefined ? {} : { retriedExecution: { id: retried, status: 'running' } }),
    jobDeleted: false,
  }
}

function moment(time: number) {
  return { unixtime: time, date: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z') }
}

/** The state of its steps (docs/api, Execution State). */
export function stateOf(execution: StandInExecution): Record<string, unknown> {
  const { id, job, nodes, done, endedAt, status } = execution
  const steps = job.steps.map((_, index) => {
    const executionState = stepState(execution, index)
    const states = nodes.map((node) => [node, { executionState }] as const)
    return {
      id: String(index + 1),
      stepctx: String(index + 1),
      nodeStep: true,
      executionState,
      nodeStates: Object.fromEntries(states),
    }
  })
  return {
    executionId: id,
    serverNode: 'localhost',
    executionState: endedAt === null ? 'RUNNING' : status.toUpperCase(),
    completed: endedAt !== null,
    targetNodes: nodes,
    allNodes: nodes,
    stepCount: steps.length,
    steps,
    nodes: Object.fromEntries(
      nodes.map((node) => [node, steps.slice(0, done).map(({ stepctx }) => ({ stepctx }))]),
    ),
  }
}

function stepState({ done, endedAt, status }: StandInExecution, index: number): string {
  if (index < done) return 'SUCCEEDED'
  if (index > done) return endedAt === null ? 'WAITING' : 'NOT_STARTED'
  if (endedAt === null) return 'RUNNING'
  return status === 'aborted' ? 'ABORTED' : 'FAILED'
}
