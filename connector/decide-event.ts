// The decision for one event: which templates' rules match, which checks pass, and what follows from it.
// No effects: everything it needs is handed in, everything it finds is returned.
import { createHash } from 'node:crypto'

import type { Decision } from '#shared/decision.ts'
import type { Trigger } from '#shared/job-template.ts'
import { isFinal } from '#shared/status-update.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { startedByPerson } from './checks/check.ts'
import type { EarlierRun } from './checks/check.ts'
import { makeChecks } from './checks/index.ts'
import { maskBody } from './mask-body.ts'
import type { RuleIndex } from './matching/rules.ts'
import { planRun, refuseRun, unknownTemplate } from './plan.ts'
import type { PlannedRun, RunOrder } from './plan.ts'
import { decisionOf } from './receipt.ts'
import { explainRules, matchTemplates } from './rules-of.ts'
import type { MatchedTemplate } from './rules-of.ts'
import { factsOf } from './templates/parameters.ts'
import type { PublishedVersion } from './templates/registry.ts'
import { resolveValues } from './templates/resolve-values.ts'

/** What a decision looks at besides the event. */
export interface DecideFacts {
  instance: string
  /** The published version of a template, or null. */
  find: (name: string) => PublishedVersion | null
  index: RuleIndex<PublishedVersion>
  /** Runs this ticket already has. */
  earlierRuns: readonly EarlierRun[]
  now: Date
}

/** What follows from an event. */
export interface EventDecision {
  decisions: Decision[]
  runs: PlannedRun[]
  /** Runs to cancel. */
  cancels: { id: string; reason: string }[]
  /** Why nothing could be done with the event, for the admin; null = all well. */
  problem: string | null
  /** The event body with secret values masked, when it held any. */
  maskedBody: string | null
}

interface Received {
  event: TicketEvent
  seq: string
  ticketKey: string
}

const nothing: EventDecision = {
  decisions: [],
  runs: [],
  cancels: [],
  problem: null,
  maskedBody: null,
}

/** Decides one event. */
export async function decideEvent(received: Received, facts: DecideFacts): Promise<EventDecision> {
  const { event } = received
  switch (event.type) {
    case 'run.requested':
      return await decideRequest({ ...received, event }, facts)
    case 'run.cancel_requested':
      return decideCancel(event, facts)
    case 'ticket.closed':
      return {
        ...nothing,
        cancels: openRuns(facts).map((run) => ({
          id: run.id,
          reason: `${event.data.ticket.number} was closed.`,
        })),
      }
    case 'ticket.created':
      return await decideTrigger(received, 'created', facts)
    case 'ticket.updated':
      return await decideTrigger(received, 'updated', facts)
    default:
      return event satisfies never
  }
}

function openRuns(facts: DecideFacts): EarlierRun[] {
  return facts.earlierRuns.filter((run) => !isFinal(run.state))
}

function decideCancel(
  event: Extract<TicketEvent, { type: 'run.cancel_requested' }>,
  facts: DecideFacts,
): EventDecision {
  const { run, actor } = event.data
  const known = facts.earlierRuns.some((earlier) => earlier.id === run.id)
  if (!known)
    return { ...nothing, problem: `cancel of run ${run.id}, which this ticket does not have` }
  const reason =
    run.reason === ''
      ? `Cancelled by ${actor.user_name}.`
      : `Cancelled by ${actor.user_name}: ${run.reason}`
  return { ...nothing, cancels: [{ id: run.id, reason }] }
}

/** A person (or an ordered item) asked for one template by name. */
async function decideRequest(
  received: Received & { event: Extract<TicketEvent, { type: 'run.requested' }> },
  facts: DecideFacts,
): Promise<EventDecision> {
  const { event } = received
  const { run } = event.data
  // A person asked by name; nothing but the catalog itself may call a request an order.
  const trigger: Trigger = 'manual'
  const published = facts.find(run.template)
  if (published === null) return refuseUnknown(received, trigger, facts)
  const values = await resolveValues(published, factsOf(event.data), run.parameters)
  const rules = explainRules(published, { trigger, data: event.data, now: facts.now })
  const checks = makeChecks({
    trigger,
    ...event.data,
    template: published.template,
    version: published.version,
    templateProblem: published.problem,
    requestedVersion: run.version,
    parameterProblems: values.problems,
    earlierRuns: facts.earlierRuns,
  })
  const decision = decisionOf(published, rules, checks)
  const order = orderOf(
    received,
    { published, trigger, decision, parameters: values.values, id: run.id },
    facts,
  )
  const planned = decision.fits ? planRun(order) : refuseRun(order, decision.summary)
  return {
    ...nothing,
    decisions: [decision],
    runs: [planned],
    maskedBody: maskBody(event, published),
  }
}

