import type { Outcome } from '#shared/job-template.ts'

import { startedByPerson } from './checks/check.ts'
// A run in a worker's hands, and the one place that stores it: run, steps, status update and wake-ups in one
// transaction, shared by the runs that are stored at the same moment.
import { createGroupCommit } from './db/group-commit.ts'
import { inTransaction } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Queue, Wakeup } from './db/queue.ts'
import { runKey, saveRuns, saveSteps } from './db/runs.ts'
import type { RunRow, StepRow } from './db/runs.ts'
import { insertUpdates } from './db/status-updates.ts'
import type { NewStatusUpdate } from './db/status-updates.ts'
import { evidenceOf } from './evidence.ts'
import type { Policy } from './policy.ts'
import { processFor } from './processes/index.ts'
import type { RunChange } from './processes/process.ts'
import { currentStep, statusOf } from './processes/status.ts'
import { renderNote } from './templates/parameters.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** A run with its steps and the template version it was planned with. */
export interface Flight {
  run: RunRow
  steps: StepRow[]
  published: PublishedVersion
}

/** Stores flights. Every save resolves to false when another worker has stored the run in the meantime. */
export interface FlightStore {
  /** Stores run and steps; `wakeAt` adds a wake-up. */
  save(flight: Flight, wakeAt?: Date): Promise<boolean>
  /** Stores them together with a numbered status update. */
  saveAndReport(flight: Flight, how: { droppable: boolean; wakeAt: Date | null }): Promise<boolean>
  /** Adds a wake-up alone. */
  wake(flight: Flight, at: Date): Promise<void>
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
  policy: Policy
  now: () => Date
}): FlightStore {
  const { pool, queue, policy, now } = deps
  const commit = createGroupCommit<Save, number | null>(
    (saves) => commitSaves(saves, { pool, queue }),
    {
      maxItems: maxGroup,
    },
  )

  async function save(entry: Save): Promise<boolean> {
    const sequence = await commit(entry)
    if (sequence === null) return false
    entry.flight.run.revision++
    entry.flight.run.sequence = sequence
    return true
  }

  return {
    save: (flight, wakeAt) => save({ flight, update: null, wakeAt: wakeAt ?? null }),
    async saveAndReport(flight, how) {
      const update = await updateOf(flight, { droppable: how.droppable, policy, now: now() })
      return await save({ flight, update, wakeAt: how.wakeAt })
    },
    async wake(flight, at) {
      // Only a run whose launch is in doubt waits without a stored wake-up: see launch() in advance.ts.
      if (!flight.steps.some((step) => step.state === 'launching')) return
      await queue.send(pool, 'advance', [{ key: runKey(flight.run), data: {}, startAfter: at }])
    },
  }
}

/** Stores a group of saves; the answer is the run's sequence number, or null when another worker was first. */
async function commitSaves(
  saves: readonly Save[],
  deps: { pool: Pool; queue: Queue },
): Promise<(number | null)[]> {
  const { pool, queue } = deps
  // One group may hold two saves of a run only when it was taken over meanwhile: the first one counts.
  const first = new Map(saves.toReversed().map((save) => [runKey(save.flight.run), save]))
  const own = saves.filter((save) => first.get(runKey(save.flight.run)) === save)
  const sequences = await inTransaction(pool, async (client) => {
    const saved = await saveRuns(
      client,
      own.map((save) => ({ run: save.flight.run, numbered: save.update !== null })),
    )
    const kept = own.filter((save) => saved.has(runKey(save.flight.run)))
    await saveSteps(
      client,
      kept.flatMap((save) => save.flight.steps),
    )
    const updates = kept.flatMap((save) => numbered(save, saved))
    await insertUpdates(client, updates)
    await queue.send(
      client,
      'advance',
      saves.flatMap((save) => wakeupOf(save, saved)),
    )
    await queue.send(
      client,
      'report',
      updates.map(({ instance, update }) => ({ key: `${instance}/${update.run_id}`, data: {} })),
    )
    return saved
  })
  if (saves.some((save) => save.update !== null)) queue.kick('report')
  return saves.map((save) =>
    own.includes(save) ? (sequences.get(runKey(save.flight.run)) ?? null) : null,
  )
}

function numbered(save: Save, saved: ReadonlyMap<string, number>): NewStatusUpdate[] {
  const sequence = saved.get(runKey(save.flight.run))
  if (save.update === null || sequence === undefined) return []
  return [{ ...save.update, update: { ...save.update.update, sequence } }]
}

/** A run that another worker stored first is looked at again: what we did may not be in its state. */
const lookAgainMs = 1000

function wakeupOf(save: Save, saved: ReadonlyMap<string, number>): Wakeup[] {
  const key = runKey(save.flight.run)
  if (!saved.has(key)) return [{ key, data: {}, startAfter: new Date(Date.now() + lookAgainMs) }]
  return save.wakeAt === null ? [] : [{ key, data: {}, startAfter: save.wakeAt }]
}

/** The update of a flight with what its ticket is asked to become; storing it gives it its number. */
export async function updateOf(
  flight: Flight,
  how: { droppable: boolean; policy: Policy; now: Date },
): Promise<NewStatusUpdate> {
  const { run, steps, published } = flight
  const change = processFor(run.ticket_table).change(await changeOf(flight, how))
  const update = statusOf(run, steps, { title: published.template.title, change, now: how.now })
  return { instance: run.instance, update, droppable: how.droppable }
}

async function changeOf(
  flight: Flight,
  { policy, now }: { policy: Policy; now: Date },
): Promise<RunChange> {
  const { run, steps, published } = flight
  const step = currentStep(steps)
  return {
    runId: run.id,
    title: published.template.title,
    template: published.template,
    ticket: { table: run.ticket_table, number: run.ticket_number },
    changeType: run.plan_rules?.changeType ?? null,
    state: run.state,
    at: now,
    starts: false,
    stepEnded: false,
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
  if (run.state === 'succeeded') return outcome.succeeded
  if (run.state === 'failed') return outcome.failed
  return run.state === 'cancelled' ? outcome.cancelled : null
}
