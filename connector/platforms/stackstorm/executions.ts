// Executions of StackStorm: found by the tag of their trace, read alone or together.
import { ConnectorError } from '../../errors.ts'
import type { StackstormApi } from './api.ts'
import { stateOf } from './status.ts'
import type { Details } from './status.ts'
import { Execution, executionFields, Executions, Traces, WithResult } from './wire.ts'

/** From so many on, the newest executions are read together; StackStorm cannot be asked for several by id. */
const manyExecutions = 4

/** Most executions in one answer. */
export const pageSize = 100

/** How far back many are looked for; older ones are read one by one. */
const longestSearch = 500

/** Results above this size are not read; they are only for the exit code and a reason. */
const maxResultBytes = 200_000

/** A trace holds what came of its first execution as well: ours is the one that has no parent. */
export async function findExecution(
  api: StackstormApi,
  token: string,
  signal: AbortSignal,
): Promise<Execution | null> {
  const path = `/v1/traces?trace_tag=${encodeURIComponent(token)}`
  const traces = await api.get(path, Traces, signal)
  const ids = traces
    .filter((trace) => trace.trace_tag === token)
    .flatMap((trace) => (trace.action_executions ?? []).map(({ object_id: id }) => id))
  for (const id of ids) {
    const execution = await readExecution(api, id, signal)
    const isOurs = execution.context?.trace_context?.trace_tag === token
    if (isOurs && execution.parent == null) return execution
  }
  return null
}

/** The result of an execution that ended, the tasks of a workflow that runs; a state says enough without them. */
export async function detailsOf(
  api: StackstormApi,
  execution: Execution,
  signal: AbortSignal,
): Promise<Details> {
  const path = `/v1/executions/${execution.id}`
  const state = stateOf(execution)
  try {
    if (state === 'succeeded' || state === 'failed') {
      const query = `include_attributes=result&max_result_size=${maxResultBytes}`
      const { result } = await api.get(`${path}?${query}`, WithResult, signal)
      return { ...noDetails, result: result ?? null }
    }
    if (state !== 'running' || execution.runner?.name !== 'orquesta') return noDetails
    const children = await api.get(`${path}/children?depth=1`, Executions, signal)
    const tasks = children.filter((child) => stateOf(child) === 'running')
    return {
      ...noDetails,
      tasks: tasks.flatMap(({ context }) => context?.orquesta?.task_name ?? []),
    }
  } catch (error) {
    if (error instanceof ConnectorError) return noDetails
    throw error
  }
}

const noDetails: Details = { result: null, tasks: [] }

/** Those that exist; what went wrong with one is given instead of it. */
export async function readExecutions(
  api: StackstormApi,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Execution | ConnectorError>> {
  const known = await readNewest(api, ids, signal)
  const all = ids.map(
    async (id) => [id, known.get(id) ?? (await readOne(api, id, signal))] as const,
  )
  return new Map(await Promise.all(all))
}

/** The newest executions, until few of those asked for are missing. */
async function readNewest(
  api: StackstormApi,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Execution>> {
  const known = new Map<string, Execution>()
  for (let offset = 0; offset < longestSearch; offset += pageSize) {
    if (ids.filter((id) => !known.has(id)).length < manyExecutions) break
    const query = `limit=${pageSize}&offset=${offset}&include_attributes=${executionFields}`
    // What is wrong is told when they are read one by one.
    const page = await api.get(`/v1/executions?${query}`, Executions, signal).catch(() => [])
    for (const execution of page) known.set(execution.id, execution)
    if (page.length < pageSize) break
  }
  return known
}

async function readOne(
  api: StackstormApi,
  id: string,
  signal: AbortSignal,
): Promise<Execution | ConnectorError> {
  try {
    return await readExecution(api, id, signal)
  } catch (error) {
    if (error instanceof ConnectorError) return error
    throw error
  }
}

async function readExecution(
  api: StackstormApi,
  id: string,
  signal: AbortSignal,
): Promise<Execution> {
  const path = `/v1/executions/${id}?include_attributes=${executionFields}`
  return await lostIfGone(id, api.get(path, Execution, signal))
}

/** True for what may be an id; nothing else goes into a path. */
export function isId(id: string): boolean {
  return /^[0-9a-f]{24}$/.test(id)
}

/** Throws job_lost for what is no id of an execution. */
export function checkId(id: string): void {
  if (!isId(id)) throw lost(id)
}

/** The error for an execution that is not there. */
export function lost(id: string): ConnectorError {
  return new ConnectorError('job_lost', `StackStorm has no execution ${id.slice(0, 100)}`)
}

/** An execution that StackStorm does not know any more: job_lost. */
export async function lostIfGone<T>(id: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const isGone = error instanceof ConnectorError && error.code === 'platform_job_not_found'
    throw isGone ? lost(id) : error
  }
}
