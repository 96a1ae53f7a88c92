// Which parameters and targets would get lost on their way to a job: found before a template is published, and again
// before a launch.
import { ConnectorError } from '../../errors.ts'
import { expressionReads } from '../../templates/expressions.ts'
import type { DeclaredParameter, LaunchRequest, TemplateProblem } from '../driver.ts'
import { requestExpressions } from './options.ts'
import type { HttpSettings } from './options.ts'

/** What the launch as it is described hands on. */
export interface Carried {
  /** Names of parameters; null = all of them. */
  names: ReadonlySet<string> | null
  targets: boolean
}

/** Reads the expressions of the launch. */
export function carriedBy(launch: HttpSettings['launch']): Carried {
  const reads = requestExpressions('launch', launch, []).flatMap(({ expression }) =>
    expressionReads(expression),
  )
  const ofParameters = reads.filter(({ root }) => root === null || root === 'parameters')
  const isAll = ofParameters.some(({ name }) => name === null)
  return {
    names: isAll ? null : new Set(ofParameters.flatMap(({ name }) => name ?? [])),
    targets: reads.some(({ root }) => root === null || root === 'targets'),
  }
}

/** What is wrong with a template's job and parameters, as far as the options tell. */
export function templateProblems(
  settings: HttpSettings,
  carried: Carried,
  template: { job: string; parameters: readonly DeclaredParameter[] },
): TemplateProblem[] {
  const { job, parameters } = template
  const known = settings.jobs?.[job]
  if (settings.jobs !== undefined && known === undefined) return [noSuchJob(job)]
  const dropped = parameters.flatMap(({ name }) => droppedProblem(name, { job, known, carried }))
  const missing = (known?.parameters ?? [])
    .filter(({ name, required, default: value }) => {
      const given = parameters.find((parameter) => parameter.name === name)
      return required && value === undefined && given === undefined
    })
    .map(({ name }) => ({
      field: `parameters.${name}`,
      reason: `the job ${job} needs the parameter ${name}`,
      hint: `Add it to the template, or change jobs.${job}.parameters in connector.yaml`,
    }))
  const mistyped = (known?.parameters ?? []).flatMap(({ name, type }) => {
    const given = parameters.find((parameter) => parameter.name === name)
    if (given === undefined || fits(given.type, type)) return []
    return {
      field: `parameters.${name}`,
      reason: `the job ${job} takes ${name} as ${type}, not as ${given.type}`,
      hint: `Change the type, or jobs.${job}.parameters in connector.yaml`,
    }
  })
  return [...dropped, ...missing, ...mistyped]
}

/** Throws platform_job_not_found or parameters_invalid when the launch would drop something. */
export function refuseLosses(
  settings: HttpSettings,
  carried: Carried,
  request: LaunchRequest,
): void {
  const given = Object.entries(request.parameters).map(([name, value]) => ({
    name,
    type: typeOf(value, declaredType(settings, request.job, name)),
    required: false,
  }))
  const [problem] = templateProblems(settings, carried, { job: request.job, parameters: given })
  if (problem !== undefined) {
    const code = problem.field === 'job' ? 'platform_job_not_found' : 'parameters_invalid'
    throw new ConnectorError(code, `${problem.reason}. ${problem.hint}`)
  }
  if (request.targets.length > 0 && !carried.targets) {
    const reason =
      'the launch does not send the targets. Use targets in launch.body in connector.yaml'
    throw new ConnectorError('parameters_invalid', reason)
  }
}

function noSuchJob(job: string): TemplateProblem {
  return {
    field: 'job',
    reason: `there is no job ${job}`,
    hint: 'Use one of jobs in connector.yaml, or add it there',
  }
}

function droppedProblem(
  name: string,
  facts: { job: string; known: Job | undefined; carried: Carried },
): TemplateProblem[] {
  const { job, known, carried } = facts
  const field = `parameters.${name}`
  if (known?.parameters !== undefined && !known.parameters.some((one) => one.name === name)) {
    const reason = `the job ${job} takes no parameter ${name}`
    return [{ field, reason, hint: `Add ${name} to jobs.${job}.parameters in connector.yaml` }]
  }
  if (carried.names === null || carried.names.has(name)) return []
  const reason = `the launch does not send the parameter ${name}`
  return [{ field, reason, hint: `Use ${field} in launch.body in connector.yaml` }]
}

type Job = NonNullable<HttpSettings['jobs']>[string]

function declaredType(
  settings: HttpSettings,
  job: string,
  name: string,
): DeclaredParameter['type'] {
  return settings.jobs?.[job]?.parameters?.find((one) => one.name === name)?.type ?? 'string'
}

/** No value fits every type. */
function typeOf(value: unknown, declared: DeclaredParameter['type']): DeclaredParameter['type'] {
  if (value === null) return declared
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number')
    return Number.isInteger(value) && declared === 'integer' ? declared : 'number'
  return kindOf(declared) === 'text' ? declared : 'string'
}

function fits(given: DeclaredParameter['type'], taken: DeclaredParameter['type']): boolean {
  return kindOf(given) === kindOf(taken) || (given === 'integer' && taken === 'number')
}

/** Types that are the same in JSON. */
function kindOf(type: DeclaredParameter['type']): string {
  if (type === 'boolean' || type === 'integer' || type === 'number') return type
  return 'text'
}