/** A rule fired by itself: the fitting template with the highest priority runs, a tie runs nothing. */
async function decideTrigger(
  received: Received,
  trigger: Trigger,
  facts: DecideFacts,
): Promise<EventDecision> {
  const { event } = received
  const matched = matchTemplates(facts.index, { trigger, data: event.data, now: facts.now })
  const weighed = await Promise.all(
    matched.map((candidate) => weigh(candidate, { received, trigger }, facts)),
  )
  const decisions = weighed.map(({ decision }) => decision)
  const fitting = weighed.filter(({ decision }) => decision.fits)
  const top = Math.max(...fitting.map(({ published }) => published.template.priority))
  const best = fitting.filter(({ published }) => published.template.priority === top)
  const [first] = best
  if (first === undefined) {
    return {
      ...nothing,
      decisions,
      runs: weighed
        .filter((one) => worthTelling(one) && !wasTold(one, facts))
        .map(({ order, decision }) => refuseRun(order, decision.summary)),
    }
  }
  if (best.length === 1) return { ...nothing, decisions, runs: [planRun(first.order)] }
  const titles = best.map(({ published }) => `"${published.template.title}"`).toSorted()
  const reason = `Refused: ${titles.join(' and ')} fit with the same priority ${top}, so none was started. Run one by hand, or ask a platform admin to give them different priorities.`
  if (wasTold(first, facts)) return { ...nothing, decisions }
  return {
    ...nothing,
    decisions,
    runs: [
      refuseRun(
        { ...first.order, decision: { ...first.decision, fits: false, summary: reason } },
        reason,
      ),
    ],
  }
}

interface Weighed {
  published: PublishedVersion
  decision: Decision
  order: RunOrder
}

async function weigh(
  candidate: MatchedTemplate,
  cause: { received: Received; trigger: Trigger },
  facts: DecideFacts,
): Promise<Weighed> {
  const { published, rules } = candidate
  const { received, trigger } = cause
  const { data } = received.event
  const values = await resolveValues(published, factsOf(data), null)
  const checks = makeChecks({
    trigger,
    ...data,
    template: published.template,
    version: published.version,
    templateProblem: published.problem,
    requestedVersion: null,
    parameterProblems: values.problems,
    earlierRuns: facts.earlierRuns,
  })
  const decision = decisionOf(published, rules, checks)
  const id = automaticRunId(received.event, published)
  const order = orderOf(
    received,
    { published, trigger, decision, parameters: values.values, id },
    facts,
  )
  return { published, decision, order }
}

/** The ticket has been told once that this rule could not start; its next updates need no further note. */
function wasTold({ published }: Weighed, facts: DecideFacts): boolean {
  return facts.earlierRuns.some(
    ({ template, trigger, state }) =>
      template === published.template.name && state === 'refused' && !startedByPerson(trigger),
  )
}

/** Checks whose failure is the normal end of a rule that fires by itself; nobody needs a note about it. */
const quietChecks = new Set(['ticket-open', 'no-other-run'])

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

function orderOf(
  received: Received,
  parts: Pick<RunOrder, 'published' | 'trigger' | 'decision' | 'parameters' | 'id'>,
  facts: DecideFacts,
): RunOrder {
  const { data } = received.event
  return {
    ...parts,
    instance: facts.instance,
    eventSeq: received.seq,
    ticketKey: received.ticketKey,
    ticket: data.ticket,
    requestedBy: data.actor.user_name,
  }
}

function refuseUnknown(
  received: Received & { event: Extract<TicketEvent, { type: 'run.requested' }> },
  trigger: Trigger,
  facts: DecideFacts,
): EventDecision {
  const { run } = received.event.data
  const published = unknownTemplate(run.template, run.version)
  const decision = decisionOf(
    published,
    [],
    [
      {
        check: 'template-known',
        passed: false,
        detail: `There is no job template "${run.template}".`,
        hint: 'Reload the list of automations, or ask a platform admin to publish it.',
      },
    ],
  )
  const order = orderOf(
    received,
    { published, trigger, decision, parameters: {}, id: run.id },
    facts,
  )
  return {
    ...nothing,
    decisions: [decision],
    runs: [refuseRun(order, decision.summary)],
    maskedBody: maskBody(received.event, published),
  }
}
