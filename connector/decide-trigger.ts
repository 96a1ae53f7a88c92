// A rule fired by itself: the fitting template with the highest priority runs, a tie runs nothing.
import { createHash } from 'node:crypto'

import type { Trigger } from '#shared/job-template.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { startedByPerson } from './checks/check.ts'
import { nothingFollows, orderOf } from './event-decision.ts'
import type { DecideFacts, EventDecision, Received } from './event-decision.ts'
import { planRun, refuseRun } from './plan.ts'
import type { PlannedRun } from './plan.ts'
import { matchTemplates } from './rules-of.ts'
import type { PublishedVersion } from './templates/registry.ts'
import { weigh } from './weigh.ts'
import type { Weighed } from './weigh.ts'

/** A weighed template with the trigger whose rule matched. */
interface Candidate extends Weighed {
  trigger: Trigger
}

/** Decides an event by the rules that fire on any of the triggers. */
export async function decideTrigger(
  received: Received,
  triggers: readonly Trigger[],
  facts: DecideFacts,
): Promise<EventDecision> {
  const candidates = await Promise.all(
    triggers.flatMap((trigger) => candidatesOf(received, trigger, facts)),
  )
  const decisions = candidates.map(({ decision }) => decision)
  const fitting = candidates.filter(({ decision }) => decision.fits)
  const top = Math.max(...fitting.map(({ published }) => published.template.priority))
  const best = fitting.filter(({ published }) => published.template.priority === top)
  const [first] = best
  if (first === undefined) {
    const telling = candidates.filter((one) => worthTelling(one) && !wasTold(one, facts))
    const runs = telling.map((one) => refuse(received, one, facts))
    return { ...nothingFollows, decisions, runs }
  }
  if (best.length === 1) {
    return { ...nothingFollows, decisions, runs: [planRun(orderFor(received, first, facts))] }
  }
  if (wasTold(first, facts)) return { ...nothingFollows, decisions }
  const titles = best.map(({ published }) => `"${published.template.title}"`).toSorted()
  const summary = `Refused: ${titles.join(' and ')} fit with the same priority ${top}, so none was started. Run one by hand, or ask a platform admin to give them different priorities.`
  const tied = { ...first, decision: { ...first.decision, fits: false, summary } }
  return { ...nothingFollows, decisions, runs: [refuse(received, tied, facts)] }
}

function candidatesOf(
  received: Received,
  trigger: Trigger,
  facts: DecideFacts,
): Promise<Candidate>[] {
  const { event, origin } = received
  const { data, subject } = event
  const matched = matchTemplates(facts.index, { trigger, data, now: facts.now })
  return matched.map(async ({ published, rules }) => {
    const question = { published, rules, trigger, data, origin, subject }
    const weighed = await weigh(
      { ...question, requestedVersion: null, given: null, binding: null },
      facts,
    )
    return { ...weighed, trigger }
  })
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
      template === published.template.name && state === 'refused' && !startedByPerson(trigger),
  )
}

/** Checks whose failure is the normal end of a rule that fires by itself; nobody needs a note about it. */
const quietChecks = new Set(['ticket-open', 'no-other-run', 'rollout', 'catalog-binding'])

function worthTelling({ decision }: Weighed): boolean {
  const failed = decision.checks.filter((check) => !check.passed)
  return (
    decision.rules.some((rule) => rule.outcome === 'matched') &&
    failed.length > 0 &&
    !failed.some((check) => quietChecks.has(check.check))
  )
}

/** Same event and template, same run: deciding twice cannot start twice. */
function automaticRunId(event: TicketEvent, published: PublishedVersion): string {
  const text = `${event.source}|${event.id}|${published.template.name}`
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
