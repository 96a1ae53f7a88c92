// ⑥ advance: takes a run from where it is as far as it can go now. `next` says what to do, this file does it
// through a driver and stores every step of the way: intent before a launch, answer after it.
import type { FinalRunState } from '#shared/status-update.ts'

import type { RunRow, StepRow } from './db/runs.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { Flight } from './flight.ts'
import { find, launch } from './launch.ts'
import { next } from './next.ts'
import type { Action, PlanRules, RunFacts, StepFacts } from './next.ts'
import { callFailed, callTimeoutMs, driverOf, endStep } from './platform-call.ts'
import type { AdvanceDeps } from './platform-call.ts'
import { pollJob } from './poll.ts'

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
  const action = next(
    factsOfRun(run),
    steps.map((step) => factsOf(step, deps)),
    deps.now(),
  )
  switch (action.do) {
    case 'nothing':
      return false
    case 'wait':
      await deps.store.wake(flight, action.until)
      return false
    case 'gate':
      run.gate_passed_at = deps.now()
      return true
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
      deps.metrics.launches.inc({
        platform: stepOf(flight, action.step).platform,
        outcome: 'unknown',
      })
      return endStep(
        stepOf(flight, action.step),
        { state: 'unknown', message: action.reason },
        deps,
      )
    case 'finish':
      await finish(flight, action, deps)
      return false
    default:
      return action satisfies never
  }
}

/** How a run behaves that was planned before plans had rules: one job, nothing to undo. */
const oneJobRules: PlanRules = {
  goOnAfterNonCritical: false,
  maxFailedShare: 0,
  overrun: 'finish',
  onCancel: 'leave',
}

function factsOfRun(run: RunRow): RunFacts {
  return {
    state: run.state,
    cancelRequestedAt: run.cancel_requested_at,
    cancelReason: run.cancel_reason,
    dueAt: run.due_at,
    held: run.hold_reason !== null,
    gatePassed: run.gate_passed_at !== null,
    window: { start: run.window_start, end: run.window_end },
    rules: run.plan_rules ?? oneJobRules,
    waitsUntil: null,
  }
}

function factsOf(step: StepRow, deps: AdvanceDeps): StepFacts {
  const driver = deps.drivers.get(step.platform)
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

function stepOf(flight: Flight, id: string): StepRow {
  const step = flight.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new TypeError(`run ${flight.run.id} has no step ${id}`)
  return step
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
    if (!(error instanceof ConnectorError) || isFinalFor(error)) {
      return await callFailed(flight, { step, error }, deps)
    }
    // The job goes on: its end must still be seen. The cancel is tried again at the next poll.
    run.message = `The job could not be cancelled: ${messageOf(error)}`
    return await poll(flight, step, deps)
  }
}

/** True for errors after which reading the job's state makes no sense either. */
function isFinalFor({ code }: ConnectorError): boolean {
  return ['database_unavailable', 'job_lost', 'platform_job_not_found'].includes(code)
}

/** How soon after a cancel the job is looked at. */
const cancelPollMs = 500

async function finish(
  flight: Flight,
  end: Extract<Action, { do: 'finish' }>,
  deps: AdvanceDeps,
): Promise<void> {
  const { run, steps } = flight
  const { state } = end
  run.state = state
  run.message = end.reason ?? endMessage(run, steps, state)
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
