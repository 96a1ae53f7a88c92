// ServiceNow encoded queries with list semantics, in strict mode: what the instance would silently drop (unknown
// field, unknown operator, empty query) is refused here with a reason, so that a rule fails closed.
// Cases: test/vectors/encoded-query-cases.json.
import { compileTerm } from './condition.ts'
import type { Condition, FieldTypes } from './condition.ts'
import { createFacts, missingNeed, textOf } from './facts.ts'
import type { Facts, MatchContext, Need, RecordValues } from './facts.ts'
import { kindOf } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import { clauseInWords, fieldInWords, termInWords } from './in-words.ts'
import { fieldsOf, parseQuery, quote } from './parse-query.ts'
import type { Refusal, Term } from './parse-query.ts'

/** What a field must hold for a group to have a chance: one of the values, or a text with one of the parts. */
export interface Anchor {
  readonly field: string
  readonly kind: FieldKind
  readonly by: 'value' | 'text'
  /** Values as equalityKey makes them, or lower-case parts of the shown text. */
  readonly keys: readonly string[]
}

/** A query that can be tried. */
export interface CompiledQuery {
  readonly ok: true
  /**
   * Tries one record. `UNSUPPORTED` = the context lacks something that the query asks for (`needs`); compare
   * with `=== true`, for that answer is no match.
   */
  readonly matches: (record: RecordValues, context: MatchContext) => boolean | 'UNSUPPORTED'
  /** Fields it reads. */
  readonly fields: readonly string[]
  readonly needs: readonly Need[]
  /** For every ^NQ group what must be true beforehand; an empty list = nothing, any record has a chance. */
  readonly anchors: readonly (readonly Anchor[])[]
  /** The same as `matches` for facts that meet `needs` (missingNeed); nothing is checked again. */
  readonly test: (facts: Facts) => boolean
  /** In words, why the facts do or do not match. */
  readonly explain: (facts: Facts) => string
}

/** Characters of an explanation; it is stored with every decision and read by people. */
const longestExplanation = 1_000

/**
 * Compiles an encoded query. Never throws, whatever the text; takes time linear in its length.
 * @param query as "Copy query" of a list gives it
 * @param fieldTypes field -> ServiceNow type; a field that is not in it is unknown and makes the query INVALID
 */
export function compileQuery(query: string, fieldTypes: FieldTypes): CompiledQuery | Refusal {
  const parsed = parseQuery(query)
  if (!parsed.ok) return parsed
  const groups: Clause[][] = []
  for (const terms of parsed.groups) {
    const clauses: Clause[] = []
    for (const alternatives of terms) {
      const clause = compileClause(alternatives, fieldTypes)
      if (!clause.ok) return clause
      clauses.push(clause)
    }
    groups.push(clauses)
  }
  return compiled(groups, fieldTypes)
}

interface Clause {
  readonly ok: true
  readonly terms: readonly Term[]
  /** The terms in words. */
  readonly text: string
  readonly conditions: readonly Condition[]
  readonly test: (facts: Facts) => boolean
}

function compileClause(terms: readonly Term[], fieldTypes: FieldTypes): Clause | Refusal {
  const conditions: Condition[] = []
  for (const term of terms) {
    const condition = compileTerm(term, fieldTypes)
    if (!condition.ok) return condition
    conditions.push(condition)
  }
  const text = clauseInWords(terms)
  const [first] = conditions
  if (conditions.length === 1 && first !== undefined) {
    return { ok: true, terms, text, conditions, test: first.test }
  }

  function test(facts: Facts): boolean {
    return conditions.some((condition) => condition.test(facts))
  }

  return { ok: true, terms, text, conditions, test }
}

function compiled(groups: readonly (readonly Clause[])[], fieldTypes: FieldTypes): CompiledQuery {
  const clauses = groups.flat()
  const needs = unique(
    clauses.flatMap(({ conditions }) => conditions.flatMap((c) => c.needs ?? [])),
  )
  const [onlyGroup = []] = groups

  function test(facts: Facts): boolean {
    return groups.length === 1 ? all(onlyGroup, facts) : groups.some((group) => all(group, facts))
  }

  function matches(record: RecordValues, context: MatchContext): boolean | 'UNSUPPORTED' {
    const facts = createFacts(record, context)
    return missingNeed(needs, facts) === null ? test(facts) : 'UNSUPPORTED'
  }

  return {
    ok: true,
    matches,
    fields: unique(clauses.flatMap(readBy)),
    needs,
    anchors: groups.map((group) => group.flatMap((clause) => anchorOf(clause, fieldTypes) ?? [])),
    test,
    explain: (facts) => explain(groups, facts),
  }
}

function all(clauses: readonly Clause[], facts: Facts): boolean {
  for (const clause of clauses) if (!clause.test(facts)) return false
  return true
}

/** The anchor of a term, or of alternatives that are alike (`priority=1^ORpriority=2`). */
function anchorOf({ terms, conditions }: Clause, fieldTypes: FieldTypes): Anchor | null {
  const field = terms[0]?.field
  const by = conditions[0]?.anchor?.by
  if (field === undefined || by === undefined) return null
  if (terms.some((term) => term.field !== field)) return null
  const keys: string[] = []
  for (const { anchor } of conditions) {
    if (anchor?.by !== by) return null
    keys.push(...anchor.keys)
  }
  return { field, kind: kindOf(fieldTypes[field] ?? ''), by, keys: unique(keys) }
}

function readBy({ terms }: Clause): string[] {
  return terms.flatMap(fieldsOf)
}

function explain(groups: readonly (readonly Clause[])[], facts: Facts): string {
  const held = groups.find((group) => all(group, facts))
  if (held !== undefined) return cut(held.map((clause) => whatHolds(clause, facts)).join(', '))
  return cut(groups.map((group) => explainGroup(group, facts)).join('; or '))
}

/** The first alternative that holds, with the display value where the stored one says nothing to a person. */
function whatHolds({ terms, conditions }: Clause, facts: Facts): string {
  const term = terms[conditions.findIndex((condition) => condition.test(facts))]
  if (term === undefined) return ''
  const display = facts.context.display?.[term.field]
  const isValue = term.operator === '=' || term.operator === 'IN'
  if (!isValue || typeof display !== 'string' || display === '') return termInWords(term)
  return `${fieldInWords(term.field)} is ${quote(display)}`
}

function explainGroup(group: readonly Clause[], facts: Facts): string {
  const failed = group.filter((clause) => !clause.test(facts))
  const needed = failed.map(({ text }) => text).join(', and ')
  const fields = unique(failed.flatMap(readBy))
  const values = fields.map((field) => `${fieldInWords(field)} is ${shown(facts, field)}`)
  return `it fits when ${needed}, but ${values.join(', ')}`
}

/** The value a person looks for: the display value where there is one, with the stored one that was compared. */
function shown(facts: Facts, field: string): string {
  const value = textOf(facts, field)
  if (value === '') return 'empty'
  const display = facts.context.display?.[field]
  return typeof display === 'string' && display !== value
    ? `${quote(value)}, shown as ${quote(display)}`
    : quote(value)
}

function cut(text: string): string {
  return text.length > longestExplanation ? text.slice(0, longestExplanation - 1) + '…' : text
}

function unique<V>(values: readonly V[]): V[] {
  return [...new Set(values)]
}
