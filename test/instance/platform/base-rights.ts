// Who may do what with base tables: a small honest subset of the base system's ACLs. Tables of installed
// apps are judged by the ACLs of their built XML instead (rights.ts).
import type { Session, StoredRecord } from '../types.ts'

export type Operation = 'read' | 'write' | 'create' | 'delete'

const taskTables = new Set([
  'task',
  'incident',
  'change_request',
  'change_task',
  'problem',
  'sc_request',
  'sc_req_item',
  'sc_task',
])

// What every signed-in user may look up.
const publicReads = new Set([
  'sys_user',
  'sys_user_group',
  'sys_user_grmember',
  'sys_choice',
  'sys_db_object',
  'sys_dictionary',
  'cmdb_ci',
  'cmdb_ci_server',
  'cmdb_ci_linux_server',
  'cmdb_ci_win_server',
  'cmdb_ci_service',
  'cmdb_rel_ci',
  'sc_catalog',
  'sc_category',
  'sc_cat_item',
  'sc_cat_item_catalog',
  'item_option_new',
  'question_choice',
  'core_company',
  'cmn_location',
  'cmn_department',
])

const itilReads = new Set([
  'sys_journal_field',
  'sys_attachment',
  'sys_user_has_role',
  'sys_user_role',
  'sysapproval_approver',
  'sc_item_option',
  'sc_item_option_mtom',
  'sys_scope',
  'chg_model',
  'task_ci',
  'task_cmdb_ci_service',
])

// Related lists of a ticket that whoever works on tickets fills in.
const itilLists = new Set(['task_ci', 'task_cmdb_ci_service'])

// What a plain user may change: approvals of one's own, one's catalog order, attachments.
const selfServiceWrites = new Set(['sc_item_option', 'sc_item_option_mtom', 'sys_attachment'])
const selfServiceTickets = new Set(['incident', 'sc_request', 'sc_req_item'])
const peopleFields = ['caller_id', 'opened_by', 'requested_for', 'assigned_to', 'user', 'approver']
const callerFields = new Set(['comments', 'watch_list'])

/** Table-level (no record) or record-level right on a base table. */
export function baseRight(
  session: Session,
  asked: { table: string; operation: Operation; record?: StoredRecord; field?: string },
): boolean {
  const { table, operation, record, field } = asked
  if (session.roles.has('admin')) return true
  if (field === 'user_password') return false
  if (taskTables.has(table)) return taskRight(session, asked)
  if (operation === 'read' && publicReads.has(table)) return true
  if (operation === 'read' && itilReads.has(table) && session.roles.has('itil')) return true
  if (operation === 'write' && table.startsWith('cmdb_ci')) return session.roles.has('itil')
  if (itilLists.has(table) && session.roles.has('itil')) return true
  if (operation === 'create' && selfServiceWrites.has(table)) return true
  if (table === 'sysapproval_approver' && operation !== 'create' && operation !== 'delete') {
    return record === undefined || record['approver'] === session.userSysId
  }
  return operation === 'read' && table === 'sc_item_option' && record !== undefined
}

function taskRight(
  session: Session,
  {
    table,
    operation,
    record,
    field,
  }: { table: string; operation: Operation; record?: StoredRecord; field?: string },
): boolean {
  if (operation === 'delete') return false
  if (session.roles.has('itil')) return true
  if (!selfServiceTickets.has(table)) return operation === 'read' && isMine(session, record)
  if (operation === 'create') return true
  if (field === 'work_notes') return false
  if (operation === 'write' && field !== undefined) return callerFields.has(field)
  // Watching is reading: only the people of a ticket change it.
  return isMine(session, operation === 'write' ? withoutWatchers(record) : record)
}

function withoutWatchers(record: StoredRecord | undefined): StoredRecord | undefined {
  return record === undefined ? undefined : { ...record, watch_list: '' }
}

function isMine(session: Session, record: StoredRecord | undefined): boolean {
  if (record === undefined) return true
  const watchers = (record['watch_list'] ?? '').split(',')
  return (
    peopleFields.some((field) => record[field] === session.userSysId) ||
    watchers.includes(session.userSysId)
  )
}
