// Queries records with the platform's semantics and order, and tests rule conditions. No rights here.
import type { StoredRecord } from '../types.ts'
import type { Clock } from './clock.ts'
import type { Dictionary } from './dictionary.ts'
import type { Fields } from './fields.ts'
import type { QueryContext, QueryRecord } from './query-compare.ts'
import { parseQuery } from './query-parse.ts'
import type { ParsedQuery } from './query-parse.ts'
import { compileFilter, hasInvalidTerm } from './query.ts'
import type { Store } from './store.ts'

/** Whose query it is: values of `javascript:gs.getUserID()` and of the dynamic filters Me and My groups. */
export interface Asker {
  userSysId: string
  groups: readonly string[]
}

/** A rule condition to test. */
export interface Condition {
  table: string
  query: string
  record: StoredRecord
  /** State before the change; without it change operators are refused. */
  previous?: StoredRecord
}

/** Queries of one instance. */
export interface Records {
  /** Rows that match, in query order; copies. */
  select(table: string, query: string | ParsedQuery, asker: Asker): StoredRecord[]
  /** Tests a condition in the filter profile (rule conditions). */
  matches(condition: Condition, asker: Asker): boolean
  /** False when the query is empty or a term of it is not understood. */
  isValidQuery(table: string, query: string): boolean
}

interface Sources {
  dictionary: Dictionary
  store: Store
  fields: Fields
  clock: Clock
  /** glide.invalid_query.returns_no_rows */
  invalidQueryReturnsNoRows(): boolean
}

const me = '90d1921e5f510100a9ad2572f2b477fe' // sys_filter_option_dynamic "Me", as on every instance
const myGroups = 'd6435e965f510100a9ad2572f2b47744'
const nobody: Asker = { userSysId: '', groups: [] }

/** Queries over the store. */
export function createRecords(sources: Sources): Records {
  const { fields } = sources
  return {
    select(table, query, asker) {
      const parsed = typeof query === 'string' ? parseQuery(query) : query
      const surroundings = context(sources, table, asker)
      if (sources.invalidQueryReturnsNoRows() && hasInvalidTerm(parsed, surroundings)) return []
      const test = compileFilter(parsed, surroundings)
      const rows: StoredRecord[] = []
      for (const row of candidates(sources.store, table, parsed)) {
        if (test(view(fields, table, row))) rows.push({ ...row })
      }
      return sorted(fields, table, { rows, parsed })
    },
    matches({ table, query, record, previous }, asker) {
      const surroundings = { ...context(sources, table, asker), profile: 'filter' as const }
      const before = previous ? { previous: view(fields, table, previous) } : {}
      return compileFilter(query, { ...surroundings, ...before })(view(fields, table, record))
    },
    isValidQuery: (table, query) =>
      query !== '' && !hasInvalidTerm(query, context(sources, table, nobody)),
  }
}

function view(fields: Fields, table: string, record: StoredRecord): QueryRecord {
  return {
    value: (field) => fields.value(table, record, field),
    display: (field) => fields.display(table, record, field),
  }
}

function context(
  { fields, clock, dictionary }: Sources,
  table: string,
  asker: Asker,
): QueryContext {
  return {
    profile: 'list',
    type: (field) => fields.column(table, field)?.type ?? null,
    now: clock.now(),
    userSysId: asker.userSysId,
    dynamic: { [me]: [asker.userSysId], [myGroups]: asker.groups },
    classChain: (name) => dictionary.ancestry(name),
  }
}

// A query for one sys_id, the commonest of all, need not walk the table.
function candidates(store: Store, table: string, { groups }: ParsedQuery): Iterable<StoredRecord> {
  const [group, ...others] = groups
  const terms = (group ?? []).filter((clause) => clause.length === 1).map((clause) => clause[0])
  const only = terms.find(
    (term) =>
      term?.field === 'sys_id' && term.operator === '=' && /^[0-9a-f]{32}$/.test(term.value),
  )
  if (others.length > 0 || !only) return store.rows(table)
  const record = store.find(table, only.value)
  return record ? [record] : []
}

function sorted(
  fields: Fields,
  table: string,
  { rows, parsed }: { rows: StoredRecord[]; parsed: ParsedQuery },
): StoredRecord[] {
  const keys = parsed.order.filter(({ field }) => fields.column(table, field) !== null)
  if (keys.length === 0) return rows
  function key(row: StoredRecord, field: string): string {
    const type = fields.column(table, field)?.type
    return type === 'reference'
      ? fields.display(table, row, field)
      : fields.value(table, row, field)
  }
  return rows.toSorted((a, b) => {
    for (const { field, descending } of keys) {
      const difference = compare(key(a, field), key(b, field))
      if (difference !== 0) return descending ? -difference : difference
    }
    return 0
  })
}

function compare(left: string, right: string): number {
  const number = /^-?\d+(\.\d+)?$/
  if (number.test(left) && number.test(right)) return Number(left) - Number(right)
  if (left === right) return 0
  return left.toLowerCase() < right.toLowerCase() ? -1 : 1
}
