// ④ decide: match rules -> checks -> decision, for the undecided events of a ticket in the order in which
// they came. What is decided, planned and asked to cancel is stored in one transaction.
import type { TicketEvent } from '#shared/ticket-event.ts'

import type { Origin } from './checks/check.ts'
import { claimUndecided, insertDecisions, saveEventResults } from './db/decisions.ts'
import type { EventResult, UndecidedEvent } from './db/decisions.ts'
import { inTransaction, isDatabaseUnavailable } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Queryable } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import { insertRunTargets, runsOnTargets } from './db/run-targets.ts'
import { insertRuns, insertSteps, requestCancel, runKey, runsOfTickets } from './db/runs.ts'
import { insertUpdates } from './db/status-updates.ts'
import { decideEvent } from './decide-event.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { DecideFacts, EventDecision } from './event-decision.ts'
import { updateOf } from './flight.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { PlannedRun } from './plan.ts'
import type { Policy } from './policy.ts'

/** What deciding needs. */
export interface DecideDeps {
  pool: Pool
  queue: Queue
  log: Log
  /** Name of the instance an event came from, by its source URL; null when it is configured no more. */
  instanceOf: (source: string) => string | null
  facts: () => Omit<DecideFacts, 'instance' | 'earlierRuns' | 'targetRuns'>
  metrics: Pick<Metrics, 'decisions' | 'decideSeconds'>
}

/** Tries before an event becomes a dead letter. With the queue's back-off that takes some eight minutes. */
const maxTries = 20

/** Events of one batch; more wait for the next, so that one transaction stays short and small. */
const maxEvents = 200

/** A batch decides for at most this long, in milliseconds; far below the limit of an idle transaction. */
const batchLimitMs = 5_000

/** What one batch leaves behind. */
interface Batch {
  results: EventResult[]
  decided: { event: UndecidedEvent; decision: EventDecision; instance: string }[]
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
  const batch: Batch = { results: [], decided: [], errors: new Map() }
  await inTransaction(pool, async (client) => {
    const [event] = await claimUndecided(client, [ticketKey], 1)
    if (event === undefined) return
    fail(batch, { event, error }, log)
    await saveEventResults(client, batch.results)
  })
  return batch.errors
}

async function decideBatch(
  ticketKeys: readonly string[],
  deps: DecideDeps,
): Promise<ReadonlyMap<string, Error>> {
  const { pool, queue } = deps
  const batch = await inTransaction(pool, async (client) => {
    const events = await claimUndecided(client, ticketKeys, maxEvents)
    const history = await runsOfTickets(client, ticketKeys)
    const decided = await decideAll(events, { client, history }, deps)
    await store(client, decided, deps)
    if (events.length === maxEvents) for (const key of ticketKeys) lookAgain(decided, key)
    return decided
  })
  if (batch.decided.length > 0) {
    queue.kick('advance')
    queue.kick('report')
    count(batch, deps)
  }
  return batch.errors
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

async function decideAll(
  events: readonly UndecidedEvent[],
  stored: { client: Queryable; history: Awaited<ReturnType<typeof runsOfTickets>> },
  deps: DecideDeps,
): Promise<Batch> {
  const batch: Batch = { results: [], decided: [], errors: new Map() }
  const runs = [...stored.history]
  const facts = deps.facts()
  const deadline = Date.now() + batchLimitMs
  for (const event of events) {
    if (Date.now() > deadline) lookAgain(batch, event.ticket_key)
    // A ticket whose older event could not be decided waits for it: order is kept.
    if (batch.errors.has(event.ticket_key)) continue
    try {
      const instance = deps.instanceOf(event.source)
      if (instance === null)
        throw new Error(`no instance with the URL ${event.source} is configured`)
      // Validated when it was received; the column holds nothing else.
      const parsed = JSON.parse(event.body) as TicketEvent
      const earlierRuns = runs.filter((run) => run.ticket_key === event.ticket_key)
      const decision = await decideEvent(
        { event: parsed, seq: event.seq, ticketKey: event.ticket_key, origin: originOf(event) },
        {
          ...facts,
          instance,
          earlierRuns,
          targetRuns: (targets) => runsOnTargets(stored.client, instance, targets),
        },
      )
      batch.decided.push({ event, decision, instance })
      runs.push(...decision.runs.map((planned) => planned.run))
      batch.results.push({
        seq: event.seq,
        state: 'decided',
        attempts: event.attempts + 1,
        problem: decision.problem,
        body: decision.maskedBody,
      })
    } catch (error) {
      fail(batch, { event, error }, deps.log)
      deps.metrics.decisions.inc({ outcome: 'failed' })
    }
  }
  return batch
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

async function store(client: Queryable, batch: Batch, deps: DecideDeps): Promise<void> {
  const { queue } = deps
  await insertDecisions(
    client,
    batch.decided.flatMap(({ event, decision }) =>
      decision.decisions.map((receipt) => ({ event_seq: event.seq, decision: receipt })),
    ),
  )
  const planned = batch.decided.flatMap(({ decision }) => decision.runs)
  const stored = await insertRuns(
    client,
    planned.map(({ run }) => run),
  )
  // A run id that exists already belongs to an earlier event: it was planned then.
  const fresh = planned.filter(({ run }) => stored.delete(runKey(run)))
  await insertSteps(
    client,
    fresh.flatMap(({ steps }) => steps),
  )
  await insertRunTargets(
    client,
    fresh.filter(({ steps }) => steps.length > 0).map(({ run }) => run),
  )
  const { policy } = deps.facts()
  await insertUpdates(client, await Promise.all(fresh.map((run) => firstUpdate(run, policy))))
  const cancelled = await requestCancel(
    client,
    batch.decided.flatMap(({ decision, instance }) =>
      decision.cancels.map((cancel) => ({ instance, ...cancel })),
    ),
  )
  await saveEventResults(client, batch.results)
  const launchable = fresh.filter(({ steps }) => steps.length > 0).map(({ run }) => runKey(run))
  await queue.send(
    client,
    'advance',
    [...launchable, ...cancelled].map((key) => ({ key, data: {} })),
  )
  // A refused run is told at once; a planned one reports with its launch, which is a moment away.
  const refused = fresh.filter(({ steps }) => steps.length === 0)
  await queue.send(
    client,
    'report',
    refused.map(({ run }) => ({ key: runKey(run), data: {} })),
  )
}

function firstUpdate(planned: PlannedRun, policy: Policy): ReturnType<typeof updateOf> {
  return updateOf(planned, { droppable: planned.steps.length > 0, policy, now: new Date() })
}
