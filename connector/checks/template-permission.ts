// The actor may run this very template: by role, group or name. Only the actor counts, never the requester
// or the assignee of the ticket.
import type { Check } from '#shared/decision.ts'

import { fail, pass, startedByPerson } from './check.ts'
import type { CheckContext } from './check.ts'

export function templatePermission(context: CheckContext): Check {
  const { actor, template, trigger } = context
  const { roles, groups, users } = template.permissions
  if (!startedByPerson(trigger)) {
    return pass('template-permission', `The template allows its rule to start it on "${trigger}".`)
  }
  if (roles.length + groups.length + users.length === 0) {
    return pass('template-permission', 'The template is open to every agent.')
  }
  const granted = firstGrant(context)
  if (granted !== null) return pass('template-permission', `${actor.user_name} ${granted}.`)
  return fail('template-permission', {
    detail: `${actor.user_name} is not among those who may run "${template.title}": ${describe(context)}.`,
    hint: 'Ask one of them to run it, or ask a platform admin to extend the template permissions.',
  })
}

function firstGrant({ actor, template }: CheckContext): string | null {
  const { roles, groups, users } = template.permissions
  if (users.includes(actor.user_name)) return 'is named by the template'
  const role = roles.find((name) => actor.roles.includes(name))
  if (role !== undefined) return `has the role ${role}`
  const group = groups.find((name) => actor.groups.includes(name))
  return group === undefined ? null : `is in the group ${group}`
}

function describe({ template }: CheckContext): string {
  const { roles, groups, users } = template.permissions
  const parts = [
    roles.length > 0 ? `role ${roles.join(' or ')}` : '',
    groups.length > 0 ? `group ${groups.join(' or ')}` : '',
    users.length > 0 ? `user ${users.join(' or ')}` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
