// The ticket is still open: nothing starts for a ticket that is resolved, closed or cancelled.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

/** States per table after which no automation starts (servicenow-runtime: state models of the base system). */
const endedStates: Record<string, readonly string[]> = {
  incident: ['6', '7', '8'],
  change_request: ['3', '4'],
  problem: ['106', '107'],
  sc_req_item: ['3', '4', '7'],
  sc_task: ['3', '4', '7'],
}

export function ticketOpen(context: CheckContext): Check {
  const { ticket } = context
  const state = ticket.fields['state']
  const ended = state !== undefined && (endedStates[ticket.table] ?? []).includes(state.value)
  const inactive = ticket.fields['active']?.value === 'false'
  if (!ended && !inactive) {
    return pass('ticket-open', `${ticket.number} is ${shown(state)}.`)
  }
  return fail('ticket-open', {
    detail: `${ticket.number} is ${shown(state)}, so nothing is started for it.`,
    hint: 'Reopen the ticket first if the work is not done.',
  })
}

function shown(state: { value: string; display?: string | undefined } | undefined): string {
  return state === undefined ? 'open' : (state.display ?? `in state ${state.value}`)
}
