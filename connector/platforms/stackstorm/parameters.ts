// Parameters of StackStorm actions against those of a template or a launch. Pure.
import type { DeclaredParameter, JobDescription, TemplateProblem } from '../driver.ts'
import type { Action, Parameter } from './wire.ts'

type Declared = Readonly<Record<string, Parameter>>

/** Types that a ticket can fill. */
const types: Readonly<Record<string, DeclaredParameter['type']>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
}

/** Types of a template whose values StackStorm takes for a type of its own. */
const fillers: Readonly<Record<string, readonly DeclaredParameter['type'][]>> = {
  string: ['string', 'text', 'choice', 'secret'],
  integer: ['integer'],
  number: ['integer', 'number'],
  boolean: ['boolean'],
}

/** What is wrong with a template's parameters. */
export function declaredProblems(
  action: Declared,
  parameters: readonly DeclaredParameter[],
): TemplateProblem[] {
  const named = parameters.flatMap(({ name, type }) => {
    const parameter = action[name]
    const problems = problemsOf(name, { parameter, isSecret: type === 'secret' })
    if (problems.length > 0 || parameter === undefined) return problems
    const own = parameter.type ?? 'string'
    if ((fillers[own] ?? []).includes(type)) return []
    const reason = `the action's parameter ${name} is of the type ${own}, not ${type}`
    return [problem(name, { reason, hint: 'Give it that type in the template' })]
  })
  const given = new Set(parameters.map(({ name }) => name))
  return [...named, ...missing(action, given)]
}

/** What is wrong with the values of a launch; never shows one. */
export function valueProblems(
  action: Declared,
  values: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): TemplateProblem[] {
  const named = Object.entries(values).flatMap(([name, value]) => {
    const parameter = action[name]
    const problems = problemsOf(name, { parameter, isSecret: secrets.includes(name) })
    if (problems.length > 0 || parameter === undefined || fits(parameter, value)) return problems
    const reason = `the value of ${name} does not fit the action's parameter (${formOf(parameter)})`
    return [problem(name, { reason, hint: 'Give it that type in the template' })]
  })
  return [...named, ...missing(action, new Set(Object.keys(values)))]
}

/**
 * A value as StackStorm takes it literally: it would run text with {{ or {% as a Jinja template, so such text is sent
 * as a template that is nothing but a string.
 */
export function literal(value: string | number | boolean): string | number | boolean {
  const isTemplate = typeof value === 'string' && (value.includes('{{') || value.includes('{%'))
  return isTemplate ? `{{ ${JSON.stringify(value)} }}` : value
}

/** What a template could be written from; parameters that a ticket cannot fill are left out. */
export function describeAction({ ref, description, parameters }: Action): JobDescription {
  return {
    job: ref,
    title: ref.split('.').slice(1).join('.'),
    description: description ?? '',
    parameters: Object.entries(parameters ?? {}).flatMap(([name, parameter]) => {
      const type = typeOf(parameter)
      if (type === null || parameter.immutable === true) return []
      return [
        {
          name,
          type,
          required: isRequired(parameter),
          label: name,
          default: type === 'secret' ? null : defaultOf(parameter),
          choices: type === 'choice' ? (parameter.enum ?? []).map(String) : [],
        },
      ]
    }),
  }
}

function problemsOf(
  name: string,
  { parameter, isSecret }: { parameter: Parameter | undefined; isSecret: boolean },
): TemplateProblem[] {
  if (parameter === undefined) {
    const reason = `the action has no parameter ${name}`
    return [problem(name, { reason, hint: `Add ${name} to the action's parameters, or remove it` })]
  }
  if (parameter.immutable === true) {
    const reason = `the action's parameter ${name} is immutable`
    return [
      problem(name, { reason, hint: `Set immutable: false in the action, or remove ${name}` }),
    ]
  }
  if (typeOf(parameter) === null) {
    const reason = `the action's parameter ${name} is of the type ${parameter.type}`
    return [problem(name, { reason, hint: 'Let the action take it as text' })]
  }
  if (!isSecret || parameter.secret === true) return []
  const reason = `the action's parameter ${name} is not secret, so StackStorm would show it`
  return [problem(name, { reason, hint: `Set secret: true for ${name} in the action` })]
}

function missing(action: Declared, given: ReadonlySet<string>): TemplateProblem[] {
  return Object.entries(action)
    .filter(([name, parameter]) => isRequired(parameter) && !given.has(name))
    .map(([name]) =>
      problem(name, { reason: `the action requires ${name}`, hint: `Add ${name} to the template` }),
    )
}

function problem(name: string, text: { reason: string; hint: string }): TemplateProblem {
  return { field: `parameters.${name}`, ...text }
}

function isRequired({ required, default: usual, immutable }: Parameter): boolean {
  return required === true && (usual === undefined || usual === null) && immutable !== true
}

/** Null = a ticket cannot fill it. */
function typeOf(parameter: Parameter): DeclaredParameter['type'] | null {
  const type = types[parameter.type ?? 'string'] ?? null
  if (type === null) return null
  if (parameter.secret === true) return 'secret'
  return (parameter.enum ?? []).length > 0 ? 'choice' : type
}

function fits({ type, enum: choices }: Parameter, value: unknown): boolean {
  if (choices != null && choices.length > 0 && !choices.includes(value)) return false
  switch (type ?? 'string') {
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    default:
      return typeof value === (type ?? 'string')
  }
}

function formOf({ type, enum: choices }: Parameter): string {
  return choices != null && choices.length > 0 ? 'one of its choices' : (type ?? 'string')
}

function defaultOf({ default: usual }: Parameter): string | number | boolean | null {
  const isPlain =
    typeof usual === 'string' || typeof usual === 'number' || typeof usual === 'boolean'
  return isPlain ? usual : null
}
