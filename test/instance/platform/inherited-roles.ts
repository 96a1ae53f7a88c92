// Roles by inheritance: a role contains others, a group has roles. The platform keeps a row of
// sys_user_has_role for every inherited role too, and apps read those rows.
import type { StoredRecord } from '../types.ts'
import { fixedSysId } from './ids.ts'
import type { Store } from './store.ts'

/** Rows of a table with this value in this field. */
export function pick(
  store: Store,
  table: string,
  [field, value]: readonly [string, string],
): StoredRecord[] {
  return [...store.rows(table)].filter((row) => row[field] === value)
}

/** sys_ids of all roles a user has, directly, by group or contained in another role. */
export function allRoles(store: Store, sysId: string): Set<string> {
  const direct = pick(store, 'sys_user_has_role', ['user', sysId])
  const groups = pick(store, 'sys_user_grmember', ['user', sysId]).map((row) => row['group'] ?? '')
  const open = direct.filter((row) => row['inherited'] !== 'true').map((row) => row['role'] ?? '')
  for (const group of groups) {
    open.push(
      ...pick(store, 'sys_group_has_role', ['group', group]).map((row) => row['role'] ?? ''),
    )
  }
  const all = new Set<string>()
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    if (all.has(role)) continue
    all.add(role)
    open.push(
      ...pick(store, 'sys_user_role_contains', ['role', role]).map((row) => row['contains'] ?? ''),
    )
  }
  return all
}

/** Brings the rows of inherited roles up to date. */
export function materializeRoles(store: Store, user: string): void {
  const rows = pick(store, 'sys_user_has_role', ['user', user])
  const direct = rows.filter((row) => row['inherited'] !== 'true').map((row) => row['role'] ?? '')
  for (const row of rows) {
    if (row['inherited'] === 'true') store.remove('sys_user_has_role', row['sys_id'] ?? '')
  }
  for (const role of allRoles(store, user)) {
    if (direct.includes(role)) continue
    const sysId = fixedSysId(`sys_user_has_role:${user}>${role}:inherited`)
    store.put('sys_user_has_role', {
      sys_id: sysId,
      user,
      role,
      inherited: 'true',
      state: 'active',
    })
  }
}

const roleTables = new Set(['sys_user_has_role', 'sys_user_grmember'])

/** After a write: rows that grant or take roles change the inherited ones as well. */
export function rolesChanged(store: Store, table: string, record: StoredRecord): void {
  if (roleTables.has(table)) materializeRoles(store, record['user'] ?? '')
}
