// ⑦ report: sends a run's status updates in order until the instance has acknowledged them. An update that
// only shows progress gives way to a later one; what the instance refused is told again as a work note.
import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

import { createGroupCommit } from './db/group-commit.ts'
import { inTransaction } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import {
  insertUpdates,
  pendingUpdates,
  saveUpdateResults,
  takeSequence,
} from './db/status-updates.ts'
import type { PendingUpdate, UpdateResult } from './db/status-updates.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { ItsmAdapter } from './itsm/adapter.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** What reporting needs. */
export interface ReportDeps {
  pool: Pool
  queue: Queue
  log: Log
  adapters: ReadonlyMap<string, ItsmAdapter>
  metrics: Pick<Metrics, 'reports' | 'reportSeconds'>
}

/** A reporter for run keys. */
export interface Reporter {
  /** Sends what is pending for the runs; the answer maps keys to the error to try again after. */
  report(keys: readonly string[]): Promise<ReadonlyMap<string, Error>>
}

/** One delivery may take this long. */
const sendTimeoutMs = 10_000

/** Tries before an update becomes a dead letter: with the queue's back-off about two days. */
const maxTries = 200

/** What one delivery leaves to be stored. */
interface Delivered {
  results: UpdateResult[]
  /** What the instance did not accept of the update. */
  refused: { update: StatusUpdate; instance: string; reply: StatusReply } | null
}

/** Creates the reporter. */
export function createReporter(deps: ReportDeps): Reporter {
  const save = createGroupCommit<Delivered, null>((items) => storeAll(items, deps), {
    maxItems: 200,
  })
  return {
    async report(keys) {
      const pending = await pendingUpdates(deps.pool, keys)
      const byRun = Map.groupBy(pending, (update) => `${update.instance}/${update.run_id}`)
      const errors = new Map<string, Error>()
      await Promise.all(
        [...byRun].map(async ([key, updates]) => {
          const error = await reportRun(updates, { ...deps, save })
          if (error !== null) errors.set(key, error)
        }),
      )
      return errors
    },
  }
}

type Sending = ReportDeps & { save: (delivered: Delivered) => Promise<null> }

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
    const reply = await adapter.sendStatus(update, AbortSignal.timeout(sendTimeoutMs))
    const refused = reply.refused.length > 0 ? { update, instance, reply } : null
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

async function failed(
  pending: PendingUpdate,
  error: unknown,
  sending: Sending,
): Promise<Error | null> {
  if (!(error instanceof ConnectorError) || error.code === 'database_unavailable') throw error
  const dead = !error.retryable || pending.attempts + 1 >= maxTries
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
      if (refused === null || !isWorthTelling(refused.reply)) continue
      const { instance, update, reply } = refused
      const sequence = await takeSequence(client, { instance, id: update.run_id })
      if (sequence === null) continue
      await insertUpdates(client, [
        { instance, update: refusalOf(update, reply, sequence), droppable: false },
      ])
      await queue.send(client, 'report', [{ key: `${instance}/${update.run_id}`, data: {} }])
      count++
    }
    return count
  })
  if (told > 0) queue.kick('report')
  return items.map(() => null)
}

/** A refused work note cannot be told by a work note. */
function isWorthTelling(reply: StatusReply): boolean {
  return reply.refused.some((refusal) => refusal.field !== 'work_notes')
}

/** The follow-up that says as a work note what the instance did not accept. */
function refusalOf(update: StatusUpdate, reply: StatusReply, sequence: number): StatusUpdate {
  const reasons = reply.refused.map(({ field, reason }) => `- ${field}: ${reason}`)
  const text = [
    `Automation "${update.template.title}" could not change this ticket as it should have:`,
    ...reasons,
    'Please make the change by hand. The state of the run itself is not affected.',
    `Run: ${update.run_id}`,
  ].join('\n')
  return {
    ...update,
    sequence,
    time: new Date().toISOString(),
    ticket_change: { work_note: { key: `${update.run_id}:refused:${update.sequence}`, text } },
  }
}
