// The writing half of GlideRecord.
import type { WriteResult } from '../../types.ts'
import { defaultValues } from '../defaults.ts'
import { newSysId } from '../ids.ts'
import { loadRow } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import type { GlideHost } from './host.ts'
import { requireScriptable, requireTable } from './privileges.ts'
import { allRows } from './record-query.ts'

/** initialize … deleteMultiple, aborting, rights. */
export function writeMethods(host: GlideHost, cursor: Cursor): Record<string, unknown> {
  return {
    ...recordMethods(host, cursor),
    ...multipleMethods(host, cursor),
    ...ruleMethods(host, cursor),
    getLastErrorMessage: () => cursor.lastError,
    canRead: () => may(host, cursor, 'read'),
    canCreate: () => may(host, cursor, 'create'),
    canWrite: () => may(host, cursor, 'write'),
    canDelete: () => may(host, cursor, 'delete'),
  }
}

function recordMethods(host: GlideHost, cursor: Cursor): Record<string, unknown> {
  const { core } = host
  function reset(): void {
    loadRow(cursor, {})
    cursor.valid = false
  }
  return {
    initialize: reset,
    newRecord() {
      const values = defaultValues(core, cursor.table, host.execution().session)
      reset()
      cursor.record = { ...values, sys_id: newSysId() }
      cursor.touched = { ...cursor.record }
      cursor.valid = true
      cursor.isNew = true
    },
    insert: () => insert(host, cursor),
    update: () => update(host, cursor),
    deleteRecord() {
      requireTable(host, cursor.table, 'delete')
      const row = { table: cursor.table, sysId: cursor.record['sys_id'] ?? '' }
      const result = core.writer.remove(host.execution().session, row, optionsOf(cursor))
      remember(cursor, result, false)
      return result.ok
    },
  }
}

function optionsOf(cursor: Cursor): { acl: boolean; workflow: boolean } {
  return { acl: cursor.secure, workflow: cursor.workflow }
}

function insert(host: GlideHost, cursor: Cursor): string | null {
  requireScriptable(host, 'GlideRecord.insert')
  requireTable(host, cursor.table, 'create')
  const row = { table: cursor.table, values: { ...cursor.touched } }
  const result = host.core.writer.insert(host.execution().session, row, optionsOf(cursor))
  return remember(cursor, result, true)
}

function update(host: GlideHost, cursor: Cursor): string | null {
  const sysId = cursor.record['sys_id'] ?? ''
  // update() of a record that does not exist inserts it.
  if (host.core.store.classOf(cursor.table, sysId) === null) return insert(host, cursor)
  requireScriptable(host, 'GlideRecord.update')
  requireTable(host, cursor.table, 'write')
  const row = { table: cursor.table, sysId, values: { ...cursor.touched } }
  const result = host.core.writer.update(host.execution().session, row, optionsOf(cursor))
  return remember(cursor, result, true)
}

function remember(cursor: Cursor, result: WriteResult, load: boolean): string | null {
  if (!result.ok) {
    cursor.lastError = result.detail ?? result.message
    return null
  }
  cursor.lastError = ''
  if (load) loadRow(cursor, result.record)
  return result.record['sys_id'] ?? null
}

function multipleMethods(host: GlideHost, cursor: Cursor): Record<string, unknown> {
  const { core } = host
  return {
    updateMultiple() {
      requireScriptable(host, 'GlideRecord.updateMultiple')
      requireTable(host, cursor.table, 'write')
      for (const row of allRows(host, cursor)) {
        const change = { table: cursor.table, sysId: row['sys_id'] ?? '', values: cursor.touched }
        core.writer.update(host.execution().session, change, optionsOf(cursor))
      }
    },
    deleteMultiple() {
      requireScriptable(host, 'GlideRecord.deleteMultiple')
      requireTable(host, cursor.table, 'delete')
      for (const row of allRows(host, cursor)) {
        const target = { table: cursor.table, sysId: row['sys_id'] ?? '' }
        core.writer.remove(host.execution().session, target, optionsOf(cursor))
      }
    },
  }
}

function ruleMethods(host: GlideHost, cursor: Cursor): Record<string, unknown> {
  const { core, scope } = host
  function foreign(): boolean {
    return core.dictionary.table(cursor.table)?.scope !== scope && scope !== 'global'
  }
  return {
    setAbortAction(abort: unknown) {
      if (!cursor.rule?.canAbort || foreign()) {
        core.log.add('warn', scope, `setAbortAction has no effect here (${cursor.table})`)
        return
      }
      cursor.rule.work.abortedBy = abort === true ? cursor.rule.name : null
    },
    isActionAborted: () => (cursor.rule?.work.abortedBy ?? null) !== null,
    setWorkflow(enabled: unknown) {
      if (foreign()) {
        core.log.add(
          'warn',
          scope,
          `setWorkflow is not available on ${cursor.table} from another scope`,
        )
        return
      }
      cursor.workflow = enabled === true
    },
  }
}

function may(
  host: GlideHost,
  cursor: Cursor,
  operation: 'read' | 'create' | 'write' | 'delete',
): boolean {
  const table = cursor.record['sys_class_name'] || cursor.table
  const record = cursor.valid && operation !== 'create' ? { record: cursor.record } : {}
  return host.core.rights.allowed(host.execution().session, { table, operation, ...record })
}
