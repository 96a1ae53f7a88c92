// ⑥ advance: takes a run from where it is as far as it can go now. `next` says what to do, this file does it
// through a driver and stores every step of the way: intent before a launch, answer after it.
import type { FinalRunState } from '#shared/status-update.ts'

import type { RunRow, StepRow } from './db/runs.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { Flight, FlightStore } from './flight.ts'
import type { Metrics } from './metrics.ts'
import { launchLeaseMs, next } from './next.ts'
import type { Driver } from './platforms/driver.ts'
import { pollJob } from './poll.ts'

/** What advancing needs. */
export interface AdvanceDeps {
  drivers: ReadonlyMap<string, Driver>
  store: FlightStore
  now: () => Date
  metrics: Pick<Metrics, 'launches' | 'launchSeconds' | 'runs' | 'runSeconds'>
}

/** One platform call may take this long. With launchWindowMs it stays below launchLeaseMs. */
const callTimeoutMs = 10_000

/** A launch is only sent this soon after its intent was written; later it may no longer be ours. */
const launchWindowMs = 5_000

/** Launch attempts that certainly did not arrive before the run fails. */
const maxLaunchTries = 6

/** Actions one wake-up may take; more means a run that goes round in circles. */
const maxActions = 200

/** Takes one run as far as it can go now. Rejects only when storing fails; then the wake-up is repeated. */
export async function advance(flight: Flight, deps: AdvanceDeps): Promise<void> {
  for (let count = 0; count < maxActions; count++) {
    const goOn = await act(flight, deps)
    if (!goOn) return
  }
  throw new ConnectorError('internal_error', `run ${flight.run.id} does not come to rest`)
}

/** Does one action. Resolves to false when there is nothing more to do now. */
async function act(flight: Flight, deps: AdvanceDeps): Promise<boolean> {
  const { run, steps } = flight
  const facts = { state: run.state, cancelRequestedAt: run.cancel_requested_at, dueAt: run.due_at }
  const action = next(
    facts,
    steps.map((step) => factsOf(step, deps)),
    deps.now(),
  )
  switch (action.do) {
    case 'nothing':
      return false
    case 'wait':
      await deps.store.wake(flight, action.until)
      return false
    case 'launch':
      return await launch(flight, stepOf(flight, action.step), deps)
    case 'find':
      return await find(flight, stepOf(flight, action.step), deps)
    case 'poll':
      return await poll(flight, stepOf(flight, action.step), deps)
    case 'cancel':
      return await cancel(
        flight,
        { step: stepOf(flight, action.step), because: action.because },
        deps,
      )
    case 'lose':
      return endStep(
        stepOf(flight, action.step),
        { state: 'unknown', message: action.reason },
        deps,
      )
    case 'finish':
      await finish(flight, action.state, deps)
      return false
    default:
      return action satisfies never
  }
}

function factsOf(step: StepRow, deps: AdvanceDeps): Parameters<typeof next>[1][number] {
  const driver = deps.drivers.get(step.platform)
  return {
    id: step.id,
    position: step.position,
    phase: step.phase,
    state: step.state,
    launchAt: step.launch_at,
    startedAt: step.started_at,
    timeoutMs: step.timeout_ms,
    canFind: driver?.capabilities.find ?? true,
    canCancel: driver?.capabilities.cancel ?? false,
  }
}

function stepOf(flight: Flight, id: string): StepRow {
  const step = flight.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new TypeError(`run ${flight.run.id} has no step ${id}`)
  return step
}

function driverOf(step: StepRow, deps: AdvanceDeps): Driver {
  const driver = deps.drivers.get(step.platform)
  if (driver !== undefined) return driver
  throw new ConnectorError('platform_unknown', `platform ${step.platform} is not in connector.yaml`)
}

