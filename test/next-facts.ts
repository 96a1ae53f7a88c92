// Facts of runs and steps as next.ts sees them, for its tests.
import type { PlanRules, RunFacts, StepFacts } from '../connector/next.ts'

/** When the tests' runs are planned. */
export const start = new Date('2026-06-10T12:00:00Z')

/** The moment so many milliseconds after the start. */
export function at(ms: number): Date {
  return new Date(start.getTime() + ms)
}

/** Rules that tolerate nothing. */
export const strictRules: PlanRules = {
  goOnAfterNonCritical: false,
  maxFailedShare: 0,
  overrun: 'roll_back',
  onCancel: 'roll_back',
}

/** A planned run behind its gate, without a window. */
export function makeRun(overrides: Partial<RunFacts> = {}): RunFacts {
  return {
    state: 'planned',
    cancelRequestedAt: null,
    cancelReason: null,
    dueAt: null,
    held: false,
    gatePassed: true,
    window: { start: null, end: null },
    rules: strictRules,
    waitsUntil: null,
    ...overrides,
  }
}

/** A pending execute step at position 1. */
export function makeStep(overrides: Partial<StepFacts> = {}): StepFacts {
  const position = overrides.position ?? 1
  return {
    id: `step-${position}`,
    position,
    phase: 'execute',
    name: `Step ${position}`,
    message: '',
    state: 'pending',
    launchAt: null,
    startedAt: null,
    timeoutMs: 60_000,
    critical: true,
    batch: null,
    targets: 1,
    undoes: null,
    canFind: true,
    canCancel: true,
    ...overrides,
  }
}
