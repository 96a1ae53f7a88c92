// ⑦ report: sends a run's status updates in order until the instance has acknowledged them. An update that
// only shows progress gives way to a later one and comes once a second at most; what the instance refused is told
// again as a work note.
import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

import { storeFollowUp } from './db/follow-up.ts'
import { createGroupCommit } from './db/group-commit.ts'
import { inTransaction } from './db/pool.ts'
import type { Pool, Queryable } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import { pendingUpdates, saveUpdateResults } from './db/status-updates.ts'
import type { PendingUpdate, UpdateResult } from './db/status-updates.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { ItsmAdapter } from './itsm/adapter.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { refusalNote } from './refused-change.ts'
import type { Refused } from './refused-change.ts'
import { createTicketPace } from './ticket-pace.ts'
import type { TicketPace } from './ticket-pace.ts'

/** What reporting needs. */
export interface ReportDeps {
  pool: Pool
  queue: Queue
  log: Log
  adapters: ReadonlyMap<string, ItsmAdapter>
  metrics: Pick<Metrics, 'reports' | 'reportSeconds'>
  /** Milliseconds, for the pause of a ticket (tests move it). */
  clock?: () => number
}

/** A reporter for run keys. */
export interface Reporter {
  /** Sends what is pending for the runs; the answer maps keys to the error to try again after. */
  report(keys: readonly string[]): Promise<ReadonlyMap<string, Error>>
}

/** One delivery may take this long. */
const sendTimeoutMs = 10_000

/** Age at which an update that was never acknowledged becomes a dead letter; counting tries would depend on traffic. */
const deadAfterMs = 48 * 3_600_000

/** But not before so many tries: after two days of standing still ourselves the first hiccup must not end it. */
const minTries = 10

/** Codes of an instance that gave no answer, or that asks us to slow down. */
const overloadCodes = new Set(['instance_unreachable', 'instance_timeout', 'instance_rate_limited'])

/** What one delivery leaves to be stored. */
interface Delivered {
  results: UpdateResult[]
  refused: Refused | null
}

/** Creates the reporter. */
export function createReporter(deps: ReportDeps): Reporter {
  const save = createGroupCommit<Delivered, null>((items) => storeAll(items, deps), {
    maxItems: 200,
  })
  const paces = { pace: createPace(), tickets: createTicketPace(deps.clock) }
  return {
    async report(keys) {
      const pending = await pendingUpdates(deps.pool, keys)
      const byRun = Map.groupBy(pending, (update) => `${update.instance}/${update.run_id}`)
      const errors = new Map<string, Error>()
      await Promise.all(
        [...byRun].map(async ([key, updates]) => {
          const error = await reportRun(updates, { ...deps, ...paces, save })
          if (error !== null) errors.set(key, error)
        }),
      )
      return errors
    },
  }
}

type Sending = ReportDeps & {
  save: (delivered: Delivered) => Promise<null>
  pace: Pace
  tickets: TicketPace
}

/** Sends the updates of one run, oldest first, without those that a later one takes the place of. */
async function reportRun(
  updates: readonly PendingUpdate[],
  sending: Sending,
): Promise<Error | null> {
  const last = updates.at(-1)
  const superseded = updates.filter((update) => update.droppable && update !== last)
  for (const update of updates) {
    if (superseded.includes(update)) continue
    const error = await deliver(update, update === last ? superseded : [], sending)
    if (error !== null) return error
  }
  return null
}

async function deliver(
  pending: PendingUpdate,
  superseded: readonly PendingUpdate[],
  sending: Sending,
): Promise<Error | null> {
  const { instance } = pending
  const dropped = superseded.map((update) => resultOf(update, 'superseded'))
  try {
    const adapter = sending.adapters.get(instance)
    if (adapter === undefined) {
      throw new ConnectorError('instance_unknown', `instance ${instance} is not in connector.yaml`)
    }
    // Written by ourselves through the same type.
    const update = JSON.parse(pending.body) as StatusUpdate
    // The end, and what was not asked of the ticket yet, go at once.
    const waitMs = sending.tickets.waitMs({ instance, update }, pending.droppable)
    if (waitMs > 0) return tooSoon(waitMs)
    if (!sending.pace.enter(instance)) return notNow(instance)
    sending.tickets.sent({ instance, update })
    const reply = await send(adapter, { instance, update, pace: sending.pace })
    sending.tickets.arrived({ instance, update })
    const refused = reply.refused.length > 0 ? { instance, update, reply } : null
    if (refused !== null) warnOfRefusal(refused, sending.log)
    await sending.save({
      results: [...dropped, { ...resultOf(pending, 'acknowledged'), reply }],
      refused,
    })
    count(pending, reply.status === 'stale' ? 'stale' : 'acknowledged', sending)
    return null
  } catch (error) {
    return await failed(pending, error, sending)
  }
}

