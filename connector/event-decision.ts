// What deciding one event takes and gives: the types that its parts share, and the order for a run.
import type { Decision } from '#shared/decision.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import type { Origin } from './checks/check.ts'
import type { RuleIndex } from './matching/rules.ts'
import type { PlannedRun, RunOrder } from './plan.ts'
import type { PublishedVersion } from './templates/registry.ts'
import type { Weighed, WeighFacts } from './weigh.ts'

/** What a decision looks at besides the event. */
export interface DecideFacts extends WeighFacts {
  /** The published version of a template, or null. */
  find: (name: string) => PublishedVersion | null
  index: RuleIndex<PublishedVersion>
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

/** An event with its place in the store. */
export interface Received {
  event: TicketEvent
  seq: string
  ticketKey: string
  origin: Origin
}

/** Nothing follows. */
export const nothingFollows: EventDecision = {
  decisions: [],
  runs: [],
  cancels: [],
  problem: null,
  maskedBody: null,
}

/** The order for the run of a weighed template. */
export function orderOf(
  received: Received,
  parts: { weighed: Weighed; trigger: RunOrder['trigger']; id: string },
  facts: WeighFacts,
): RunOrder {
  const { data } = received.event
  const { published, decision, values, targets } = parts.weighed
  return {
    id: parts.id,
    trigger: parts.trigger,
    published,
    decision,
    parameters: values,
    targets,
    policy: facts.policy,
    instance: facts.instance,
    eventSeq: received.seq,
    ticketKey: received.ticketKey,
    ticket: data.ticket,
    requestedBy: data.actor.user_name,
  }
}
