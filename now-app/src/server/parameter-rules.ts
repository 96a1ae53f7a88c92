// Checks parameter values against their template: the same rules on the page and behind its route. Pure
// and without platform calls, so that both can use it; the connector has the last word.
import type { Parameter } from '../../../shared/job-template.ts'

/** One wrong value: which field, and what to do about it. */
export interface ParameterError {
  name: string
  message: string
}

/** Every wrong, missing or unknown value. Empty = all is well. */
export function checkParameters(
  parameters: readonly Parameter[],
  values: Record<string, unknown>,
): ParameterError[] {
  const errors: ParameterError[] = []
  for (const parameter of parameters) {
    const message = checkValue(parameter, values[parameter.name])
    if (message) errors.push({ name: parameter.name, message: `${parameter.label} ${message}` })
  }
  for (const name of Object.keys(values)) {
    const known = parameters.some((parameter) => parameter.name === name)
    if (!known) errors.push({ name, message: `${name} is no parameter of this automation.` })
  }
  return errors
}

/** What is wrong with one value, or null. */
function checkValue(parameter: Parameter, value: unknown): string | null {
  if (value === undefined || value === null || value === '') {
    return parameter.required ? 'is required.' : null
  }
  if (parameter.type === 'boolean') {
    return typeof value === 'boolean' ? null : 'must be yes or no.'
  }
  if (parameter.type === 'integer' || parameter.type === 'number') {
    return checkNumber(parameter, value)
  }
  if (typeof value !== 'string') return 'must be text.'
  if (parameter.type === 'choice') {
    const known = parameter.choices?.some((choice) => choice.value === value) ?? false
    return known ? null : 'must be one of the choices.'
  }
  return checkText(parameter, value)
}

function checkNumber(parameter: Parameter, value: unknown): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number.'
  if (parameter.type === 'integer' && !Number.isInteger(value)) return 'must be a whole number.'
  if (parameter.min !== undefined && value < parameter.min) {
    return `must be ${parameter.min} or more.`
  }
  if (parameter.max !== undefined && value > parameter.max) {
    return `must be ${parameter.max} or less.`
  }
  return null
}

function checkText(parameter: Parameter, value: string): string | null {
  // Characters, not UTF-16 units: an emoji counts once.
  const length = Array.from(value).length
  if (parameter.min_length !== undefined && length < parameter.min_length) {
    return `must have ${parameter.min_length} characters or more.`
  }
  if (parameter.max_length !== undefined && length > parameter.max_length) {
    return `must have ${parameter.max_length} characters or fewer.`
  }
  if (parameter.pattern !== undefined && !matches(parameter.pattern, value)) {
    return `must have the form ${parameter.pattern}`
  }
  return null
}

/** An expression this engine cannot read is left to the connector. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(value)
  } catch {
    // Template authors write ECMAScript expressions; older engines lack some of it.
    return true
  }
}
