// Writes records in the platform's order (servicenow-runtime.md §3): before rules < 1000, engines, before
// rules >= 1000, database, after rules < 1000, after rules >= 1000; async jobs start after the commit.
import type { Column, Failure, Session, StoredRecord, WriteResult } from '../types.ts'
import { toStored } from './clock.ts'
import type { Clock } from './clock.ts'
import { defaultValues } from './defaults.ts'
import type { Dictionary } from './dictionary.ts'
import { runEngines } from './engines.ts'
import { newSysId } from './ids.ts'
import { rolesChanged } from './inherited-roles.ts'
import { addJournalEntry } from './journal.ts'
import type { Rights } from './rights.ts'
import type { Store } from './store.ts'
import type { SystemLog } from './system-log.ts'
import { uniqueViolation } from './unique.ts'
import { incomingValues } from './values.ts'
import { changedFields } from './work.ts'
import type { RuleEngine, Work, WriteOptions } from './work.ts'

/** Writes of one instance. */
export interface Writer {
  insert(
    session: Session,
    row: { table: string; values: StoredRecord },
    options: WriteOptions,
  ): WriteResult
  update(
    session: Session,
    row: { table: string; sysId: string; values: StoredRecord },
    options: WriteOptions,
  ): WriteResult
  remove(
    session: Session,
    row: { table: string; sysId: string },
    options: WriteOptions,
  ): WriteResult
}

/** What a writer works with. */
export interface WriterSources {
  dictionary: Dictionary
  store: Store
  clock: Clock
  log: SystemLog
  rights: Rights
  rules: RuleEngine
}

const noRecord: Failure = {
  ok: false,
  status: 404,
  message: 'No Record found',
  detail: "Record doesn't exist or ACL restricts the record retrieval",
}

/** The writer over a store. */
export function createWriter(sources: WriterSources): Writer {
  return {
    insert: (session, row, options) => insert(sources, session, { ...row, options }),
    update: (session, row, options) => update(sources, session, { ...row, options }),
    remove: (session, row, options) => remove(sources, session, { ...row, options }),
  }
}

function insert(
  sources: WriterSources,
  session: Session,
  { table, values, options }: { table: string; values: StoredRecord; options: WriteOptions },
): WriteResult {
  if (!sources.dictionary.table(table)) return invalidTable(table)
  if (options.acl && !sources.rights.allowed(session, { table, operation: 'create' })) {
    return aclFailure('Insert')
  }
  const start = { ...defaultValues(sources, table, session), sys_id: newSysId() }
  const given = incomingValues(sources, { table, values, session, options })
  const current: StoredRecord = { ...start, ...given, sys_class_name: table }
  const work = newWork(sources, session, { table, operation: 'insert', current, previous: null })
  return carryOut(sources, work, options)
}

interface Target {
  table: string
  sysId: string
  options: WriteOptions
}

function update(
  sources: WriterSources,
  session: Session,
  target: Target & { values: StoredRecord },
): WriteResult {
  const found = findTarget(sources, session, { ...target, operation: 'write' })
  if (!('record' in found)) return found
  const { table, record } = found
  const { values, options } = target
  const given = incomingValues(sources, { table, values, session, options, record })
  const current = { ...record, ...given }
  if (changedFields(record, current).length === 0) return { ok: true, record }
  const work = newWork(sources, session, { table, operation: 'update', current, previous: record })
  return carryOut(sources, work, options)
}

function remove(sources: WriterSources, session: Session, target: Target): WriteResult {
  const found = findTarget(sources, session, { ...target, operation: 'delete' })
  if (!('record' in found)) return found
  const { table, record } = found
  const current = { ...record }
  const work = newWork(sources, session, { table, operation: 'delete', current, previous: record })
  return carryOut(sources, work, target.options)
}

