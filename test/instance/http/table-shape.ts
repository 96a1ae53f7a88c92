// How a record looks in a Table API answer: strings, and the four forms of a reference (servicenow-runtime.md §4.1).
import type { Column, Platform, Session, StoredRecord, Table } from '../types.ts'
import { canReadPath } from './table-parameters.ts'
import type { TableParameters } from './table-parameters.ts'

/** One field of an answer. */
export type ShapedValue =
  | string
  | { value: string; link?: string }
  | { display_value: string; value?: string; link?: string }

/** What shaping needs to know besides the record. */
export interface ShapeContext {
  platform: Platform
  session: Session
  table: Table
  parameters: Pick<TableParameters, 'fields' | 'display' | 'excludeReferenceLink'>
  /** Prefix of reference links, e.g. http://127.0.0.1:4320/api/now/table */
  linkBase: string
}

const journalTypes = new Set(['journal', 'journal_input', 'journal_list'])
const secretTypes = new Set(['password', 'password2'])

/** Shapes one record. Fields that the session may not read, or that do not exist, are left out. */
export function shapeRecord(
  context: ShapeContext,
  record: StoredRecord,
): Record<string, ShapedValue> {
  const { fields } = context.parameters
  const names = fields ?? [...context.table.columns.keys()].filter((name) => name in record)
  const shaped: Record<string, ShapedValue> = {}
  for (const name of names) {
    if (
      !canReadPath(context.platform, context.session, { table: context.table.name, path: name })
    ) {
      continue
    }
    const column = columnAt(context.platform, context.table, name)
    if (column !== null) shaped[name] = shapeField(context, record, { name, column })
  }
  return shaped
}

/** The column at the end of a dotted path, or null. */
function columnAt(platform: Platform, table: Table, path: string): Column | null {
  let current: Table | null = table
  let column: Column | null = null
  for (const step of path.split('.')) {
    column = current?.columns.get(step) ?? null
    if (column === null) return null
    current = column.reference === null ? null : platform.table(column.reference)
  }
  return column
}

/** The journal of a field as its display value: newest first, each entry headed (servicenow-runtime.md §2.2). */
function journalText(
  platform: Platform,
  record: { table: string; sysId: string },
  column: Pick<Column, 'name' | 'label'>,
): string {
  return platform
    .journal(record.table, record.sysId)
    .filter((entry) => entry.element === column.name)
    .toSorted((left, right) => left.createdOn.localeCompare(right.createdOn))
    .toReversed()
    .map((entry) => {
      const author = platform.session(entry.createdBy, false)?.displayName ?? entry.createdBy
      return `${entry.createdOn} - ${author} (${column.label})\n${entry.value}\n\n`
    })
    .join('')
}

function shapeField(
  context: ShapeContext,
  record: StoredRecord,
  field: { name: string; column: Column },
): ShapedValue {
  const { value, shown } = readField(context, record, field)
  const { display } = context.parameters
  if (field.column.reference !== null && value !== '' && field.column.type === 'reference') {
    return shapeReference(context, { value, shown, target: field.column.reference })
  }
  if (display === 'all') return { display_value: shown, value }
  return display === 'true' ? shown : value
}

function readField(
  context: ShapeContext,
  record: StoredRecord,
  { name, column }: { name: string; column: Column },
): { value: string; shown: string } {
  const { platform, table } = context
  if (journalTypes.has(column.type)) {
    // Journal fields read back empty, even right after writing; their entries are in sys_journal_field.
    const owner = { table: table.name, sysId: record['sys_id'] ?? '' }
    return { value: '', shown: name.includes('.') ? '' : journalText(platform, owner, column) }
  }
  const value = platform.value(table.name, record, name)
  if (secretTypes.has(column.type)) {
    return { value: '', shown: value === '' ? '' : '********' }
  }
  return { value, shown: platform.display(table.name, record, name) }
}

function shapeReference(
  context: ShapeContext,
  { value, shown, target }: { value: string; shown: string; target: string },
): ShapedValue {
  const { display, excludeReferenceLink } = context.parameters
  const link = `${context.linkBase}/${target}/${value}`
  if (display === 'all') {
    return excludeReferenceLink
      ? { display_value: shown, value }
      : { display_value: shown, link, value }
  }
  if (display === 'true') return excludeReferenceLink ? shown : { display_value: shown, link }
  return excludeReferenceLink ? value : { link, value }
}
