// Nothing starts in a freeze of the company's policy: not now, and for a change that is planned for later not
// at its start. The gate asks again before the first launch.
import type { Check } from '#shared/decision.ts'

import { changeTypeOf, isChange, startOf, windowOf } from '../change-facts.ts'
import { environmentName, environmentOf } from '../environment.ts'
import type { Freeze } from '../policy.ts'
import { utcTime } from '../utc-time.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

/** What the check looks at; the gate has no more than that. */
export type FreezeContext = Pick<CheckContext, 'policy' | 'ticket' | 'template' | 'now'>

/** The freeze that ends last is named: before its end nothing changes. */
export function freeze(context: FreezeContext): Check {
  const { ticket, now, policy } = context
  const at = startOf(ticket, now)
  const when = at > now ? `at its planned start ${utcTime(at)}` : 'now'
  const ofTicket = policy.freezes.filter((one) => concerns(one, context))
  const [last] = ofTicket
    .filter((one) => new Date(one.from) <= at && at < new Date(one.to))
    .toSorted((a, b) => Date.parse(b.to) - Date.parse(a.to))
  if (last === undefined) {
    return pass('freeze', `No freeze ${when}.${laterFreeze(ofTicket, context)}`)
  }
  const ends = utcTime(new Date(last.to))
  const guess = isGuess(last, context) ? ' Its environment is not known, so the freeze counts.' : ''
  return fail('freeze', {
    detail: `The freeze "${last.name}" until ${ends} holds ${ticket.number} ${when}.${guess}`,
    hint: isChange(ticket)
      ? `Plan the start after ${ends}, or ask who is responsible for the freeze.`
      : `Start it after ${ends}, or ask who is responsible for the freeze.`,
  })
}

/** True when the freeze speaks of such a ticket and template, whenever it is. */
function concerns(one: Freeze, context: FreezeContext): boolean {
  const { ticket, template } = context
  if (one.tables.length > 0 && !one.tables.includes(ticket.table)) return false
  if (one.templates.length > 0 && !one.templates.includes(template.name)) return false
  const type = isChange(ticket) ? changeTypeOf(ticket) : null
  if (type !== null && one.except_change_types.includes(type)) return false
  if (one.environments.length === 0) return true
  const environment = environmentOf(template, ticket)
  if (!environment.known) return worksSomewhere(context)
  return one.environments.some((name) => environmentName(name) === environment.name)
}

/** Whatever works on a system is in some environment, so one that is not known may be the frozen one. */
function worksSomewhere({ ticket, template }: FreezeContext): boolean {
  const item = ticket.fields['cmdb_ci']?.value ?? ''
  const mapped = template.environment !== undefined || template.targets !== undefined
  return isChange(ticket) || mapped || item !== ''
}

function isGuess(one: Freeze, { template, ticket }: FreezeContext): boolean {
  return one.environments.length > 0 && !environmentOf(template, ticket).known
}

/** A freeze that begins before the window ends may meet a plan that is late. */
function laterFreeze(freezes: readonly Freeze[], { ticket, now }: FreezeContext): string {
  const { end } = windowOf(ticket)
  if (end === null) return ''
  const at = startOf(ticket, now)
  const [next] = freezes
    .filter((one) => new Date(one.from) > at && new Date(one.from) < end)
    .toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))
  if (next === undefined) return ''
  return ` The freeze "${next.name}" begins at ${utcTime(new Date(next.from))}, before the window ends.`
}
