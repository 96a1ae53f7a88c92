// Which templates are worth a look for a ticket although nobody asked for them, and why. Suggestions never start
// anything and never outweigh a rule. Pure.
import type { JobTemplate } from '#shared/job-template.ts'
import type { Classification } from '#shared/preview.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { Policy } from '../policy.ts'
import { bindingOf } from './catalog.ts'
import { classify, textOf } from './classify.ts'

/** Says which template helped with tickets like this one, or null. */
export type Learned = (text: string) => Classification | null

/** What a ticket looks like. */
export interface Guesses {
  keywords: Classification | null
  learned: Classification | null
}

/** Likeness from which an item's title is worth a look; what runs by itself is policy.catalog.threshold's to say. */
const worthALook = 0.4

/** Guesses what an incident is about; other tickets say it in their fields. */
export function guessesFor(
  ticket: Ticket,
  { policy, learned }: { policy: Policy; learned?: Learned },
): Guesses {
  if (ticket.table !== 'incident') return { keywords: null, learned: null }
  const text = textOf(ticket.fields)
  const { classification } = policy
  return {
    keywords: classify(text, classification.types),
    learned: classification.learned ? (learned?.(text) ?? null) : null,
  }
}

/** Why the template is worth a look for the ticket, in one or two sentences, or null. */
export function suggestionOf(
  template: JobTemplate,
  ticket: Ticket,
  { keywords, learned }: Guesses,
): string | null {
  const reasons: string[] = []
  const binding = bindingOf(template, ticket)
  if (binding !== null && binding.score >= worthALook) reasons.push(sentence(binding.reason))
  if (learned?.label === template.name) reasons.push(learned.reason)
  if (keywords !== null && template.incident_types.includes(keywords.label)) {
    reasons.push(keywords.reason)
  }
  return reasons.length === 0 ? null : reasons.join(' ')
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}
