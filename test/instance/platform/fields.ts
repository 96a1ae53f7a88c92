// Reads fields of records: columns, stored and display values, with dot-walks along references.
import type { Column, StoredRecord } from '../types.ts'
import type { Dictionary } from './dictionary.ts'
import { journalText } from './journal.ts'
import type { Store } from './store.ts'

/** Field access of one instance. */
export interface Fields {
  /** Column of a field, dot-walks allowed; null when there is none. */
  column(table: string, field: string): Column | null
  value(table: string, record: StoredRecord, field: string): string
  display(table: string, record: StoredRecord, field: string): string
  /** Record a reference field points to. */
  referenced(table: string, record: StoredRecord, field: string): StoredRecord | null
}

/** Field access over a dictionary and a store. */
export function createFields(dictionary: Dictionary, store: Store): Fields {
  function column(table: string, field: string): Column | null {
    const [first = '', ...rest] = field.split('.')
    const found = dictionary.table(table)?.columns.get(first) ?? null
    if (rest.length === 0 || found === null) return found
    return found.reference === null ? null : column(found.reference, rest.join('.'))
  }

  function referenced(table: string, record: StoredRecord, field: string): StoredRecord | null {
    const target = column(table, field)?.reference
    const sysId = record[field] ?? ''
    return target && sysId !== '' ? store.find(target, sysId) : null
  }

  function value(table: string, record: StoredRecord, field: string): string {
    const at = field.indexOf('.')
    if (at < 0) return record[field] ?? ''
    const first = field.slice(0, at)
    const next = referenced(table, record, first)
    const target = column(table, first)?.reference
    return next && target ? value(target, next, field.slice(at + 1)) : ''
  }

  function nameOf(table: string, sysId: string): string {
    const record = store.find(table, sysId)
    if (!record) return ''
    const className = record['sys_class_name'] || table
    const field = dictionary.table(className)?.displayField ?? ''
    return field === '' || field === 'sys_id' ? sysId : display(className, record, field)
  }

  function display(table: string, record: StoredRecord, field: string): string {
    const found = column(table, field)
    const stored = value(table, record, field)
    if (!found) return ''
    switch (found.type) {
      case 'journal_input':
        return field.includes('.') ? '' : journalText(store, record, found)
      case 'password2':
      case 'password':
        return stored === '' ? '' : '********'
      case 'reference':
        return stored === '' ? '' : nameOf(found.reference ?? '', stored)
      case 'glide_list': {
        const items = stored.split(',').filter((one) => one !== '')
        return items.map((one) => nameOf(found.reference ?? '', one) || one).join(', ')
      }
      default:
        return found.choices.find((one) => one.value === stored)?.label ?? stored
    }
  }

  return { column, value, display, referenced }
}
