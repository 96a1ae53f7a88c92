// What deciding one event takes and gives: the types that its parts share, and the order for a run.
import type { Decision } from '#shared/decision.ts'
import type { Person, Ticket, TicketEvent } from '#shared/ticket-event.ts'

import type { Origin } from './checks/check.ts'
import type { RunRow, StepRow } from './db/runs.ts'
import type { RuleIndex } from './matching/rules.ts'
import type { Learned } from './matching/suggest.ts'
import type { PlannedRun, RunOrder } from './plan.ts'
import type { Note } from './processes/ticket-changes.ts'
import type { PublishedVersion } from './templates/registry.ts'
import type { Weighed, WeighFacts } from './weigh.ts'

/** What a decision looks at besides the event. */
export interface DecideFacts extends WeighFacts {
  /** The published version of a template, or null. */
  find: (name: string) => PublishedVersion | null
  index: RuleIndex<PublishedVersion>
  /** Which template helped with similar tickets; absent = nothing is learned. */
  learned?: Learned
  /** Unfinished runs of the ticket; only for events that tell of a change of it. */
  openRuns: readonly OpenRun[]
  /** The order as the event of its creation showed it; null = that event did not come. Asked of orders only. */
  createdAs: () => Promise<Ticket | null>
}

/** A run that waits or runs while its ticket changes. */
export interface OpenRun {
  run: RunRow
  steps: StepRow[]
  /** The version it was planned with. */
  published: PublishedVersion
  /** Who caused the event that asked for it, with the rights of that moment. */
  actor: Person
  /** The ticket as its decision saw it. */
  decided: Ticket
  /** The ticket as the last event showed it that the run was compared with. */
  seen: Ticket
}

/** A run decided anew. */
export interface Replan {
  /** The same run with its new plan, or refused and without steps. */
  planned: PlannedRun
  /** To be told in its place when a step has begun by then. */
  otherwise: Note
}

/** What follows from an event. */
export interface EventDecision {
  decisions: Decision[]
  runs: PlannedRun[]
  /** Runs to cancel. */
  cancels: { id: string; reason: string }[]
  /** Runs that stand still until they are released. */
  holds: { id: string; reason: string }[]
  releases: { id: string }[]
  /** Work notes to be told with a run's newest picture. */
  notes: (Note & { id: string })[]
  replans: Replan[]
  /** Runs that were compared with the ticket of this event. */
  seen: { id: string }[]
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
  holds: [],
  releases: [],
  notes: [],
  replans: [],
  seen: [],
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
