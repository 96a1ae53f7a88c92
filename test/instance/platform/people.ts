// Sessions: who a user is, which roles (inherited, by group, contained) and groups the user has.
import type { Session, StoredRecord } from '../types.ts'
import { allRoles, pick } from './inherited-roles.ts'
import { passwordMatches } from './secrets.ts'
import type { Store } from './store.ts'

/** Users of one instance. */
export interface People {
  byName(userName: string, interactive: boolean): Session | null
  bySysId(sysId: string, interactive: boolean): Session | null
  /** The platform itself: scheduled jobs. */
  system(): Session
  checkPassword(userName: string, password: string): boolean
  roleId(name: string): string | null
}

/** Users over the store. */
export function createPeople(store: Store): People {
  function session(row: StoredRecord | null, interactive: boolean): Session | null {
    if (!row || row['active'] !== 'true' || row['locked_out'] === 'true') return null
    // A web-service-only user never signs in to pages.
    if (interactive && row['web_service_access_only'] === 'true') return null
    const sysId = row['sys_id'] ?? ''
    const groups = pick(store, 'sys_user_grmember', ['user', sysId]).map(
      (one) => one['group'] ?? '',
    )
    return {
      userSysId: sysId,
      userName: row['user_name'] ?? '',
      displayName: row['name'] ?? '',
      roles: rolesOf(store, sysId),
      groups,
      interactive,
    }
  }

  return {
    byName: (userName, interactive) => session(user(store, 'user_name', userName), interactive),
    bySysId: (sysId, interactive) => session(user(store, 'sys_id', sysId), interactive),
    system: () => ({
      userSysId: 'system',
      userName: 'system',
      displayName: 'System',
      roles: new Set(roleNames(store).values()),
      groups: [],
      interactive: false,
    }),
    checkPassword(userName, password) {
      const row = user(store, 'user_name', userName)
      return row !== null && passwordMatches(row['user_password'] ?? '', password)
    },
    roleId: (name) => pick(store, 'sys_user_role', ['name', name])[0]?.['sys_id'] ?? null,
  }
}

function user(store: Store, field: string, value: string): StoredRecord | null {
  return value === '' ? null : (pick(store, 'sys_user', [field, value])[0] ?? null)
}

function roleNames(store: Store): Map<string, string> {
  return new Map(
    [...store.rows('sys_user_role')].map((row) => [row['sys_id'] ?? '', row['name'] ?? '']),
  )
}

function rolesOf(store: Store, sysId: string): Set<string> {
  const names = roleNames(store)
  const held = [...allRoles(store, sysId)].map((role) => names.get(role) ?? '')
  const own = new Set(held.filter((name) => name !== ''))
  // An admin passes every role check.
  return own.has('admin') ? new Set(names.values()) : own
}
