// gs.getUser() and gs.getSession().
import { text } from './host.ts'
import type { GlideHost } from './host.ts'

/** The user object of the running session. */
export function userApi({ core, realm, execution }: GlideHost): Record<string, unknown> {
  const { session } = execution()
  const row = core.store.find('sys_user', session.userSysId) ?? {}
  return {
    getID: () => session.userSysId,
    getName: () => session.userName,
    getDisplayName: () => session.displayName,
    getFirstName: () => row['first_name'] ?? '',
    getLastName: () => row['last_name'] ?? '',
    getEmail: () => row['email'] ?? '',
    getCompanyID: () => row['company'] ?? '',
    getRoles: () => realm.data([...session.roles]),
    getUserRoles: () => realm.data([...session.roles]),
    hasRole: (role: unknown) => session.roles.has('admin') || session.roles.has(text(role)),
    isMemberOf(group: unknown) {
      const wanted = text(group)
      return session.groups.some(
        (one) => one === wanted || core.store.find('sys_user_group', one)?.['name'] === wanted,
      )
    },
  }
}

/** The session object; client data lives for one execution only. */
export function sessionApi({ execution, core, scope }: GlideHost): Record<string, unknown> {
  const { session } = execution()
  return {
    isInteractive: () => session.interactive,
    isLoggedIn: () => session.userName !== 'guest',
    getLanguage: () => 'en',
    getTimeZoneName: () => 'UTC',
    getUserID: () => session.userSysId,
    getCurrentApplicationId: () =>
      [...core.store.rows('sys_scope')].find((row) => row['scope'] === scope)?.['sys_id'] ??
      'global',
  }
}
