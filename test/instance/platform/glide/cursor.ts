// The state behind a GlideRecord: the query being built, the rows found, the row being looked at or edited.
import type { StoredRecord } from '../../types.ts'
import { parseQuery, UnsupportedQueryError } from '../query-parse.ts'
import type { ParsedQuery, Term } from '../query-parse.ts'
import type { Work } from '../work.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'

/** State of one GlideRecord. */
export interface Cursor {
  table: string
  secure: boolean
  query: ParsedQuery
  window: { from: number; to: number } | null
  rows: StoredRecord[]
  position: number
  record: StoredRecord
  original: StoredRecord
  /** Values set since the row was loaded. */
  touched: StoredRecord
  /** There is a row (found, inserted or handed in). */
  valid: boolean
  isNew: boolean
  workflow: boolean
  operation: string | null
  lastError: string
  /** The operation a rule runs in, with the rule's "<name>^<sys_id>". */
  rule: { work: Work; name: string; canAbort: boolean } | null
}

/** A fresh cursor on a table. */
export function newCursor(table: string, secure = false): Cursor {
  return {
    table,
    secure,
    query: { groups: [[]], order: [] },
    window: null,
    rows: [],
    position: -1,
    record: {},
    original: {},
    touched: {},
    valid: false,
    isNew: false,
    workflow: true,
    operation: null,
    lastError: '',
    rule: null,
  }
}

/** Makes a row the current one. */
export function loadRow(cursor: Cursor, row: StoredRecord): void {
  cursor.record = { ...row }
  cursor.original = { ...row }
  cursor.touched = {}
  cursor.valid = true
  cursor.isNew = false
}

const listOperators = new Set(['IN', 'NOT IN'])
const knownOperators = new Set(
  [
    '=|!=|>|>=|<|<=|IN|NOT IN|STARTSWITH|ENDSWITH|CONTAINS|DOES NOT CONTAIN',
    'INSTANCEOF|LIKE|NOT LIKE|SAMEAS|NSAMEAS|BETWEEN|ANYTHING|GT_FIELD|LT_FIELD',
    'GT_OR_EQUALS_FIELD|LT_OR_EQUALS_FIELD|ON|NOTON',
  ].flatMap((line) => line.split('|')),
)

/** The term of addQuery(field, value) or addQuery(field, operator, value). */
export function termOf(args: readonly unknown[]): Term {
  const [field, second, third] = args
  if (args.length < 3) return { field: text(field), operator: '=', value: text(second) }
  const operator = text(second).toUpperCase().trim()
  if (!knownOperators.has(operator)) {
    throw new UnsupportedQueryError(`addQuery operator ${operator}`)
  }
  const value =
    listOperators.has(operator) && Array.isArray(third) ? third.map(text).join(',') : third
  return { field: text(field), operator, value: text(value) }
}

/** What addQuery returns: more terms for the same condition. */
export function queryCondition(cursor: Cursor, clause: (Term | null)[]): object {
  const condition = {
    addOrCondition(...args: unknown[]) {
      clause.push(termOf(args))
      return condition
    },
    addCondition: (...args: unknown[]) => addClause(cursor, termOf(args)),
  }
  return condition
}

/** Adds a condition that must hold as well; it goes to the first group, as on the platform. */
export function addClause(cursor: Cursor, term: Term): object {
  const clause: (Term | null)[] = [term]
  cursor.query.groups[0]?.push(clause)
  return queryCondition(cursor, clause)
}

/** Appends an encoded query. */
export function addEncoded(cursor: Cursor, query: string): void {
  const parsed = parseQuery(query)
  const [first = [], ...others] = parsed.groups
  cursor.query.groups[0]?.push(...first)
  cursor.query.groups.push(...others)
  cursor.query.order.push(...parsed.order)
}

/** Rows of the query with the rights of a secure record applied. */
export function findRows(host: GlideHost, cursor: Cursor): StoredRecord[] {
  const { core } = host
  const { session } = host.execution()
  const rows = core.records.select(cursor.table, cursor.query, session)
  if (!cursor.secure) return rows
  return rows.flatMap((record) => {
    const question = { table: cursor.table, operation: 'read' as const, record }
    if (!core.rights.allowed(session, question)) return []
    const fields = Object.entries(record).filter(([field]) =>
      core.rights.allowed(session, { ...question, field }),
    )
    return [Object.fromEntries(fields)]
  })
}
