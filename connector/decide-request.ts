// A person asked for one template by name: it runs, or is refused with the reason.
import type { TicketEvent } from '#shared/ticket-event.ts'

import { nothingFollows, orderOf } from './event-decision.ts'
import type { DecideFacts, EventDecision, Received } from './event-decision.ts'
import { maskBody } from './mask-body.ts'
import { bindingByHand } from './matching/catalog.ts'
import { planRun, refuseRun, unknownTemplate } from './plan.ts'
import { decisionOf } from './receipt.ts'
import { explainRules } from './rules-of.ts'
import { weigh } from './weigh.ts'
import type { Weighed } from './weigh.ts'

type RequestReceived = Received & {
  event: Extract<TicketEvent, { type: 'run.requested' }>
}

/** Nothing but the catalog itself may call a request an order. */
const trigger = 'manual'

/** Decides the request. */
export async function decideRequest(
  received: RequestReceived,
  facts: DecideFacts,
): Promise<EventDecision> {
  const { event } = received
  const { run } = event.data
  const published = facts.find(run.template)
  if (published === null) return refuseUnknown(received, facts)
  const weighed = await weigh(
    {
      published,
      rules: explainRules(published, { trigger, data: event.data, now: facts.now }),
      trigger,
      data: event.data,
      origin: received.origin,
      subject: event.subject,
      requestedVersion: run.version,
      given: run.parameters,
      binding: bindingByHand(published.template, event.data.ticket),
    },
    facts,
  )
  const { decision } = weighed
  const order = orderOf(received, { weighed, trigger, id: run.id }, facts)
  return {
    ...nothingFollows,
    decisions: [decision],
    runs: [decision.fits ? planRun(order) : refuseRun(order, decision.summary)],
    maskedBody: maskBody(event, published),
  }
}

function refuseUnknown(received: RequestReceived, facts: DecideFacts): EventDecision {
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
  const weighed: Weighed = { published, decision, values: {}, targets: [], binding: null }
  return {
    ...nothingFollows,
    decisions: [decision],
    runs: [refuseRun(orderOf(received, { weighed, trigger, id: run.id }, facts), decision.summary)],
    maskedBody: maskBody(received.event, published),
  }
}
