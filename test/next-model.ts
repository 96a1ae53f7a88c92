// A model of everything around next.ts: plans as templates make them, a platform that loses answers, refuses,
// forgets and cancels late, workers that die between intent and answer, tickets on hold, and people who cancel.
import fc from 'fast-check'

import { isFinal } from '#shared/status-update.ts'

import { next } from '../connector/next.ts'
import type { Action, PlanRules, RunFacts, StepFacts } from '../connector/next.ts'
import { defaultPolicy } from '../connector/policy.ts'
import { planSteps } from '../connector/processes/steps.ts'
import { makeRun, start } from './next-facts.ts'
import { makeTicket } from './support/events.ts'
import { makeTemplate } from './support/templates.ts'

/** What goes wrong at one contact with the platform; each contact takes one from the list, then all is fine. */
type Fault = 'fine' | 'answer_lost' | 'not_arrived' | 'refused' | 'worker_dies' | 'outage'

/** How a job ends by itself. */
type JobEnd = 'succeeded' | 'failed' | 'vanishes' | 'hangs'

/** What a job does when it is to be cancelled. */
type OnCancel = 'at once' | 'late' | 'never'

/** One generated story. Times in seconds after the planning. */
export interface Scenario {
  checks: { before: number; after: number }
  jobs: { critical: boolean; undone: boolean }[]
  batches: { targets: number; first: number | undefined; each: number | undefined }
  rules: PlanRules
  window: { start: number; length: number } | null
  waits: number | null
  platform: { canFind: boolean; canCancel: boolean; onCancel: OnCancel }
  ends: JobEnd[]
  faults: Fault[]
  /** Turn at which a person cancels. */
  cancelAt: number | null
  /** Turns between which the ticket is on hold; `until` null = for ever. */
  hold: { from: number; until: number | null } | null
}

interface Job {
  end: JobEnd
  pollsLeft: number
  polls: number
  cancelAsked: boolean
}

/** One action with what was known when it was chosen. */
export interface Entry {
  action: Action
  at: number
  run: RunFacts
  steps: readonly StepFacts[]
}

/** The story so far. */
export interface World {
  scenario: Scenario
  run: RunFacts
  steps: readonly StepFacts[]
  /** Milliseconds. */
  now: number
  /** Jobs on the platform, by step. */
  jobs: Map<string, Job>
  /** Launches that arrived there, by step. */
  arrived: Map<string, number>
  /** Launches of which our side knows for certain that they made no job, by step. */
  notMade: string[]
  faults: Fault[]
  holdLooks: number
  log: Entry[]
}

/** Tells one story to its end, or as far as `maxTurns` actions go. */
export function play(scenario: Scenario): World {
  const world = worldOf(scenario)
  const maxTurns = 300 + 100 * world.steps.length + 10 * scenario.faults.length
  for (let turn = 0; turn < maxTurns && !isFinal(world.run.state); turn++) {
    people(world, turn)
    const { run, steps, now } = world
    const action = next(run, steps, new Date(now))
    world.log.push({ action, at: now, run, steps })
    apply(world, action)
  }
  return world
}

function worldOf(scenario: Scenario): World {
  const { window, waits, rules } = scenario
  const opens = window === null ? 0 : window.start
  const run = makeRun({
    gatePassed: false,
    rules,
    window: {
      start: window === null ? null : after(window.start),
      end: window === null ? null : after(window.start + window.length),
    },
    waitsUntil: waits === null ? null : after(Math.max(0, opens) + waits),
  })
  return {
    scenario,
    run,
    steps: stepsOf(scenario),
    now: start.getTime(),
    jobs: new Map(),
    arrived: new Map(),
    notMade: [],
    faults: [...scenario.faults],
    holdLooks: 0,
    log: [],
  }
}

function after(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000)
}

