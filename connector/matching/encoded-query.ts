// ServiceNow encoded queries with list semantics, in strict mode: what the instance would silently drop (unknown
// field, unknown operator, empty query) is refused here with a reason, so that a rule fails closed.
// Cases: test/vectors/encoded-query-cases.json.
import { compileTerm } from './condition.ts'
import type { Condition, FieldTypes } from './condition.ts'
import { createFacts, missingNeed, textOf } from './facts.ts'
import type { Facts, MatchContext, Need, RecordValues } from './facts.ts'
import { kindOf } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import { fieldsOf, parseQuery, quote } from './parse-query.ts'
import type { Refusal, Term } from './parse-query.ts'

/** What a field must equal one of, for an index. Keys are as equalityKey makes them. */
export interface Equality {
  readonly field: string
  readonly kind: FieldKind
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
  /** For every ^NQ group the equalities that all have to hold; an empty list = none, the group can match anything. */
  readonly equalities: readonly (readonly Equality[])[]
  /** The same as `matches` for facts that meet `needs` (missingNeed); nothing is checked again. */
  readonly test: (facts: Facts) => boolean
  /** In words, why the facts do or do not match. */
  readonly explain: (facts: Facts) => string
}

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
  const [first] = conditions
  if (conditions.length === 1 && first !== undefined) {
    return { ok: true, terms, conditions, test: first.test }
  }
  return { ok: true, terms, conditions, test: (facts) => conditions.some((c) => c.test(facts)) }
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
    equalities: groups.map((group) =>
      group.flatMap((clause) => equalityOf(clause, fieldTypes) ?? []),
    ),
    test,
    explain: (facts) => explain(groups, facts),
  }
}

function all(clauses: readonly Clause[], facts: Facts): boolean {
  for (const clause of clauses) if (!clause.test(facts)) return false
  return true
}

/** An equality, or alternatives that are all equalities of one field (`priority=1^ORpriority=2`). */
function equalityOf({ terms, conditions }: Clause, fieldTypes: FieldTypes): Equality | null {
  const field = terms[0]?.field
  if (field === undefined || terms.some((term) => term.field !== field)) return null
  const keys: string[] = []
  for (const condition of conditions) {
    if (condition.keys === undefined) return null
    keys.push(...condition.keys)
  }
  return { field, kind: kindOf(fieldTypes[field] ?? ''), keys: unique(keys) }
}

function readBy({ terms }: Clause): string[] {
  return terms.flatMap(fieldsOf)
}

function explain(groups: readonly (readonly Clause[])[], facts: Facts): string {
  const held = groups.find((group) => all(group, facts))
  if (held !== undefined) return `${held.map(clauseText).join(' and ')} holds`
  return groups.map((group) => explainGroup(group, facts)).join('; and ')
}

function explainGroup(group: readonly Clause[], facts: Facts): string {
  const failed = group.filter((clause) => !clause.test(facts))
  return failed.map((clause) => explainClause(clause, facts)).join(', ')
}

function explainClause(clause: Clause, facts: Facts): string {
  const values = unique(readBy(clause)).map((field) => `${field} is ${shown(facts, field)}`)
  return `${clauseText(clause)} does not hold (${values.join(', ')})`
}

function clauseText({ terms }: Clause): string {
  return terms.map(({ text }) => quote(text)).join(' or ')
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

function unique<V>(values: readonly V[]): V[] {
  return [...new Set(values)]
}
