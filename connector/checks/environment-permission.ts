// Where the work happens is allowed: the environment of the ticket's configuration item (or of the field the
// template names), never one that somebody wrote into the ticket. Production has to be allowed by the template;
// the roles asked for there are the actor's.
import type { Check } from '#shared/decision.ts'

import { environmentName, environmentOf, isProductionLike } from '../environment.ts'
import type { KnownEnvironment } from '../environment.ts'
import { fail, pass, startedByPerson } from './check.ts'
import type { CheckContext } from './check.ts'

const name = 'environment-permission'

/** What it looks at: for each listed target at the start there is no more. */
type PlaceContext = Pick<CheckContext, 'template' | 'ticket' | 'actor' | 'trigger'>

export function environmentPermission(context: PlaceContext): Check {
  const { template, ticket } = context
  const environment = environmentOf(template, ticket)
  if (!environment.known) return unknown(environment, context)
  const allow = template.environment?.allow
  if (allow === undefined) return byDefault(environment, context)
  const rule = Object.entries(allow).find(([key]) => environmentName(key) === environment.name)?.[1]
  const where = described(environment)
  if (rule === undefined) {
    return fail(name, {
      detail: `${where}; the template allows only ${Object.keys(allow).join(', ') || 'no environment at all'}.`,
      hint: `Use an automation for ${environment.name}, or ask a platform admin to allow it in the template.`,
    })
  }
  if (!startedByPerson(context.trigger)) {
    const automatic = rule.automatic ?? !isProductionLike(environment.name)
    if (automatic) return pass(name, `${where}; the template allows rules to start it there.`)
    return fail(name, {
      detail: `${where}, and the template lets no rule start it there without a person.`,
      hint: 'Run it by hand.',
    })
  }
  return byRoles(rule.roles, { where, environment: environment.name }, context)
}

function byRoles(
  roles: readonly string[],
  place: { where: string; environment: string },
  { actor }: PlaceContext,
): Check {
  if (roles.length === 0) {
    return pass(name, `${place.where}; the template allows everybody who may run it there.`)
  }
  const role = roles.find((wanted) => actor.roles.includes(wanted))
  if (role !== undefined) {
    return pass(name, `${place.where}; ${actor.user_name} has the role ${role} for it.`)
  }
  return fail(name, {
    detail: `${place.where}, and ${actor.user_name} has none of the roles for it: ${roles.join(', ')}.`,
    hint: `Ask somebody with the role ${roles.join(' or ')} to run it.`,
  })
}

/** A template that says nothing of environments runs everywhere but in production. */
function byDefault(
  environment: Extract<KnownEnvironment, { known: true }>,
  { template }: PlaceContext,
): Check {
  const where = described(environment)
  if (!isProductionLike(environment.name)) {
    return pass(name, `${where}; the template runs everywhere but in production.`)
  }
  return fail(name, {
    detail: `${where}, and "${template.title}" is not allowed there.`,
    hint: `Ask a platform admin to allow ${environment.name} in the template (environment.allow), or do it by hand.`,
  })
}

function unknown(
  { because, field }: Extract<KnownEnvironment, { known: false }>,
  { template, ticket }: PlaceContext,
): Check {
  if (because === 'free_text') {
    return fail(name, {
      detail: `The template reads the environment from ${field}, where anybody can write what they like.`,
      hint: 'Ask a platform admin to name a field of the configuration item in the template (environment.field).',
    })
  }
  if (template.environment === undefined) {
    return pass(
      name,
      `No environment is known for ${ticket.number}, and the template asks for none.`,
    )
  }
  if (because === 'missing') {
    return fail(name, {
      detail: `The template needs the environment, but the event carries no field ${field}.`,
      hint: `Ask a platform admin to add ${field} to the app's setting event.extra_fields.`,
    })
  }
  return fail(name, {
    detail: `The template needs the environment, but ${field} of ${ticket.number} is empty.`,
    hint: field.startsWith('cmdb_ci.')
      ? `Set the configuration item of ${ticket.number} and its environment.`
      : `Set ${field} of ${ticket.number}.`,
  })
}

function described({
  name: environment,
  shown,
  field,
}: Extract<KnownEnvironment, { known: true }>): string {
  const from = shown.toLowerCase() === environment ? field : `${field}: ${shown}`
  return `The environment is ${environment} (${from})`
}