function stepsOf({ checks, jobs, batches, platform }: Scenario): StepFacts[] {
  const targets = Array.from({ length: batches.targets }, (_, index) => `t${index}`)
  const template = makeTemplate({
    job: undefined,
    parameters: [{ name: 'hosts', type: 'string', label: 'Hosts' }],
    targets: { parameter: 'hosts', first: batches.first, each: batches.each },
    pre_checks: named('Before', checks.before),
    steps: jobs.map(({ critical, undone }, index) => ({
      name: `Job ${index}`,
      job: 'do',
      critical,
      ...(undone ? { rollback: { job: 'undo' } } : {}),
    })),
    post_checks: named('After', checks.after),
  })
  const parameters = { hosts: targets.join(',') }
  const ticket = makeTicket()
  const planned = planSteps({ template, ticket, parameters, targets, policy: defaultPolicy })
  return planned.map((step, index) => ({
    id: `step-${index + 1}`,
    position: index + 1,
    phase: step.phase,
    name: step.name,
    message: '',
    state: 'pending',
    launchAt: null,
    startedAt: null,
    timeoutMs: 60_000,
    critical: step.critical,
    batch: step.batch,
    targets: step.targets.length,
    undoes: step.undoes,
    canFind: platform.canFind,
    canCancel: platform.canCancel,
  }))
}

