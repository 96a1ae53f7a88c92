// The actions of StackStorm: what there is, and what would make a launch fail.
import { ConnectorError } from '../../errors.ts'
import type { DeclaredParameter, JobDescription, TemplateProblem } from '../driver.ts'
import type { StackstormApi } from './api.ts'
import { declaredProblems, describeAction } from './parameters.ts'
import { Action, Actions, ParametersView } from './wire.ts'
import type { Parameter } from './wire.ts'

/** Actions read at once, and at most. */
const pageSize = 100
const maxActions = 5_000

/** What is wrong with a template for this action. */
export async function checkAction(
  api: StackstormApi,
  request: { job: string; parameters: readonly DeclaredParameter[] },
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  try {
    const { action, parameters } = await readAction(api, request.job, signal)
    const problems = declaredProblems(parameters, request.parameters)
    if (action.enabled !== false) return problems
    return [{ field: 'job', reason: 'the action is disabled', hint: 'Enable it' }, ...problems]
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'platform_job_not_found') throw error
    const hint = 'Write pack.action, as `st2 action list` shows it'
    return [{ field: 'job', reason: `StackStorm has no action ${request.job}`, hint }]
  }
}

/** An action with its parameters and those of its runner. Throws platform_job_not_found. */
export async function readAction(
  api: StackstormApi,
  ref: string,
  signal: AbortSignal,
): Promise<{ action: Action; parameters: Record<string, Parameter> }> {
  if (!/^[\w.-]+\.[\w-]+$/.test(ref)) {
    throw new ConnectorError('platform_job_not_found', `${ref} is no pack.action`)
  }
  const action = await api.get(`/v1/actions/${ref}`, Action, signal)
  const path = `/v1/actions/views/parameters/${ref}`
  return { action, parameters: (await api.get(path, ParametersView, signal)).parameters }
}

/** Those that are not disabled and whose reference contains `search`, by reference. */
export async function listActions(
  api: StackstormApi,
  search: string | null,
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const found: Action[] = []
  for (let offset = 0; offset < maxActions; offset += pageSize) {
    const page = await api.get(`/v1/actions?limit=${pageSize}&offset=${offset}`, Actions, signal)
    found.push(...page)
    if (page.length < pageSize) break
  }
  const wanted = search?.toLowerCase() ?? ''
  return found
    .filter(({ ref, enabled }) => enabled !== false && ref.toLowerCase().includes(wanted))
    .toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
    .map(describeAction)
}
