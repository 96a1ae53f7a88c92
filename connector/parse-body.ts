// A signed body becomes a value of the contract, or a refusal that names the places that are wrong.
import type { z } from 'zod'

import type { Problem } from '#shared/problem.ts'
import { isCarriable } from '#shared/text.ts'
import { maxEventDepth } from '#shared/ticket-event.ts'

import { Refusal } from './refusal.ts'

type Place = NonNullable<Problem['errors']>[number]

/** Most places named in one answer; more would only hide the first. */
const maxPlaces = 20

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What cannot be carried shows as one of these escapes, or as a character outside ASCII. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])|[^\0-\x7f]/

/** The body as text and as a value of the schema. */
export interface ParsedBody<T> {
  text: string
  value: T
}

/**
 * Parses a body whose signature holds. Throws Refusal `body_invalid_json`, `body_too_deep`,
 * `text_not_carriable` or `event_invalid` with JSON pointers (RFC 6901).
 */
export function parseBody<T>(schema: z.ZodType<T>, body: Uint8Array): ParsedBody<T> {
  const { text, json } = parseJson(body)
  const finding = walk(json, { depth: 0, pointer: '', checkText: suspicious.test(text) })
  if (finding !== null) throw finding
  const parsed = schema.safeParse(json)
  if (parsed.success) return { text, value: parsed.data }
  const errors = parsed.error.issues.flatMap(placesOf).slice(0, maxPlaces)
  const first = errors[0]
  const detail = first === undefined ? 'wrong body' : `${first.pointer || '/'}: ${first.message}`
  throw new Refusal('event_invalid', detail, { errors })
}

function parseJson(body: Uint8Array): { text: string; json: unknown } {
  try {
    const text = decoder.decode(body)
    const json: unknown = JSON.parse(text)
    return { text, json }
  } catch (error) {
    throw new Refusal('body_invalid_json', 'the body is not JSON in UTF-8', { cause: error })
  }
}

/** Looks through every value for nesting and, where the text gives cause, for text nobody can carry. */
function walk(
  value: unknown,
  at: { depth: number; pointer: string; checkText: boolean },
): Refusal | null {
  if (typeof value === 'string') return at.checkText ? checkText(value, at.pointer) : null
  if (typeof value !== 'object' || value === null) return null
  const depth = at.depth + 1
  if (depth > maxEventDepth) {
    return new Refusal('body_too_deep', `nested deeper than ${maxEventDepth} levels`)
  }
  for (const [key, entry] of Object.entries(value)) {
    // Pointers cost something, and are only read where text is checked.
    const pointer = at.checkText ? `${at.pointer}/${escapePointer(key)}` : ''
    const finding =
      (at.checkText ? checkText(key, pointer) : null) ??
      walk(entry, { depth, pointer, checkText: at.checkText })
    if (finding !== null) return finding
  }
  return null
}

function checkText(text: string, pointer: string): Refusal | null {
  if (isCarriable(text)) return null
  const message = 'holds NUL or a lone surrogate; replace it before sending'
  return new Refusal('text_not_carriable', `${pointer}: ${message}`, {
    errors: [{ pointer: pointer.toWellFormed(), message }],
  })
}

function placesOf(issue: z.core.$ZodIssue): Place[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer: pointerOf(issue.path), message: issue.message }]
  }
  return issue.keys.map((key) => ({
    pointer: pointerOf([...issue.path, key]),
    message: 'is not part of the contract',
  }))
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${escapePointer(String(part))}`).join('')
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}
