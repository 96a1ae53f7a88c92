// kill -9 at every arrow of a plan of several steps: the gate and the hold of its targets, the change from step
// to step, rollback, the release. Whatever the moment: nothing twice, nothing lost, nothing held for ever.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readLedger } from '../connector/db/ledger.ts'
import { armBreakpoint } from './support/breakpoint.ts'
import type { Stop } from './support/breakpoint.ts'
import { createFarWorld } from './support/far-world.ts'
import type { FarWorld } from './support/far-world.ts'
import { storedPlans, violationsOf } from './support/plan-evidence.ts'
import { cancelFor, makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { until } from './support/until.ts'

/** Takeovers and launch leases of the last road, on a busy machine. */
const finishLimitMs = 120_000

/** Roads at work side by side, each on its own database: most of the time is waiting for takeovers. */
const laneCount = 2

type Fate = 'well' | 'check fails' | 'cancelled'

/** A moment at which the road is killed; :run is the id of the point's run. */
interface Point {
  name: string
  stop: Stop
  /** What the server does with the transaction once its client is dead. */
  server: 'goes on' | 'rolls back'
  fate: Fate
  /** A run on the same hosts is there before, and ends while the road stands at the point. */
  after?: 'another run'
}

const isOurs = `NEW.run_id = ':run'`

function row(name: string, stop: Stop, fate: Fate = 'well'): Point {
  return { name, stop, server: 'goes on', fate }
}

/** Both ends a commit can have when its client dies. */
function commit(name: string, stop: Omit<Stop, 'at'>, fate: Fate = 'well'): Point[] {
  return (['rolls back', 'goes on'] as const).map((server) => {
    const at = 'commit of update'
    return { name: `${name}: commit ${server}`, stop: { ...stop, at }, server, fate }
  })
}

function stepStop(condition: string): Stop {
  return { table: 'step', at: 'before update', condition: `${isOurs} and ${condition}` }
}

const launching = `NEW.state = 'launching' and OLD.state = 'pending'`
const launched = `NEW.state = 'running' and OLD.state = 'launching'`
const taken = `${isOurs} and NEW.held and not OLD.held`
const released = `${isOurs} and OLD.held and not NEW.held`

const gate: Point[] = [
  row('gate: taking hold', { table: 'run_target', at: 'before update', condition: taken }),
  ...commit('gate: taking hold', { table: 'run_target', condition: taken }),
  row('gate: passed, stored with the first intent', {
    table: 'run',
    at: 'before update',
    condition: `NEW.id = ':run' and OLD.gate_passed_at is null and NEW.gate_passed_at is not null`,
  }),
  {
    ...row('gate: busy, about to wait', {
      table: 'run',
      at: 'before update',
      condition: `NEW.id = ':run' and NEW.state = 'waiting' and OLD.state <> 'waiting'`,
    }),
    after: 'another run',
  },
]

const stepping: Point[] = [
  row('second batch: intent', stepStop(`NEW.position = 4 and ${launching}`)),
  ...commit('second batch: intent', {
    table: 'step',
    condition: `${isOurs} and NEW.position = 4 and ${launching}`,
  }),
  row('second batch: job there, its id not stored', stepStop(`NEW.position = 4 and ${launched}`)),
  ...commit('second batch: launched', {
    table: 'step',
    condition: `${isOurs} and NEW.position = 4 and ${launched}`,
  }),
  row(
    'first batch: end of its last step',
    stepStop(`NEW.position = 3 and NEW.state = 'succeeded'`),
  ),
  row('cancel: job told', stepStop(`NEW.state = 'cancelling'`), 'cancelled'),
]

const undoing: Point[] = [
  row('rollback: first intent', stepStop(`NEW.phase = 'rollback' and ${launching}`), 'check fails'),
  ...commit(
    'rollback: first intent',
    { table: 'step', condition: `${isOurs} and NEW.phase = 'rollback' and ${launching}` },
    'check fails',
  ),
  row(
    'rollback: job there, its id not stored',
    stepStop(`NEW.phase = 'rollback' and ${launched}`),
    'check fails',
  ),
  row(
    'rollback: one undone, three to go',
    stepStop(`NEW.phase = 'rollback' and NEW.state = 'succeeded'`),
    'check fails',
  ),
  row(
    'rollback after a cancel: intent',
    stepStop(`NEW.phase = 'rollback' and ${launching}`),
    'cancelled',
  ),
  ...commit(
    'rolled back',
    { table: 'run', condition: `NEW.id = ':run' and NEW.state = 'rolled_back'` },
    'check fails',
  ),
]

const releasing: Point[] = [
  row('release: hosts let go', { table: 'run_target', at: 'before update', condition: released }),
  ...commit('release', { table: 'run_target', condition: released }),
]

const points: readonly Point[] = [...gate, ...stepping, ...undoing, ...releasing]

const ends: Record<Fate, string> = {
  well: 'succeeded',
  'check fails': 'rolled_back',
  cancelled: 'rolled_back',
}

type Asked = ReturnType<typeof requestFor>

/** What became of a point. */
interface Strike {
  point: Point
  asked: Asked
  /** Why the road was not killed where it should have been; null = it was. */
  problem: string | null
}

interface Lane {
  world: FarWorld
  strikes: Strike[]
  /** Every run of the lane with its fate. */
  all: { asked: Asked; fate: Fate }[]
}

let lanes: Lane[]

beforeAll(async () => {
  lanes = await Promise.all(
    Array.from({ length: laneCount }, (_none, lane) =>
      runLane(points.filter((_point, index) => index % laneCount === lane)),
    ),
  )
}, 400_000)

afterAll(async () => {
  await Promise.all(lanes.map(({ world }) => world.close()))
})

async function runLane(own: readonly Point[]): Promise<Lane> {
  const fateOf = new Map<string, Fate | 'held'>()
  const world = await createFarWorld({
    templates: { 'patch-hosts': patchHosts },
    outcomeOf({ job, ticket }) {
      const fate = fateOf.get(ticket.number)
      if (fate === 'held') return null
      if (fate === 'cancelled' && job === 'patch') return null
      return fate === 'check fails' && job === 'verify' ? { state: 'failed' } : {}
    },
  })
  const lane: Lane = { world, strikes: [], all: [] }
  for (const [index, point] of own.entries()) {
    lane.strikes.push(await strike(point, { lane, fateOf, hosts: `a-${index},b-${index}` }))
  }
  const last = await world.startRoad()
  await until('everything to end', () => isQuiet(lane), finishLimitMs).catch(() => undefined)
  await last.stop()
  return lane
}

async function strike(
  point: Point,
  place: { lane: Lane; fateOf: Map<string, Fate | 'held'>; hosts: string },
): Promise<Strike> {
  const { lane, fateOf, hosts } = place
  const { world } = lane

  function order(fate: Fate | 'held'): Asked {
    const ticket = makeChange()
    fateOf.set(ticket.number, fate)
    const asked = requestFor(ticket, 'patch-hosts', { hosts })
    lane.all.push({ asked, fate: fate === 'held' ? 'well' : fate })
    return asked
  }

  const holder = point.after === undefined ? null : order('held')
  const asked = order(point.fate)
  const condition = point.stop.condition.replaceAll(':run', asked.runId)
  const breakpoint = await armBreakpoint(world.connectionString, { ...point.stop, condition })
  const road = await world.startRoad()
  const result: Strike = { point, asked, problem: null }
  try {
    if (holder !== null) {
      await world.accept([holder.event])
      await launchedJob(holder, 'look', world)
    }
    await world.accept([asked.event])
    if (point.fate === 'cancelled') {
      await launchedJob(asked, 'patch', world)
      await world.accept([cancelFor(asked)])
    }
    await breakpoint.hit()
  } catch (error) {
    result.problem = String(error)
  }
  await road.kill9()
  if (holder !== null) letGo(holder, { world, fateOf })
  await breakpoint.release(point.server)
  return result
}

async function launchedJob({ event }: Asked, name: string, world: FarWorld): Promise<void> {
  const { number } = event.data.ticket
  await until(`the job ${name}`, () =>
    world.platform.jobs.some(
      ({ request }) => request.ticket.number === number && request.job === name,
    ),
  )
}

/** From now on its jobs end by themselves, the one that runs, too. */
function letGo(
  { event }: Asked,
  { world, fateOf }: { world: FarWorld; fateOf: Map<string, Fate | 'held'> },
): void {
  const { number } = event.data.ticket
  fateOf.set(number, 'well')
  for (const job of world.platform.jobs) {
    if (job.request.ticket.number === number) world.platform.end(job, {})
  }
}

async function isQuiet({ world, all }: Lane): Promise<boolean> {
  const { rows } = await world.pool.query<{ ended: number; open: number }>(
    `select (select count(*)::int from run where finished_at is not null) as ended,
       (select count(*)::int from status_update where state = 'pending') as open`,
  )
  return rows[0]?.ended === all.length && rows[0].open === 0
}

async function problemsOf(asked: Asked, fate: Fate, { world }: Lane): Promise<string[]> {
  const plan = (await storedPlans(world.pool)).find(({ id }) => id === asked.runId)
  if (plan === undefined) return [`run ${asked.runId} is not stored`]
  const { number } = asked.event.data.ticket
  const jobs = world.platform.jobs.filter(({ request }) => request.ticket.number === number)
  const problems = violationsOf(plan, { jobs, last: world.instance.last(asked.runId) })
  return plan.state === ends[fate] ? problems : [...problems, `${plan.state}, though: ${fate}`]
}

describe('the road killed at', () => {
  it.each(points.map(({ name, fate }) => [name, fate]))('%s (%s)', async (name, fate) => {
    const lane = lanes.find(({ strikes }) =>
      strikes.some(({ point }) => point.name === name && point.fate === fate),
    )
    const own = lane?.strikes.find(({ point }) => point.name === name && point.fate === fate)
    if (lane === undefined || own === undefined) throw new Error(`nobody struck at ${name}`)

    expect(own.problem).toBeNull()
    expect(await problemsOf(own.asked, own.point.fate, lane)).toEqual([])
  })
})

describe('after all of it', () => {
  it('every run has ended as it must', async () => {
    for (const lane of lanes) {
      const problems = lane.all.map(({ asked, fate }) => problemsOf(asked, fate, lane))
      expect((await Promise.all(problems)).flat()).toEqual([])
    }
  })

  it('nothing is missing and nothing is dead', async () => {
    for (const { world, all } of lanes) {
      expect(await readLedger(world.pool)).toMatchObject({
        finished: all.length,
        dead: 0,
        missing: 0,
      })
    }
  })
})
