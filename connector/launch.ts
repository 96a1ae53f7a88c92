// Launching, at most once: intent stored, call, answer stored; and what happens when the answer does not come.
import { setTimeout as wait } from 'node:timers/promises'

import { launchLeaseMs } from './active-step.ts'
import { isDatabaseUnavailable } from './db/pool.ts'
import type { StepRow } from './db/runs.ts'
import { ConnectorError, messageOf } from './errors.ts'
import { noteStep } from './flight-audit.ts'
import type { Flight } from './flight.ts'
import {
  askPlatform,
  backoffMs,
  callFailed,
  callTimeoutMs,
  driverOf,
  endStep,
  secretsIn,
} from './platform-call.ts'
import type { AdvanceDeps } from './platform-call.ts'
import type { LaunchRequest } from './platforms/driver.ts'

/** A launch is only sent this soon after its intent was written; later it may no longer be ours. */
const launchWindowMs = 5_000

/** Launch attempts that certainly did not arrive before the run fails. */
const maxLaunchTries = 6

/** Writes the intent, then starts the job once. Resolves to true when there is more to do now. */
export async function launch(flight: Flight, step: StepRow, deps: AdvanceDeps): Promise<boolean> {
  const { run } = flight
  const intentAt = deps.now()
  step.state = 'launching'
  step.launch_at = intentAt
  run.due_at = new Date(intentAt.getTime() + launchLeaseMs)
  // From the first intent on: what began to be undone is undone to its end.
  if (step.phase === 'rollback') run.state = 'rolling_back'
  const ours = await storeIntent(flight, step, deps)
  // Somebody else has taken the run over, or storing took so long that they may do so before we are through.
  if (!ours) return false
  if (isStopped(flight, step)) return await takeBack(flight, step, deps)
  if (deps.now().getTime() - intentAt.getTime() > launchWindowMs) return true
  const signal = AbortSignal.timeout(callTimeoutMs)
  const order = orderOf(flight, step)
  try {
    const job = await askPlatform({ step, secrets: secretsIn(flight.steps), signal }, () =>
      driverOf(step, deps).launch(order, signal),
    )
    return await launched(flight, { step, job, found: false }, deps)
  } catch (error) {
    return await launchFailed(flight, { step, error }, deps)
  }
}

function orderOf({ run, published }: Flight, step: StepRow): LaunchRequest {
  return {
    token: step.id,
    job: step.job,
    parameters: step.parameters,
    secrets: step.secrets,
    timeoutMs: step.timeout_ms,
    targets: published.template.targets?.limit === true ? step.targets : [],
    ticket: { table: run.ticket_table, sysId: run.ticket_sys_id, number: run.ticket_number },
    requestedBy: run.requested_by,
  }
}

/**
 * A cancel or a hold was stored after this worker had loaded the run, while a launch before this one was in doubt:
 * then nobody refuses the worker's saves. What undoes heeds neither.
 */
function isStopped({ run }: Flight, step: StepRow): boolean {
  return step.phase !== 'rollback' && (run.cancel_requested_at !== null || run.hold_reason !== null)
}

/** The platform was not asked: the step is as it was. */
async function takeBack(flight: Flight, step: StepRow, { store }: AdvanceDeps): Promise<boolean> {
  step.state = 'pending'
  step.launch_at = null
  flight.run.due_at = null
  return await store.save(flight)
}

/** The end of the step before is told with the start of this one. */
async function storeIntent(
  flight: Flight,
  step: StepRow,
  { store }: AdvanceDeps,
): Promise<boolean> {
  if (flight.stepEnded !== true) return await store.save(flight)
  flight.run.message = `${whichStep(flight, step)} is being started.`
  return await store.saveAndReport(flight, { droppable: true, wakeAt: null })
}

async function launched(
  flight: Flight,
  answer: { step: StepRow; job: { id: string; url: string | null }; found: boolean },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { run } = flight
  const { step, job } = answer
  step.state = 'running'
  step.job_id = job.id
  step.job_url = job.url
  step.started_at = step.launch_at
  step.failures = 0
  run.state = step.phase === 'rollback' ? 'rolling_back' : 'running'
  run.message = startMessage(flight, step)
  noteStep(flight, 'job.launched', { step, found: answer.found })
  const delay = driverOf(step, deps).pollDelayMs(0)
  run.due_at = new Date(deps.now().getTime() + delay)
  const platform = step.platform
  deps.metrics.launches.inc({ platform, outcome: answer.found ? 'found' : 'launched' })
  flight.starts = isFirst(flight, step)
  flight.executes = isFirstToExecute(flight, step)
  if (flight.starts) {
    const since = Math.max(run.created_at.getTime(), run.window_start?.getTime() ?? 0)
    deps.metrics.launchSeconds.observe({ platform }, (deps.now().getTime() - since) / 1000)
  }
  const ours = await throughOutage(() =>
    deps.store.saveAndReport(flight, {
      droppable: true,
      wakeAt: delay === 0 ? null : flight.run.due_at,
    }),
  )
  return ours && delay === 0
}