function named(name: string, count: number): { name: string; job: string }[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${name} ${index}`, job: 'check' }))
}

/** Nobody leaves half a plan on hold for ever: after so many looks somebody cancels it. */
const patience = 20

function people(world: World, turn: number): void {
  const { hold, cancelAt } = world.scenario
  const held = hold !== null && turn >= hold.from && (hold.until === null || turn < hold.until)
  world.run = { ...world.run, held }
  if (turn === cancelAt || world.holdLooks > patience) askCancel(world)
}

function askCancel(world: World): void {
  if (world.run.cancelRequestedAt !== null) return
  world.run = { ...world.run, cancelRequestedAt: new Date(world.now), cancelReason: 'Not needed.' }
}

function apply(world: World, action: Action): void {
  switch (action.do) {
    case 'nothing':
      throw new Error('nothing to do although the run has not ended')
    case 'wait':
      if (action.until.getTime() <= world.now) throw new Error('waits for a moment that has passed')
      if (world.run.held) world.holdLooks++
      world.now = action.until.getTime()
      return
    case 'finish':
      world.run = { ...world.run, state: action.state }
      return
    case 'gate':
      return gate(world)
    case 'launch':
      return launch(world, action.step)
    case 'find':
      return find(world, action.step)
    case 'poll':
      return poll(world, action.step)
    case 'cancel':
      return cancel(world, action.step)
    case 'lose':
      return patch(world, action.step, { state: 'unknown' })
    default:
      return action satisfies never
  }
}

function takeFault(world: World): Fault {
  return world.faults.shift() ?? 'fine'
}

/** Longer than any launch in doubt or silent job is waited for. */
const outageMs = 2 * 3_600_000

function gate(world: World): void {
  const fault = takeFault(world)
  if (fault === 'fine') world.run = { ...world.run, gatePassed: true }
  else if (fault === 'outage') world.now += outageMs
  else due(world, 30_000)
}

function launch(world: World, id: string): void {
  const fault = takeFault(world)
  const { phase } = stepOf(world, id)
  world.run = { ...world.run, state: phase === 'rollback' ? 'rolling_back' : 'running' }
  patch(world, id, { state: 'launching', launchAt: new Date(world.now) })
  if (fault === 'worker_dies') return
  if (fault === 'not_arrived') {
    world.notMade.push(id)
    patch(world, id, { state: 'pending', launchAt: null })
    return due(world, 1000)
  }
  if (fault === 'refused') {
    patch(world, id, { state: 'failed', message: 'No such job' })
    return due(world, null)
  }
  world.arrived.set(id, (world.arrived.get(id) ?? 0) + 1)
  const end = world.scenario.ends[stepOf(world, id).position - 1] ?? 'succeeded'
  world.jobs.set(id, { end, pollsLeft: 2, polls: 0, cancelAsked: false })
  if (fault === 'fine') started(world, id)
  else if (fault === 'outage') world.now += outageMs
}

function started(world: World, id: string): void {
  patch(world, id, { state: 'running', startedAt: stepOf(world, id).launchAt })
  due(world, 1000)
}

function find(world: World, id: string): void {
  const fault = takeFault(world)
  if (fault === 'outage') world.now += outageMs
  else if (fault !== 'fine') world.now += 5000
  else if (world.jobs.has(id)) started(world, id)
  else {
    patch(world, id, { state: 'pending', launchAt: null })
    due(world, 1000)
  }
}

function poll(world: World, id: string): void {
  const fault = takeFault(world)
  const job = jobOf(world, id)
  job.polls++
  if (fault === 'outage') world.now += outageMs
  if (fault !== 'fine') return due(world, 5000)
  job.pollsLeft--
  const { onCancel } = world.scenario.platform
  if (job.cancelAsked && onCancel !== 'never') return jobCancelled(world, id)
  if (job.pollsLeft > 0 || job.end === 'hangs') {
    return due(world, Math.min(600_000, 5000 * 2 ** job.polls))
  }
  const state = job.end === 'vanishes' ? 'unknown' : job.end
  patch(world, id, { state, message: state === 'succeeded' ? 'Done' : 'Broken' })
  due(world, null)
}

function cancel(world: World, id: string): void {
  const fault = takeFault(world)
  if (fault !== 'fine') {
    world.now += fault === 'outage' ? outageMs : 5000
    return
  }
  jobOf(world, id).cancelAsked = true
  world.run = {
    ...world.run,
    state: stepOf(world, id).phase === 'rollback' ? world.run.state : 'cancelling',
  }
  patch(world, id, { state: 'cancelling' })
  if (world.scenario.platform.onCancel === 'at once') return jobCancelled(world, id)
  due(world, 500)
}

/** As poll.ts has it: cancelled when somebody asked for it, failed when the time limit did. */
function jobCancelled(world: World, id: string): void {
  const state = world.run.cancelRequestedAt === null ? 'failed' : 'cancelled'
  patch(world, id, { state, message: 'Stopped' })
  due(world, null)
}

function due(world: World, inMs: number | null): void {
  world.run = { ...world.run, dueAt: inMs === null ? null : new Date(world.now + inMs) }
}

function patch(world: World, id: string, change: Partial<StepFacts>): void {
  world.steps = world.steps.map((step) => (step.id === id ? { ...step, ...change } : step))
}

function stepOf(world: World, id: string): StepFacts {
  const step = world.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new Error(`there is no step ${id}`)
  return step
}

function jobOf(world: World, id: string): Job {
  const job = world.jobs.get(id)
  if (job === undefined) throw new Error(`${id} has no job on the platform`)
  return job
}

const faults = fc.oneof(
  { arbitrary: fc.constant<Fault>('fine'), weight: 16 },
  { arbitrary: fc.constantFrom<Fault>('answer_lost', 'not_arrived', 'worker_dies'), weight: 4 },
  { arbitrary: fc.constantFrom<Fault>('refused', 'outage'), weight: 1 },
)

const ends = fc.oneof(
  { arbitrary: fc.constant<JobEnd>('succeeded'), weight: 9 },
  { arbitrary: fc.constant<JobEnd>('failed'), weight: 3 },
  { arbitrary: fc.constantFrom<JobEnd>('vanishes', 'hangs'), weight: 1 },
)

const size = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 })

/** Rare: most stories should come far enough to show something. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, { arbitrary, weight: 1 })
}

/** Stories of all kinds. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  checks: fc.record({ before: fc.nat(2), after: fc.nat(2) }),
  jobs: fc.array(fc.record({ critical: fc.boolean(), undone: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  batches: fc.record({ targets: fc.nat(6), first: size, each: size }),
  rules: fc.record({
    goOnAfterNonCritical: fc.boolean(),
    maxFailedShare: fc.constantFrom(0, 0.2, 0.5, 1),
    overrun: fc.constantFrom('finish', 'stop', 'roll_back'),
    onCancel: fc.constantFrom('roll_back', 'leave'),
  }),
  window: seldom(
    fc.record({
      start: fc.integer({ min: -60, max: 600 }),
      length: fc.integer({ min: 1, max: 300 }),
    }),
  ),
  waits: fc.option(fc.integer({ min: 1, max: 7200 }), { nil: null }),
  platform: fc.record({
    canFind: fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, fc.constant(false)),
    canCancel: fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, fc.constant(false)),
    onCancel: fc.constantFrom<OnCancel>('at once', 'late', 'never'),
  }),
  ends: fc.array(ends, { maxLength: 30 }),
  faults: fc.array(faults, { maxLength: 40 }),
  cancelAt: seldom(fc.nat(80)),
  hold: seldom(
    fc
      .record({ from: fc.nat(40), turns: fc.option(fc.nat(20), { nil: null }) })
      .map(({ from, turns }) => ({ from, until: turns === null ? null : from + turns })),
  ),
})
