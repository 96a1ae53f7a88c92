// Checking, launching and finding pipelines.
import { ConnectorError } from '../../errors.ts'
import type {
  Driver,
  LaunchedJob,
  LaunchInDoubt,
  LaunchRequest,
  TemplateProblem,
} from '../driver.ts'
import { orNull } from '../or-null.ts'
import { ask, readReference } from './client.ts'
import type { Gitlab, GitlabSettings, JobReference } from './client.ts'
import { inputProblems, readInputs, tokenInput } from './inputs.ts'
import { Pipeline, Pipelines, PipelineVariables, Project } from './wire.ts'

/** The variable that carries our token with `token_in: variable`. */
const tokenVariable = 'TICKET_RUN_TOKEN'

/** As Driver.check. */
export async function check(
  gitlab: Gitlab,
  request: Parameters<Driver['check']>[0],
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  const { settings } = gitlab
  const { job, parameters } = request
  const reference = readReference(job, settings)
  if (reference === null) return [noSuchJob(`${job} is no project of GitLab`)]
  const path = `/projects/${reference.project}`
  const project = await orNull(ask(gitlab, Project, { method: 'GET', path, signal }))
  if (project === null)
    return [noSuchJob(`there is no project ${job}, or the token may not see it`)]
  const refPath = `${path}/repository/commits/${encodeURIComponent(reference.ref)}`
  const commit = await orNull(ask(gitlab, Anything, { method: 'GET', path: refPath, signal }))
  if (commit === null) return [noSuchJob(`${job}: there is no branch or tag ${reference.ref}`)]
  const file = project.ci_config_path
  const inputs = await readInputs(gitlab, { reference, file }, signal)
  return [
    ...variableProblems(settings, project, parameters.length > 0),
    ...(inputs !== null && settings.token_in === 'name' && !inputs.has(tokenInput)
      ? [noTokenInput]
      : []),
    ...(settings.parameters === 'inputs' && inputs !== null
      ? inputProblems(inputs, parameters)
      : []),
  ]
}

const Anything = Project.pick({}).loose()

const noTokenInput = {
  field: 'job',
  reason: `the pipeline has no input ${tokenInput}, so a launch could not be found again`,
  hint: `Declare ${tokenInput} under spec:inputs and use it in workflow:name, or set token_in: variable`,
}

function noSuchJob(reason: string): TemplateProblem {
  const hint = 'Use group/project, or group/project@branch'
  return { field: 'job', reason, hint }
}

function variableProblems(
  settings: GitlabSettings,
  project: Project,
  hasParameters: boolean,
): TemplateProblem[] {
  const needed =
    settings.token_in === 'variable' || (settings.parameters === 'variables' && hasParameters)
  const role = project.ci_pipeline_variables_minimum_override_role
  if (!needed || role !== 'no_one_allowed') return []
  const reason = 'the project lets nobody give pipelines variables'
  const hint =
    'Allow it under Settings > CI/CD > Variables > Minimum role to use pipeline variables, or use inputs and token_in: name'
  return [{ field: 'job', reason, hint }]
}

/** As Driver.launch. */
export async function launch(
  gitlab: Gitlab,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const { settings, triggerToken } = gitlab
  const { job } = request
  const reference = readReference(job, settings)
  if (reference === null) throw notFound(`${job} is no project of GitLab`)
  if (request.targets.length > 0) throw noTargets()
  if (settings.parameters === 'inputs') {
    await refuseUnknownInputs(gitlab, { request, reference }, signal)
  }
  const { variables, inputs } = carriersOf(request, settings)
  const secrets = request.secrets.map((name) => String(request.parameters[name] ?? ''))
  const withInputs = Object.keys(inputs).length > 0 ? { inputs } : {}
  const common = { method: 'POST', secrets, signal } as const
  const path = `/projects/${reference.project}`
  try {
    const pipeline =
      triggerToken === null
        ? await ask(gitlab, Pipeline, {
            ...common,
            path: `${path}/pipeline`,
            body: {
              ref: reference.ref,
              variables: Object.entries(variables).map(([key, value]) => ({ key, value })),
              ...withInputs,
            },
          })
        : await ask(gitlab, Pipeline, {
            ...common,
            secrets: [...secrets, triggerToken()],
            path: `${path}/trigger/pipeline`,
            body: { token: triggerToken(), ref: reference.ref, variables, ...withInputs },
          })
    return launchedJob(pipeline)
  } catch (error) {
    // 400 with {"message":{"base":["Reference not found"]}}
    const isRef = error instanceof ConnectorError && /Reference not found/i.test(error.message)
    if (isRef) throw notFound(`${job}: there is no branch or tag ${reference.ref}`)
    throw error
  }
}

