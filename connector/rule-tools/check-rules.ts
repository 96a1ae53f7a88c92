// Whether a template or a rule is right: what prevents its use, and what will probably not do what its author
// wants. Pure; which fields a table has is handed in by whoever knows.
import type { JobTemplate } from '#shared/job-template.ts'
import type { RuleProblem } from '#shared/rule-tools.ts'

import { sentFields } from '../itsm/ticket-fields.ts'
import { compileQuery } from '../matching/encoded-query.ts'
import { fieldsOf, parseQuery } from '../matching/parse-query.ts'
import { checkTemplate } from '../templates/parse.ts'

/** What was found. */
export interface Findings {
  problems: RuleProblem[]
  warnings: RuleProblem[]
}

/** A rule as a person may write it, right or wrong. */
export interface GivenRule {
  table: string
  when: string
}

/** Types of a table's fields as its instance has them, and fields it does not have. */
export interface KnownFields {
  types: ReadonlyMap<string, string>
  unknown: readonly string[]
}

/** Fields by table; a table that is not in it was not looked up. */
export type KnownTables = ReadonlyMap<string, KnownFields>

const tableName = /^[a-z][a-z0-9_]{1,79}$/
const queryHint = 'Correct the query: build it in a list of the instance and use Copy query.'

/** The template a value stands for, with all that is wrong with it and its rules. */
export function checkTemplateValue(value: unknown, tables: KnownTables): Findings {
  const checked = checkTemplate(value)
  if (!checked.ok) {
    const problems = checked.mistakes.map(({ path, reason, hint }) => ({
      pointer: pointerOf(path),
      reason,
      hint,
    }))
    return { problems, warnings: [] }
  }
  return checkMatchRules(checked.template, tables)
}

/** All that is wrong with the rules of a template that fits the schema, and what its targets leave open. Pointers start at the template. */
export function checkMatchRules(template: JobTemplate, tables: KnownTables): Findings {
  const found = template.match.map((rule, index) => at(`/match/${index}`, checkRule(rule, tables)))
  return {
    problems: found.flatMap(({ problems }) => problems),
    warnings: [...found.flatMap(({ warnings }) => warnings), ...targetWarnings(template)],
  }
}

/** Listed targets that nobody looks up. */
function targetWarnings({ targets, parameters }: JobTemplate): RuleProblem[] {
  const holder = parameters.find(({ name }) => name === targets?.parameter)
  if (holder === undefined || !holder.editable || targets?.lookup === true) return []
  const reason = `whoever runs it types the targets into "${holder.name}", and the environment is judged by the ticket's CI, not by the listed targets`
  const hint = 'Set targets.lookup to true, or editable of that parameter to false.'
  return [{ pointer: '/targets/parameter', reason, hint }]
}

/** All that is wrong with one rule. */
export function checkRule(rule: GivenRule, tables: KnownTables): Findings {
  if (!tableName.test(rule.table)) {
    const hint = 'Write the name of the table, e.g. incident.'
    const reason = `"${rule.table}" is no table name`
    return { problems: [{ pointer: '/table', reason, hint }], warnings: [] }
  }
  const parsed = parseQuery(rule.when)
  if (!parsed.ok) {
    return { problems: [wrong(`${parsed.code}: ${parsed.reason}`, queryHint)], warnings: [] }
  }
  const fields = [...new Set(parsed.groups.flat(2).flatMap(fieldsOf))]
  const sent = sentFields(rule.table)
  const notSent = fields.filter((field) => !sent.includes(field))
  const known = tables.get(rule.table)
  if (known === undefined) return { problems: [], warnings: warningsOf(notSent) }
  const missing = fields.filter((field) => known.unknown.includes(field))
  if (missing.length > 0) {
    const reason = `the table ${rule.table} has no field ${missing.join(', ')}`
    return { problems: [wrong(reason, 'Correct the name; case counts.')], warnings: [] }
  }
  const compiled = compileQuery(rule.when, Object.fromEntries(known.types))
  const problems = compiled.ok ? [] : [wrong(`${compiled.code}: ${compiled.reason}`, queryHint)]
  return { problems, warnings: warningsOf(notSent) }
}

/** Fields that rules of a template name, by table. */
export function ruleFields(rules: readonly GivenRule[]): Map<string, string[]> {
  const tables = new Map<string, string[]>()
  for (const { table, when } of rules) {
    const parsed = parseQuery(when)
    if (!parsed.ok || !tableName.test(table)) continue
    const own = tables.get(table) ?? []
    tables.set(table, [...new Set([...own, ...parsed.groups.flat(2).flatMap(fieldsOf)])])
  }
  return tables
}

function warningsOf(notSent: readonly string[]): RuleProblem[] {
  if (notSent.length === 0) return []
  const names = notSent.join(', ')
  return [
    {
      pointer: '/when',
      reason: `${names}: the app does not send ${notSent.length === 1 ? 'this field' : 'these fields'} by itself, and a rule with a field that is not sent never matches`,
      hint: `Add ${names} to the property x_snc_ticket_auto.event.extra_fields, unless it is there.`,
    },
  ]
}

function wrong(reason: string, hint: string): RuleProblem {
  return { pointer: '/when', reason, hint }
}

function at(start: string, { problems, warnings }: Findings): Findings {
  function move(problem: RuleProblem): RuleProblem {
    return { ...problem, pointer: start + problem.pointer }
  }
  return { problems: problems.map(move), warnings: warnings.map(move) }
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
