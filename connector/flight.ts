// A run in a worker's hands, and the one place that stores it: run, steps, status update and wake-ups in one
// transaction, shared by the runs that are stored at the same moment.
import type { Outcome } from '#shared/job-template.ts'
import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate, TicketChange } from '#shared/status-update.ts'

import { startedByPerson } from './checks/check.ts'
import { appendAudit } from './db/audit.ts'
import type { AuditEntry } from './db/audit.ts'
import { createGroupCommit } from './db/group-commit.ts'
import { inTransaction } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Queue, Wakeup } from './db/queue.ts'
import { releaseTargets } from './db/run-targets.ts'
import { runKey, saveRuns } from './db/runs.ts'
import type { RunRow, SavedRun, StepRow } from './db/runs.ts'
import { insertUpdates } from './db/status-updates.ts'
import type { NewStatusUpdate } from './db/status-updates.ts'
import { saveSteps, stepsSaved } from './db/steps.ts'
import { evidenceOf } from './evidence.ts'
import type { Log } from './log.ts'
import type { Policy } from './policy.ts'
import { startOf } from './processes/cut.ts'
import { processFor } from './processes/index.ts'
import { mustArrive } from './processes/notes.ts'
import type { RunChange } from './processes/process.ts'
import { currentStep, statusOf } from './processes/status.ts'
import { tellingStep } from './processes/what-ran.ts'
import { renderNote } from './templates/parameters.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** A run with its steps and the template version it was planned with. */
export interface Flight {
  run: RunRow
  steps: StepRow[]
  published: PublishedVersion
  /** A step has ended since the last status update. */
  stepEnded?: boolean
  /** The run's first job was launched since the last status update. */
  starts?: boolean
  /** The first step that changes something was launched since the last status update. */
  executes?: boolean
  /** The receipt has changed since the run was loaded. */
  decided?: boolean
  /** What the audit is to keep with the next save. */
  audit?: readonly AuditEntry[]
}

/**
 * Stores flights. Every save resolves to false when another worker has stored the run in the meantime, and brings
 * the run what was asked of it by then: a cancel, a hold or the end of one.
 */
export interface FlightStore {
  /** Stores run and steps; `wakeAt` adds a wake-up. */
  save(flight: Flight, wakeAt?: Date): Promise<boolean>
  /**
   * Stores them together with a numbered status update. It is not droppable when it asks something of the ticket
   * that no later one asks, or when a step has ended and the template wants that told.
   */
  saveAndReport(flight: Flight, how: { droppable: boolean; wakeAt: Date | null }): Promise<boolean>
  /** Adds a wake-up alone. */
  wake(key: string, at: Date): Promise<void>
}

interface Save {
  flight: Flight
  update: NewStatusUpdate | null
  wakeAt: Date | null
}

/** Most runs stored by one transaction. */
const maxGroup = 200

/** Creates the store. */
export function createFlightStore(deps: {
  pool: Pool
  queue: Queue
  log: Log
  policy: Policy
  now: () => Date
}): FlightStore {
  const { pool, queue, log, policy, now } = deps
  const commit = createGroupCommit<Save, SavedRun | null>(
    (saves) => commitSaves(saves, { pool, queue, now: now() }),
    {
      maxItems: maxGroup,
    },
  )

  async function save(entry: Save): Promise<boolean> {
    const saved = await commit(entry)
    if (saved === null) return false
    const { flight } = entry
    const { sequence, cancel_requested_at, cancel_reason, hold_reason } = saved
    Object.assign(flight.run, { sequence, cancel_requested_at, cancel_reason, hold_reason })
    flight.run.revision++
    flight.decided = false
    flight.audit = []
    if (entry.update !== null) {
      flight.stepEnded = false
      flight.starts = false
      flight.executes = false
    }
    return true
  }

  return {
    save: (flight, wakeAt) => save({ flight, update: null, wakeAt: wakeAt ?? null }),
    async saveAndReport(flight, how) {
      const telling = flight.stepEnded === true && flight.published.template.progress_notes
      const made = await updateOf(flight, { droppable: how.droppable, policy, now: now(), log })
      const droppable = made.droppable && !telling && !asksMore(made.update)
      return await save({ flight, update: { ...made, droppable }, wakeAt: how.wakeAt })
    },
    wake: (key, at) => queue.send(pool, 'advance', [{ key, data: {}, startAfter: at }]),
  }
}

/** Stores a group of saves; the answer is the run as it was saved, or null when another worker was first. */
async function commitSaves(
  saves: readonly Save[],
  deps: { pool: Pool; queue: Queue; now: Date },
): Promise<(SavedRun | null)[]> {
  const { pool, queue, now } = deps
  // One group may hold two saves of a run only when it was taken over meanwhile: the first one counts.
  const first = new Map(saves.toReversed().map((save) => [runKey(save.flight.run), save]))
  const own = saves.filter((save) => first.get(runKey(save.flight.run)) === save)
  const { saved: done, released } = await inTransaction(pool, async (client) => {
    const saved = await saveRuns(
      client,
      own.map(({ flight, update }) => ({
        run: flight.run,
        numbered: update !== null,
        decided: flight.decided === true,
      })),
    )
    const kept = own.filter((save) => saved.has(runKey(save.flight.run)))
    await saveSteps(
      client,
      kept.flatMap((save) => save.flight.steps),
    )
    await appendAudit(
      client,
      kept.flatMap(({ flight }) => flight.audit ?? []),
    )
    // In the same transaction: what has ended, or waits, holds nothing, and who waits for it is woken.
    const released = await releaseTargets(client, kept.flatMap(holdsNoMore), now)
    const updates = kept.flatMap((save) => numbered(save, saved))
    await insertUpdates(client, updates)
    await queue.send(client, 'advance', [
      ...saves.flatMap((save) => wakeupOf(save, saved)),
      ...released.map(wakeupNow),
    ])
    await queue.send(
      client,
      'report',
      updates.map(({ instance, update }) => ({ key: `${instance}/${update.run_id}`, data: {} })),
    )
    return { saved, released }
  })
  for (const save of own) {
    if (done.has(runKey(save.flight.run))) stepsSaved(save.flight.steps)
  }
  if (released.length > 0) queue.kick('advance')
  if (saves.some((save) => save.update !== null)) queue.kick('report')
  return saves.map((save) =>
    own.includes(save) ? (done.get(runKey(save.flight.run)) ?? null) : null,
  )
}

