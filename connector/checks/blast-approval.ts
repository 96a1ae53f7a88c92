// Much may be affected only by an approved ticket. Counts from the CMDB are looked at by the gate, where they
// can be read.
import type { Check } from '#shared/decision.ts'

import { blastApprovalOf, blastOfTicket } from '../blast.ts'
import type { CheckContext } from './check.ts'

export function blastApproval({ template, ticket }: CheckContext): Check | null {
  if (template.blast_radius?.source !== 'event') return null
  return blastApprovalOf(blastOfTicket(ticket), { template, ticket })
}
