// A ticket changed: what that means for its runs that wait or run. No effects: what follows is returned.
import type { TicketEvent } from '#shared/ticket-event.ts'

import { nothingFollows, orderOf } from './event-decision.ts'
import type { DecideFacts, EventDecision, OpenRun, Received, Replan } from './event-decision.ts'
import { bindingByHand, bindingOf } from './matching/catalog.ts'
import { planRun, refuseRun } from './plan.ts'
import { platformName } from './processes/steps.ts'
import { namesIn, reactionsTo } from './processes/ticket-changes.ts'
import type { Reaction, TicketNews } from './processes/ticket-changes.ts'
import { explainRules } from './rules-of.ts'
import { changedFields, usedFields } from './templates/used-fields.ts'
import { weigh } from './weigh.ts'
import type { Question, WeighFacts } from './weigh.ts'

/** An event that tells of a change of the ticket. */
export type TicketChanged = Received & {
  event: Extract<TicketEvent, { type: 'ticket.updated' | 'ticket.closed' }>
}

/** True for events that runs react to. */
export function tellsOfChange(type: TicketEvent['type']): boolean {
  return type === 'ticket.updated' || type === 'ticket.closed'
}

/** What the ticket's runs do about the event. Rejects only when the runs on a target cannot be read. */
export async function reactToTicket(
  received: TicketChanged,
  facts: DecideFacts,
): Promise<EventDecision> {
  const decision: EventDecision = {
    ...nothingFollows,
    decisions: [],
    cancels: [],
    holds: [],
    releases: [],
    notes: [],
    replans: [],
    seen: facts.openRuns.map(({ run }) => ({ id: run.id })),
  }
  for (const open of facts.openRuns) {
    for (const reaction of reactionsTo(newsFor(open, received), underWay(open))) {
      await add({ reaction, open, decision }, received, facts)
    }
  }
  return decision
}

async function add(
  { reaction, open, decision }: { reaction: Reaction; open: OpenRun; decision: EventDecision },
  received: TicketChanged,
  facts: DecideFacts,
): Promise<void> {
  const { id } = open.run
  switch (reaction.do) {
    case 'cancel':
      decision.cancels.push({ id, reason: reaction.reason })
      return
    case 'hold':
      decision.holds.push({ id, reason: reaction.reason })
      return
    case 'release':
      decision.releases.push({ id })
      return
    case 'note':
      decision.notes.push({ id, key: reaction.key, text: reaction.text })
      return
    case 'redecide': {
      const replan = await redecide(open, { received, reaction }, facts)
      decision.replans.push(replan)
      if (replan.planned.run.decision !== null) decision.decisions.push(replan.planned.run.decision)
      return
    }
    default:
      return reaction satisfies never
  }
}

function newsFor(open: OpenRun, { event, seq }: TicketChanged): TicketNews {
  const { run, published, decided, seen } = open
  const { ticket } = event.data
  const used = usedFields(published.template, {
    table: ticket.table,
    trigger: run.trigger,
    rules: run.decision?.rules.filter(({ outcome }) => outcome === 'matched') ?? [],
  })
  return {
    seq,
    closed: event.type === 'ticket.closed',
    now: ticket,
    previous: seen,
    changedSinceDecision: changedFields(used, decided, ticket),
    changedSincePrevious: changedFields(used, seen, ticket),
  }
}

function underWay({ run, steps, published }: OpenRun): Parameters<typeof reactionsTo>[1] {
  return {
    id: run.id,
    state: run.state,
    launched: steps.some(({ state }) => state !== 'pending'),
    held: run.hold_reason !== null,
    cancelAsked: run.cancel_requested_at !== null,
    template: published.template,
  }
}

/** The same template for the same person, weighed with the ticket as it is now. */
async function redecide(
  open: OpenRun,
  why: { received: TicketChanged; reaction: Extract<Reaction, { do: 'redecide' }> },
  facts: DecideFacts,
): Promise<Replan> {
  const { run } = open
  const { received, reaction } = why
  const weighed = await weigh(questionOf(open, received, facts.now), othersThan(run.id, facts))
  const order = {
    ...orderOf(received, { weighed, trigger: run.trigger, id: run.id }, facts),
    requestedBy: run.requested_by,
  }
  const changed = `Changed on the ticket: ${namesIn(reaction.changed)}.`
  const planned = weighed.decision.fits
    ? planRun(order)
    : refuseRun(order, `${changed} ${weighed.decision.summary}`)
  if (weighed.decision.fits) planned.run.message = `${changed} Planned anew.`
  return { planned, otherwise: reaction.otherwise }
}

function questionOf(open: OpenRun, { event, origin }: TicketChanged, now: Date): Question {
  const { run, published, actor } = open
  const { ticket, people } = event.data
  const data = { ticket, actor, people }
  const byHand = run.trigger === 'manual'
  return {
    published,
    rules: explainRules(published, { trigger: run.trigger, data, now }),
    trigger: run.trigger,
    data,
    origin,
    subject: event.subject,
    // The version the run was planned with; nobody has to see a newer one first.
    requestedVersion: null,
    given: byHand ? confirmedValues(open) : null,
    binding: (byHand ? bindingByHand : bindingOf)(published.template, ticket),
  }
}

/** What the person confirmed stays; what they could not edit is taken from the ticket anew. */
function confirmedValues({ run, steps, published }: OpenRun): Question['given'] {
  const editable = published.template.parameters.filter(
    ({ name, editable }) => editable && Object.hasOwn(run.parameters, name),
  )
  return Object.fromEntries(
    editable.map(({ name }) => {
      // Only the steps that wait for them hold secret values; the run shows a mask.
      for (const step of steps) {
        const own = platformName(published.template, step, name)
        if (step.secrets.includes(own)) return [name, step.parameters[own] ?? null]
      }
      return [name, run.parameters[name] ?? null]
    }),
  )
}

/** The run must not stand in its own way. */
function othersThan(id: string, facts: DecideFacts): WeighFacts {
  return {
    ...facts,
    earlierRuns: facts.earlierRuns.filter((run) => run.id !== id),
    targetRuns: async (targets) => (await facts.targetRuns(targets)).filter((run) => run.id !== id),
  }
}