async function launch(flight: Flight, step: StepRow, deps: AdvanceDeps): Promise<boolean> {
  const { run } = flight
  const intentAt = deps.now()
  step.state = 'launching'
  step.launch_at = intentAt
  run.due_at = new Date(intentAt.getTime() + launchLeaseMs)
  const ours = await deps.store.save(flight)
  // Somebody else has taken the run over, or storing took so long that they may do so before we are through.
  if (!ours) return false
  if (deps.now().getTime() - intentAt.getTime() > launchWindowMs) return true
  try {
    const job = await driverOf(step, deps).launch(
      {
        token: step.id,
        job: step.job,
        parameters: step.parameters,
        secrets: step.secrets,
        timeoutMs: step.timeout_ms,
        ticket: { table: run.ticket_table, sysId: run.ticket_sys_id, number: run.ticket_number },
        requestedBy: run.requested_by,
      },
      AbortSignal.timeout(callTimeoutMs),
    )
    return await launched(flight, { step, job, found: false }, deps)
  } catch (error) {
    return await launchFailed(flight, { step, error }, deps)
  }
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
  run.state = 'running'
  run.message = 'The job was started.'
  const delay = driverOf(step, deps).pollDelayMs(0)
  run.due_at = new Date(deps.now().getTime() + delay)
  const platform = step.platform
  deps.metrics.launches.inc({ platform, outcome: answer.found ? 'found' : 'launched' })
  deps.metrics.launchSeconds.observe(
    { platform },
    (deps.now().getTime() - run.created_at.getTime()) / 1000,
  )
  const ours = await deps.store.saveAndReport(flight, {
    droppable: true,
    wakeAt: delay === 0 ? null : run.due_at,
  })
  return ours && delay === 0
}

/** Codes after which the job certainly does not exist and trying again is pointless. */
const certainFailures = new Set([
  'platform_auth',
  'platform_forbidden',
  'platform_job_not_found',
  'platform_rejected',
  'platform_unknown',
  'parameters_invalid',
  'job_start_failed',
])

/** Codes after which the job certainly does not exist and trying again later makes sense. */
const notArrived = new Set(['platform_unreachable', 'platform_rate_limited'])

async function launchFailed(
  flight: Flight,
  failure: { step: StepRow; error: unknown },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { step, error } = failure
  const code = error instanceof ConnectorError ? error.code : 'internal_error'
  if (certainFailures.has(code)) {
    deps.metrics.launches.inc({ platform: step.platform, outcome: 'failed' })
    return endStep(
      step,
      { state: 'failed', message: `The job was not started: ${messageOf(error)}` },
      deps,
    )
  }
  step.failures++
  step.message = messageOf(error)
  if (!notArrived.has(code)) {
    // The job may exist. The lease runs out, then the platform is asked for our token.
    flight.run.message = 'The platform did not confirm the launch; looking whether the job exists.'
    await deps.store.saveAndReport(flight, { droppable: true, wakeAt: flight.run.due_at })
    return false
  }
  const asked = error instanceof ConnectorError ? error.retryAfterMs : undefined
  return await tryAgain(flight, { step, waitMs: asked ?? backoffMs(step.failures) }, deps)
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
    return endStep(step, { state: 'failed', message }, deps)
  }
  step.state = 'pending'
  step.launch_at = null
  run.message = `The job platform is not available, trying again: ${step.message}`
  run.due_at = new Date(deps.now().getTime() + retry.waitMs)
  await deps.store.saveAndReport(flight, { droppable: true, wakeAt: run.due_at })
  return false
}

async function find(flight: Flight, step: StepRow, deps: AdvanceDeps): Promise<boolean> {
  try {
    const job = await driverOf(step, deps).find(step.id, AbortSignal.timeout(callTimeoutMs))
    if (job !== null) return await launched(flight, { step, job, found: true }, deps)
    step.failures++
    return await tryAgain(flight, { step, waitMs: backoffMs(step.failures) }, deps)
  } catch (error) {
    return await callFailed(flight, { step, error }, deps)
  }
}

