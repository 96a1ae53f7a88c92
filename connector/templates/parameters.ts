// Parameters of a run: where their first values come from, whether confirmed values may be used, and how
// secret ones stay hidden.
import type { ParameterValue } from '#shared/job-steps.ts'
import type { JobTemplate, Parameter } from '#shared/job-template.ts'
import type { PrefilledParameter } from '#shared/preview.ts'
import { isCarriable } from '#shared/text.ts'
import type { People, Person, Ticket, TicketField } from '#shared/ticket-event.ts'

import { evaluateExpression } from './expressions.ts'
import { limitProblem, toType } from './values.ts'

/** Shown where a secret would stand; always the same length, so that it says nothing about the secret. */
export const secretMask = '••••••'

/** A shorter secret would hide half of any text; nothing that short is worth being called one. */
const minSecretLength = 4

/** Lines of a secret (a private key has many) that are hidden on their own from this length on. */
const minSecretLineLength = 8

/**
 * Longest text a template's note may add to the work note, in UTF-16 units: a description of 500 KB goes in
 * whole, and maxWorkNote leaves room for what the connector itself says.
 */
const maxNoteLength = 550_000

/** What a parameter's `from` sees. `fields` are stored values, `display` what a person reads. */
export interface TemplateFacts {
  ticket: { table: string; sys_id: string; number: string }
  fields: Record<string, string>
  display: Record<string, string>
  variables: Record<string, string>
  actor: Person
  people: People
}

/** What an outcome's `note` sees; secrets in it are masked by the caller. */
export interface NoteFacts {
  run: Record<string, unknown>
  job: Record<string, unknown>
  parameters: Record<string, ParameterValue>
  output: string
}

/** Values by parameter name. */
export type Values = Record<string, ParameterValue>

/** One thing that is wrong with the values; the message names the label and says what to do. */
export interface ParameterProblem {
  parameter: string
  message: string
}

/** Values in their types, one for each parameter of the template, or everything that is wrong. */
export type CheckedValues =
  | { ok: true; values: Values }
  | { ok: false; problems: ParameterProblem[] }

/** The facts of an event or a preview, in the shape a `from` reads them. */
export function factsOf(source: { ticket: Ticket; actor: Person; people: People }): TemplateFacts {
  const { ticket, actor, people } = source
  const { table, sys_id, number } = ticket
  return {
    ticket: { table, sys_id, number },
    fields: mapFields(ticket.fields, ({ value }) => value),
    display: mapFields(ticket.fields, ({ value, display }) => display ?? value),
    variables: mapFields(ticket.variables ?? {}, ({ value }) => value),
    actor,
    people,
  }
}

/**
 * The form of a template: every parameter with the value it starts with. `from` first, then `default`
 * where the ticket says nothing. A `from` that fails, or gives what does not fit the type, leaves the
 * value empty with a note that says why, and does not fall back on the default: a job must not run on
 * /var/log because the ticket named a path that could not be read. A value that breaks a limit stays,
 * so that a person can correct it. Never rejects.
 */
export async function prefill(
  template: JobTemplate,
  facts: TemplateFacts,
): Promise<PrefilledParameter[]> {
  const parameters: PrefilledParameter[] = []
  for (const parameter of template.parameters) {
    parameters.push({ ...parameter, ...(await firstValue(parameter, facts)) })
  }
  return parameters
}

/**
 * Checks the values a person confirmed. A missing name gets the value its form started with (its
 * default when the caller has none); what cannot be edited must equal that value, so `prefilled` may
 * leave out only what can be edited.
 */
export function checkValues(
  template: JobTemplate,
  values: Readonly<Values>,
  prefilled: readonly PrefilledParameter[],
): CheckedValues {
  const known = new Set(template.parameters.map(({ name }) => name))
  const problems: ParameterProblem[] = Object.keys(values)
    .filter((name) => !known.has(name))
    .map((name) => ({
      parameter: name,
      message: `The template has no parameter "${name}"; open the form again.`,
    }))
  const checked: [string, ParameterValue][] = []
  for (const parameter of template.parameters) {
    const start = prefilled.find(({ name }) => name === parameter.name)
    const result = checkOne(parameter, values, start)
    if (result.ok) checked.push([parameter.name, result.value])
    else problems.push({ parameter: parameter.name, message: result.message })
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, values: Object.fromEntries(checked) }
}

/**
 * Checks the prefilled values of a run that no person confirms. Any note is a problem then, because
 * nobody was there to read it.
 */
export function checkPrefilled(
  template: JobTemplate,
  prefilled: readonly PrefilledParameter[],
): CheckedValues {
  const noted = prefilled.flatMap(({ name, note }) =>
    note === undefined ? [] : [{ parameter: name, message: note }],
  )
  if (noted.length > 0) return { ok: false, problems: noted }
  const values = Object.fromEntries(prefilled.map(({ name, value }) => [name, value]))
  return checkValues(template, values, prefilled)
}

