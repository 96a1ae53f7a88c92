// Nothing fits a new ticket: it is handed over once, with what is worth a look. What is said is the process's
// (processes/hand-over.ts); here is which templates come into question and whether it is the time to say it.
import { createHash } from 'node:crypto'

import type { Check } from '#shared/decision.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { orderOf } from './event-decision.ts'
import type { DecideFacts, Received } from './event-decision.ts'
import { bindingOf } from './matching/catalog.ts'
import { guessesFor, suggestionOf } from './matching/suggest.ts'
import { refuseRun, unknownTemplate } from './plan.ts'
import type { PlannedRun } from './plan.ts'
import { handOver, handOverTemplate, handOverTitle } from './processes/hand-over.ts'
import type { HandedOver } from './processes/hand-over.ts'
import { creationTriggers } from './rules-of.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** Templates listed in one receipt; more would not be read. */
const maxListed = 10

/**
 * The refused run that hands the ticket over, or null when it is left alone: it has a run already, it is not open,
 * no template is meant for such tickets, or the policy has nothing to say about it.
 */
export function handOverRun(received: Received, facts: DecideFacts): PlannedRun | null {
  const { ticket } = received.event.data
  const { table } = ticket
  const automatic = facts.index.valuesOn(table, creationTriggers(table))
  const byHand = facts.index.valuesOn(table, ['manual'])
  const meant = table === 'sc_req_item' ? automatic : [...automatic, ...byHand]
  if (meant.length === 0 || facts.earlierRuns.length > 0 || !isOpen(ticket)) return null
  const guesses = guessesFor(ticket, facts)
  const suggestions = byHand
    .filter(({ problem }) => problem === null)
    .toSorted((a, b) => b.template.priority - a.template.priority)
    .flatMap(({ template }) => {
      const reason = suggestionOf(template, ticket, guesses)
      return reason === null ? [] : [{ title: template.title, reason }]
    })
  // A suggestion says by itself what the ticket looks like; without one, a likeness alone is worth no note.
  const mute = suggestions.length > 0 || facts.policy.hand_over.incident.note !== 'always'
  const classifications = mute ? [] : [guesses.keywords, guesses.learned]
  const handedOver = handOver({
    ticket,
    suggestions,
    classifications: classifications.filter((one) => one !== null),
    policy: facts.policy,
  })
  if (handedOver === null) return null
  return runOf(received, { handedOver, checks: whyNot(automatic, ticket) }, facts)
}

function isOpen({ fields }: Ticket): boolean {
  return fields['active']?.value !== 'false'
}

function runOf(
  received: Received,
  { handedOver, checks }: { handedOver: HandedOver; checks: Check[] },
  facts: DecideFacts,
): PlannedRun {
  const { event } = received
  const { note } = handedOver
  const decision = { ...handedOver.decision, checks: [...handedOver.decision.checks, ...checks] }
  const published = noAutomation()
  const weighed = { published, decision, values: {}, targets: [], binding: null }
  const trigger = event.data.ticket.table === 'sc_req_item' ? 'ordered' : 'created'
  // Same event, same run: deciding twice cannot hand over twice.
  const text = `${event.source}|${event.id}|${handOverTemplate}`
  const id = createHash('sha256').update(text).digest('hex').slice(0, 32)
  return refuseRun(orderOf(received, { weighed, trigger, id }, facts), note)
}

function noAutomation(): PublishedVersion {
  const published = unknownTemplate(handOverTemplate, 0)
  return { ...published, template: { ...published.template, title: handOverTitle } }
}

/** Why each template for ordered items does not fulfil this one; only in the receipt. */
function whyNot(templates: readonly PublishedVersion[], ticket: Ticket): Check[] {
  const checks = templates.flatMap(({ template }) => {
    const binding = bindingOf(template, ticket)
    if (binding === null) return []
    const detail = `"${template.title}" does not fulfil it: ${binding.reason}.`
    return [{ check: 'catalog-binding', passed: false, detail }]
  })
  return checks.slice(0, maxListed)
}
