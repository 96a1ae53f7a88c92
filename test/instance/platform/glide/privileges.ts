// Cross-scope access (c_RuntimeAccessTracking, c_CrossScopePrivilegeRecord): a scoped app needs an allowed
// sys_scope_privilege for every operation on a foreign table and for every platform API that instances record.
import type { GlideHost } from './host.ts'

export type TableOperation = 'read' | 'write' | 'create' | 'delete'

const operationNames: Readonly<Record<TableOperation, string>> = {
  read: 'Read',
  write: 'Write',
  create: 'Create',
  delete: 'Delete',
}

/** Throws (or logs, when tracking) unless the scope may do this to the table. */
export function requireTable(host: GlideHost, table: string, operation: TableOperation): void {
  const owner = host.core.dictionary.table(table)?.scope
  if (owner === undefined || owner === host.scope || host.scope === 'global') return
  if (declared(host, { type: 'sys_db_object', name: table, operation })) return
  deny(
    host,
    `${operationNames[operation]} operation against '${table}' from scope '${host.scope}' was denied. The application does not have a privilege for it: declare a sys_scope_privilege.`,
  )
}

/** Throws (or logs, when tracking) unless the scope may call the API under the name instances record for it. */
export function requireScriptable(host: GlideHost, name: string): void {
  if (host.scope === 'global') return
  if (declared(host, { type: 'scriptable', name, operation: 'execute' })) return
  deny(
    host,
    `Execute operation on API '${name}' from scope '${host.scope}' was denied. The application does not have a privilege for it: declare a sys_scope_privilege.`,
  )
}

function declared(
  { core, scope }: GlideHost,
  wanted: { type: string; name: string; operation: string },
): boolean {
  for (const row of core.store.rows('sys_scope_privilege')) {
    const source = row['source_scope'] ?? ''
    const from = core.store.find('sys_scope', source)?.['scope'] ?? source
    if (
      from === scope &&
      row['status'] === 'allowed' &&
      row['target_type'] === wanted.type &&
      row['target_name'] === wanted.name &&
      row['operation'] === wanted.operation
    ) {
      return true
    }
  }
  return false
}

function deny(host: GlideHost, message: string): void {
  host.core.log.add('error', host.scope, message)
  if (host.core.settings.runtimeAccess === 'enforcing') throw host.realm.error(message)
}
