// Stores what a batch of events came to: receipts, new runs, and changes of runs that wait or run. One
// transaction, of which the caller is in charge; repeating it for an event is ruled out by the event's state.
import { isFinal } from '#shared/status-update.ts'

import { appendAudit } from './db/audit.ts'
import { insertDecisions, saveEventResults } from './db/decisions.ts'
import type { EventResult, UndecidedEvent } from './db/decisions.ts'
import { storeFollowUp } from './db/follow-up.ts'
import type { Queryable } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import { changeHolds, lockRuns, markSeen, overtakeWorkers, replaceRun } from './db/run-changes.ts'
import type { LockedRun } from './db/run-changes.ts'
import { insertRunTargets, releaseTargets } from './db/run-targets.ts'
import { insertRuns, insertSteps, requestCancel, runKey } from './db/runs.ts'
import { insertUpdates } from './db/status-updates.ts'
import { auditOf } from './decide-audit.ts'
import type { EventDecision, Replan } from './event-decision.ts'
import { updateOf } from './flight.ts'
import type { Log } from './log.ts'
import type { PlannedRun } from './plan.ts'
import type { Policy } from './policy.ts'
import type { Note } from './processes/ticket-changes.ts'

/** One decided event. */
export interface DecidedEvent {
  event: UndecidedEvent
  decision: EventDecision
  instance: string
  /** user_name of whoever caused the event. */
  actor: string
  /** Number of its ticket. */
  ticket: string
}

/** What a batch leaves behind. */
export interface DecidedBatch {
  decided: readonly DecidedEvent[]
  results: readonly EventResult[]
}

/** What storing needs. */
export interface StoreDeps {
  queue: Queue
  log: Log
  policy: Policy
  now: Date
}

/** Keys of runs to be looked at after the commit. */
interface Wakeups {
  advance: Set<string>
  report: Set<string>
}

/** Stores the batch. Rejects with what the database says; then nothing of it was stored. */
export async function storeBatch(
  client: Queryable,
  batch: DecidedBatch,
  deps: StoreDeps,
): Promise<void> {
  const wakeups: Wakeups = { advance: new Set(), report: new Set() }
  await insertDecisions(
    client,
    batch.decided.flatMap(({ event, decision }) =>
      decision.decisions.map((receipt) => ({ event_seq: event.seq, decision: receipt })),
    ),
  )
  await appendAudit(client, batch.decided.flatMap(auditOf))
  await storeNewRuns(client, { batch, wakeups }, deps)
  await storeChanges(client, { batch, wakeups }, deps)
  await saveEventResults(client, batch.results)
  for (const queue of ['advance', 'report'] as const) {
    const keys = [...wakeups[queue]]
    await deps.queue.send(
      client,
      queue,
      keys.map((key) => ({ key, data: {} })),
    )
  }
}

type Storing = { batch: DecidedBatch; wakeups: Wakeups }

async function storeNewRuns(
  client: Queryable,
  { batch, wakeups }: Storing,
  deps: StoreDeps,
): Promise<void> {
  const planned = batch.decided.flatMap(({ decision }) => decision.runs)
  const stored = await insertRuns(
    client,
    planned.map(({ run }) => run),
  )
  // A run id that exists already belongs to an earlier event: it was planned then.
  const fresh = planned.filter(({ run }) => stored.delete(runKey(run)))
  const launchable = fresh.filter(({ steps }) => steps.length > 0)
  await insertSteps(
    client,
    fresh.flatMap(({ steps }) => steps),
  )
  await insertRunTargets(
    client,
    launchable.map(({ run }) => run),
  )
  await insertUpdates(client, await Promise.all(fresh.map((one) => firstUpdate(one, deps))))
  // A refused run is told at once; a planned one reports with its launch, which is a moment away.
  for (const one of fresh) {
    wakeups[launchable.includes(one) ? 'advance' : 'report'].add(runKey(one.run))
  }
}

function firstUpdate(planned: PlannedRun, deps: StoreDeps): ReturnType<typeof updateOf> {
  return updateOf(planned, { ...deps, droppable: planned.steps.length > 0 })
}

/** What a batch asks of runs that exist, by run; of several events for one run the last one counts. */
interface Changes {
  cancels: Map<string, { instance: string; id: string; reason: string }>
  holds: Map<string, { instance: string; id: string; reason: string | null }>
  replans: Map<string, Replan & { instance: string; id: string }>
  notes: (Note & { instance: string; id: string })[]
  seen: Map<string, { instance: string; id: string; seq: string }>
}

