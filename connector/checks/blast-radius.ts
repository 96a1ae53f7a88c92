// Not more is affected than the template refuses. Counts from the CMDB are looked at by the gate, where they
// can be read.
import type { Check } from '#shared/decision.ts'

import { blastOfTicket, blastRadiusOf } from '../blast.ts'
import type { CheckContext } from './check.ts'

export function blastRadius({ template, ticket }: CheckContext): Check | null {
  if (template.blast_radius?.source !== 'event') return null
  return blastRadiusOf(blastOfTicket(ticket), template)
}
