// One parameter value: from whatever came in to the parameter's type, and the limits it must keep.
// Messages are sentences for the person at the form and never repeat the value, which may be a secret.
import type { ParameterValue } from '#shared/job-steps.ts'
import type { Parameter } from '#shared/job-template.ts'
import { isCarriable } from '#shared/text.ts'

import { maxPatternValueLength, tryPattern } from './patterns.ts'

/** A value in the parameter's type, or what is wrong with what came in. */
export type TypedValue = { ok: true; value: ParameterValue } | { ok: false; message: string }

/**
 * Turns a raw value into the parameter's type. `null`, `undefined` and empty text all mean "no value"
 * (null): an empty ServiceNow field and an empty form field cannot be told from none. Numbers and
 * booleans may arrive as the text a form or a ServiceNow field holds.
 */
export function toType(parameter: Parameter, raw: unknown): TypedValue {
  if (raw === null || raw === undefined || raw === '') return { ok: true, value: null }
  switch (parameter.type) {
    case 'string':
    case 'text':
    case 'secret':
      return toText(parameter, raw)
    case 'integer':
      return toInteger(parameter, raw)
    case 'number':
      return toNumber(parameter, raw)
    case 'boolean':
      return toBoolean(parameter, raw)
    case 'choice':
      return toChoice(parameter, raw)
  }
}

/** What is wrong with a typed value according to the parameter's limits, or null. `null` keeps all but `required`. */
export function limitProblem(parameter: Parameter, value: ParameterValue): string | null {
  if (value === null) {
    return parameter.required ? `"${parameter.label}" is required; enter a value.` : null
  }
  if (typeof value === 'number') return rangeProblem(parameter, value)
  return typeof value === 'string' ? textProblem(parameter, value) : null
}

function toText(parameter: Parameter, raw: unknown): TypedValue {
  if (typeof raw === 'number' || typeof raw === 'boolean') return { ok: true, value: String(raw) }
  if (typeof raw !== 'string') return wrong(parameter, 'must be text')
  if (isCarriable(raw)) return { ok: true, value: raw }
  return wrong(
    parameter,
    'holds a character that cannot be stored (NUL or half a symbol); remove it',
  )
}

function toInteger(parameter: Parameter, raw: unknown): TypedValue {
  const text = typeof raw === 'string' ? raw.trim() : ''
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : raw
  if (typeof value === 'number' && Number.isSafeInteger(value))
    return { ok: true, value: value + 0 }
  return wrong(parameter, 'must be a whole number; enter digits only, e.g. 5')
}

function toNumber(parameter: Parameter, raw: unknown): TypedValue {
  const text = typeof raw === 'string' ? raw.trim() : ''
  const value = /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : raw
  if (typeof value === 'number' && Number.isFinite(value)) return { ok: true, value: value + 0 }
  return wrong(parameter, 'must be a number; enter it with a decimal point, e.g. 2.5')
}

/**
 * A ServiceNow true/false field holds `true`/`false` or `1`/`0`, depending on where it is read; a Yes / No question of
 * the catalog holds `Yes`/`No`.
 */
const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['yes', true],
  ['1', true],
  [1, true],
  [false, false],
  ['false', false],
  ['no', false],
  ['0', false],
  [0, false],
])

function toBoolean(parameter: Parameter, raw: unknown): TypedValue {
  const value = booleans.get(typeof raw === 'string' ? raw.trim().toLowerCase() : raw)
  return value === undefined ? wrong(parameter, 'must be true or false') : { ok: true, value }
}

function toChoice(parameter: Parameter, raw: unknown): TypedValue {
  const choices = parameter.choices ?? []
  const text = typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : raw
  const choice = choices.find(({ value }) => value === text)
  if (choice !== undefined) return { ok: true, value: choice.value }
  const values = choices.map(({ value }) => `"${value}"`).join(', ')
  return wrong(parameter, `must be one of ${values}; choose one`)
}

function rangeProblem({ label, min, max }: Parameter, value: number): string | null {
  if (min !== undefined && value < min) {
    return `"${label}" must be at least ${min}; enter a larger number.`
  }
  if (max !== undefined && value > max) {
    return `"${label}" must be at most ${max}; enter a smaller number.`
  }
  return null
}

function textProblem(parameter: Parameter, value: string): string | null {
  const { label, min_length: least, max_length: most, pattern } = parameter
  const length = lengthOf(value)
  if (least !== undefined && length < least) {
    return `"${label}" must have at least ${least} characters, not ${length}; enter more.`
  }
  if (most !== undefined && length > most) {
    return `"${label}" must have at most ${most} characters, not ${length}; shorten it.`
  }
  return pattern === undefined ? null : patternMismatch(parameter, { pattern, value })
}

function patternMismatch(
  { label, help }: Parameter,
  { pattern, value }: { pattern: string; value: string },
): string | null {
  switch (tryPattern(pattern, value)) {
    case 'fits':
      return null
    case 'differs':
      // Help is for people, a regular expression is not.
      return help === undefined
        ? `"${label}" must look like ${pattern}; correct it.`
        : `"${label}" does not have the right form: ${help}`.replace(/\.?$/, '.')
    case 'too_long':
      return `"${label}" is longer than ${maxPatternValueLength} characters, too long to be checked against its pattern; shorten it.`
    case 'too_slow':
      return `"${label}" could not be checked against its pattern in time; ask a platform admin to simplify the pattern of the template.`
  }
}

/** Characters as a person counts them: code points, as JSON Schema does, not UTF-16 units. */
function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length += 1
  return length
}

function wrong({ label }: Parameter, rule: string): TypedValue {
  return { ok: false, message: `"${label}" ${rule}.` }
}
