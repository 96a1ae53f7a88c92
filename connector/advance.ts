// ⑥ advance: takes a run from where it is as far as it can go now. `next` says what to do, this file does it
// through a driver and stores every step of the way: intent before a launch, answer after it.
import type { Check } from '#shared/decision.ts'
import type { FinalRunState } from '#shared/status-update.ts'

import type { StepRow } from './db/runs.ts'
import { wipeSecrets } from './db/steps.ts'
import { ConnectorError, messageOf } from './errors.ts'
import { noteRun, noteStep } from './flight-audit.ts'
import type { Flight } from './flight.ts'
import { lookAtGate } from './gate.ts'
import { find, launch } from './launch.ts'
import { next } from './next.ts'
import {
  askPlatform,
  callFailed,
  callTimeoutMs,
  driverOf,
  endStep,
  secretsIn,
} from './platform-call.ts'
import type { AdvanceDeps } from './platform-call.ts'
import { pollJob } from './poll.ts'
import { refused } from './receipt.ts'
import { runFactsOf, stepFactsOf } from './run-facts.ts'
import { wait } from './waiting.ts'

/** Actions one wake-up may take per step of the plan; more means a run that goes round in circles. */
const maxActionsPerStep = 200

/** Takes one run as far as it can go now. Rejects only when storing fails; then the wake-up is repeated. */
export async function advance(flight: Flight, deps: AdvanceDeps): Promise<void> {
  const maxActions = maxActionsPerStep * (flight.steps.length + 1)
  for (let count = 0; count < maxActions; count++) {
    const goOn = await act(flight, deps)
    if (!goOn) return
  }
  throw new ConnectorError('internal_error', `run ${flight.run.id} does not come to rest`)
}

/** Does one action. Resolves to false when there is nothing more to do now. */
async function act(flight: Flight, deps: AdvanceDeps): Promise<boolean> {
  const action = next(
    runFactsOf(flight.run, deps.gate.policy),
    flight.steps.map((step) => stepFactsOf(step, deps.drivers)),
    deps.now(),
  )
  switch (action.do) {
    case 'nothing':
      return false
    case 'wait':
      await wait(flight, action.until, deps)
      return false
    case 'gate':
      return await passGate(flight, deps)
    case 'launch':
      return await launch(flight, stepOf(flight, action.step), deps)
    case 'find':
      return await find(flight, stepOf(flight, action.step), deps)
    case 'poll':
      return await poll(flight, stepOf(flight, action.step), deps)
    case 'cancel': {
      const { because } = action
      return await cancel(flight, { step: stepOf(flight, action.step), because }, deps)
    }
    case 'lose':
      return lose(flight, { step: stepOf(flight, action.step), reason: action.reason }, deps)
    case 'finish':
      await finish(flight, action, deps)
      return false
    default:
      return action satisfies never
  }
}

function stepOf(flight: Flight, id: string): StepRow {
  const step = flight.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new TypeError(`run ${flight.run.id} has no step ${id}`)
  return step
}

/** The last look. What an open gate leaves is stored with the launch that follows. */
async function passGate(flight: Flight, deps: AdvanceDeps): Promise<boolean> {
  const { run } = flight
  const answer = await lookAtGate(flight, deps.gate)
  switch (answer.is) {
    case 'open':
      run.gate_passed_at = deps.now()
      run.due_at = null
      addChecks(flight, answer.checks)
      return true
    case 'wait': {
      const news = run.state !== 'waiting' || run.message !== answer.message
      run.state = 'waiting'
      run.message = answer.message
      run.due_at = answer.until
      if (news) await deps.store.saveAndReport(flight, { droppable: true, wakeAt: answer.until })
      else await deps.store.save(flight, answer.until)
      return false
    }
    case 'refused':
      addChecks(flight, answer.checks)
      await finish(flight, { state: 'refused', reason: run.decision?.summary ?? null }, deps)
      return false
    default:
      return answer satisfies never
  }
}

/** Adds to the run's receipt what the gate found; one that did not pass makes it a refusal. */
function addChecks(flight: Flight, checks: readonly Check[]): void {
  const { run } = flight
  if (run.decision === null || checks.length === 0) return
  const decision = { ...run.decision, checks: [...run.decision.checks, ...checks] }
  run.decision = checks.every(({ passed }) => passed) ? decision : refused(decision)
  flight.decided = true
}

async function poll(flight: Flight, step: StepRow, deps: AdvanceDeps): Promise<boolean> {
  const { run } = flight
  try {
    const driver = driverOf(step, deps)
    const changed = await pollJob(
      { run, step, driver, now: deps.now(), secrets: secretsIn(flight.steps) },
      AbortSignal.timeout(callTimeoutMs),
    )
    step.failures = 0
    if (step.finished_at !== null) {
      flight.stepEnded = true
      run.due_at = null
      return true
    }
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
    const signal = AbortSignal.timeout(callTimeoutMs)
    const result = await askPlatform({ step, secrets: secretsIn(flight.steps), signal }, () =>
      driverOf(step, deps).cancel(step.job_id ?? '', signal),
    )
    step.state = 'cancelling'
    step.failures = 0
    // A rollback stays one for everybody to see, also while a job of it that takes too long is ended.
    if (step.phase !== 'rollback') run.state = 'cancelling'
    run.message =
      order.because === 'asked'
        ? (run.cancel_reason ?? 'Cancel was asked for.')
        : 'The time limit has passed.'
    noteStep(flight, 'job.cancel_sent', { step, because: order.because, result })
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
    const message = `The job could not be cancelled: ${messageOf(error)}`
    const news = run.message !== message
    run.message = message
    if (news && !(await deps.store.saveAndReport(flight, { droppable: true, wakeAt: null }))) {
      return false
    }
    return await poll(flight, step, deps)
  }
}

/** True for errors after which reading the job's state makes no sense either. */
function isFinalFor({ code }: ConnectorError): boolean {
  return ['database_unavailable', 'job_lost', 'platform_job_not_found'].includes(code)
}

/** How soon after a cancel the job is looked at. */
const cancelPollMs = 500

function lose(
  flight: Flight,
  { step, reason }: { step: StepRow; reason: string },
  deps: AdvanceDeps,
): boolean {
  deps.metrics.launches.inc({ platform: step.platform, outcome: 'unknown' })
  return endStep(flight, { step, state: 'unknown', message: reason }, deps)
}

async function finish(
  flight: Flight,
  end: { state: FinalRunState; reason: string | null },
  deps: AdvanceDeps,
): Promise<void> {
  const { run, steps } = flight
  const { state } = end
  run.state = state
  run.message = end.reason ?? lastMessage(flight)
  run.finished_at = deps.now()
  run.due_at = null
  for (const step of steps) {
    if (step.state === 'pending') step.state = 'skipped'
    // Nothing is launched or undone any more.
    wipeSecrets(step)
  }
  noteRun(flight, 'run.finished')
  const stored = await deps.store.saveAndReport(flight, { droppable: false, wakeAt: null })
  if (!stored) return
  deps.metrics.runs.inc({ template: run.template, state })
  deps.metrics.runSeconds.observe(
    { state },
    (deps.now().getTime() - run.created_at.getTime()) / 1000,
  )
}

function lastMessage({ run, steps }: Flight): string {
  const last = steps.findLast((step) => step.finished_at !== null)
  if (run.state === 'cancelled') return run.cancel_reason ?? last?.message ?? 'Cancelled.'
  return last?.message ?? ''
}
