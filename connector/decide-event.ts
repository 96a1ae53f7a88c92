// The decision for one event: which kind it is, and what follows from it. No effects: everything it needs is
// handed in, everything it finds is returned.
import type { TicketEvent } from '#shared/ticket-event.ts'

import { decideRequest } from './decide-request.ts'
import { decideTrigger } from './decide-trigger.ts'
import { nothingFollows } from './event-decision.ts'
import type { DecideFacts, EventDecision, Received } from './event-decision.ts'
import { reactToTicket } from './react.ts'
import { creationTriggers } from './rules-of.ts'

/** Decides one event. */
export async function decideEvent(received: Received, facts: DecideFacts): Promise<EventDecision> {
  const { event } = received
  switch (event.type) {
    case 'run.requested':
      return await decideRequest({ ...received, event }, facts)
    case 'run.cancel_requested':
      return decideCancel(event, facts)
    case 'ticket.closed':
      return await reactToTicket({ ...received, event }, facts)
    case 'ticket.created':
      return await decideTrigger(received, creationTriggers(event.data.ticket.table), facts)
    case 'ticket.updated':
      return together(
        await reactToTicket({ ...received, event }, facts),
        await decideTrigger(received, ['updated'], facts),
      )
    default:
      return event satisfies never
  }
}

/** What the ticket's runs do, and what its rules start; a rule that fired by itself asks nothing of other runs. */
function together(reactions: EventDecision, started: EventDecision): EventDecision {
  return {
    ...reactions,
    decisions: [...reactions.decisions, ...started.decisions],
    runs: started.runs,
    problem: started.problem,
    maskedBody: started.maskedBody,
  }
}

function decideCancel(
  event: Extract<TicketEvent, { type: 'run.cancel_requested' }>,
  facts: DecideFacts,
): EventDecision {
  const { run, actor } = event.data
  const known = facts.earlierRuns.some((earlier) => earlier.id === run.id)
  if (!known)
    return {
      ...nothingFollows,
      problem: `cancel of run ${run.id}, which this ticket does not have`,
    }
  const reason =
    run.reason === ''
      ? `Cancelled by ${actor.user_name}.`
      : `Cancelled by ${actor.user_name}: ${run.reason}`
  return { ...nothingFollows, cancels: [{ id: run.id, reason }] }
}
