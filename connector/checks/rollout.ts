// A rule that fires by itself is trusted as far as the template says: not yet (shadow: decided and recorded
// only), for some tickets (canary), or fully (live). Does not apply when a person asked for the run.
import type { Check } from '#shared/decision.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { hashOf } from '../matching/text-hash.ts'
import { fail, pass, startedByPerson } from './check.ts'
import type { CheckContext } from './check.ts'

export function rollout({ trigger, template, ticket }: CheckContext): Check | null {
  if (startedByPerson(trigger)) return null
  const { mode, percent = 0, groups = [] } = template.rollout
  if (mode === 'live') return pass('rollout', 'The rule is live.')
  if (mode === 'shadow') {
    return fail('rollout', {
      detail: 'Shadow: it is only recorded that this would have started; rollout.mode is shadow.',
      hint: 'Set rollout.mode to live in the template when its receipts look right.',
    })
  }
  const group = groupOf(ticket)
  if (groups.includes(group)) return pass('rollout', `Canary: the group ${group} takes part.`)
  const place = canaryPlace(ticket.sys_id)
  if (place < percent) {
    return pass(
      'rollout',
      `Canary: ${ticket.number} is among the ${percent} % of tickets that take part.`,
    )
  }
  return fail('rollout', {
    detail: `Canary: ${ticket.number} is not among the tickets that take part (${partOf(percent, groups)}).`,
    hint: 'Widen rollout.percent or rollout.groups in the template, or set rollout.mode to live.',
  })
}

/** Place of a ticket from 0 to 99, the same for ever: whoever takes part at 10 % also does at 20 %. */
export function canaryPlace(sysId: string): number {
  // sys_ids made in a row differ in their last digits, and the plain hash keeps such neighbours together (a share
  // of 25 % was 1 %): mixing with MurmurHash3's finalizer spreads them.
  let hash = hashOf(sysId, 0, sysId.length)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % 100
}

function groupOf({ fields }: Ticket): string {
  return fields['assignment_group.name']?.value ?? fields['assignment_group']?.display ?? ''
}

function partOf(percent: number, groups: readonly string[]): string {
  const share = `${percent} % of all`
  return groups.length === 0 ? share : `${share}, and the groups ${groups.join(', ')}`
}
