// A run that has nothing to do until a certain moment: the wake-up for it, and what people are told meanwhile.
import { runKey } from './db/runs.ts'
import type { RunRow } from './db/runs.ts'
import type { Flight } from './flight.ts'
import type { AdvanceDeps } from './platform-call.ts'
import { waitsUntil } from './run-facts.ts'
import { utcTime } from './utc-time.ts'

/** States of a step that is under way. */
const active: ReadonlySet<string> = new Set(['launching', 'running', 'cancelling'])

/**
 * Lets the run rest until then. A run on hold, or before its window, is told as waiting. On hold before its first
 * launch it lets go of its targets (the store does that for a run that waits before its gate) and has to pass the
 * gate anew: who knows what the ticket and the world look like by then. The wake-up is sent again each time,
 * because the one that brought us here is used up; those of one moment become one.
 */
export async function wait(flight: Flight, until: Date, deps: AdvanceDeps): Promise<void> {
  const { run, steps } = flight
  // A rollback heeds neither hold nor window: it only waits for its next try, and stays a rollback.
  const told = run.state === 'rolling_back' || steps.some(({ state }) => active.has(state))
  const reason = told ? null : reasonOf(run, deps)
  if (reason === null) return await deps.store.wake(runKey(run), until)
  const isNews = run.state !== 'waiting' || run.message !== reason.message
  const heldBack = run.hold_reason !== null && steps.every(({ state }) => state === 'pending')
  if (heldBack) run.gate_passed_at = null
  if (!isNews) {
    // Told before; but the gate may have taken targets since, for a worker whose save the hold refused.
    if (heldBack && run.targets.length > 0) await deps.store.save(flight, until)
    else await deps.store.wake(runKey(run), until)
    return
  }
  run.state = 'waiting'
  run.message = reason.message
  run.due_at = reason.dueAt
  await deps.store.saveAndReport(flight, { droppable: true, wakeAt: until })
}

/** For what and until when; null = for the moment at which the run is due, which has been told. */
function reasonOf(run: RunRow, deps: AdvanceDeps): { message: string; dueAt: Date | null } | null {
  const now = deps.now()
  const start = run.window_start
  if (start !== null && now < start) {
    const end = run.window_end === null ? '' : ` to ${utcTime(run.window_end)}`
    // Who put the ticket on hold looks whether that was noticed.
    const why = run.hold_reason === null ? 'Waiting for its' : `On hold: ${run.hold_reason} Its`
    return { message: `${why} window: ${utcTime(start)}${end}.`, dueAt: start }
  }
  if (run.hold_reason === null) return null
  // Whoever ends the hold wakes the run, which then must be due.
  return { message: `On hold: ${run.hold_reason} ${holdLimit(run, deps)}`.trim(), dueAt: null }
}

function holdLimit(run: RunRow, { gate }: AdvanceDeps): string {
  const limits = [run.window_end, run.gate_passed_at === null ? waitsUntil(run, gate.policy) : null]
  const [first] = limits
    .filter((limit) => limit !== null)
    .toSorted((a, b) => a.getTime() - b.getTime())
  return first === undefined ? '' : `It waits until ${utcTime(first)} at most.`
}
