// ④ decide: match rules -> checks -> decision, for the undecided events of a ticket in the order in which
// they came. Weighing comes first and holds no lock; what it came to (decide-store.ts) is stored in one
// transaction, unless somebody else has decided one of the events meanwhile.
import { isFinal } from '#shared/status-update.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import type { Origin, TargetRun } from './checks/check.ts'
import { lockUndecided, saveEventResults, undecidedEvents } from './db/decisions.ts'
import type { EventResult, UndecidedEvent } from './db/decisions.ts'
import { retryRaces } from './db/group-commit.ts'
import { orderAsCreated } from './db/past-events.ts'
import { inTransaction, isDatabaseUnavailable } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import { runsOnTargets } from './db/run-targets.ts'
import { runKey, runsOfTickets } from './db/runs.ts'
import { decideEvent } from './decide-event.ts'
import { storeBatch } from './decide-store.ts'
import type { DecidedEvent } from './decide-store.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { DecideFacts, EventDecision, Received } from './event-decision.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { loadOpenRuns, noteDecision } from './open-runs.ts'
import type { OpenRuns, VersionLookup } from './open-runs.ts'
import type { PlannedRun } from './plan.ts'
import { tellsOfChange } from './react.ts'

/** What deciding needs. */
export interface DecideDeps {
  pool: Pool
  queue: Queue
  log: Log
  /** Name of the instance an event came from, by its source URL; null when it is configured no more. */
  instanceOf: (source: string) => string | null
  facts: () => Omit<
    DecideFacts,
    'instance' | 'earlierRuns' | 'targetRuns' | 'openRuns' | 'createdAs'
  >
  version: VersionLookup
  metrics: Pick<Metrics, 'decisions' | 'decideSeconds'>
}

/** Tries before an event becomes a dead letter. With the queue's back-off that takes some eight minutes. */
const maxTries = 20

/** Events of one batch; more wait for the next, so that one transaction stays short and small. */
const maxEvents = 200

/** A batch decides for at most this long, in milliseconds; far below the limit of an idle transaction. */
const batchLimitMs = 5_000

/** What one batch comes to. */
interface Batch {
  results: EventResult[]
  decided: DecidedEvent[]
  errors: Map<string, Error>
}

/** Decides what is undecided for the given tickets; the answer maps ticket keys to the error to try again after. */
export async function decideTickets(
  ticketKeys: readonly string[],
  deps: DecideDeps,
): Promise<ReadonlyMap<string, Error>> {
  try {
    return await decideBatch(ticketKeys, deps)
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw error
    const [only] = ticketKeys
    if (ticketKeys.length === 1 && only !== undefined) return await giveBack(only, error, deps)
    // One ticket's events must not hold up the others.
    const errors = new Map<string, Error>()
    for (const key of ticketKeys) {
      for (const entry of await decideTickets([key], deps)) errors.set(...entry)
    }
    return errors
  }
}

/** Notes that a ticket's oldest event could not be stored as decided; after enough tries it is a dead letter. */
async function giveBack(
  ticketKey: string,
  error: unknown,
  { pool, log }: DecideDeps,
): Promise<ReadonlyMap<string, Error>> {
  const batch = emptyBatch()
  await inTransaction(pool, async (client) => {
    const [event] = await undecidedEvents(client, [ticketKey], 1)
    if (event === undefined || !(await lockUndecided(client, [event.seq])).has(event.seq)) return
    fail(batch, { event, error }, log)
    await saveEventResults(client, batch.results)
  })
  return batch.errors
}

async function decideBatch(
  ticketKeys: readonly string[],
  deps: DecideDeps,
): Promise<ReadonlyMap<string, Error>> {
  const { pool, queue, log } = deps
  // Events before runs: when another worker decides in between, it has taken one of these events.
  const events = await undecidedEvents(pool, ticketKeys, maxEvents)
  const batch = await decideAll(events, deps)
  const { policy, now } = deps.facts()
  // Runs of several tickets may be locked meanwhile by workers that go through them in another order.
  const stored = await retryRaces(() =>
    inTransaction(pool, async (client) => {
      const mine = await lockUndecided(
        client,
        events.map(({ seq }) => seq),
      )
      if (mine.size < events.length) return false
      await storeBatch(client, batch, { queue, log, policy, now })
      return true
    }),
  )
  if (!stored) return takenFrom(ticketKeys)
  if (events.length === maxEvents) for (const key of ticketKeys) lookAgain(batch, key)
  if (batch.decided.length > 0) {
    queue.kick('advance')
    queue.kick('report')
    count(batch, deps)
  }
  return batch.errors
}

/** Another worker has decided some of it meanwhile: what was weighed may rest on an old state. */
function takenFrom(ticketKeys: readonly string[]): ReadonlyMap<string, Error> {
  const batch = emptyBatch()
  for (const key of ticketKeys) lookAgain(batch, key)
  return batch.errors
}

function emptyBatch(): Batch {
  return { results: [], decided: [], errors: new Map() }
}

function count(batch: Batch, { metrics }: DecideDeps): void {
  for (const { event, decision } of batch.decided) {
    metrics.decideSeconds.observe((Date.now() - event.received_at.getTime()) / 1000)
    metrics.decisions.inc({ outcome: outcomeOf(decision) })
  }
}

