// Parameters of Jenkins jobs against those of a template or a launch. Jenkins drops values of parameters that a job does
// not declare, without a word; that is refused here. Pure.
import type { DeclaredParameter, JobDescription, TemplateProblem } from '../driver.ts'
import type { Definition, Job } from './wire.ts'

/** Types of parameters that a ticket can fill, and what they are in a template. */
const types: Readonly<Record<string, DeclaredParameter['type']>> = {
  StringParameterDefinition: 'string',
  TextParameterDefinition: 'text',
  BooleanParameterDefinition: 'boolean',
  ChoiceParameterDefinition: 'choice',
  PasswordParameterDefinition: 'secret',
}

/** Why others cannot be filled. */
const reasons: Readonly<Record<string, string>> = {
  FileParameterDefinition: 'takes a file',
  RunParameterDefinition: 'names a build of another job',
  CredentialsParameterDefinition: 'names credentials that are stored in Jenkins',
}

/** What a launch gives for one parameter. */
export interface GivenValue {
  name: string
  value: string | number | boolean
  isSecret: boolean
}

/** The parameters that a job declares. */
export function definitionsOf(job: Job): Definition[] {
  return (job.property ?? []).flatMap((property) => property?.parameterDefinitions ?? [])
}

/** What is wrong with the job itself, whatever the parameters: no token could be found again. */
export function tokenProblem(job: Job, tokenParameter: string | null): TemplateProblem | null {
  if (tokenParameter === null) return null
  const own = definitionsOf(job).find(({ name }) => name === tokenParameter)
  const type = own === undefined ? null : types[own.type]
  if (type === 'string' || type === 'text') return null
  return {
    field: 'job',
    reason:
      own === undefined
        ? `the job has no parameter ${tokenParameter}, so a launch could not be found again`
        : `the job's parameter ${tokenParameter} is no String Parameter`,
    hint: `Add a String Parameter ${tokenParameter} (empty default) to the job, or set token_parameter: false`,
  }
}

/** What is wrong with a template's parameters. */
export function declaredProblems(
  job: Job,
  parameters: readonly DeclaredParameter[],
  tokenParameter: string | null,
): TemplateProblem[] {
  const definitions = definitionsOf(job)
  return parameters.flatMap(({ name, type }) => {
    const definition = definitions.find((one) => one.name === name)
    const problem =
      nameProblem(name, { definition, tokenParameter }) ?? typeProblem(definition, type)
    return problem === null ? [] : [{ field: `parameters.${name}`, ...problem }]
  })
}

/** What is wrong with the values of a launch; never shows one. */
export function valueProblems(
  job: Job,
  values: readonly GivenValue[],
  tokenParameter: string | null,
): TemplateProblem[] {
  const definitions = definitionsOf(job)
  return values.flatMap((given) => {
    const { name } = given
    const definition = definitions.find((one) => one.name === name)
    const problem =
      nameProblem(name, { definition, tokenParameter }) ?? valueProblem(definition, given)
    return problem === null ? [] : [{ field: `parameters.${name}`, ...problem }]
  })
}

/** What a template could be written from. The token's parameter is ours; that it is missing is said. */
export function describeJob(job: Job, tokenParameter: string | null): JobDescription {
  const name = job.fullName ?? ''
  return {
    job: name,
    title: name.split('/').at(-1) ?? name,
    description: [job.description ?? '', tokenProblem(job, tokenParameter)?.hint ?? '']
      .filter((part) => part !== '')
      .join(' '),
    parameters: definitionsOf(job).flatMap((definition) => {
      const type = types[definition.type]
      if (type === undefined || definition.name === tokenParameter) return []
      return [
        {
          name: definition.name,
          type,
          // Jenkins gives every parameter a value.
          required: false,
          label: definition.name,
          default: type === 'secret' ? null : (definition.defaultParameterValue?.value ?? null),
          choices: type === 'choice' ? (definition.choices ?? []) : [],
        },
      ]
    }),
  }
}

type Problem = Omit<TemplateProblem, 'field'>

function nameProblem(
  name: string,
  context: { definition: Definition | undefined; tokenParameter: string | null },
): Problem | null {
  const { definition, tokenParameter } = context
  if (name === tokenParameter) {
    return { reason: `${name} carries our own token`, hint: 'Give the parameter another name' }
  }
  if (definition === undefined) {
    return {
      reason: `the job declares no parameter ${name}, so Jenkins would drop its value`,
      hint: `Add a parameter ${name} to the job (This project is parameterized), or remove it from the template`,
    }
  }
  if (types[definition.type] !== undefined) return null
  const what = reasons[definition.type] ?? `is of the type ${definition.type}`
  return {
    reason: `the job's parameter ${name} ${what}`,
    hint: 'Only String, Text, Boolean, Choice and Password Parameters can be filled from a ticket',
  }
}

function typeProblem(
  definition: Definition | undefined,
  type: DeclaredParameter['type'],
): Problem | null {
  const own = types[definition?.type ?? '']
  if (type === 'secret' && own !== 'secret') return shownSecret(definition)
  if (own !== 'boolean' || type === 'boolean') return null
  return {
    reason: `the job's parameter ${definition?.name} is a Boolean Parameter: Jenkins takes anything but true as false`,
    hint: 'Give it the type boolean in the template',
  }
}

function valueProblem(
  definition: Definition | undefined,
  { value, isSecret }: GivenValue,
): Problem | null {
  const own = types[definition?.type ?? '']
  if (isSecret && own !== 'secret') return shownSecret(definition)
  if (own === 'boolean' && !['true', 'false'].includes(String(value))) {
    return {
      reason: `the value of ${definition?.name} is neither true nor false`,
      hint: 'Give it the type boolean in the template',
    }
  }
  if (own !== 'choice' || (definition?.choices ?? []).includes(String(value))) return null
  return {
    reason: `the value of ${definition?.name} is none of the job's choices`,
    hint: 'Bring the choices of the template and of the job into line',
  }
}

function shownSecret(definition: Definition | undefined): Problem {
  return {
    reason: `the job's parameter ${definition?.name} is no Password Parameter, so Jenkins would show the secret on the build's page`,
    hint: 'Make it a Password Parameter in the job',
  }
}
