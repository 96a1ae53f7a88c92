// The ticket is approved where the type of a change or the template asks for it; a rejected ticket never runs
// anything, and one that waits for approval waits here, too.
import type { Check } from '#shared/decision.ts'

import { changeRulesOf, changeTypeOf, isChange } from '../change-facts.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function approval(context: CheckContext): Check {
  const { number, fields } = context.ticket
  const field = fields['approval']
  const value = field?.value.trim().toLowerCase() ?? ''
  if (value === 'rejected') {
    return fail('approval', {
      detail: `The approval of ${number} was rejected.`,
      hint: 'Talk to who rejected it, and ask for approval again when the reason is gone.',
    })
  }
  if (value === 'approved') return pass('approval', `${number} is approved.`)
  if (value === 'requested') {
    return fail('approval', {
      detail: `${number} waits for its approval.`,
      hint: 'Wait until it is approved, then run it again.',
    })
  }
  const needed = whoNeedsIt(context)
  if (needed === null) return pass('approval', `${number} needs no approval.`)
  if (field === undefined) {
    return fail('approval', {
      detail: `${needed} needs approval, but the event does not say whether ${number} has it.`,
      hint: "Ask a platform admin to add approval to the app's setting event.extra_fields.",
    })
  }
  return fail('approval', {
    detail: `${needed} needs approval, and ${number} is ${field.display ?? (value || 'not approved')}.`,
    hint: 'Ask for approval of the ticket, and run it again when it is given.',
  })
}

/** Null = nobody asks for approval of this ticket. */
function whoNeedsIt({ ticket, template, policy }: CheckContext): string | null {
  if (template.approval === 'required') return `"${template.title}"`
  if (!isChange(ticket) || !changeRulesOf(ticket, policy).approval) return null
  return `A change of type ${changeTypeOf(ticket) ?? ticket.fields['type']?.value ?? ''}`
}