/** The values with every secret replaced by a mask; an empty secret stays empty. */
export function maskSecrets(template: JobTemplate, values: Readonly<Values>): Values {
  const secret = new Set(
    template.parameters.filter(({ type }) => type === 'secret').map(({ name }) => name),
  )
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const hidden = secret.has(name) && value !== null && value !== ''
      return [name, hidden ? secretMask : value]
    }),
  )
}

/**
 * The text with every secret of at least four characters replaced by a mask, also where it stands as
 * JSON or in a URL, line by line for secrets of several lines, and where secrets overlap. A secret cut
 * in two by the end of the text is not found: redact before cutting.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.flatMap(formsOf))
  const ranges = [...forms].flatMap((form) => occurrences(text, form)).toSorted(byStart)
  let result = ''
  let end = 0
  for (const range of ranges) {
    if (range.end <= end) continue
    // Overlapping or touching secrets share one mask.
    if (range.start > end || result === '') result += text.slice(end, range.start) + secretMask
    end = range.end
  }
  return result + text.slice(end)
}

/**
 * The note of an outcome as plain text, or null when the expression gives nothing. Never rejects: a
 * failure is told in place of the note, so that the ticket shows it.
 */
export async function renderNote(
  template: JobTemplate,
  expression: string,
  facts: NoteFacts,
): Promise<string | null> {
  const result = await evaluateExpression(expression, facts)
  if (!result.ok) {
    return `(The note of the template "${template.name}" could not be made: ${result.reason}.)`
  }
  const { value } = result
  if (value === undefined || value === null || value === '') return null
  const text = (typeof value === 'string' ? value : describe(value))
    .toWellFormed()
    .replaceAll('\0', '\uFFFD')
  if (text.length <= maxNoteLength) return text
  const kept = text.slice(0, maxNoteLength).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}\n… ${text.length - kept.length} characters left out here.`
}

function mapFields(
  fields: Readonly<Record<string, TicketField>>,
  read: (field: TicketField) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, read(field)]))
}

async function firstValue(
  parameter: Parameter,
  facts: TemplateFacts,
): Promise<{ value: ParameterValue; note?: string }> {
  const { from } = parameter
  if (from === undefined) return { value: defaultOf(parameter) }
  const result = await evaluateExpression(from, facts)
  const failed = `"${parameter.label}" could not be taken from the ticket`
  if (!result.ok) return { value: null, note: `${failed}: ${result.reason}.` }
  const typed = toType(parameter, result.value)
  if (!typed.ok) return { value: null, note: `${failed}. ${typed.message}` }
  if (typed.value === null) return { value: defaultOf(parameter) }
  const problem = limitProblem(parameter, typed.value)
  return problem === null ? { value: typed.value } : { value: typed.value, note: problem }
}

/** The default in the parameter's type; the loader has made sure that it fits. */
function defaultOf(parameter: Parameter): ParameterValue {
  const typed = toType(parameter, parameter.default)
  return typed.ok ? typed.value : null
}

function checkOne(
  parameter: Parameter,
  values: Readonly<Values>,
  start: PrefilledParameter | undefined,
): { ok: true; value: ParameterValue } | { ok: false; message: string } {
  const { name, label, editable } = parameter
  const given = Object.hasOwn(values, name) ? values[name] : undefined
  // What cannot be edited cannot be corrected either.
  if (!editable && start?.note !== undefined) return { ok: false, message: start.note }
  const fallback = start === undefined && editable ? defaultOf(parameter) : start?.value
  const typed = toType(parameter, given === undefined ? fallback : given)
  if (!typed.ok) return typed
  if (!editable && typed.value !== (start?.value ?? null)) {
    const message = `"${label}" cannot be changed, but it differs from what the ticket gives now; open the form again.`
    return { ok: false, message }
  }
  const problem = limitProblem(parameter, typed.value)
  return problem === null ? typed : { ok: false, message: problem }
}

/** The ways in which a secret may stand in a text. */
function formsOf(secret: string): string[] {
  if (secret.length < minSecretLength) return []
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= minSecretLineLength)
  const forms = [secret, ...lines]
  return forms.flatMap((form) => [form, JSON.stringify(form).slice(1, -1), urlForm(form)])
}

function urlForm(text: string): string {
  return isCarriable(text) ? encodeURIComponent(text) : text
}

interface Range {
  start: number
  end: number
}

/** Every occurrence, also those that overlap each other. */
function occurrences(text: string, form: string): Range[] {
  const ranges: Range[] = []
  let start = text.indexOf(form)
  while (start !== -1) {
    ranges.push({ start, end: start + form.length })
    start = text.indexOf(form, start + 1)
  }
  return ranges
}

function byStart(a: Range, b: Range): number {
  return a.start - b.start || b.end - a.end
}

/** A value that is not text, as JSON. */
function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // A function inside a list or object refers to its own environment, which JSON cannot hold.
    return '(the expression gives a value that is not JSON)'
  }
}
