// Nothing fits a new ticket: it is handed over once, with what is worth a look; an order that waits for its approval
// only when that is given. What is said is the process's (processes/hand-over.ts); here is which templates come into
// question and whether it is the time to say it.
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
import { creationTriggers, matchOnce } from './rules-of.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** Templates listed in one receipt; more would not be read. */
const maxListed = 10

/**
 * The refused run that hands the ticket over, or null when it is left alone: it is not the time, it has a run
 * already, it is not open, no template is meant for such tickets, or the policy has nothing to say about it.
 */
export async function handOverRun(
  received: Received,
  facts: DecideFacts,
): Promise<PlannedRun | null> {
  const { ticket } = received.event.data
  const { table } = ticket
  const automatic = facts.index.valuesOn(table, creationTriggers(table))
  const byHand = facts.index.valuesOn(table, ['manual'])
  const meant = table === 'sc_req_item' ? automatic : [...automatic, ...byHand]
  if (meant.length === 0 || facts.earlierRuns.length > 0 || !isOpen(ticket)) return null
  if (!(await isTheTime(received, facts))) return null
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

/** A new ticket at once, unless it is an order whose approval is open; such an order when the approval is given. */
async function isTheTime({ event }: Received, facts: DecideFacts): Promise<boolean> {
  const { ticket } = event.data
  const isNew = event.type === 'ticket.created'
  if (ticket.table !== 'sc_req_item') return isNew
  if (isNew) return approvalOf(ticket) !== 'rejected' && !waitsForApproval(event.data, facts)
  if (event.type !== 'ticket.updated' || approvalOf(ticket) !== 'approved') return false
  const created = await facts.createdAs()
  // An order that came approved, or before this connector did, has been seen to.
  return created !== null && openApprovals.has(approvalOf(created) ?? 'approved')
}

/** Values of `approval` after which an approval may still be given. */
const openApprovals = new Set(['', 'not requested', 'requested'])

/** Somebody is asked, or a rule or a template waits for somebody to be asked. */
function waitsForApproval(data: Received['event']['data'], facts: DecideFacts): boolean {
  const { ticket } = data
  const field = ticket.fields['approval']
  const approval = approvalOf(ticket)
  if (field === undefined || approval === undefined || !openApprovals.has(approval)) return false
  if (approval === 'requested') return true
  const approved = { ...field, value: 'approved', display: 'Approved' }
  const later = { ...ticket, fields: { ...ticket.fields, approval: approved } }
  const now = matching({ ...data, ticket }, facts)
  return matching({ ...data, ticket: later }, facts).some(
    (one) =>
      one.problem === null &&
      (one.template.approval === 'required' || !now.includes(one)) &&
      bindingOf(one.template, ticket)?.by !== 'none',
  )
}

/** Templates with a rule that fires on the order or on a change of it. */
function matching(data: Received['event']['data'], facts: DecideFacts): PublishedVersion[] {
  const triggers = [...creationTriggers(data.ticket.table), 'updated'] as const
  return matchOnce(facts.index, triggers, { data, now: facts.now })
    .filter(({ rules }) => rules.some(({ outcome }) => outcome === 'matched'))
    .map(({ published }) => published)
}

function approvalOf({ fields }: Ticket): string | undefined {
  return fields['approval']?.value.trim().toLowerCase()
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
  const byOrder = event.data.ticket.table === 'sc_req_item' ? 'ordered' : 'created'
  const trigger = event.type === 'ticket.updated' ? 'updated' : byOrder
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
