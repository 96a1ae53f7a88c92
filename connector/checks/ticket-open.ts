// The ticket is open: nothing starts for one that is resolved, in review, closed or cancelled, and no rule by
// itself for one that somebody has put on hold.
import type { Check } from '#shared/decision.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { fail, pass, startedByPerson } from './check.ts'
import type { CheckContext } from './check.ts'

/**
 * States per table after which no automation starts (state models of the base system). The work of a change in
 * review (0) is done.
 */
const endedStates: Readonly<Record<string, readonly string[]>> = {
  incident: ['6', '7', '8'],
  change_request: ['0', '3', '4'],
  problem: ['106', '107'],
  sc_req_item: ['3', '4', '7'],
  sc_task: ['3', '4', '7'],
}

/** States that mean on hold; a change has the field `on_hold` for it. */
const heldStates: Readonly<Record<string, readonly string[]>> = { incident: ['3'] }

export function ticketOpen({ ticket, trigger }: CheckContext): Check {
  const { number, fields } = ticket
  if (isIn(endedStates, ticket) || says(fields['active']?.value, 'false')) {
    return fail('ticket-open', {
      detail: `${number} is ${shown(ticket)}, so nothing is started for it.`,
      hint: 'Reopen the ticket first if the work is not done.',
    })
  }
  const held = isIn(heldStates, ticket) || says(fields['on_hold']?.value, 'true')
  if (!held) return pass('ticket-open', `${number} is ${shown(ticket)}.`)
  if (startedByPerson(trigger)) {
    return pass('ticket-open', `${number} is on hold; a person may still start it.`)
  }
  return fail('ticket-open', {
    detail: `${number} is on hold, and no rule starts anything on its own for such a ticket.`,
    hint: 'Take the ticket off hold, or run it by hand.',
  })
}

function isIn(states: Readonly<Record<string, readonly string[]>>, ticket: Ticket): boolean {
  const state = ticket.fields['state']
  if (state === undefined || !Object.hasOwn(states, ticket.table)) return false
  return states[ticket.table]?.includes(state.value) ?? false
}

/** ServiceNow writes booleans as true/false, in some exports as 1/0. */
function says(value: string | undefined, wanted: 'true' | 'false'): boolean {
  return value === wanted || value === (wanted === 'true' ? '1' : '0')
}

function shown({ fields }: Ticket): string {
  const state = fields['state']
  if (state === undefined) return 'open'
  return state.display ?? `in state ${state.value}`
}
