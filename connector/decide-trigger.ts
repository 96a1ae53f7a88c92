// A rule fired by itself: of the templates that fit, the one bound strongest, then with the highest priority runs; a
// tie runs nothing. A new ticket that nothing fits is handed over.
import { createHash } from 'node:crypto'

import type { Trigger } from '#shared/job-template.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { startedByPerson } from './checks/check.ts'
import { choose } from './choice.ts'
import { handOverRun } from './decide-hand-over.ts'
import { nothingFollows, orderOf } from './event-decision.ts'
import type { DecideFacts, EventDecision, Received } from './event-decision.ts'
import { bindingOf } from './matching/catalog.ts'
import { planRun, refuseRun } from './plan.ts'
import type { PlannedRun } from './plan.ts'
import { matchOnce } from './rules-of.ts'
import type { PublishedVersion } from './templates/registry.ts'
import { weigh } from './weigh.ts'
import type { Weighed } from './weigh.ts'

/** A weighed template with the trigger whose rule matched. */
interface Candidate extends Weighed {
  trigger: Trigger
}

/** Decides an event by the rules that fire on any of the triggers; a template comes once. */
export async function decideTrigger(
  received: Received,
  triggers: readonly Trigger[],
  facts: DecideFacts,
): Promise<EventDecision> {
  const candidates = await candidatesOf(received, triggers, facts)
  const decisions = candidates.map(({ decision }) => decision)
  const { best } = choose(candidates)
  const [first] = best
  if (first === undefined) return await refuseAll(received, candidates, facts)
  if (best.length === 1) {
    return { ...nothingFollows, decisions, runs: [planRun(orderFor(received, first, facts))] }
  }
  if (wasTold(first, facts)) return { ...nothingFollows, decisions }
  const titles = best.map(({ published }) => `"${published.template.title}"`).toSorted()
  const { priority } = first.published.template
  const summary = `Refused: ${titles.join(' and ')} fit with the same priority ${priority}, so none was started. Run one by hand, or ask a platform admin to give them different priorities.`
  const tied = { ...first, decision: { ...first.decision, fits: false, summary } }
  return { ...nothingFollows, decisions, runs: [refuse(received, tied, facts)] }
}

async function candidatesOf(
  received: Received,
  triggers: readonly Trigger[],
  facts: DecideFacts,
): Promise<Candidate[]> {
  const { event, origin } = received
  const { data, subject } = event
  const matched = matchOnce(facts.index, triggers, { data, now: facts.now })
  return await Promise.all(
    matched.map(async ({ published, rules, trigger }) => {
      const binding = bindingOf(published.template, data.ticket)
      const question = { published, rules, trigger, data, origin, subject, binding }
      const weighed = await weigh({ ...question, requestedVersion: null, given: null }, facts)
      return { ...weighed, trigger }
    }),
  )
}

/** None fits: those that should have run say why not; a ticket that hears of none may be handed over. */
async function refuseAll(
  received: Received,
  candidates: readonly Candidate[],
  facts: DecideFacts,
): Promise<EventDecision> {
  const decisions = candidates.map(({ decision }) => decision)
  const telling = candidates.filter(worthTelling)
  const fresh = telling.filter((one) => !wasTold(one, facts))
  const refused = fresh.map((one) => refuse(received, one, facts))
  const handedOver = telling.length === 0 ? await handOverRun(received, facts) : null
  if (handedOver === null) return { ...nothingFollows, decisions, runs: refused }
  const { decision } = handedOver.run
  return {
    ...nothingFollows,
    decisions: decision === null ? decisions : [...decisions, decision],
    runs: [handedOver],
  }
}

function refuse(received: Received, candidate: Candidate, facts: DecideFacts): PlannedRun {
  return refuseRun(orderFor(received, candidate, facts), candidate.decision.summary)
}

function orderFor(
  received: Received,
  candidate: Candidate,
  facts: DecideFacts,
): ReturnType<typeof orderOf> {
  const id = automaticRunId(received.event, candidate.published)
  return orderOf(received, { weighed: candidate, trigger: candidate.trigger, id }, facts)
}

/** The ticket has been told once that this rule could not start; its next updates need no further note. */
function wasTold({ published }: Weighed, facts: DecideFacts): boolean {
  return facts.earlierRuns.some(
    ({ template, trigger, state }) =>
      template === published.template.name && state === 'refused' && trigger !== 'manual',
  )
}

/** Checks whose failure is the normal end of a rule that fires by itself; nobody needs a note about it. */
const quietChecks = new Set([
  'source-allowed',
  'ticket-open',
  'catalog-binding',
  'change-type',
  'change-state',
  'no-other-run',
  'rollout',
])

function worthTelling(candidate: Candidate): boolean {
  const { decision } = candidate
  const failed = decision.checks.filter((check) => !check.passed)
  return (
    decision.rules.some((rule) => rule.outcome === 'matched') &&
    failed.length > 0 &&
    !failed.some((check) => quietChecks.has(check.check)) &&
    !onlyInProduction(candidate, failed)
  )
}

/**
 * Production is closed to every template that says nothing of environments: its rule would have the same note
 * written on each of the tickets there. Who names environments wants to hear of it, and so does who orders.
 */
function onlyInProduction(
  { published, trigger }: Candidate,
  failed: readonly { check: string }[],
): boolean {
  return (
    published.template.environment === undefined &&
    !startedByPerson(trigger) &&
    failed.every(({ check }) => check === 'environment-permission')
  )
}

/** Same event and template, same run: deciding twice cannot start twice. */
function automaticRunId(event: TicketEvent, published: PublishedVersion): string {
  const text = `${event.source}|${event.id}|${published.template.name}`
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
