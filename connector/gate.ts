// The gate: one last look before a run's first launch. Is there a freeze now, is the ticket still what was
// decided on, how much depends on its item, and are the targets free? Free targets are taken. What to do with
// the answer is advance.ts's.
import type { Check } from '#shared/decision.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { fail, pass } from './checks/check.ts'
import { freeze } from './checks/freeze.ts'
import { loadEventBody } from './db/events.ts'
import type { Pool } from './db/pool.ts'
import { holdTargets, releaseTargets, targetsHeldByOthers } from './db/run-targets.ts'
import type { HeldTarget } from './db/run-targets.ts'
import type { RunRow } from './db/runs.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { Flight } from './flight.ts'
import { dependents } from './gate-dependents.ts'
import { limitsReached } from './gate-limits.ts'
import { readSource, sourceUnchanged, variablesChanged } from './gate-source.ts'
import { targetsAllowed, wantsLookup } from './gate-targets.ts'
import type { ItsmAdapter } from './itsm/adapter.ts'
import type { Policy } from './policy.ts'
import { waitsUntil } from './run-facts.ts'
import { utcTime } from './utc-time.ts'

/** What the gate needs. */
export interface GateDeps {
  pool: Pool
  adapters: ReadonlyMap<string, ItsmAdapter>
  policy: Policy
  now: () => Date
}

/** What the gate found. Checks are what it adds to the receipt. */
export type GateAnswer =
  | { is: 'open'; checks: Check[] }
  | { is: 'refused'; checks: Check[] }
  /** Nothing is held meanwhile. */
  | { is: 'wait'; message: string; until: Date }

/** A busy target is looked at again this often; its release wakes the run at once. */
const busyLookMs = 15_000

/** One read of an instance may take this long. */
const readTimeoutMs = 10_000

/**
 * Takes the last look. A run with nothing to look at passes without a statement; `open` means that all its
 * targets are held. Rejects when the database does.
 */
export async function lookAtGate({ run, published }: Flight, deps: GateDeps): Promise<GateAnswer> {
  const { template } = published
  const reads = template.verify || template.blast_radius?.source === 'cmdb' || wantsLookup(template)
  const frozen = freezesNow(deps)
  // What is read from the instance is read for a run that could start now.
  if (reads && run.targets.length > 0) {
    const busy = await othersOn(run, deps)
    if (busy.length > 0) return whenBusy(busy, { run, published }, deps)
  }
  const checks: Check[] = []
  if (reads || frozen) {
    // Validated when it was received; the column holds nothing else.
    const event = JSON.parse(await loadEventBody(deps.pool, run.event_seq)) as TicketEvent
    const found = await lookAtTicket(event, { run, published }, deps)
    if (!Array.isArray(found)) return found
    checks.push(...found)
    if (found.some(({ passed }) => !passed)) return { is: 'refused', checks }
  }
  if (run.targets.length === 0) return { is: 'open', checks }
  return await takeTargets(checks, { run, published }, deps)
}

/** The flight's parts that the gate looks at. */
type Looked = Pick<Flight, 'run' | 'published'>

function freezesNow({ policy, now }: GateDeps): boolean {
  const at = now()
  return policy.freezes.some(({ from, to }) => new Date(from) <= at && at < new Date(to))
}

/** The checks that need the event and the instance; up to and including the first that does not pass. */
async function lookAtTicket(
  event: TicketEvent,
  { run, published }: Looked,
  deps: GateDeps,
): Promise<Check[] | GateAnswer> {
  const { template } = published
  const { ticket } = event.data
  const checks: Check[] = []
  if (freezesNow(deps)) {
    checks.push(freeze({ policy: deps.policy, ticket, template, now: deps.now() }))
  }
  const adapter = deps.adapters.get(run.instance)
  let checkedNow: keyof typeof unreadable = 'source-unchanged'
  try {
    if (allPassed(checks) && template.verify) {
      const record = await readSource(ticket, reader(adapter, run))
      const source = sourceUnchanged({ ticket, template, run }, record)
      const changed = source.passed
        ? await variablesChanged({ ticket, template, run }, reader(adapter, run))
        : null
      checks.push(changed ?? source)
    }
    if (allPassed(checks) && template.blast_radius?.source === 'cmdb') {
      checks.push(...(await dependents({ ticket, template }, reader(adapter, run))))
    }
    if (allPassed(checks) && wantsLookup(template)) {
      checkedNow = 'targets-allowed'
      const { actor } = event.data
      checks.push(await targetsAllowed({ run, template, ticket, actor }, reader(adapter, run)))
    }
    return checks
  } catch (error) {
    return notReadable(error, { run, check: checkedNow }, deps)
  }
}

function allPassed(checks: readonly Check[]): boolean {
  return checks.every(({ passed }) => passed)
}

