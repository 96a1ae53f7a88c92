// Unique indexes: no two rows of a table with the same values; empty values do not collide.
import type { StoredRecord } from '../types.ts'
import type { Dictionary } from './dictionary.ts'
import type { Store } from './store.ts'

/** Text of the violation a write would cause, or null. */
export function uniqueViolation(
  { dictionary, store }: { dictionary: Dictionary; store: Store },
  work: { table: string; operation: string; current: StoredRecord },
): string | null {
  const { table, current } = work
  const sysId = current['sys_id'] ?? ''
  if (work.operation === 'insert' && store.find(table, sysId)) return violation(sysId, 'PRIMARY')
  for (const owner of dictionary.ancestry(table)) {
    for (const fields of dictionary.declaration(owner)?.unique ?? []) {
      const wanted = fields.map((field) => current[field] ?? '')
      if (!wanted.includes('') && taken(store, owner, { fields, wanted, sysId })) {
        return violation(wanted.join('-'), fields.join(','))
      }
    }
  }
  return null
}

function taken(
  store: Store,
  table: string,
  { fields, wanted, sysId }: { fields: string[]; wanted: string[]; sysId: string },
): boolean {
  for (const row of store.rows(table)) {
    const same = fields.every((field, index) => (row[field] ?? '') === wanted[index])
    if (same && row['sys_id'] !== sysId) return true
  }
  return false
}

function violation(value: string, index: string): string {
  return `Unique Key violation detected by database (Duplicate entry '${value}' for key '${index}')`
}
