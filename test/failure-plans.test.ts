// Hundreds of plans of several steps under way while the processes that carry them out are killed: every plan
// ends, every step is launched at most once, and exactly what was executed is rolled back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readLedger } from '../connector/db/ledger.ts'
import { createFarWorld } from './support/far-world.ts'
import type { FarRoad, FarWorld } from './support/far-world.ts'
import type { MemoryJob } from './support/memory-platform.ts'
import { storedPlans, violationsOf } from './support/plan-evidence.ts'
import type { StoredPlan } from './support/plan-evidence.ts'
import { cancelFor, makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { until } from './support/until.ts'

/** Plans, two of each pair on the same hosts. */
const planCount = 520

/** Takeovers, launch leases and the looks at busy hosts, on a busy machine. */
const limitMs = 150_000

/** What is to become of a plan, by its place. */
type Fate = 'well' | 'second batch fails' | 'check fails' | 'cancelled' | 'rollback fails'

const ends: Record<Fate, string[]> = {
  well: ['succeeded'],
  'second batch fails': ['rolled_back'],
  'check fails': ['rolled_back'],
  // One that was cancelled before it had changed anything has nothing to undo.
  cancelled: ['rolled_back', 'cancelled'],
  'rollback fails': ['rollback_failed'],
}
const fates: readonly Fate[] = ['well', 'second batch fails', 'well', 'check fails', 'cancelled']

interface Order {
  fate: Fate
  asked: ReturnType<typeof requestFor>
}

let world: FarWorld
let orders: Order[]
let plans: Map<string, StoredPlan>
let jobs: Map<string, MemoryJob[]>
/** Rollback jobs the platform had got at each kill. */
const undoneAtKill: number[] = []
let secondsTaken = 0

beforeAll(async () => {
  const fateOf = new Map<string, Fate>()
  world = await createFarWorld({
    templates: { 'patch-hosts': patchHosts },
    outcomeOf({ job, parameters, ticket }) {
      const second = String(parameters['hosts']).startsWith('b-')
      const failed = { state: 'failed', message: `${job} went wrong` } as const
      switch (fateOf.get(ticket.number)) {
        case 'second batch fails':
          return job === 'patch' && second ? failed : {}
        case 'check fails':
          return job === 'verify' ? failed : {}
        case 'rollback fails':
          return job === 'verify' || job === 'fill' ? failed : {}
        case 'cancelled':
          return job === 'patch' ? null : {}
        default:
          return {}
      }
    },
  })
  orders = Array.from({ length: planCount }, (_none, index) => {
    const fate = index % 52 === 51 ? 'rollback fails' : (fates[index % fates.length] ?? 'well')
    const ticket = makeChange()
    fateOf.set(ticket.number, fate)
    const pair = Math.floor(index / 2)
    const hosts = `a-${pair},b-${pair}`
    return { fate, asked: requestFor(ticket, 'patch-hosts', { hosts }) }
  })
  await storm()
}, limitMs + 60_000)

afterAll(async () => {
  await world.close()
})

/** Two processes at work, killed one after the other while plans are rolled back; the third and fourth go on. */
async function storm(): Promise<void> {
  const since = performance.now()
  const first = await Promise.all([world.startRoad(), world.startRoad()])
  const events = orders.map(({ asked }) => asked.event)
  for (let from = 0; from < events.length; from += 100) {
    await world.accept(events.slice(from, from + 100))
  }
  const over = new AbortController()
  const cancelling = cancelAll(over.signal)
  const later: FarRoad[] = []
  for (const [index, road] of first.entries()) {
    await until('rollbacks to be under way', () => undone() >= 60 + 120 * index, limitMs)
    undoneAtKill.push(undone())
    await road.kill9()
    later.push(await world.startRoad())
  }
  await until('everything to end', isQuiet, limitMs).catch(() => undefined)
  over.abort()
  await cancelling
  secondsTaken = (performance.now() - since) / 1000
  await Promise.all(later.map((road) => road.stop()))
  plans = new Map((await storedPlans(world.pool)).map((plan) => [plan.id, plan]))
  jobs = Map.groupBy(world.platform.jobs, ({ request }) => request.ticket.number)
}

function undone(): number {
  return world.platform.jobs.filter(({ request }) => isUndoing(request.job)).length
}

function isUndoing(job: string): boolean {
  return job === 'fill' || job === 'unpatch'
}

/** Cancels each plan that is to be cancelled once its first patch runs. */
async function cancelAll(over: AbortSignal): Promise<void> {
  const waiting = new Map(
    orders
      .filter(({ fate }) => fate === 'cancelled')
      .map(({ asked }) => [asked.event.data.ticket.number, asked]),
  )
  while (waiting.size > 0 && !over.aborted) {
    const due = world.platform.jobs.flatMap(({ request }) => {
      const { number } = request.ticket
      const asked = request.job === 'patch' ? waiting.get(number) : undefined
      waiting.delete(asked === undefined ? '' : number)
      return asked === undefined ? [] : [cancelFor(asked)]
    })
    if (due.length > 0) await world.accept(due)
    else await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function isQuiet(): Promise<boolean> {
  const { rows } = await world.pool.query<{ ended: number; open: number }>(
    `select (select count(*)::int from run where finished_at is not null) as ended,
       (select count(*)::int from status_update where state = 'pending') as open`,
  )
  return rows[0]?.ended === planCount && rows[0].open === 0
}

describe(`${planCount} plans, and the processes that carry them out killed in the middle of rollbacks`, () => {
  it('every plan ends as it must, and no step was launched twice', () => {
    const problems = orders.flatMap(({ asked, fate }) => {
      const { number } = asked.event.data.ticket
      const plan = plans.get(asked.runId)
      if (plan === undefined) return [`run ${asked.runId} is not stored`]
      const last = world.instance.last(asked.runId)
      const own = violationsOf(plan, { jobs: jobs.get(number) ?? [], last })
      return ends[fate].includes(plan.state) ? own : [...own, `${plan.state}, though: ${fate}`]
    })

    expect(problems).toEqual([])
  })

  it('no job was launched that belongs to no step', () => {
    const tokens = new Set([...plans.values()].flatMap(({ steps }) => steps.map(({ id }) => id)))

    expect(world.platform.jobs.filter(({ request }) => !tokens.has(request.token))).toEqual([])
  })

  it('rollbacks were under way at both kills, and hosts were waited for', () => {
    const waits = world.instance.updates.filter(({ state }) => state === 'waiting')

    process.stdout.write(
      `plans: ${planCount} ended in ${secondsTaken.toFixed(1)} s, ${world.platform.jobs.length} jobs; ` +
        `rollback jobs at the kills: ${undoneAtKill.join(', ')} of ${undone()}\n`,
    )
    expect(undoneAtKill).toHaveLength(2)
    expect(undoneAtKill.every((count) => count > 0 && count < undone())).toBe(true)
    expect(waits.length).toBeGreaterThan(0)
  })

  it('nothing is missing and nothing is dead', async () => {
    expect(await readLedger(world.pool)).toMatchObject({
      finished: planCount,
      dead: 0,
      missing: 0,
    })
  })
})
