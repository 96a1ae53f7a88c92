// The change has come as far as Scheduled: nothing starts while it is still assessed and authorized, because the
// connector could not move it on to Implement from there. Applies to changes only.
import type { Check } from '#shared/decision.ts'

import { isChange } from '../change-facts.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

/** New, Assess and Authorize (state model of changes in the base system). */
const beforeScheduled: ReadonlySet<string> = new Set(['-5', '-4', '-3'])

export function changeState({ ticket }: Pick<CheckContext, 'ticket'>): Check | null {
  if (!isChange(ticket)) return null
  const state = ticket.fields['state']
  if (state === undefined) {
    return pass('change-state', `The event does not say in which state ${ticket.number} is.`)
  }
  const value = state.value.trim()
  const shown = state.display ?? `in state ${value}`
  if (!beforeScheduled.has(value)) return pass('change-state', `${ticket.number} is ${shown}.`)
  return fail('change-state', {
    detail: `${ticket.number} is ${shown}, and work on a change starts only when it is scheduled.`,
    hint: 'Move it to Scheduled first.',
  })
}
