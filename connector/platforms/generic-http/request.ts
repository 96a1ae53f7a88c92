// Makes requests out of their descriptions. Values come from tickets and may be anything: they fill the places they
// are given and never change the path, the query or the headers around them.
import { ConnectorError } from '../../errors.ts'
import { evaluateExpression } from '../../templates/expressions.ts'
import type { PlatformRequest } from '../http.ts'
import type { Call } from './options.ts'

/** What expressions see. */
export interface Facts {
  [name: string]: unknown
}

/** What can be shown to anybody, and for headers and bodies what must not be shown as well. */
export interface RequestFacts {
  /** For paths and queries, which end up in logs on the way. */
  open: Facts
  all: Facts
}

/** A request without its signal. `name` is the call in messages. Throws parameters_invalid. */
export async function makeRequest(
  name: string,
  call: Call,
  facts: RequestFacts,
): Promise<Omit<PlatformRequest, 'signal'>> {
  const path = await fill(`${name}.path`, call.path, (place, expression) =>
    pathPiece(place, expression, facts.open),
  )
  refuseDots(`${name}.path`, path)
  const query = new URLSearchParams()
  for (const [key, template] of Object.entries(call.query)) {
    query.set(key, await text(`${name}.query.${key}`, template, facts.open))
  }
  const headers: Record<string, string> = {}
  for (const [key, template] of Object.entries(call.headers)) {
    const value = await text(`${name}.headers.${key}`, template, facts.all)
    headers[key] = headerValue(`${name}.headers.${key}`, value)
  }
  const search = query.size === 0 ? '' : `?${query.toString()}`
  return {
    method: call.method,
    path: path + search,
    ...(await bodyOf(name, call, { headers, facts })),
  }
}

async function bodyOf(
  name: string,
  { body, form }: Call,
  { headers, facts }: { headers: Record<string, string>; facts: RequestFacts },
): Promise<{ headers: Record<string, string>; body?: string }> {
  if (body !== undefined) {
    const json = JSON.stringify(await valueOf(`${name}.body`, body, facts.all))
    return { headers: { ...headers, 'content-type': 'application/json' }, body: json }
  }
  if (form === undefined) return { headers }
  const fields = new URLSearchParams()
  for (const [key, template] of Object.entries(form)) {
    fields.set(key, await text(`${name}.form.${key}`, template, facts.all))
  }
  const type = 'application/x-www-form-urlencoded'
  return { headers: { ...headers, 'content-type': type }, body: String(fields) }
}

async function pathPiece(place: string, expression: string, facts: Facts): Promise<string> {
  const piece = plainText(place, await valueOf(place, expression, facts))
  if (piece === '') throw invalid(place, `{${expression}} is empty`)
  return encodeURIComponent(piece)
}

async function text(place: string, template: string, facts: Facts): Promise<string> {
  return await fill(place, template, async (at, expression) =>
    plainText(at, await valueOf(at, expression, facts)),
  )
}

/** Puts the value of each {expression} in its place. */
async function fill(
  place: string,
  template: string,
  valueAt: (place: string, expression: string) => Promise<string>,
): Promise<string> {
  let filled = ''
  // Split with a group: every second part is an expression.
  for (const [index, part] of template.split(/\{([^{}]+)\}/).entries()) {
    filled += index % 2 === 0 ? part : await valueAt(place, part)
  }
  return filled
}

async function valueOf(place: string, expression: string, facts: Facts): Promise<unknown> {
  const result = await evaluateExpression(expression, facts)
  if (!result.ok) throw invalid(place, result.reason)
  if (result.value !== undefined) return result.value
  throw invalid(
    place,
    `{${expression}} gives nothing (secrets are there for headers and body only)`,
  )
}

function plainText(place: string, value: unknown): string {
  // Half of a surrogate pair cannot be sent.
  if (typeof value === 'string' && value.isWellFormed()) return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw invalid(place, 'gives neither text that can be sent nor a number')
}

/** A lone . or .. would be taken for the folder or the one above it. */
function refuseDots(place: string, path: string): void {
  const isDotted = path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
  if (isDotted) throw invalid(place, 'a piece of the path is . or ..')
}

/** Printable ASCII: everything else either ends the header or is read differently by each server. */
function headerValue(place: string, value: string): string {
  if (/^[ -~]*$/.test(value)) return value
  throw invalid(
    place,
    'the value has characters that a header cannot carry; use $encodeUrlComponent',
  )
}

function invalid(place: string, reason: string): ConnectorError {
  return new ConnectorError('parameters_invalid', `${place}: ${reason}`)
}