/** Sends within the instance's pace. Throws what the adapter throws. */
async function send(
  adapter: ItsmAdapter,
  { instance, update, pace }: { instance: string; update: StatusUpdate; pace: Pace },
): Promise<StatusReply> {
  let answered = true
  try {
    return await adapter.sendStatus(update, AbortSignal.timeout(sendTimeoutMs))
  } catch (error) {
    answered = !(error instanceof ConnectorError && overloadCodes.has(error.code))
    throw error
  } finally {
    pace.leave(instance, answered)
  }
}

/** The update was not tried, so nothing is stored: the queue's back-off brings the run again. */
function notNow(instance: string): ConnectorError {
  const text = `instance ${instance} did not answer lately; other deliveries to it are under way`
  return new ConnectorError('instance_unreachable', text, { retryable: true })
}

/** Not tried either: it comes again when the ticket's pause is over, or a newer one in its place. */
function tooSoon(waitMs: number): ConnectorError {
  const text = 'the ticket was updated less than a second ago'
  return new ConnectorError('internal_error', text, { retryable: true, retryAfterMs: waitMs })
}

/** The work note tells people on the ticket; this line tells the admin, also when there is no work note. */
function warnOfRefusal({ instance, update, reply }: Refused, log: Log): void {
  const fields = reply.refused.map(({ field }) => field)
  log.warn({ instance, runId: update.run_id, sequence: update.sequence, fields }, 'change refused')
}

async function failed(
  pending: PendingUpdate,
  error: unknown,
  sending: Sending,
): Promise<Error | null> {
  if (!(error instanceof ConnectorError) || error.code === 'database_unavailable') throw error
  const dead = !error.retryable || isTooOld(pending)
  const { instance, run_id: runId, sequence } = pending
  const result = { ...resultOf(pending, dead ? 'dead' : 'pending'), problem: messageOf(error) }
  await sending.save({ results: [result], refused: null })
  count(pending, dead ? 'dead' : 'retried', sending)
  if (!dead) return error
  sending.log.error(
    { instance, runId, sequence, code: error.code },
    'status update is a dead letter',
  )
  return null
}

function isTooOld({ created_at: createdAt, attempts }: PendingUpdate): boolean {
  return Date.now() - createdAt.getTime() > deadAfterMs && attempts + 1 >= minTries
}

function count(
  { instance, created_at: createdAt }: PendingUpdate,
  outcome: 'acknowledged' | 'stale' | 'retried' | 'dead',
  { metrics }: Sending,
): void {
  metrics.reports.inc({ instance, outcome })
  if (outcome !== 'acknowledged') return
  metrics.reportSeconds.observe({ instance }, (Date.now() - createdAt.getTime()) / 1000)
}

function resultOf(update: PendingUpdate, state: UpdateResult['state']): UpdateResult {
  const { instance, run_id, sequence } = update
  return {
    instance,
    run_id,
    sequence,
    state,
    attempts: update.attempts + 1,
    problem: null,
    reply: null,
  }
}

async function storeAll(items: readonly Delivered[], deps: ReportDeps): Promise<null[]> {
  const { pool, queue } = deps
  const told = await inTransaction(pool, async (client) => {
    await saveUpdateResults(
      client,
      items.flatMap((item) => item.results),
    )
    let count = 0
    for (const { refused } of items) {
      if (refused !== null && (await tellRefusal(client, refused, queue))) count++
    }
    return count
  })
  if (told > 0) queue.kick('report')
  return items.map(() => null)
}

/** Adds the follow-up that says as a work note what the instance did not accept. False = nothing to tell. */
async function tellRefusal(client: Queryable, refused: Refused, queue: Queue): Promise<boolean> {
  const change = refusalNote(refused)
  if (change === null) return false
  const { instance, update } = refused
  if (!(await storeFollowUp(client, { instance, id: update.run_id }, () => change))) return false
  await queue.send(client, 'report', [{ key: `${instance}/${update.run_id}`, data: {} }])
  return true
}
