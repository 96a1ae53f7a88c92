// The decision for one event: which kind it is, and what follows from it. No effects: everything it needs is
// handed in, everything it finds is returned.
import { isFinal } from '#shared/status-update.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import type { EarlierRun } from './checks/check.ts'
import { decideRequest } from './decide-request.ts'
import { decideTrigger } from './decide-trigger.ts'
import { nothingFollows } from './event-decision.ts'
import type { DecideFacts, EventDecision, Received } from './event-decision.ts'

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
        ...nothingFollows,
        cancels: openRuns(facts).map((run) => ({
          id: run.id,
          reason: `${event.data.ticket.number} was closed.`,
        })),
      }
    case 'ticket.created':
      return await decideTrigger(received, ['created'], facts)
    case 'ticket.updated':
      return await decideTrigger(received, ['updated'], facts)
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
