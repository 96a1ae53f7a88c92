// Turns values that come in (forms, REST, scripts) into what a row holds: types normalised, text cut at the
// column's length, display values resolved, secrets scrambled.
import type { Column, Session, StoredRecord, Table } from '../types.ts'
import { fromStored } from './clock.ts'
import type { Dictionary } from './dictionary.ts'
import type { Rights } from './rights.ts'
import { hashPassword, isScrambled, scramble } from './secrets.ts'
import type { Store } from './store.ts'
import type { SystemLog } from './system-log.ts'
import type { WriteOptions } from './work.ts'

interface Sources {
  dictionary: Dictionary
  store: Store
  log: SystemLog
}

/** The stored form of a value for a column. `table` is for the log line of a cut value. */
export function storedValue(
  sources: Sources,
  table: string,
  [column, given]: readonly [Column, string],
): string {
  switch (column.type) {
    case 'boolean':
      if (given === '') return ''
      return given === '1' || given.toLowerCase() === 'true' ? 'true' : 'false'
    case 'integer':
    case 'longint':
      return /^-?\d+$/.test(given.trim()) ? String(Number(given)) : ''
    case 'glide_date_time':
    case 'due_date':
      return fromStored(given) === null ? '' : withTime(given.trim())
    default:
      return cut(sources, table, [column, given])
  }
}

function withTime(given: string): string {
  return given.length === 10 ? `${given} 00:00:00` : given
}

/** Journal texts are rows of sys_journal_field, whose value no dictionary length limits (KB0685779). */
const uncut: readonly string[] = ['password2', 'journal_input']

function cut({ log }: Sources, table: string, [column, given]: readonly [Column, string]): string {
  if (given.length <= column.maxLength || uncut.includes(column.type)) return given
  log.add(
    'warn',
    table,
    `${table}.${column.name} cut from ${given.length} to ${column.maxLength} characters`,
  )
  return given.slice(0, column.maxLength)
}

/** The stored value of a display value: sys_id of a name, value of a label, scrambled secret. */
export function fromDisplay(
  sources: Pick<Sources, 'dictionary' | 'store'>,
  column: Column,
  given: string,
): string {
  if (given === '') return ''
  if (column.type === 'password2') return scramble(given)
  if (column.type === 'reference') return referenceByName(sources, column.reference ?? '', given)
  const choice = column.choices.find((one) => one.label.toLowerCase() === given.toLowerCase())
  return choice?.value ?? given
}

function referenceByName(
  { dictionary, store }: Pick<Sources, 'dictionary' | 'store'>,
  table: string,
  name: string,
): string {
  if (store.find(table, name)) return name
  for (const row of store.rows(table)) {
    const className: Table | null = dictionary.table(row['sys_class_name'] || table)
    const shown = row[className?.displayField ?? 'name'] ?? ''
    if (shown.toLowerCase() === name.toLowerCase()) return row['sys_id'] ?? ''
  }
  return ''
}

// What a form shows for a secret and sends back unchanged.
const mask = '********'

interface Incoming {
  table: string
  values: StoredRecord
  session: Session
  options: WriteOptions
  /** The record before an update; absent on insert. */
  record?: StoredRecord
}

/** The stored form of the values somebody wants to write: unknown and unwritable fields are left out. */
export function incomingValues(
  sources: Sources & { rights: Pick<Rights, 'allowed'> },
  { table, values, session, options, record }: Incoming,
): StoredRecord {
  const columns = sources.dictionary.table(table)?.columns
  const taken: StoredRecord = {}
  for (const [field, given] of Object.entries(values)) {
    const column = columns?.get(field)
    if (!column || isStamp(field, record)) continue
    if (column.type.startsWith('password') && given === mask) continue
    const operation = record ? 'write' : 'create'
    const question = { table, field, operation, ...(record ? { record } : {}) } as const
    if (options.acl && !sources.rights.allowed(session, question)) continue
    taken[field] = storedValue(sources, table, [
      column,
      entered(sources, column, { given, session, options }),
    ])
  }
  return taken
}

function entered(
  sources: Sources,
  column: Column,
  { given, session, options }: { given: string; session: Session; options: WriteOptions },
): string {
  if (column.type === 'password' && options.acl) return given === '' ? '' : hashPassword(given)
  // A form sends secrets in plain and the platform scrambles them; REST needs sysparm_input_display_value.
  const secret =
    column.type === 'password2' && options.acl && session.interactive && !isScrambled(given)
  return options.display || secret ? fromDisplay(sources, column, given) : given
}

// Stamps are the platform's own; a sys_id may be chosen on insert.
function isStamp(field: string, record: StoredRecord | undefined): boolean {
  return field === 'sys_id' ? record !== undefined : /^sys_(created|updated|mod|class)_/.test(field)
}
