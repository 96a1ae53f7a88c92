import { isFinal } from '#shared/status-update.ts'
// The unfinished runs of tickets that changed, with the ticket as each run knows it; and what one event makes of
// them for the next event of the same batch, before anything is stored.
import type { Ticket, TicketEvent } from '#shared/ticket-event.ts'

import type { Queryable } from './db/pool.ts'
import { ticketsOfRuns } from './db/run-changes.ts'
import { loadRuns, runKey } from './db/runs.ts'
import { loadSteps } from './db/steps.ts'
import type { EventDecision, OpenRun, Received } from './event-decision.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** Finds any version of a template that was ever published. */
export type VersionLookup = (name: string, version: number) => Promise<PublishedVersion | null>

/** Open runs by ticket key. */
export type OpenRuns = Map<string, OpenRun[]>

/** Loads the unfinished ones of the runs. A run whose template version is not stored is left out. */
export async function loadOpenRuns(
  db: Queryable,
  keys: readonly string[],
  version: VersionLookup,
): Promise<OpenRuns> {
  const found: OpenRuns = new Map()
  if (keys.length === 0) return found
  const runs = await loadRuns(db, keys)
  const steps = Map.groupBy(await loadSteps(db, keys), (step) =>
    runKey({ instance: step.instance, id: step.run_id }),
  )
  const tickets = new Map((await ticketsOfRuns(db, keys)).map((row) => [runKey(row), row]))
  for (const run of runs) {
    const published = await version(run.template, run.version)
    const known = tickets.get(runKey(run))
    if (published === null || known === undefined || isFinal(run.state)) continue
    const decided = eventOf(known.decided)
    const first = known.first === null ? decided : eventOf(known.first)
    const seen = known.seen === null ? decided : eventOf(known.seen)
    listOf(found, run.ticket_key).push({
      run,
      steps: steps.get(runKey(run)) ?? [],
      published,
      actor: first.data.actor,
      decided: decided.data.ticket,
      seen: seen.data.ticket,
    })
  }
  return found
}

/** Validated when it was received; the column holds nothing else. */
function eventOf(body: string): TicketEvent {
  return JSON.parse(body) as TicketEvent
}

/** What an event leaves for the next one of the ticket. */
export function noteDecision(open: OpenRuns, received: Received, decision: EventDecision): void {
  const { ticket, actor } = received.event.data
  const runs = listOf(open, received.ticketKey)
  for (const entry of runs) noteChanges(entry, ticket, decision)
  for (const { run, steps, published } of decision.runs) {
    if (isFinal(run.state) || runs.some((known) => known.run.id === run.id)) continue
    runs.push({ run, steps, published, actor, decided: ticket, seen: ticket })
  }
}

function noteChanges(entry: OpenRun, ticket: Ticket, decision: EventDecision): void {
  const { id } = entry.run
  if (includes(decision.seen, id)) entry.seen = ticket
  const hold = decision.holds.find((one) => one.id === id)
  if (hold !== undefined) entry.run = { ...entry.run, hold_reason: hold.reason }
  if (includes(decision.releases, id)) entry.run = { ...entry.run, hold_reason: null }
  if (includes(decision.cancels, id)) entry.run = { ...entry.run, cancel_requested_at: new Date() }
  const replan = decision.replans.find(({ planned }) => planned.run.id === id)
  if (replan === undefined) return
  entry.run = { ...replan.planned.run, hold_reason: entry.run.hold_reason }
  entry.steps = replan.planned.steps
  entry.decided = ticket
}

function includes(all: readonly { id: string }[], id: string): boolean {
  return all.some((one) => one.id === id)
}

function listOf(open: OpenRuns, ticketKey: string): OpenRun[] {
  const known = open.get(ticketKey)
  if (known !== undefined) return known
  const fresh: OpenRun[] = []
  open.set(ticketKey, fresh)
  return fresh
}
