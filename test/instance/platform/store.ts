// The rows of the local instance: in memory, one map per class, inheritance by reading a table together
// with everything that extends it. No rules and no rights here; rows are copied in and out.
import type { StoredRecord } from '../types.ts'
import type { Dictionary } from './dictionary.ts'

/** The rows of one instance. */
export interface Store {
  /** Rows of a table and of its descendants, in insertion order per class. Read only. */
  rows(table: string): IterableIterator<Readonly<StoredRecord>>
  find(table: string, sysId: string): StoredRecord | null
  /** Writes a row into the table named by its class. */
  put(className: string, record: StoredRecord): void
  remove(className: string, sysId: string): boolean
  /** Class of the row with this id in the table's family, or null. */
  classOf(table: string, sysId: string): string | null
  /** Grows with each write to exactly this class; for caches. */
  version(className: string): number
}

/** An empty store over a dictionary. */
export function createStore(dictionary: Pick<Dictionary, 'family'>): Store {
  const classes = new Map<string, Map<string, StoredRecord>>()
  const versions = new Map<string, number>()

  function touch(className: string): void {
    versions.set(className, (versions.get(className) ?? 0) + 1)
  }

  function classOf(table: string, sysId: string): string | null {
    if (classes.get(table)?.has(sysId)) return table
    return dictionary.family(table).find((one) => classes.get(one)?.has(sysId)) ?? null
  }

  return {
    *rows(table) {
      for (const one of dictionary.family(table)) yield* classes.get(one)?.values() ?? []
    },
    find(table, sysId) {
      const className = classOf(table, sysId)
      const record = className === null ? undefined : classes.get(className)?.get(sysId)
      return record ? { ...record } : null
    },
    put(className, record) {
      const rows = classes.get(className) ?? new Map<string, StoredRecord>()
      classes.set(className, rows)
      rows.set(record['sys_id'] ?? '', { ...record })
      touch(className)
    },
    remove(className, sysId) {
      touch(className)
      return classes.get(className)?.delete(sysId) ?? false
    },
    classOf,
    version: (className) => versions.get(className) ?? 0,
  }
}
