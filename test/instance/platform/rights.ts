// Access control of the Table API and of GlideRecordSecure: record and field ACLs of installed apps (deny by
// default for their tables), a fixed subset for base tables. Business rules and plain GlideRecord ignore it.
import type { Session, StoredRecord } from '../types.ts'
import { baseRight } from './base-rights.ts'
import type { Operation } from './base-rights.ts'
import type { Dictionary } from './dictionary.ts'
import type { Records } from './records.ts'
import type { Store } from './store.ts'

/** What is asked. Without a record the question is whether some record could be allowed. */
export interface Question {
  table: string
  operation: Operation
  field?: string
  record?: StoredRecord
}

/** Access control of one instance. */
export interface Rights {
  allowed(session: Session, question: Question): boolean
  /** Judges ACLs that are named by sys_id or by type and name (REST endpoints, script includes). */
  passes(session: Session, acl: StoredRecord): boolean
  named(type: string, name: string): StoredRecord[]
}

interface Sources {
  dictionary: Dictionary
  store: Store
  records: Records
  /** Runs the script of an advanced ACL; true when it sets `answer` to true. */
  script(session: Session, acl: StoredRecord, record: StoredRecord | undefined): boolean
}

/** Access control over the ACL rows of the store. */
export function createRights(sources: Sources): Rights {
  const { dictionary, store } = sources
  return {
    passes: (session, acl) => passes(sources, session, { acl }),
    named: (type, name) =>
      [...store.rows('sys_security_acl')].filter(
        (row) =>
          row['active'] !== 'false' &&
          (row['type'] ?? '').toLowerCase() === type.toLowerCase() &&
          row['name'] === name,
      ),
    allowed(session, question) {
      const table = dictionary.table(question.table)
      if (!table) return false
      if (table.scope === 'global') return baseRight(session, question)
      return appAllowed(sources, session, question)
    },
  }
}

function rolesOf(store: Store, acl: StoredRecord): string[] {
  const ids = [...store.rows('sys_security_acl_role')]
    .filter((row) => row['sys_security_acl'] === acl['sys_id'])
    .map((row) => row['sys_user_role'] ?? '')
  return ids.map((id) => store.find('sys_user_role', id)?.['name'] ?? id)
}

function passes(
  sources: Sources,
  session: Session,
  { acl, record }: { acl: StoredRecord; record?: StoredRecord | undefined },
): boolean {
  if (acl['admin_overrides'] !== 'false' && session.roles.has('admin')) return true
  const roles = rolesOf(sources.store, acl)
  if (roles.length > 0 && !roles.some((role) => session.roles.has(role))) return false
  const condition = acl['condition'] ?? ''
  if (condition !== '' && record !== undefined) {
    const table = (acl['name'] ?? '').split('.')[0] ?? ''
    if (!sources.records.matches({ table, query: condition, record }, session)) return false
  }
  if ((acl['script'] ?? '').trim() === '') return true
  // A script judges a record; asked of a table as a whole, some record may be allowed.
  if (record === undefined && acl['type'] === 'record' && !acl['name']?.includes('.')) return true
  return sources.script(session, acl, record)
}

function recordAcls(store: Store, name: string, operation: Operation): StoredRecord[] {
  return [...store.rows('sys_security_acl')].filter(
    (row) =>
      row['active'] !== 'false' &&
      row['type'] === 'record' &&
      row['operation'] === operation &&
      row['name'] === name,
  )
}

/** The nearest ACLs of a list of names decide; null when none of the names has any. */
function nearest(
  sources: Sources,
  session: Session,
  { names, question }: { names: readonly string[]; question: Question },
): boolean | null {
  for (const name of names) {
    const acls = recordAcls(sources.store, name, question.operation)
    if (acls.length > 0)
      return acls.some((acl) => passes(sources, session, { acl, record: question.record }))
  }
  return null
}

function appAllowed(sources: Sources, session: Session, question: Question): boolean {
  const ancestry = sources.dictionary.ancestry(question.table)
  const onTable =
    nearest(sources, session, { names: ancestry, question }) ?? session.roles.has('admin')
  if (!onTable || question.field === undefined) return onTable
  const names = ancestry.flatMap((one) => [`${one}.${question.field}`, `${one}.*`])
  return nearest(sources, session, { names, question }) ?? true
}
