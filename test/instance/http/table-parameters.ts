// The sysparm_* parameters of the Table API, read once (c_TableAPI.md, servicenow-runtime.md §4.1).
import type { Platform, Session, Table } from '../types.ts'
import { systemSession } from './context.ts'

/** Rows a request gets when it names no limit (c_TableAPI.md). */
const defaultLimit = 10_000

/** Parameters of a Table API request. */
export interface TableParameters {
  query: string
  limit: number
  offset: number
  /** Null = all fields. */
  fields: readonly string[] | null
  display: 'false' | 'true' | 'all'
  excludeReferenceLink: boolean
  noCount: boolean
  suppressPaginationHeader: boolean
  inputDisplayValue: boolean
}

/** Reads the parameters; a string is the reason of a 400. */
export function readTableParameters(
  platform: Platform,
  table: Table,
  query: URLSearchParams,
): TableParameters | string {
  const offset = Number(query.get('sysparm_offset') ?? '0')
  if (offset < 0) return 'sysparm_offset must not be negative'
  const limit = Number(query.get('sysparm_limit') ?? defaultLimit)
  const display = query.get('sysparm_display_value')
  const fields = (query.get('sysparm_fields') ?? '')
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
  return {
    query: query.get('sysparm_query') ?? pairsAsQuery(platform, table, query),
    limit: Number.isSafeInteger(limit) && limit > 0 ? limit : defaultLimit,
    offset: Number.isSafeInteger(offset) ? offset : 0,
    fields: fields.length === 0 ? null : [...new Set(fields)],
    display: display === 'true' || display === 'all' ? display : 'false',
    excludeReferenceLink: query.get('sysparm_exclude_reference_link') === 'true',
    noCount: query.get('sysparm_no_count') === 'true',
    suppressPaginationHeader: query.get('sysparm_suppress_pagination_header') === 'true',
    inputDisplayValue: query.get('sysparm_input_display_value') === 'true',
  }
}

/** `name=value` pairs stand for a query and, unlike sysparm_query, take labels and display names. */
function pairsAsQuery(platform: Platform, table: Table, query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => !name.startsWith('sysparm_'))
    .map(([name, value]) => `${name}=${storedValue(platform, table, [name, value])}`)
    .join('^')
}

function storedValue(
  platform: Platform,
  table: Table,
  [name, value]: readonly [string, string],
): string {
  const column = table.columns.get(name)
  if (column === undefined) return value
  const label = value.toLowerCase()
  const choice = column.choices.find((candidate) => candidate.label.toLowerCase() === label)
  if (choice !== undefined && !column.choices.some((candidate) => candidate.value === value)) {
    return choice.value
  }
  if (column.reference === null || value === '') return value
  return findByDisplay(platform, column.reference, value) ?? value
}

/** sys_id of the record of a table whose display value is `shown`, or null when none or several have it. */
export function findByDisplay(platform: Platform, tableName: string, shown: string): string | null {
  const table = platform.table(tableName)
  if (table === null || table.displayField === '' || shown.includes('^')) return null
  const found = platform.query(systemSession, tableName, {
    encodedQuery: `${table.displayField}=${shown}`,
    limit: 2,
    acl: false,
  })
  if ('ok' in found || found.records.length !== 1) return null
  return found.records[0]?.['sys_id'] ?? null
}

/** Sessions see a field only where every table on its path lets them. */
export function canReadPath(
  platform: Platform,
  session: Session,
  { table, path }: { table: string; path: string },
): boolean {
  let current = platform.table(table)
  const steps = path.split('.')
  for (const [index, step] of steps.entries()) {
    const column = current?.columns.get(step)
    if (current === null || column === undefined) return false
    if (!platform.canRead(session, current.name, step)) return false
    if (index === steps.length - 1) return true
    current = column.reference === null ? null : platform.table(column.reference)
  }
  return false
}
