// The template is meant for this type of change. Applies to changes only.
import type { Check } from '#shared/decision.ts'

import { changeTypeOf, isChange } from '../change-facts.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function changeType({ ticket, template }: CheckContext): Check | null {
  if (!isChange(ticket)) return null
  const type = changeTypeOf(ticket)
  const { types } = template.change
  if (type !== null && types.includes(type)) {
    return pass('change-type', `${ticket.number} is a ${type} change.`)
  }
  const shown = type ?? ticket.fields['type']?.value ?? ''
  return fail('change-type', {
    detail: `${ticket.number} is of type ${shown}; the template is for ${types.join(', ')} changes.`,
    hint: `Use ${types[0] === 'emergency' ? 'an' : 'a'} ${types.join(' or ')} change, or ask a platform admin to extend change.types of the template.`,
  })
}