async function poll(flight: Flight, step: StepRow, deps: AdvanceDeps): Promise<boolean> {
  const { run } = flight
  try {
    const driver = driverOf(step, deps)
    const changed = await pollJob(
      { run, step, driver, now: deps.now() },
      AbortSignal.timeout(callTimeoutMs),
    )
    step.failures = 0
    if (step.finished_at !== null) return true
    const runningFor = deps.now().getTime() - (step.started_at ?? deps.now()).getTime()
    run.due_at = new Date(deps.now().getTime() + driver.pollDelayMs(runningFor))
    if (changed) await deps.store.saveAndReport(flight, { droppable: true, wakeAt: run.due_at })
    else await deps.store.save(flight, run.due_at)
    return false
  } catch (error) {
    return await callFailed(flight, { step, error }, deps)
  }
}

async function cancel(
  flight: Flight,
  order: { step: StepRow; because: 'asked' | 'timed_out' },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { run } = flight
  const { step } = order
  try {
    const result = await driverOf(step, deps).cancel(
      step.job_id ?? '',
      AbortSignal.timeout(callTimeoutMs),
    )
    step.state = 'cancelling'
    step.failures = 0
    run.state = 'cancelling'
    run.message =
      order.because === 'asked'
        ? (run.cancel_reason ?? 'Cancel was asked for.')
        : 'The time limit has passed.'
    const delay = result === 'requested' ? cancelPollMs : 0
    run.due_at = new Date(deps.now().getTime() + delay)
    const ours = await deps.store.saveAndReport(flight, {
      droppable: true,
      wakeAt: delay === 0 ? null : run.due_at,
    })
    return ours && delay === 0
  } catch (error) {
    return await callFailed(flight, { step, error }, deps)
  }
}

/** How soon after a cancel the job is looked at. */
const cancelPollMs = 500

/** A read or cancel that failed: a job that is gone is lost, everything else is tried again later. */
async function callFailed(
  flight: Flight,
  failure: { step: StepRow; error: unknown },
  deps: AdvanceDeps,
): Promise<boolean> {
  const { step, error } = failure
  if (!(error instanceof ConnectorError) || error.code === 'database_unavailable') throw error
  if (error.code === 'job_lost' || error.code === 'platform_job_not_found') {
    return endStep(step, { state: 'unknown', message: messageOf(error) }, deps)
  }
  step.failures++
  flight.run.due_at = new Date(
    deps.now().getTime() + (error.retryAfterMs ?? backoffMs(step.failures)),
  )
  flight.run.message = `The job platform does not answer, trying again: ${messageOf(error)}`
  await deps.store.saveAndReport(flight, { droppable: true, wakeAt: flight.run.due_at })
  return false
}

/** 1 s, 2 s, 4 s … at most a minute, with up to a quarter of jitter so that runs do not come back in step. */
function backoffMs(failures: number): number {
  const base = Math.min(60_000, 1000 * 2 ** Math.min(failures - 1, 6))
  return base + Math.floor(Math.random() * (base / 4))
}

/** Ends a step in memory; the finish that follows stores it. */
function endStep(
  step: StepRow,
  end: { state: 'failed' | 'unknown'; message: string },
  deps: AdvanceDeps,
): true {
  step.state = end.state
  step.message = end.message
  step.finished_at = deps.now()
  return true
}

async function finish(flight: Flight, state: FinalRunState, deps: AdvanceDeps): Promise<void> {
  const { run, steps } = flight
  run.state = state
  run.message = endMessage(run, steps, state)
  run.finished_at = deps.now()
  run.due_at = null
  for (const step of steps) {
    if (step.state === 'pending') step.state = 'skipped'
    // Secret values are needed no more.
    for (const name of step.secrets) step.parameters[name] = null
  }
  const stored = await deps.store.saveAndReport(flight, { droppable: false, wakeAt: null })
  if (!stored) return
  deps.metrics.runs.inc({ template: run.template, state })
  deps.metrics.runSeconds.observe(
    { state },
    (deps.now().getTime() - run.created_at.getTime()) / 1000,
  )
}

function endMessage(run: RunRow, steps: readonly StepRow[], state: FinalRunState): string {
  const last = steps.findLast((step) => step.finished_at !== null)
  if (state === 'cancelled') return run.cancel_reason ?? last?.message ?? 'Cancelled.'
  return last?.message ?? ''
}
