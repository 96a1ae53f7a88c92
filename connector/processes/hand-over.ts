// What is said on a ticket that no automation fits: what it looks like, which automations a person could start
// by hand, and who takes it. An incident keeps its state; an ordered item is handed on, never cancelled. Pure.
import type { Decision } from '#shared/decision.ts'
import type { Classification } from '#shared/preview.ts'
import type { TicketChange } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { HandOver, Policy } from '../policy.ts'
import { oneLine, withStop } from './cut.ts'
import { keyOf, lines } from './notes.ts'
import type { RunChange } from './process.ts'

/** Name under which a hand-over is kept as a refused run; no template can have it. */
export const handOverTemplate = 'hand_over'

/** Its title on the run. */
export const handOverTitle = 'Hand-over to a person'

/** The failed check of its receipt; the processes know a hand-over by it. */
const handOverCheck = 'automation-fits'

/** An automation that a person could start by hand. */
export interface Suggestion {
  /** Title of the template. */
  title: string
  /** Why it may help. */
  reason: string
}

/** What a hand-over rests on. */
export interface HandOverFacts {
  ticket: Pick<Ticket, 'table' | 'number'>
  /** What kind of ticket it looks like; the clearest first. */
  classifications: readonly Classification[]
  suggestions: readonly Suggestion[]
  policy: Policy
}

/** What follows: the words for the ticket, and the receipt of the refused run that carries them. */
export interface HandedOver {
  /** Text of the work note, to be the run's message. */
  note: string
  decision: Decision
}

/** Most suggestions a note names. */
const maxSuggestions = 5

/** The hand-over of a ticket that nothing fits, or null when the policy wants nothing said about it. */
export function handOver(facts: HandOverFacts): HandedOver | null {
  const { ticket, suggestions, classifications, policy } = facts
  const rules = rulesOf(ticket.table, policy)
  if (rules === null || rules.note === 'never') return null
  const nothingToSay = suggestions.length === 0 && classifications.length === 0
  if (rules.note === 'suggested' && nothingToSay) return null
  const note = handOverNote(facts, rules.assignment_group)
  return { note, decision: receiptOf(note) }
}

/** What the run that carries a hand-over asks of its ticket, or null for any other run. */
export function handOverChange(run: RunChange): TicketChange | null {
  const carried = run.decision?.checks.some(
    ({ check, passed }) => check === handOverCheck && !passed,
  )
  if (run.state !== 'refused' || carried !== true) return null
  const group = rulesOf(run.ticket.table, run.policy)?.assignment_group
  return {
    work_note: { key: keyOf(run, 'end'), text: lines([run.message, `Run: ${run.runId}`]) },
    ...(group === undefined ? {} : { assignment_group: group }),
  }
}

/** What the policy says about tickets of a table; null = they are never handed over. */
function rulesOf(table: string, policy: Policy): HandOver | null {
  if (table === 'incident') return policy.hand_over.incident
  return table === 'sc_req_item' ? policy.hand_over.sc_req_item : null
}

function handOverNote(facts: HandOverFacts, group: string | undefined): string {
  const { ticket, suggestions } = facts
  const [looksLike] = facts.classifications
  const shown = suggestions.slice(0, maxSuggestions)
  return lines([
    ticket.table === 'sc_req_item'
      ? `No automation fulfils ${ticket.number} by itself.`
      : `No automation runs for ${ticket.number} by itself.`,
    looksLike === undefined ? null : `It looks like this: ${sentence(looksLike.reason)}`,
    shown.length === 0 ? null : 'Worth a look, to be started by hand with Run automation:',
    ...shown.map(({ title, reason }) => `- ${oneLine(title, 100)}: ${sentence(reason)}`),
    nextStep(ticket.table, group),
  ])
}

function nextStep(table: string, group: string | undefined): string {
  if (table === 'sc_req_item') {
    return group === undefined
      ? 'Please fulfil it by hand; its state is unchanged.'
      : `It goes to the group "${group}" to be fulfilled by hand; its state is unchanged.`
  }
  return group === undefined
    ? 'State and assignment are unchanged.'
    : `It goes to the group "${group}"; its state is unchanged.`
}

function receiptOf(note: string): Decision {
  const detail = 'No automation fits this ticket without a person.'
  const hint = 'Start a suggested one by hand, or ask a platform admin to write a rule for it.'
  return {
    template: handOverTemplate,
    version: 0,
    fits: false,
    summary: oneLine(note.split('\n')[0] ?? note, 200),
    rules: [],
    checks: [{ check: handOverCheck, passed: false, detail, hint }],
  }
}

function sentence(text: string): string {
  return withStop(oneLine(text, 300))
}