/** The others wait for the steps before them, which says nothing about us. */
function isFirst({ steps }: Flight, step: StepRow): boolean {
  return steps.every((other) => other === step || other.launch_at === null)
}

/** Pre-checks change nothing, and a step whose job was never started has not either. */
function isFirstToExecute({ steps }: Flight, step: StepRow): boolean {
  if (step.phase !== 'execute') return false
  return steps.every(
    (other) => other === step || other.phase !== 'execute' || other.started_at === null,
  )
}

function startMessage(flight: Flight, step: StepRow): string {
  const forward = flight.steps.filter(({ phase }) => phase !== 'rollback')
  return forward.length === 1 && step.phase !== 'rollback'
    ? 'The job was started.'
    : `${whichStep(flight, step)} was started.`
}

function whichStep({ steps }: Flight, step: StepRow): string {
  if (step.phase === 'rollback') return `Rollback of "${step.name}"`
  const forward = steps.filter(({ phase }) => phase !== 'rollback')
  return `Step ${step.position} of ${forward.length}, "${step.name}",`
}

/** Codes after which the job certainly does not exist and trying again is pointless. */
export const certainFailures: ReadonlySet<string> = new Set([
  'platform_auth',
  'platform_forbidden',
  'platform_job_not_found',
  'platform_rejected',
  'platform_unknown',
  'parameters_invalid',
  'job_start_failed',
])

/** Codes after which the job certainly does not exist and trying again later makes sense. */
export const notArrived: ReadonlySet<string> = new Set([
  'platform_unreachable',
  'platform_rate_limited',
])

async function launchFailed(
  flight: Flight,
  failure: { step: StepRow; error: unknown },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { step, error } = failure
  const code = error instanceof ConnectorError ? error.code : 'internal_error'
  if (certainFailures.has(code)) {
    deps.metrics.launches.inc({ platform: step.platform, outcome: 'failed' })
    const message = `The job was not started: ${messageOf(error)}`
    return endStep(flight, { step, state: 'failed', message }, deps)
  }
  step.failures++
  step.message = messageOf(error)
  if (!notArrived.has(code)) {
    // The job may exist. The lease runs out, then the platform is asked for our token.
    flight.run.message = 'The platform did not confirm the launch; looking whether the job exists.'
    await deps.store.saveAndReport(flight, { droppable: true, wakeAt: flight.run.due_at })
    return false
  }
  const asked = error instanceof ConnectorError ? (error.retryAfterMs ?? 0) : 0
  const waitMs = Math.max(asked, backoffMs(step.failures))
  return await tryAgain(flight, { step, waitMs }, deps)
}

/** Puts a step whose job certainly does not exist back to pending, or fails it after too many tries. */
async function tryAgain(
  flight: Flight,
  retry: { step: StepRow; waitMs: number },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { run } = flight
  const { step } = retry
  if (step.failures >= maxLaunchTries) {
    const message = `The job was not started after ${step.failures} tries: ${step.message}`
    return endStep(flight, { step, state: 'failed', message }, deps)
  }
  step.state = 'pending'
  step.launch_at = null
  run.message = `The job platform is not available, trying again: ${step.message}`
  run.due_at = new Date(deps.now().getTime() + retry.waitMs)
  await deps.store.saveAndReport(flight, { droppable: true, wakeAt: run.due_at })
  return false
}

/** Asks the platform whether a launch in doubt arrived. Resolves to true when there is more to do now. */
export async function find(flight: Flight, step: StepRow, deps: AdvanceDeps): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(callTimeoutMs)
    const about = { job: step.job, at: step.launch_at ?? deps.now() }
    const job = await askPlatform({ step, secrets: secretsIn(flight.steps), signal }, () =>
      driverOf(step, deps).find(step.id, signal, about),
    )
    if (job !== null) return await launched(flight, { step, job, found: true }, deps)
    step.failures++
    return await tryAgain(flight, { step, waitMs: backoffMs(step.failures) }, deps)
  } catch (error) {
    return await callFailed(flight, { step, error }, deps)
  }
}

/** An answer that is only in memory is worth waiting for the database, but not past the lease. */
const outageLimitMs = 12_000
const outageRetryMs = 250

async function throughOutage<T>(store: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + outageLimitMs
  for (;;) {
    try {
      return await store()
    } catch (error) {
      if (!isDatabaseUnavailable(error) || Date.now() > deadline) throw error
      await wait(outageRetryMs)
    }
  }
}
