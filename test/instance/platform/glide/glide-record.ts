// GlideRecord and GlideRecordSecure as scoped apps see them (servicenow-runtime.md §2.1). A method that is not
// there is a TypeError naming it, as for any object; names of the global API say that they are global.
import type { Column } from '../../types.ts'
import { storedValue } from '../values.ts'
import { loadRow, newCursor } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { makeElement } from './glide-element.ts'
import type { ElementOwner } from './glide-element.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'
import { requireScriptable } from './privileges.ts'
import { queryMethods } from './record-query.ts'
import { catalogVariables } from './record-variables.ts'
import { writeMethods } from './record-write.ts'

// In c_GlideRecordAPI (global) but not on the page of the scoped API.
const globalOnly = new Set(
  `setForceUpdate autoSysFields getRowNumber applyTemplate changes getFields
   setQueryReferences queryNoDomain addInactiveQuery getPlural getRelatedLists
   getRelatedTables getAttribute getEscapedDisplayValue insertWithReferences
   updateWithReferences find restoreLocation saveLocation isInGlobalScope hasAttachments
   instanceOf setUseEngines getLocation`.split(/\s+/),
)

/** The constructor scripts call: new GlideRecord('incident'). */
export function glideRecordType(host: GlideHost, secure: boolean): (table: unknown) => object {
  return function GlideRecord(table: unknown) {
    return recordOf(host, newCursor(text(table), secure))
  }
}

/** The scripts' view of a cursor. */
export function recordOf(host: GlideHost, cursor: Cursor): object {
  const { core } = host
  const owner = ownerOf(host, cursor)
  const methods: Record<string, unknown> = {
    ...fieldMethods(host, cursor, owner),
    ...queryMethods(host, cursor),
    ...writeMethods(host, cursor),
  }
  function columnOf(name: string): Column | undefined {
    return core.dictionary.table(cursor.table)?.columns.get(name)
  }
  return new Proxy(methods, {
    get(target, key): unknown {
      if (typeof key !== 'string') return Reflect.get(target, key)
      if (Object.hasOwn(target, key)) return target[key]
      const column = columnOf(key)
      if (column) return makeElement(host, owner, column)
      if (key === 'variables' && cursor.table === 'sc_req_item')
        return catalogVariables(host, cursor)
      if (globalOnly.has(key)) {
        throw host.realm.error(`GlideRecord.${key} is not in the scoped API`, 'TypeError')
      }
      return undefined
    },
    set(_, key, value): boolean {
      assign(host, owner, { name: String(key), value, column: columnOf(String(key)) })
      return true
    },
    has: (target, key) => key in target || columnOf(String(key)) !== undefined,
  })
}

function assign(
  { core, scope }: GlideHost,
  owner: ElementOwner,
  { name, value, column }: { name: string; value: unknown; column: Column | undefined },
): void {
  if (column) owner.set(name, text(value))
  else core.log.add('warn', scope, `${owner.table} has no field ${name}: assignment ignored`)
}

function ownerOf(host: GlideHost, cursor: Cursor): ElementOwner {
  const { core } = host
  return {
    table: cursor.table,
    record: () => cursor.record,
    original: () => cursor.original,
    refer(table, row) {
      const target = newCursor(table)
      if (row) loadRow(target, row)
      return recordOf(host, target)
    },
    set(field, value) {
      const column = core.dictionary.table(cursor.table)?.columns.get(field)
      if (!column) return
      // The string 'NULL' clears a field (r_SettingAGlideRecordVariableToNull).
      const given = value === 'NULL' ? '' : value
      const next = storedValue(core, cursor.table, [column, given])
      cursor.record[field] = next
      cursor.touched[field] = next
    },
  }
}

function fieldMethods(
  host: GlideHost,
  cursor: Cursor,
  owner: ElementOwner,
): Record<string, unknown> {
  const { core } = host
  function column(name: unknown): Column | undefined {
    return core.dictionary.table(cursor.table)?.columns.get(text(name))
  }
  return {
    getValue(name: unknown) {
      const value = cursor.record[text(name)] ?? ''
      if (value === '' || column(name) === undefined) return null
      if (column(name)?.type === 'boolean') return value === 'true' ? '1' : '0'
      return value
    },
    setValue(name: unknown, value: unknown) {
      requireScriptable(host, 'GlideRecord.setValue')
      const target = column(name)
      if (target?.type === 'journal_input') {
        // c_JournalFields: setValue() does not support journal fields; assign the property instead.
        core.log.add(
          'warn',
          host.scope,
          `setValue('${target.name}') has no effect on a journal field`,
        )
        return
      }
      if (target) owner.set(target.name, text(value))
    },
    setDisplayValue(name: unknown, value: unknown) {
      const element = elementAt(host, owner, text(name))
      if (element) (element as { setDisplayValue(value: unknown): void }).setDisplayValue(value) // our element
    },
    getElement: (name: unknown) => elementAt(host, owner, text(name)),
    getDisplayValue(name?: unknown) {
      const table = core.dictionary.table(cursor.table)
      const field = name === undefined ? (table?.displayField ?? 'sys_id') : text(name)
      return core.fields.display(cursor.table, cursor.record, field)
    },
    getUniqueValue: () => cursor.record['sys_id'] ?? null,
    getRecordClassName: () => cursor.record['sys_class_name'] || cursor.table,
    getTableName: () => cursor.table,
    getLabel: () => core.dictionary.table(cursor.table)?.label ?? '',
    getClassDisplayValue: () => core.dictionary.table(cursor.table)?.label ?? '',
    getLink(noStack?: unknown) {
      const link = `${cursor.table}.do?sys_id=${cursor.record['sys_id'] ?? ''}`
      const stack = `&sysparm_stack=${cursor.table}_list.do?sysparm_query=active=true`
      return noStack === true ? link : link + stack
    },
    isValid: () => core.dictionary.table(cursor.table) !== null,
    isValidRecord: () => cursor.valid,
    isValidField: (name: unknown) => core.fields.column(cursor.table, text(name)) !== null,
    isNewRecord: () => cursor.isNew,
    operation: () => cursor.operation,
  }
}

function elementAt(host: GlideHost, owner: ElementOwner, path: string): object | null {
  const [first = '', ...rest] = path.split('.')
  const column = host.core.dictionary.table(owner.table)?.columns.get(first)
  if (!column) return null
  let element: object | undefined = makeElement(host, owner, column)
  for (const part of rest) {
    // Elements answer names of columns of the referenced table with the next element.
    element = element && (Reflect.get(element, part) as object | undefined)
  }
  return element ?? null
}