async function refuseUnknownInputs(
  gitlab: Gitlab,
  { request, reference }: { request: LaunchRequest; reference: JobReference },
  signal: AbortSignal,
): Promise<void> {
  const names = Object.keys(request.parameters).filter((name) => request.parameters[name] !== null)
  if (names.length === 0) return
  const path = `/projects/${reference.project}`
  const project = await ask(gitlab, Project, { method: 'GET', path, signal })
  const file = project.ci_config_path
  const inputs = await readInputs(gitlab, { reference, file }, signal)
  const unknown = names.find((name) => inputs !== null && !inputs.has(name))
  if (unknown === undefined) return
  throw new ConnectorError(
    'parameters_invalid',
    `the pipeline has no input ${unknown}. Declare it under spec:inputs in the pipeline's CI file`,
  )
}

/** GitLab and its runner replace such parts of a variable by other variables, secret ones among them. */
const expanded = /\$|%[A-Za-z_][A-Za-z0-9_]*%/

function carriersOf(
  { token, parameters, ticket, requestedBy }: LaunchRequest,
  settings: GitlabSettings,
): { variables: Record<string, string>; inputs: Record<string, string | number | boolean> } {
  const variables: Record<string, string> = {}
  const inputs: Record<string, string | number | boolean> = {}
  if (settings.token_in === 'name') {
    inputs[tokenInput] = token
  } else {
    variables[tokenVariable] = token
    variables['TICKET_NUMBER'] = ticket.number
    if (!expanded.test(requestedBy)) variables['REQUESTED_BY'] = requestedBy
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) continue
    if (settings.parameters === 'inputs') {
      inputs[name] = value
      continue
    }
    if (typeof value === 'string' && (expanded.test(value) || value.includes('\0'))) {
      const text = `parameters.${name}: GitLab would replace the part with $ or %. Set parameters: inputs`
      throw new ConnectorError('parameters_invalid', text)
    }
    variables[variableOf(name, settings)] = String(value)
  }
  return { variables, inputs }
}

/** Names in capitals were chosen by the template (`names`). */
function variableOf(name: string, settings: GitlabSettings): string {
  const isChosen = /^[A-Z][A-Z0-9_]*$/.test(name)
  if (isChosen && !/^(?:CI_|GITLAB_|TICKET_|REQUESTED_BY$)/.test(name)) return name
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return settings.variable_prefix + name.toUpperCase()
  throw new ConnectorError('parameters_invalid', `parameters.${name} cannot be a variable of ours`)
}

function noTargets(): ConnectorError {
  const reason = 'GitLab cannot limit a pipeline to targets'
  const hint = 'Set targets.limit: false and give them in a parameter'
  return new ConnectorError('parameters_invalid', `${reason}. ${hint}`)
}

function launchedJob({ id, project_id, web_url }: Pipeline): LaunchedJob {
  return { id: `${project_id}:${id}`, url: web_url ?? null }
}

function notFound(reason: string): ConnectorError {
  return new ConnectorError('platform_job_not_found', reason)
}

/** Clocks may differ by this much, in milliseconds. */
const clockToleranceMs = 300_000

const pageSize = 100

/** As Driver.find. The launch's moment and project bound the search. */
export async function find(
  gitlab: Gitlab,
  { token, doubt }: { token: string; doubt: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  const { settings, triggerToken } = gitlab
  const reference = doubt && readReference(doubt.job, settings)
  if (!doubt || !reference) throw cannotTell('the job of the launch is not known')
  const query = new URLSearchParams({
    source: triggerToken === null ? 'api' : 'trigger',
    created_after: new Date(doubt.at.getTime() - clockToleranceMs).toISOString(),
    per_page: String(pageSize),
  }).toString()
  const path = `/projects/${reference.project}/pipelines`
  const rows = await ask(gitlab, Pipelines, { method: 'GET', path: `${path}?${query}`, signal })
  const named = rows.find(({ name }) => name?.includes(token))
  if (named !== undefined) return launchedJob(named)
  if (settings.token_in === 'variable') {
    for (const row of rows) {
      if (await carriesToken(gitlab, { row, token }, signal)) return launchedJob(row)
    }
  } else if (rows.some(({ name }) => !name)) {
    throw cannotTell(`pipelines without a name; use the input ${tokenInput} in workflow:name`)
  }
  if (rows.length < pageSize) return null
  throw cannotTell(`more than ${pageSize} pipelines since the launch`)
}

async function carriesToken(
  gitlab: Gitlab,
  { row, token }: { row: Pipeline; token: string },
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/projects/${row.project_id}/pipelines/${row.id}/variables`
  const variables = await orNull(ask(gitlab, PipelineVariables, { method: 'GET', path, signal }))
  return (variables ?? []).some(({ key, value }) => key === tokenVariable && value === token)
}

function cannotTell(reason: string): ConnectorError {
  const text = `whether the pipeline exists cannot be told: ${reason}`
  return new ConnectorError('platform_bad_answer', text, { retryable: true })
}
