// The rule index: which match rules fit a ticket. Rules are compiled against the field types an event brings
// (once per combination of types) and filed under one value or text part each, so that a rule about another
// category costs nothing. It decides no permission and picks no winner.
import type { Trigger } from '#shared/job-template.ts'
import type { TicketField } from '#shared/ticket-event.ts'

import type { FieldTypes } from './condition.ts'
import { compileQuery } from './encoded-query.ts'
import type { CompiledQuery } from './encoded-query.ts'
import { createFacts, missingNeed, needsKey } from './facts.ts'
import type { Facts, MatchContext, RecordValues } from './facts.ts'
import { kindOf } from './field-kind.ts'
import { fieldsOf, parseQuery } from './parse-query.ts'
import type { Refusal } from './parse-query.ts'
import { createCandidates } from './rule-candidates.ts'
import type { Candidates } from './rule-candidates.ts'

/** One match rule and what it stands for, e.g. a job template. */
export interface Rule<T> {
  readonly table: string
  readonly trigger: readonly Trigger[]
  /** Encoded query. */
  readonly when: string
  readonly value: T
}

/** The ticket as an event brings it. */
export interface TicketFacts {
  readonly table: string
  /** What happened; null = rules of every trigger are tried. */
  readonly trigger: Trigger | null
  /** A field that is not here is unknown: a rule that names it is invalid, it never matches. */
  readonly fields: Readonly<Record<string, TicketField>>
  /** The clock, the zone, the user; display values come from the fields. */
  readonly context: Omit<MatchContext, 'display'>
}

/** A rule that was tried. `invalid` = it is broken or cannot be decided for this ticket, and so disabled. */
export interface RuleVerdict<T> {
  readonly value: T
  readonly rule: Rule<T>
  readonly outcome: 'matched' | 'not_matched' | 'invalid'
  readonly reason: string
}

/** A rule that matched, or that a person has to be told about. */
type RuleHit<T> = RuleVerdict<T> & { readonly outcome: 'matched' | 'invalid' }

export interface RuleIndex<T> {
  /** Rules of the table and trigger that matched or are invalid, in the order in which they were given. */
  match(ticket: TicketFacts): RuleHit<T>[]
  /** Every rule of the table with its outcome and the reason in words. Slow: it tries them all. */
  explain(ticket: TicketFacts): RuleVerdict<T>[]
  /** What the rules of the table that fire on one of the triggers stand for, each once, in their order. */
  valuesOn(table: string, triggers: readonly Trigger[]): T[]
}

/** Combinations of field types kept ready per table; an instance sends a handful. */
const keptShapes = 32

/** Builds the index. Never throws: a broken rule becomes an `invalid` hit when its table is asked for. */
export function createRuleIndex<T>(rules: readonly Rule<T>[]): RuleIndex<T> {
  const tables = new Map<string, TableRules<T>>()
  for (const [table, own] of Map.groupBy(rules, (rule) => rule.table)) {
    tables.set(table, createTableRules(own))
  }
  return {
    match: (ticket) => tables.get(ticket.table)?.match(ticket) ?? [],
    explain: (ticket) => tables.get(ticket.table)?.explain(ticket) ?? [],
    valuesOn(table, triggers) {
      const own = rules.filter(
        (rule) =>
          rule.table === table && triggers.some((trigger) => rule.trigger.includes(trigger)),
      )
      return [...new Set(own.map(({ value }) => value))]
    },
  }
}

type TableRules<T> = Pick<RuleIndex<T>, 'match' | 'explain'>

/** All rules of a table, compiled for one combination of field types and known context. */
interface Shape<T> {
  readonly compiled: readonly (CompiledQuery | Refusal)[]
  readonly invalid: readonly { position: number; hit: RuleHit<T> }[]
  readonly candidates: Candidates
}