/** A note of progress may be left out, a change of state or of hands may not. */
function asksMore({ ticket_change: change }: StatusUpdate): boolean {
  return change !== null && Object.keys(change).some((part) => part !== 'work_note')
}

/** The run, when it must let go of its targets: it has ended, or it waits before its first launch. */
function holdsNoMore({ flight: { run } }: Save): RunRow[] {
  if (run.targets.length === 0) return []
  const waits = run.state === 'waiting' && run.gate_passed_at === null
  return run.finished_at !== null || waits ? [run] : []
}

function wakeupNow(key: string): Wakeup {
  return { key, data: {} }
}

function numbered(save: Save, saved: ReadonlyMap<string, SavedRun>): NewStatusUpdate[] {
  const sequence = saved.get(runKey(save.flight.run))?.sequence
  if (save.update === null || sequence === undefined) return []
  return [{ ...save.update, update: { ...save.update.update, sequence } }]
}

/** A run that another worker stored first is looked at again: what we did may not be in its state. */
const lookAgainMs = 1000

function wakeupOf(save: Save, saved: ReadonlyMap<string, SavedRun>): Wakeup[] {
  const key = runKey(save.flight.run)
  if (!saved.has(key)) return [{ key, data: {}, startAfter: new Date(Date.now() + lookAgainMs) }]
  return save.wakeAt === null ? [] : [{ key, data: {}, startAfter: save.wakeAt }]
}

/** What an update is made from besides the flight. */
interface Telling {
  droppable: boolean
  policy: Policy
  now: Date
  log: Log
}

/** The update of a flight with what its ticket is asked to become; storing it gives it its number. */
export async function updateOf(flight: Flight, how: Telling): Promise<NewStatusUpdate> {
  const { run, steps, published } = flight
  const change = await askedOf(flight, how)
  const update = statusOf(run, steps, { title: published.template.title, change, now: how.now })
  return { instance: run.instance, update, droppable: how.droppable && !mustArrive(change) }
}

/** What the ticket is asked to become. Wording that fails must not keep a run from its end: then a plain note tells it. */
async function askedOf(flight: Flight, how: Telling): Promise<TicketChange | null> {
  const { run, published } = flight
  const { id, state, message } = run
  try {
    return processFor(run.ticket_table).change(await changeOf(flight, how))
  } catch (error) {
    how.log.error({ runId: id, state, err: error }, 'ticket change could not be worded')
    if (!isFinal(state)) return null
    const text = [
      `Automation "${published.template.title}" has ended: ${state.replace('_', ' ')}. ${startOf(message, 4000)}`,
      'More could not be worded, and the state of this ticket was left alone; the log of the connector says why.',
      `Run: ${id}`,
    ]
    return { work_note: { key: `${id}:end`, text: text.join('\n') } }
  }
}

async function changeOf(flight: Flight, { policy, now }: Telling): Promise<RunChange> {
  const { run, steps, published } = flight
  const step = tellingStep(run.state, steps)
  return {
    runId: run.id,
    title: published.template.title,
    template: published.template,
    ticket: { table: run.ticket_table, number: run.ticket_number },
    changeType: run.plan_rules?.changeType ?? null,
    state: run.state,
    at: now,
    starts: flight.starts === true,
    executes: flight.executes === true,
    stepEnded: flight.stepEnded === true,
    message: run.message,
    requestedBy: run.requested_by,
    automatic: !startedByPerson(run.trigger),
    jobId: step?.job_id ?? null,
    jobUrl: step?.job_url ?? null,
    outputTail: step?.output_tail ?? '',
    outputOmitted: step?.output_omitted ?? 0,
    note: await noteOf(flight),
    targets: run.targets,
    steps: steps.map((each) => ({ ...evidenceOf(each), undoes: each.undoes })),
    window: { start: run.window_start, end: run.window_end },
    decision: run.decision,
    policy,
  }
}

async function noteOf(flight: Flight): Promise<string | null> {
  const { run, steps, published } = flight
  const expression = outcomeOf(flight)?.note
  if (expression === undefined) return null
  const step = currentStep(steps)
  return await renderNote(published.template, expression, {
    run: { id: run.id, state: run.state, message: run.message },
    job: {
      id: step?.job_id ?? null,
      url: step?.job_url ?? null,
      exit_code: step?.exit_code ?? null,
    },
    parameters: run.parameters,
    output: step?.output_tail ?? '',
  })
}

function outcomeOf({ run, published }: Flight): Outcome | null {
  const { outcome } = published.template
  switch (run.state) {
    case 'succeeded':
      return outcome.succeeded
    case 'failed':
    case 'rollback_failed':
      return outcome.failed
    case 'cancelled':
      return outcome.cancelled
    case 'rolled_back':
      // A rolled back run is a failed one unless the template says more.
      return { ...outcome.failed, ...outcome.rolled_back }
    default:
      return null
  }
}