function findTarget(
  { dictionary, store, rights }: WriterSources,
  session: Session,
  { table, sysId, options, operation }: Target & { operation: 'write' | 'delete' },
): { table: string; record: StoredRecord } | Failure {
  if (!dictionary.table(table)) return invalidTable(table)
  const className = store.classOf(table, sysId)
  const record = className === null ? null : store.find(className, sysId)
  if (className === null || record === null) return noRecord
  const question = { table: className, record }
  if (options.acl && !rights.allowed(session, { ...question, operation: 'read' })) return noRecord
  if (options.acl && !rights.allowed(session, { ...question, operation })) {
    return aclFailure(operation === 'write' ? 'Update' : 'Delete')
  }
  return { table: className, record }
}

function newWork(
  { clock }: WriterSources,
  session: Session,
  work: Pick<Work, 'table' | 'operation' | 'current' | 'previous'>,
): Work {
  const at = toStored(clock.now())
  return { ...work, session, userSysId: session.userSysId, at, abortedBy: null }
}

function carryOut(sources: WriterSources, work: Work, options: WriteOptions): WriteResult {
  const { rules } = sources
  if (options.workflow === false) return commit(sources, work)
  rules.before(work, 'early')
  const refusal = runEngines(sources, work)
  if (refusal) return failed(refusal.detail)
  rules.before(work, 'late')
  if (work.abortedBy !== null) return failed(abortText(work.table, work.abortedBy))
  const jobs = rules.async(work)
  const result = commit(sources, work)
  if (!result.ok) return result
  rules.after(work, 'early')
  rules.after(work, 'late')
  for (const start of jobs) start()
  return result
}

function commit({ dictionary, store, log }: WriterSources, work: Work): WriteResult {
  const { table, current, session, at } = work
  const sysId = current['sys_id'] ?? ''
  if (work.operation === 'delete') {
    store.remove(table, sysId)
    rolesChanged(store, table, current)
    return { ok: true, record: current }
  }
  const violation = uniqueViolation({ dictionary, store }, work)
  if (violation !== null) {
    log.add('error', table, violation)
    return failed(violation)
  }
  const columns = dictionary.table(table)?.columns ?? new Map<string, Column>()
  const row: StoredRecord = {}
  for (const [name, one] of columns) {
    const value = current[name] ?? ''
    if (one.type !== 'journal_input') row[name] = value
    else if (value !== '')
      addJournalEntry(store, { table, sysId, element: name, value, at }, session)
  }
  stamp(row, work)
  store.put(table, row)
  // After rules see the record as it was stored; journal texts stay visible to them.
  Object.assign(current, row)
  rolesChanged(store, table, row)
  return { ok: true, record: row }
}

function stamp(row: StoredRecord, { operation, session, at, previous }: Work): void {
  if (operation === 'insert') {
    row['sys_created_on'] = at
    row['sys_created_by'] = session.userName
    row['sys_mod_count'] = '0'
  } else {
    row['sys_created_on'] = previous?.['sys_created_on'] ?? at
    row['sys_created_by'] = previous?.['sys_created_by'] ?? ''
    row['sys_mod_count'] = String(Number(previous?.['sys_mod_count'] ?? '0') + 1)
  }
  row['sys_updated_on'] = at
  row['sys_updated_by'] = session.userName
}

function invalidTable(table: string): Failure {
  return { ok: false, status: 400, message: `Invalid table ${table}`, detail: null }
}

function aclFailure(operation: 'Insert' | 'Update' | 'Delete'): Failure {
  const detail = `ACL Exception ${operation} Failed due to security constraints`
  return { ok: false, status: 403, message: 'Operation Failed', detail }
}

function failed(detail: string): Failure {
  return { ok: false, status: 403, message: 'Operation Failed', detail }
}

function abortText(table: string, rule: string): string {
  const name = rule.split('^')[0] ?? ''
  return `Operation against file '${table}' was aborted by Business Rule '${rule}'. Business Rule Stack:${name}`
}