function createTableRules<T>(rules: readonly Rule<T>[]): TableRules<T> {
  const named = rules.map((rule) => fieldsNamed(rule.when))
  const fieldNames = [...new Set(named.flat())]
  const compile = createCompiler(named, rules.length)
  const shapes = new Map<string, Shape<T>>()

  function shapeFor(ticket: TicketFacts, facts: Facts): Shape<T> {
    const key = shapeKey(fieldNames, ticket.fields, facts)
    const known = shapes.get(key)
    if (known !== undefined) return known
    const oldest = shapes.keys().next().value
    if (shapes.size >= keptShapes && oldest !== undefined) shapes.delete(oldest)
    const types = typesOf(fieldNames, ticket.fields)
    const shape = createShape(
      rules,
      rules.map(({ when }, position) => usable(compile(when, position, types), facts)),
    )
    shapes.set(key, shape)
    return shape
  }

  function match(ticket: TicketFacts): RuleHit<T>[] {
    const facts = factsOf(fieldNames, ticket)
    const { compiled, invalid, candidates } = shapeFor(ticket, facts)
    const found: { position: number; hit: RuleHit<T> }[] = []
    for (const entry of invalid) {
      if (firesOn(entry.hit.rule, ticket.trigger)) found.push(entry)
    }
    candidates.visit(facts, (position) => {
      const rule = rules[position]
      const query = compiled[position]
      if (rule === undefined || query?.ok !== true) return
      if (!firesOn(rule, ticket.trigger) || !query.test(facts)) return
      const reason = query.explain(facts)
      found.push({ position, hit: { value: rule.value, rule, outcome: 'matched', reason } })
    })
    return found.toSorted((a, b) => a.position - b.position).map(({ hit }) => hit)
  }

  function explain(ticket: TicketFacts): RuleVerdict<T>[] {
    const facts = factsOf(fieldNames, ticket)
    const { compiled } = shapeFor(ticket, facts)
    return rules.map((rule, position) => {
      const { value } = rule
      if (!firesOn(rule, ticket.trigger)) {
        const reason = `fires on ${rule.trigger.join(', ')}, not on ${ticket.trigger}`
        return { value, rule, outcome: 'not_matched', reason }
      }
      const query = compiled[position]
      if (query?.ok !== true) {
        return { value, rule, outcome: 'invalid', reason: query?.reason ?? 'not compiled' }
      }
      const outcome = query.test(facts) ? 'matched' : 'not_matched'
      return { value, rule, outcome, reason: query.explain(facts) }
    })
  }

  return { match, explain }
}

function createShape<T>(
  rules: readonly Rule<T>[],
  compiled: readonly (CompiledQuery | Refusal)[],
): Shape<T> {
  const invalid = compiled.flatMap((query, position) => {
    const rule = rules[position]
    if (query.ok || rule === undefined) return []
    const { reason } = query
    return [{ position, hit: { value: rule.value, rule, outcome: 'invalid' as const, reason } }]
  })
  return { compiled, invalid, candidates: createCandidates(compiled) }
}

/** Compiles rules, once per query and types of the fields it names. */
function createCompiler(
  named: readonly (readonly string[])[],
  rules: number,
): (when: string, position: number, types: FieldTypes) => CompiledQuery | Refusal {
  const known = new Map<string, CompiledQuery | Refusal>()
  const mostKept = 8 * rules
  return (when, position, types) => {
    const own = (named[position] ?? []).map((field) => kindNamed(types[field]))
    const key = `${own.join(',')}\0${when}`
    const kept = known.get(key)
    if (kept !== undefined) return kept
    if (known.size >= mostKept) known.clear()
    const compiled = compileQuery(when, types)
    known.set(key, compiled)
    return compiled
  }
}

/** Refuses a query that asks for something this context lacks. */
function usable(query: CompiledQuery | Refusal, facts: Facts): CompiledQuery | Refusal {
  if (!query.ok) return query
  const missing = missingNeed(query.needs, facts)
  if (missing === null) return query
  return { ok: false, code: 'UNSUPPORTED', reason: `the query ${missing}` }
}

function firesOn({ trigger }: { trigger: readonly Trigger[] }, wanted: Trigger | null): boolean {
  return wanted === null || trigger.includes(wanted)
}

function fieldsNamed(when: string): readonly string[] {
  const parsed = parseQuery(when)
  return parsed.ok ? [...new Set(parsed.groups.flat(2).flatMap(fieldsOf))] : []
}

/** What decides how rules compile: the types of the fields they name and which context there is. */
function shapeKey(
  fieldNames: readonly string[],
  fields: TicketFacts['fields'],
  facts: Facts,
): string {
  let key = needsKey(facts)
  for (const name of fieldNames) {
    key += ',' + (Object.hasOwn(fields, name) ? kindNamed(fields[name]?.type) : '')
  }
  return key
}

/** Types of one kind compile alike; '' = the field is unknown. */
function kindNamed(type: string | undefined): string {
  return type === undefined ? '' : kindOf(type)
}

function typesOf(fieldNames: readonly string[], fields: TicketFacts['fields']): FieldTypes {
  const types: Record<string, string> = Object.create(null)
  for (const name of fieldNames) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field !== undefined) types[name] = field.type
  }
  return types
}

function factsOf(fieldNames: readonly string[], { fields, context }: TicketFacts): Facts {
  const record: Record<string, string> = {}
  const display: Record<string, string> = {}
  for (const name of fieldNames) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) continue
    record[name] = field.value
    if (field.display !== undefined) display[name] = field.display
  }
  return createFacts(record, { ...context, display: display satisfies RecordValues })
}
