// A person with what the instance knows about their rights: role and group names, inherited ones included.
import { GlideRecord } from '@servicenow/glide'

import type { Person } from '../../../shared/ticket-event.ts'
import { carriable } from './text.ts'

/** The contract's limit for roles and for groups of one person. */
const maxNames = 2000

/** Stands for jobs and rules that no user record belongs to. */
const system: Person = {
  sys_id: '00000000000000000000000000000000',
  user_name: 'system',
  roles: [],
  groups: [],
}

/** The person with this sys_id, or null when there is no such user. */
export function personById(sysId: string): Person | null {
  const user = new GlideRecord('sys_user')
  if (!sysId || !user.get('sys_id', sysId)) return null
  const userName = user.getValue('user_name')
  if (!userName) return null
  const name = user.getDisplayValue('name')
  return {
    sys_id: user.getUniqueValue(),
    user_name: carriable(userName),
    ...(name ? { name: carriable(name) } : {}),
    roles: namesOf('sys_user_has_role', 'role.name', sysId),
    groups: namesOf('sys_user_grmember', 'group.name', sysId),
  }
}

/** The one who caused an event; jobs without a user record are `system`, who has no rights. */
export function actorById(sysId: string): Person {
  return personById(sysId) ?? system
}

/** Distinct, sorted names from a table that links users to something named. */
function namesOf(table: string, field: string, userId: string): string[] {
  const links = new GlideRecord(table)
  links.addQuery('user', userId)
  links.setLimit(maxNames)
  links.query()
  const names: Record<string, true> = {}
  while (links.next()) {
    const name = carriable(String(links.getElement(field) ?? ''))
    if (name) names[name] = true
  }
  return Object.keys(names).sort()
}
