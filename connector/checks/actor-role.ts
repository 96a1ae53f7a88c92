// The person who clicked may use automations at all. Rules that fire by themselves and ordered items have
// their own permission: the template's author allowed the trigger, the catalog allowed the order.
import type { Check } from '#shared/decision.ts'
import { appScope } from '#shared/vocabulary.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

const agentRoles = [`${appScope}.agent`, `${appScope}.admin`]

export function actorRole(context: CheckContext): Check {
  const { actor } = context
  if (context.trigger === 'ordered') {
    return pass(
      'actor-role',
      `${actor.user_name} ordered the item; the catalog decides who may order it.`,
    )
  }
  if (context.trigger !== 'manual') {
    return pass(
      'actor-role',
      `Started by a rule on "${context.trigger}"; no person needs a role for it.`,
    )
  }
  const role = agentRoles.find((name) => actor.roles.includes(name))
  if (role !== undefined) return pass('actor-role', `${actor.user_name} has the role ${role}.`)
  return fail('actor-role', {
    detail: `${actor.user_name} has neither ${agentRoles.join(' nor ')}.`,
    hint: `Ask for the role ${agentRoles[0]}, or ask an agent to run it.`,
  })
}