/** Reads records of the run's instance within the time limit. */
function reader(
  adapter: ItsmAdapter | undefined,
  { instance }: RunRow,
): (query: Parameters<ItsmAdapter['readRecords']>[0]) => ReturnType<ItsmAdapter['readRecords']> {
  if (adapter === undefined) {
    throw new ConnectorError('instance_unknown', `instance ${instance} is not in connector.yaml`)
  }
  return (query) => adapter.readRecords(query, AbortSignal.timeout(readTimeoutMs))
}

/** What could not be done, by the check that needed it. */
const unreadable = {
  'source-unchanged': 'The ticket could not be read again before the start',
  'targets-allowed': 'The targets could not be looked up in the CMDB before the start',
} as const

/** An instance that does not answer is asked again, as long as a run may wait. */
function notReadable(
  error: unknown,
  { run, check }: { run: RunRow; check: keyof typeof unreadable },
  deps: GateDeps,
): GateAnswer {
  if (!(error instanceof ConnectorError) || error.code === 'database_unavailable') throw error
  const now = deps.now()
  const until = new Date(now.getTime() + Math.max(error.retryAfterMs ?? 0, lookAgainMs(run, now)))
  const detail = `${unreadable[check]}: ${messageOf(error)}`
  if (!error.retryable) {
    const hint = 'Ask a platform admin to correct the connection to the instance.'
    return { is: 'refused', checks: [fail(check, { detail, hint })] }
  }
  const limit = limitOf(run, deps)
  if (until < limit) return { is: 'wait', until, message: `${detail} It is tried again.` }
  const hint = 'Run the automation again once the instance answers.'
  return {
    is: 'refused',
    checks: [fail(check, { detail: `${detail} ${waitedUntil(limit)}`, hint })],
  }
}

/** The longer a run has waited, the longer it waits again: from a second to a minute. */
function lookAgainMs(run: RunRow, now: Date): number {
  const since = Math.max(run.created_at.getTime(), run.window_start?.getTime() ?? 0)
  return Math.min(60_000, Math.max(1_000, (now.getTime() - since) / 2))
}

/** When a run that has launched nothing gives up. */
function limitOf(run: RunRow, { policy }: GateDeps): Date {
  const limit = waitsUntil(run, policy)
  return run.window_end !== null && run.window_end < limit ? run.window_end : limit
}

function waitedUntil(limit: Date): string {
  return `A run waits no longer than ${utcTime(limit)}.`
}

async function takeTargets(checks: Check[], looked: Looked, deps: GateDeps): Promise<GateAnswer> {
  const { run } = looked
  if (!(await holdTargets(deps.pool, run))) {
    const busy = await othersOn(run, deps)
    return whenBusy(busy, looked, deps)
  }
  const reached = await limitsReached(
    deps.pool,
    { run, template: looked.published.template },
    deps.now(),
  )
  // The save of the refusal lets the targets go.
  if (reached.length > 0) return { is: 'refused', checks: [...checks, ...reached] }
  const list = namesOf(run.targets)
  return { is: 'open', checks: [...checks, pass('target-free', `At the start: ${list} is free.`)] }
}

/** Who holds the targets. Holders that have ended, which only an overtaken worker leaves, are let go. */
async function othersOn(run: RunRow, { pool, now }: GateDeps): Promise<HeldTarget[]> {
  const held = await targetsHeldByOthers(pool, run)
  const ended = held.filter((one) => one.ended)
  await releaseTargets(
    pool,
    ended.map(({ runId }) => ({ instance: run.instance, id: runId })),
    now(),
  )
  return held.filter((one) => !one.ended)
}

function whenBusy(
  busy: readonly HeldTarget[],
  { run, published }: Looked,
  deps: GateDeps,
): GateAnswer {
  const now = deps.now()
  const [first] = busy
  // Let go in this very moment, or another worker has gone on with the run.
  if (first === undefined) {
    const until = new Date(now.getTime() + 1_000)
    return { is: 'wait', until, message: `Waiting for ${namesOf(run.targets)}.` }
  }
  const targets = namesOf(
    busy.filter(({ runId }) => runId === first.runId).map(({ target }) => target),
  )
  const holder = `${first.ticketNumber} (${first.template})`
  const hint = 'Run the automation again when that run has ended, or cancel that run first.'
  if (published.template.when_busy === 'refuse') {
    const detail = `${holder} is at work on ${targets}.`
    return { is: 'refused', checks: [fail('target-free', { detail, hint })] }
  }
  const limit = limitOf(run, deps)
  const until = new Date(now.getTime() + busyLookMs)
  if (until >= limit) {
    const detail = `${holder} was still at work on ${targets}. ${waitedUntil(limit)}`
    return { is: 'refused', checks: [fail('target-free', { detail, hint })] }
  }
  const message = `Waiting for ${targets}, where ${holder} is at work, at most until ${utcTime(limit)}.`
  return { is: 'wait', until, message }
}

/** Targets that are named; more are counted. */
const namedTargets = 5

function namesOf(targets: readonly string[]): string {
  const more = targets.length - namedTargets
  const named = targets.slice(0, namedTargets).join(', ')
  return more > 0 ? `${named} and ${more} more` : named
}
