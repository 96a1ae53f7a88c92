// One record as the form, its live parts and its posts see it.
import type { Column, Platform, StoredRecord, Table } from '../../types.ts'
import type { FrontContext, Visitor } from '../context.ts'
import { formColumns } from './layout.ts'

/** sys_id that stands for a record not yet inserted. */
export const newRecordId = '-1'

/** A record on a form. */
export interface RecordView {
  context: FrontContext
  visitor: Visitor
  table: Table
  /** newRecordId for a new one. */
  sysId: string
  record: StoredRecord
}

/** Fields that no form lets people change: numbers and what the platform computes. */
const computed = new Set(['number', 'priority'])

/** Loads the record, or starts a new one with defaults and the equality terms of `prefill`; null = none visible. */
export function loadView(
  context: FrontContext,
  visitor: Visitor,
  target: { table: Table; sysId: string; prefill: string },
): RecordView | null {
  const { table, sysId } = target
  if (sysId === newRecordId) {
    return { context, visitor, table, sysId, record: startRecord(table, target.prefill) }
  }
  const record = context.platform.get(visitor.session, table.name, sysId)
  return record === null ? null : { context, visitor, table, sysId, record }
}

/** Columns of the form that this session may see. */
export function visibleColumns(view: RecordView): readonly Column[] {
  const { platform } = view.context
  return formColumns(view.table).filter((column) =>
    platform.canRead(view.visitor.session, view.table.name, column.name),
  )
}

/** True when this session may change the field on this form. */
export function isWritable(view: RecordView, column: Column): boolean {
  if (column.name.startsWith('sys_') || computed.has(column.name)) return false
  return view.context.platform.canWrite(view.visitor.session, view.table.name, column.name)
}

/** Title of the record: its display value, or what it will be. */
export function recordTitle({ table, record, sysId }: RecordView): string {
  if (sysId === newRecordId) return `New: ${table.label}`
  const shown = record[table.displayField] ?? ''
  return shown === '' ? (record['number'] ?? table.label) : shown
}

/** The table and its parents. */
export function lineage(platform: Platform, table: Table): readonly string[] {
  const names: string[] = []
  let current: Table | null = table
  while (current !== null && !names.includes(current.name)) {
    names.push(current.name)
    current = current.parent === null ? null : platform.table(current.parent)
  }
  return names
}

function startRecord(table: Table, prefill: string): StoredRecord {
  const record: StoredRecord = {}
  for (const column of table.columns.values()) {
    const value = column.defaultValue
    if (value !== '' && !value.startsWith('javascript:')) record[column.name] = value
  }
  for (const term of prefill.split('^')) {
    const [, name = '', value = ''] = /^([a-z0-9_]+)=(.*)$/s.exec(term) ?? []
    if (table.columns.has(name)) record[name] = value
  }
  return record
}
