// What every call to a job platform has in common: its driver, its time limit, and what a failure means for
// the run. Which call to make is next.ts's decision.
import type { StepRow } from './db/runs.ts'
import { ConnectorError, messageOf } from './errors.ts'
import { noteStep } from './flight-audit.ts'
import type { Flight, FlightStore } from './flight.ts'
import type { GateDeps } from './gate.ts'
import type { Metrics } from './metrics.ts'
import type { Driver } from './platforms/driver.ts'
import { redact } from './templates/parameters.ts'

/** What advancing needs. */
export interface AdvanceDeps {
  drivers: ReadonlyMap<string, Driver>
  store: FlightStore
  gate: GateDeps
  now: () => Date
  metrics: Pick<Metrics, 'launches' | 'launchSeconds' | 'runs' | 'runSeconds'>
}

/** One platform call may take this long, in milliseconds; next.ts's launch lease is longer. */
export const callTimeoutMs = 10_000

/** The driver of a step's platform. Throws platform_unknown when connector.yaml no longer has it. */
export function driverOf(step: StepRow, deps: AdvanceDeps): Driver {
  const driver = deps.drivers.get(step.platform)
  if (driver !== undefined) return driver
  throw new ConnectorError('platform_unknown', `platform ${step.platform} is not in connector.yaml`)
}

/** One call of a driver. */
interface PlatformCall {
  step: StepRow
  /** What the failure must not show (secretsIn). */
  secrets: readonly string[]
  signal: AbortSignal
}

/**
 * Makes a call of a driver. Every failure leaves as a ConnectorError that shows no secret of the run: also a mistake
 * in a driver is one of the platform's that may pass, and no reason to leave the run where it is.
 */
export async function askPlatform<T>(call: PlatformCall, work: () => Promise<T>): Promise<T> {
  const { step, secrets, signal } = call
  try {
    return await work()
  } catch (error) {
    const reason = redact(messageOf(error), secrets)
    // Not as the cause: it may hold what was redacted.
    if (error instanceof ConnectorError) {
      const { code, retryable, retryAfterMs } = error
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
      throw new ConnectorError(code, reason, { retryable, ...wait })
    }
    const code = signal.aborted ? 'platform_timeout' : 'platform_error'
    throw new ConnectorError(code, `${step.platform}: ${reason}`, { retryable: true })
  }
}

/** The secret values of all steps: a job can print what an earlier one has left behind. */
export function secretsIn(steps: readonly StepRow[]): string[] {
  const values = steps.flatMap(({ secrets, parameters }) =>
    secrets.map((name) => String(parameters[name] ?? '')),
  )
  return [...new Set(values)].filter((value) => value !== '')
}

/** A read or cancel that failed: a job that is gone is lost, everything else is tried again later. */
export async function callFailed(
  flight: Flight,
  failure: { step: StepRow; error: unknown },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { step, error } = failure
  if (!(error instanceof ConnectorError) || error.code === 'database_unavailable') throw error
  if (error.code === 'job_lost' || error.code === 'platform_job_not_found') {
    return endStep(flight, { step, state: 'unknown', message: messageOf(error) }, deps)
  }
  step.failures++
  flight.run.due_at = new Date(
    deps.now().getTime() + Math.max(error.retryAfterMs ?? 0, backoffMs(step.failures)),
  )
  flight.run.message = `The job platform does not answer, trying again: ${messageOf(error)}`
  await deps.store.saveAndReport(flight, { droppable: true, wakeAt: flight.run.due_at })
  return false
}

/** 1 s, 2 s, 4 s … at most a minute, with up to a quarter of jitter so that runs do not come back in step. */
export function backoffMs(failures: number): number {
  const base = Math.min(60_000, 1000 * 2 ** Math.min(failures - 1, 6))
  return base + Math.floor(Math.random() * (base / 4))
}

/** What the connector could not bring about, or does not know. */
const endActions = { failed: 'job.not_launched', unknown: 'job.outcome_unknown' } as const

/** Ends a step in memory; what follows stores it. */
export function endStep(
  flight: Flight,
  end: { step: StepRow; state: 'failed' | 'unknown'; message: string },
  deps: AdvanceDeps,
): true {
  const { step } = end
  step.state = end.state
  step.message = end.message
  step.finished_at = deps.now()
  flight.stepEnded = true
  flight.run.due_at = null
  const { state, message } = end
  noteStep(flight, endActions[state], { step, message })
  return true
}