async function storeChanges(
  client: Queryable,
  { batch, wakeups }: Storing,
  deps: StoreDeps,
): Promise<void> {
  const changes = changesOf(batch)
  const { cancels, holds, replans, notes, seen } = changes
  const touched = [cancels, holds, replans, seen].flatMap((part) => [...part.keys()])
  const locked = await lockRuns(client, [...new Set([...touched, ...notes.map(runKey)])])
  if (locked.length === 0) return
  const open = new Map(locked.map((entry) => [runKey(entry.run), entry]))
  await changeHolds(client, openOf(holds, open), deps.now)
  await requestCancel(client, openOf(cancels, open))
  await overtakeWorkers(
    client,
    [...holds.keys(), ...cancels.keys()].filter((key) => open.get(key)?.launching === false),
  )
  for (const key of [...holds.keys(), ...cancels.keys()])
    if (open.has(key)) wakeups.advance.add(key)
  for (const [key, replan] of replans) {
    const target = open.get(key)
    if (target === undefined) continue
    const { instance, id, otherwise } = replan
    if (target.begun) notes.push({ ...otherwise, instance, id })
    else await storeReplan(client, { replan, target, wakeups }, deps)
    // Refused, it has told its end: there is nothing more to say about it.
    if (!target.begun && isFinal(replan.planned.run.state)) open.delete(key)
  }
  for (const note of notes) {
    if (!open.has(runKey(note))) continue
    const { key, text } = note
    const stored = await storeFollowUp(client, note, () => ({ work_note: { key, text } }))
    if (stored) wakeups.report.add(runKey(note))
  }
  await markSeen(client, openOf(seen, open))
}

/** A run that has ended meanwhile is left alone. */
function openOf<T>(changes: ReadonlyMap<string, T>, open: ReadonlyMap<string, LockedRun>): T[] {
  return [...changes].filter(([key]) => open.has(key)).map(([, change]) => change)
}

function changesOf({ decided }: DecidedBatch): Changes {
  const changes: Changes = {
    cancels: new Map(),
    holds: new Map(),
    replans: new Map(),
    notes: [],
    seen: new Map(),
  }
  for (const { event, decision, instance } of decided) {
    for (const { id, reason } of decision.cancels) {
      // Only the first request counts.
      const key = runKey({ instance, id })
      if (!changes.cancels.has(key)) changes.cancels.set(key, { instance, id, reason })
    }
    for (const { id, reason } of decision.holds) {
      changes.holds.set(runKey({ instance, id }), { instance, id, reason })
    }
    for (const { id } of decision.releases) {
      changes.holds.set(runKey({ instance, id }), { instance, id, reason: null })
    }
    for (const replan of decision.replans) {
      const { id } = replan.planned.run
      changes.replans.set(runKey({ instance, id }), { ...replan, instance, id })
    }
    for (const note of decision.notes) changes.notes.push({ ...note, instance })
    for (const { id } of decision.seen) {
      changes.seen.set(runKey({ instance, id }), { instance, id, seq: event.seq })
    }
  }
  return changes
}

/** Puts the new plan, or the refusal, in the place of the old plan. Nothing of that has been launched. */
async function storeReplan(
  client: Queryable,
  change: { replan: Replan; target: LockedRun; wakeups: Wakeups },
  deps: StoreDeps,
): Promise<void> {
  const { replan, target, wakeups } = change
  const { planned } = replan
  const { created_at, requested_by, sequence, hold_reason } = target.run
  const isRefused = planned.steps.length === 0
  const run = {
    ...planned.run,
    created_at,
    requested_by,
    hold_reason,
    sequence: sequence + 1,
    due_at: isRefused ? null : deps.now,
  }
  for (const key of await releaseTargets(client, [run], deps.now)) wakeups.advance.add(key)
  await replaceRun(client, run)
  await insertSteps(client, planned.steps)
  if (!isRefused) await insertRunTargets(client, [run])
  const update = await updateOf({ ...planned, run }, { ...deps, droppable: !isRefused })
  await insertUpdates(client, [update])
  wakeups.report.add(runKey(run))
  if (!isRefused) wakeups.advance.add(runKey(run))
}
