// The ticket is named beyond doubt: table, number and sys_id have their form, none is empty, and the envelope
// of the event speaks of the same one. What is written later goes to exactly this ticket.
import type { Check } from '#shared/decision.ts'
import { Ticket } from '#shared/ticket-event.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

const identity = Ticket.pick({ table: true, number: true, sys_id: true })

export function ticketIdentity({ ticket, subject }: CheckContext): Check {
  const { table, number, sys_id } = ticket
  const wrong = identity.safeParse({ table, number, sys_id }).error?.issues[0]
  if (wrong !== undefined) {
    const name = String(wrong.path[0])
    const value = ticket[name === 'table' || name === 'number' ? name : 'sys_id']
    return fail('ticket-identity', {
      detail: `The ticket's ${name} is ${value === '' ? 'empty' : `"${value}"`}: it ${wrong.message}.`,
      hint: 'Save the ticket and run it again; if it stays so, tell a platform admin.',
    })
  }
  const named = `${table}/${number}`
  if (subject !== null && subject !== named) {
    return fail('ticket-identity', {
      detail: `The event is addressed to ${subject}, but carries ${named}.`,
      hint: 'Tell a platform admin: whoever sent this event mixed up two tickets.',
    })
  }
  return pass('ticket-identity', `The ticket is ${named} (${sys_id}).`)
}
