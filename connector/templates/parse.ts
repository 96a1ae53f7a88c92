// One file of the template folder: YAML -> job template, or every mistake with its line, column and
// path, so that an admin can go straight to the place.
import { createHash } from 'node:crypto'

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import { z } from 'zod'

import { JobTemplate } from '#shared/job-template.ts'

import { messageOf } from '../errors.ts'
import { templateMistakes } from './semantics.ts'
import type { TemplateMistake } from './semantics.ts'

/** How often an anchor may be used, nested uses multiplied; "billion laughs" needs far more. */
const maxAliasCount = 50

/** Problems reported for one file. */
const maxProblems = 20

/** A place in a file, counted from 1. */
interface Position {
  line: number
  column: number
}

/** A mistake in a file of the template folder. */
export interface TemplateFileProblem extends Position {
  /** File name inside the folder. */
  file: string
  /** Path of the value, e.g. `parameters[0].min`; empty = the file as a whole. */
  path: string
  reason: string
  /** What to do about it. */
  hint: string
}

/** A good file. */
export interface LoadedTemplate {
  file: string
  template: JobTemplate
  /** SHA-256 (hex) of the canonical JSON: the same content has the same digest, however it is written. */
  digest: string
  /** Where a value stands in the file. */
  locate(path: readonly PropertyKey[]): Position
}

/** What a file turned out to be. */
export type ParsedFile =
  | { ok: true; loaded: LoadedTemplate }
  | { ok: false; problems: TemplateFileProblem[] }

const schema = z.toJSONSchema(JobTemplate, { io: 'input' })

/** Parses the text of one file. Never throws for what the text holds. */
export function parseTemplate(file: string, text: string): ParsedFile {
  const lines = new LineCounter()
  const read = readYaml(text, lines)
  if (!read.ok) {
    const problems = read.mistakes.map(({ offset, reason, hint }) => ({
      file,
      ...positionAt(lines, offset),
      path: '',
      reason,
      hint,
    }))
    return { ok: false, problems: capped(problems) }
  }
  const { document } = read
  function locate(path: readonly PropertyKey[]): Position {
    return positionAt(lines, offsetOf(document, path))
  }
  const checked = checkTemplate(read.value)
  if (checked.ok) {
    const { template } = checked
    return { ok: true, loaded: { file, template, digest: digestOf(template), locate } }
  }
  const problems = checked.mistakes.map(({ path, reason, hint }) => ({
    file,
    ...locate(path),
    path: pathText(path),
    reason,
    hint,
  }))
  return { ok: false, problems: capped(problems) }
}

/** The first problems; the rest only as a number, because one open bracket can cause hundreds. */
function capped(problems: readonly TemplateFileProblem[]): TemplateFileProblem[] {
  const next = problems[maxProblems]
  if (next === undefined) return [...problems]
  const reason = `and ${problems.length - maxProblems} more mistakes from here on`
  return [...problems.slice(0, maxProblems), { ...next, reason, hint: 'Correct the first ones.' }]
}

/** SHA-256 (hex) of the template's JSON with the keys of every object sorted. */
export function digestOf(template: JobTemplate): string {
  return createHash('sha256').update(canonicalJson(template)).digest('hex')
}

interface YamlMistake {
  offset: number
  reason: string
  hint: string
}

type ReadYaml =
  | { ok: true; document: Document.Parsed; value: unknown }
  | { ok: false; mistakes: YamlMistake[] }

function readYaml(text: string, lineCounter: LineCounter): ReadYaml {
  try {
    const document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      strict: true,
      stringKeys: true,
      // Plain YAML 1.2: no merge keys, no binary or date tags, nothing that is not JSON.
      version: '1.2',
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
    })
    const errors: YAMLError[] = [...document.errors, ...document.warnings]
    if (errors.length > 0) return { ok: false, mistakes: errors.map(yamlMistake) }
    if (document.contents === null) {
      const hint = 'Write a job template into it, or remove the file.'
      return { ok: false, mistakes: [{ offset: 0, reason: 'the file is empty', hint }] }
    }
    return { ok: true, document, value: document.toJS({ maxAliasCount }) }
  } catch (error) {
    // Aliases that multiply, or nesting deeper than the stack.
    const hint = 'Simplify the file: write the values out instead of nesting or aliasing them.'
    const reason = `cannot be read: ${messageOf(error)}`
    return { ok: false, mistakes: [{ offset: 0, reason, hint }] }
  }
}

function yamlMistake({ code, message, pos: [offset] }: YAMLError): YamlMistake {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return {
        offset,
        reason: 'a second document begins here',
        hint: 'One template per file: move it into a file of its own.',
      }
    case 'TAG_RESOLVE_FAILED':
      return {
        offset,
        reason: message,
        hint: 'Remove the tag: a template holds plain values only.',
      }
    case 'DUPLICATE_KEY':
      return { offset, reason: 'the same key twice', hint: 'Remove one of the two.' }
    case 'TAB_AS_INDENT':
      return { offset, reason: message, hint: 'Indent with spaces.' }
    default:
      return {
        offset,
        reason: message,
        hint: 'Correct the YAML here (quotes, colons, indentation).',
      }
  }
}

/** The template a value stands for, defaults filled in, or every mistake with its path. */
export function checkTemplate(
  value: unknown,
): { ok: true; template: JobTemplate } | { ok: false; mistakes: TemplateMistake[] } {
  const parsed = JobTemplate.safeParse(value)
  if (!parsed.success) {
    return {
      ok: false,
      mistakes: parsed.error.issues.flatMap((issue) => schemaMistakes(issue, value)),
    }
  }
  const mistakes = templateMistakes(parsed.data)
  return mistakes.length === 0 ? { ok: true, template: parsed.data } : { ok: false, mistakes }
}

function schemaMistakes(issue: z.core.$ZodIssue, value: unknown): TemplateMistake[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    const hint = `Known here: ${Object.keys(schemaAt(path)?.properties ?? {}).join(', ')}.`
    return issue.keys.map((key) => ({ path: [...path, key], reason: `unknown key "${key}"`, hint }))
  }
  const description = schemaAt(path)?.description
  const meaning = description === undefined ? '' : ` (${description})`
  if (path.length > 0 && valueAt(value, path) === undefined) {
    const name = String(path.at(-1))
    return [{ path, reason: `${name} is missing`, hint: `Add ${name}${meaning}.` }]
  }
  const reason = issue.code === 'invalid_value' ? oneOf(issue.values) : issue.message
  return [{ path, reason, hint: `Correct the value${meaning}.` }]
}

function oneOf(values: readonly unknown[]): string {
  return `must be one of ${values.map(String).join(', ')}`
}

function schemaAt(path: readonly PropertyKey[]): z.core.JSONSchema.BaseSchema | undefined {
  let node: z.core.JSONSchema._JSONSchema | undefined = schema
  for (const key of path) {
    if (typeof node !== 'object') return undefined
    node =
      typeof key === 'number' && !Array.isArray(node.items)
        ? node.items
        : node.properties?.[String(key)]
  }
  return typeof node === 'object' ? node : undefined
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let part = value
  for (const key of path) {
    if (typeof part !== 'object' || part === null) return undefined
    part = Object.entries(part).find(([name]) => name === String(key))?.[1]
  }
  return part
}

/** Offset of the deepest part of the path that exists: of its key, or of the item of a list. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === String(key))
      if (pair === undefined) break
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = startOf(node) ?? offset
    } else break
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0]
  return undefined
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  // An empty text has no lines at all.
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (/^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}
