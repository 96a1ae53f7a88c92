// The data half of the Platform port: queries and writes of a session with its rights.
import type {
  Failure,
  Platform,
  QueryOptions,
  Session,
  StoredRecord,
  WriteResult,
} from '../types.ts'
import type { Core } from './core.ts'
import { journalEntries } from './journal.ts'
import { UnsupportedQueryError } from './query-parse.ts'

type DataAccess = Pick<
  Platform,
  | 'table'
  | 'tableNames'
  | 'session'
  | 'checkPassword'
  | 'query'
  | 'get'
  | 'insert'
  | 'update'
  | 'remove'
  | 'display'
  | 'value'
  | 'canRead'
  | 'canWrite'
  | 'journal'
>

/** The data methods over an instance's parts. */
export function createDataAccess(core: Core): DataAccess {
  const { dictionary, people, rights, writer, fields, store } = core
  return {
    table: (name) => dictionary.table(name),
    tableNames: () => dictionary.names(),
    session: (userName, interactive) => people.byName(userName, interactive),
    checkPassword: (userName, password) => people.checkPassword(userName, password),
    query: (session, table, options) => query(core, session, { ...options, table }),
    get(session, ...[table, sysId, acl = true]) {
      const record = store.find(table, sysId)
      if (!record) return null
      return acl ? readable(core, session, { table, record }) : visible(core, table, record)
    },
    insert(session, ...[table, values, display = false]) {
      const result = writer.insert(session, { table, values }, { acl: true, display })
      return shown(core, session, { table, result })
    },
    update(session, ...[table, sysId, values, display = false]) {
      const result = writer.update(session, { table, sysId, values }, { acl: true, display })
      return shown(core, session, { table, result })
    },
    remove: (session, table, sysId) => writer.remove(session, { table, sysId }, { acl: true }),
    display: (table, record, field) => fields.display(table, record, field),
    value: (table, record, field) => fields.value(table, record, field),
    canRead: (session, table, field) =>
      rights.allowed(session, { table, operation: 'read', ...(field ? { field } : {}) }),
    canWrite: (session, table, field) =>
      rights.allowed(session, { table, operation: 'write', ...(field ? { field } : {}) }),
    journal: (_table, sysId) => journalEntries(store, sysId),
  }
}

function query(
  core: Core,
  session: Session,
  { table, encodedQuery = '', limit, offset = 0, acl = true }: QueryOptions & { table: string },
): { records: StoredRecord[]; total: number } | Failure {
  if (!core.dictionary.table(table)) {
    return { ok: false, status: 400, message: `Invalid table ${table}`, detail: null }
  }
  if (acl && !core.rights.allowed(session, { table, operation: 'read' })) {
    return { ok: false, status: 403, message: 'Insufficient rights to query records', detail: null }
  }
  const rows = selected(core, session, [table, encodedQuery])
  if ('ok' in rows) return rows
  // The window is cut before the rights are judged, as on the platform: pages can be short.
  const window = rows.slice(offset, limit === undefined ? undefined : offset + limit)
  const records = window
    .map((record) =>
      acl ? readable(core, session, { table, record }) : visible(core, table, record),
    )
    .filter((record) => record !== null)
  return { records, total: rows.length }
}

function selected(
  core: Core,
  session: Session,
  [table, encodedQuery]: readonly [string, string],
): StoredRecord[] | Failure {
  try {
    return core.records.select(table, encodedQuery, session)
  } catch (error) {
    if (!(error instanceof UnsupportedQueryError)) throw error
    // Not an answer of the platform: the local instance says that it cannot judge this query.
    const detail = `The local instance does not emulate this query: ${error.message}`
    return { ok: false, status: 400, message: 'Query not emulated', detail }
  }
}

/** The record with the fields the session may read, or null. Secrets never leave. */
function readable(
  core: Core,
  session: Session,
  { table, record }: { table: string; record: StoredRecord },
): StoredRecord | null {
  const className = core.store.classOf(table, record['sys_id'] ?? '') ?? table
  if (!core.rights.allowed(session, { table: className, operation: 'read', record })) return null
  const seen: StoredRecord = {}
  for (const [field, value] of Object.entries(visible(core, className, record))) {
    const question = { table: className, operation: 'read', field, record } as const
    if (core.rights.allowed(session, question)) seen[field] = value
  }
  return seen
}

/** Password columns read as empty, whoever asks. */
function visible(core: Core, table: string, record: StoredRecord): StoredRecord {
  const seen = { ...record }
  for (const column of core.dictionary.table(table)?.columns.values() ?? []) {
    if (column.type === 'password2' || column.type === 'password') seen[column.name] = ''
    else seen[column.name] ??= ''
  }
  return seen
}

function shown(
  core: Core,
  session: Session,
  { table, result }: { table: string; result: WriteResult },
): WriteResult {
  if (!result.ok) return result
  const record = readable(core, session, { table, record: result.record })
  return { ok: true, record: record ?? { sys_id: result.record['sys_id'] ?? '' } }
}
