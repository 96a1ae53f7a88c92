// A run and its steps as `next` sees them. Pure.
import type { RunRow, StepRow } from './db/runs.ts'
import type { PlanRules, RunFacts, StepFacts } from './next.ts'
import type { Driver } from './platforms/driver.ts'
import type { Policy } from './policy.ts'
import { durationMs } from './processes/duration.ts'

/** How a plan behaves that an older connector made: one job, no window, nothing to undo. */
const olderRules: PlanRules = {
  goOnAfterNonCritical: false,
  maxFailedShare: 0,
  overrun: 'finish',
  onCancel: 'leave',
}

/** The run's facts. */
export function runFactsOf(run: RunRow, policy: Policy): RunFacts {
  return {
    state: run.state,
    cancelRequestedAt: run.cancel_requested_at,
    cancelReason: run.cancel_reason,
    dueAt: run.due_at,
    held: run.hold_reason !== null,
    gatePassed: run.gate_passed_at !== null || run.plan_rules === null,
    window: { start: run.window_start, end: run.window_end },
    rules: run.plan_rules ?? olderRules,
    waitsUntil: waitsUntil(run, policy),
  }
}

/** When a run that has launched nothing gives up waiting, counted from the start of its window if it has one. */
export function waitsUntil(run: RunRow, policy: Policy): Date {
  const since = Math.max(run.created_at.getTime(), run.window_start?.getTime() ?? 0)
  return new Date(since + durationMs(policy.max_wait))
}

/** The step's facts; `drivers` by platform. */
export function stepFactsOf(step: StepRow, drivers: ReadonlyMap<string, Driver>): StepFacts {
  const driver = drivers.get(step.platform)
  return {
    id: step.id,
    position: step.position,
    phase: step.phase,
    name: step.name,
    message: step.message,
    state: step.state,
    launchAt: step.launch_at,
    startedAt: step.started_at,
    timeoutMs: step.timeout_ms,
    critical: step.critical,
    batch: step.batch,
    targets: step.targets.length,
    undoes: step.undoes,
    canFind: driver?.capabilities.find ?? true,
    canCancel: driver?.capabilities.cancel ?? false,
  }
}