function outcomeOf(decision: EventDecision): string {
  if (decision.runs.some(({ steps }) => steps.length > 0)) return 'run'
  return decision.runs.length > 0 ? 'refused' : 'no_match'
}

/** What the events of a batch are decided by; grows with every event. */
interface Known {
  runs: Awaited<ReturnType<typeof runsOfTickets>>
  open: OpenRuns
  /** What this batch has planned on targets, of any ticket: an alarm may bring a hundred tickets at once. */
  planned: { instance: string; run: TargetRun }[]
}

async function decideAll(events: readonly UndecidedEvent[], deps: DecideDeps): Promise<Batch> {
  const batch = emptyBatch()
  const known = await knownBy(events, deps)
  const facts = deps.facts()
  const deadline = Date.now() + batchLimitMs
  for (const event of events) {
    if (Date.now() > deadline) lookAgain(batch, event.ticket_key)
    // A ticket whose older event could not be decided waits for it: order is kept.
    if (batch.errors.has(event.ticket_key)) continue
    try {
      const one = await decideOne(event, { known, facts }, deps)
      batch.decided.push(one)
      batch.results.push({
        seq: event.seq,
        state: 'decided',
        attempts: event.attempts + 1,
        problem: one.decision.problem,
        body: one.decision.maskedBody,
      })
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error
      fail(batch, { event, error }, deps.log)
      deps.metrics.decisions.inc({ outcome: 'failed' })
    }
  }
  return batch
}

async function knownBy(
  events: readonly UndecidedEvent[],
  { pool, version }: DecideDeps,
): Promise<Known> {
  const ticketKeys = [...new Set(events.map((event) => event.ticket_key))]
  const runs = await runsOfTickets(pool, ticketKeys)
  const changed = new Set(
    events.filter(({ type }) => tellsOfChange(type)).map((event) => event.ticket_key),
  )
  const affected = runs.filter((run) => changed.has(run.ticket_key) && !isFinal(run.state))
  return { runs, open: await loadOpenRuns(pool, affected.map(runKey), version), planned: [] }
}

async function decideOne(
  event: UndecidedEvent,
  { known, facts }: { known: Known; facts: ReturnType<DecideDeps['facts']> },
  deps: DecideDeps,
): Promise<DecidedEvent> {
  const instance = deps.instanceOf(event.source)
  if (instance === null) throw new Error(`no instance with the URL ${event.source} is configured`)
  const { seq, ticket_key: ticketKey } = event
  // Validated when it was received; the column holds nothing else.
  const parsed = JSON.parse(event.body) as TicketEvent
  const { data } = parsed
  const received = { event: parsed, seq, ticketKey, origin: originOf(event) }
  const decision = await decideEvent(received, {
    ...facts,
    instance,
    earlierRuns: known.runs.filter((run) => run.ticket_key === ticketKey),
    openRuns: known.open.get(ticketKey) ?? [],
    createdAs: () => orderAsCreated(deps.pool, ticketKey),
    targetRuns: async (targets) => [
      ...known.planned
        .filter((one) => one.instance === instance && targets.includes(one.run.target))
        .map(({ run }) => run),
      ...(await runsOnTargets(deps.pool, instance, targets)),
    ],
  })
  remember(known, received, decision)
  known.planned.push(...decision.runs.flatMap((planned) => targetRunsOf(planned, facts.now)))
  return { event, decision, instance, actor: data.actor.user_name, ticket: data.ticket.number }
}

/** What the next events of the batch see of this one before it is stored. */
function remember(known: Known, received: Received, decision: EventDecision): void {
  const replanned = decision.replans.map(({ planned }) => planned.run)
  known.runs = known.runs.map((run) => replanned.find(({ id }) => id === run.id) ?? run)
  known.runs.push(...decision.runs.map(({ run }) => run))
  noteDecision(known.open, received, decision)
}

function targetRunsOf({ run, steps }: PlannedRun, now: Date): Known['planned'] {
  if (steps.length === 0) return []
  return run.targets.map((target) => ({
    instance: run.instance,
    run: {
      target,
      id: run.id,
      template: run.template,
      ticketTable: run.ticket_table,
      ticketNumber: run.ticket_number,
      state: run.state,
      createdAt: now,
      startedAt: null,
      windowStart: run.window_start,
      finishedAt: null,
    },
  }))
}

function originOf(event: UndecidedEvent): Origin {
  return { issuer: event.issuer, kid: event.kid, receivedAt: event.received_at }
}

/** What was not fetched, or not reached in time, is looked at again at once. */
function lookAgain(batch: Batch, ticketKey: string): void {
  if (batch.errors.has(ticketKey)) return
  const more = new ConnectorError('internal_error', 'more to decide', {
    retryable: true,
    retryAfterMs: 0,
  })
  batch.errors.set(ticketKey, more)
}

function fail(batch: Batch, failure: { event: UndecidedEvent; error: unknown }, log: Log): void {
  const { event, error } = failure
  const attempts = event.attempts + 1
  const dead = attempts >= maxTries
  batch.results.push({
    seq: event.seq,
    state: dead ? 'dead' : 'accepted',
    attempts,
    problem: messageOf(error),
    body: null,
  })
  if (dead) log.error({ eventSeq: event.seq, err: error }, 'event is a dead letter')
  else batch.errors.set(event.ticket_key, error instanceof Error ? error : new Error(String(error)))
}
