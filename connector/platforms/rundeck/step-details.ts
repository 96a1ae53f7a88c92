// Which step an execution is in and what the steps are called: two requests of their own that make messages better and
// decide nothing, so a failure of theirs is none.
import { ConnectorError } from '../../errors.ts'
import type { RundeckApi } from './api.ts'
import type { Latest } from './executions.ts'
import { readJob, stepNamesOf } from './jobs.ts'
import { WorkflowState } from './wire.ts'

/** What is known of the steps. */
export interface Details {
  steps: WorkflowState | null
  names: readonly string[]
}

/** Reads the steps of an execution. */
export type DetailsReader = (latest: Latest, signal: AbortSignal) => Promise<Details>

const none: Details = { steps: null, names: [] }

/** Jobs whose steps are remembered. */
const maxRemembered = 200

/** Creates the reader; it remembers what the steps of a job are called. */
export function createDetailsReader(api: RundeckApi): DetailsReader {
  const known = new Map<string, readonly string[]>()

  async function namesOf(job: string, signal: AbortSignal): Promise<readonly string[]> {
    const remembered = known.get(job)
    if (remembered !== undefined) return remembered
    const names = stepNamesOf((await readJob(api, job, signal)).definition)
    if (known.size >= maxRemembered) known.clear()
    known.set(job, names)
    return names
  }

  return async ({ execution, isOneOfMany }, signal) => {
    const isRunning = execution.status === 'running'
    // Of one of many only why it failed.
    if (isRunning ? isOneOfMany : execution.status !== 'failed') return none
    const path = `/execution/${execution.id}/state`
    const state = api.read({ method: 'GET', path, signal }, WorkflowState)
    const steps = await orElse(state, null, signal)
    if (steps === null) return none
    return { steps, names: await orElse(namesOf(execution.job?.id ?? '', signal), [], signal) }
  }
}

/** What is not there yet, or out of reach, is left out. */
async function orElse<T, E>(read: Promise<T>, otherwise: E, signal: AbortSignal): Promise<T | E> {
  try {
    return await read
  } catch (error) {
    if (!signal.aborted && error instanceof ConnectorError) return otherwise
    throw error
  }
}
