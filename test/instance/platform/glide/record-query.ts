// The query half of GlideRecord.
import type { StoredRecord } from '../../types.ts'
import { addClause, addEncoded, findRows, loadRow, termOf } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'
import { requireScriptable, requireTable } from './privileges.ts'

/** addQuery … next, get, windows and counts. */
export function queryMethods(host: GlideHost, cursor: Cursor): Record<string, unknown> {
  function run(...args: unknown[]): void {
    runQuery(host, cursor, args)
  }
  function next(): boolean {
    return nextRow(cursor)
  }
  return {
    ...conditionMethods(host, cursor),
    query: run,
    _query: run,
    next,
    _next: next,
    hasNext: () => cursor.position + 1 < cursor.rows.length,
    getRowCount: () => cursor.rows.length,
    get: (...args: unknown[]) => get(host, cursor, args),
    setLimit(count: unknown) {
      cursor.window = { from: 0, to: Number(count) }
    },
    chooseWindow(from: unknown, to: unknown) {
      cursor.window = { from: Number(from), to: Number(to) }
    },
    orderBy(field: unknown) {
      cursor.query.order.push({ field: text(field), descending: false })
    },
    orderByDesc(field: unknown) {
      cursor.query.order.push({ field: text(field), descending: true })
    },
    getEncodedQuery: () => encoded(cursor),
    isValidEncodedQuery: (query: unknown) =>
      host.core.records.isValidQuery(cursor.table, text(query)),
    setStrictQuery() {
      throw host.realm.error('setStrictQuery is not emulated')
    },
  }
}

function conditionMethods(host: GlideHost, cursor: Cursor): Record<string, unknown> {
  function addQuery(...args: unknown[]): object | undefined {
    if (args.length === 1) {
      addEncoded(cursor, text(args[0]))
      return undefined
    }
    return addClause(cursor, termOf(args))
  }
  function addEncodedQuery(query: unknown): void {
    addEncoded(cursor, text(query))
  }
  function addJoinQuery(): void {
    throw host.realm.error('addJoinQuery is not emulated')
  }
  return {
    addQuery,
    addSystemQuery: addQuery,
    addUserQuery: addQuery,
    addEncodedQuery,
    addSystemEncodedQuery: addEncodedQuery,
    addUserEncodedQuery: addEncodedQuery,
    addNullQuery: (field: unknown) => addClause(cursor, operatorTerm(field, 'ISEMPTY')),
    addNotNullQuery: (field: unknown) => addClause(cursor, operatorTerm(field, 'ISNOTEMPTY')),
    addActiveQuery: () => addClause(cursor, { field: 'active', operator: '=', value: 'true' }),
    addJoinQuery,
  }
}

function operatorTerm(
  field: unknown,
  operator: string,
): { field: string; operator: string; value: string } {
  return { field: text(field), operator, value: '' }
}

function runQuery(host: GlideHost, cursor: Cursor, args: readonly unknown[]): void {
  if (args.length >= 2) addClause(cursor, termOf(args))
  if (cursor.secure) requireScriptable(host, 'ScopedGlideRecordSecure')
  requireTable(host, cursor.table, 'read')
  const rows = host.core.dictionary.table(cursor.table) ? findRows(host, cursor) : []
  cursor.rows = cursor.window ? rows.slice(cursor.window.from, cursor.window.to) : rows
  cursor.position = -1
}

function nextRow(cursor: Cursor): boolean {
  const row = cursor.rows[cursor.position + 1]
  if (!row) return false
  cursor.position += 1
  loadRow(cursor, row)
  return true
}

function get(host: GlideHost, cursor: Cursor, args: readonly unknown[]): boolean {
  const [first, second] = args.map(text)
  if (first === undefined || first === '') return false
  if (args.length >= 2) return getBy(host, cursor, [first, second ?? ''])
  if (getBy(host, cursor, ['sys_id', first])) return true
  const display = host.core.dictionary.table(cursor.table)?.displayField ?? 'sys_id'
  return display !== 'sys_id' && getBy(host, cursor, [display, first])
}

function getBy(
  host: GlideHost,
  cursor: Cursor,
  [field, value]: readonly [string, string],
): boolean {
  // Unlike a query, get() with an unknown field finds nothing instead of everything.
  if (host.core.fields.column(cursor.table, field) === null) return false
  cursor.query = { groups: [[]], order: [] }
  runQuery(host, cursor, [field, value])
  return nextRow(cursor)
}

function encoded({ query }: Cursor): string {
  const groups = query.groups.map((clauses) =>
    clauses
      .map((terms) =>
        terms.map((term) => `${term?.field}${term?.operator}${term?.value}`).join('^OR'),
      )
      .join('^'),
  )
  const order = query.order.map(
    ({ field, descending }) => `^ORDERBY${descending ? 'DESC' : ''}${field}`,
  )
  return groups.join('^NQ') + order.join('')
}

/** Rows the query matches regardless of setLimit, for updateMultiple and deleteMultiple. */
export function allRows(host: GlideHost, cursor: Cursor): StoredRecord[] {
  return host.core.dictionary.table(cursor.table) ? findRows(host, cursor) : []
}
