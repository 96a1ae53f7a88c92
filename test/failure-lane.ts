// A lane: connectors on one database, one after the other. Each takes over from the one before and is killed at
// the next point; the last one stays and finishes everything. Lanes run side by side, because what takes long is
// waiting for a takeover, and all points of a lane wait for it together.
import pg from 'pg'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import type { Moment, Point } from './failure-points.ts'
import { armBreakpoint } from './support/breakpoint.ts'
import { spawnConnector } from './support/connector.ts'
import type { ConnectorProcess } from './support/connector.ts'
import type { Fault, RecordingInstance } from './support/recording-instance.ts'
import { createSite } from './support/site.ts'
import type { Order, Sent, Site } from './support/site.ts'
import { until } from './support/until.ts'

/** The faults of all lanes' runs, by run. */
export type RunFaults = Map<string, (update: StatusUpdate) => Fault | null>

/** What a lane works with. */
export interface LaneDeps {
  instance: RecordingInstance
  faults: RunFaults
  /** Client ids whose token requests get no answer, and where they are told when one came. */
  heldTokens: Map<string, () => void>
  databaseUrl: string
  /** Names the lane's OAuth client. */
  name: string
}

/** What became of a point's run. */
export interface Strike {
  point: Point
  order: Order
  /** Why the connector was not killed where it should have been; null = it was. */
  problem: string | null
  sent: Sent | null
}

/** A lane whose last connector has finished everything, or has run out of time. */
export interface Lane {
  site: Site
  pool: pg.Pool
  strikes: Strike[]
  close(): Promise<void>
}

/** How long the last connector may take: two takeovers and a launch lease, on a busy machine. */
const finishLimitMs = 90_000

interface Trap {
  hit(): Promise<void>
  /** Called once the connector is dead. */
  release(): Promise<void>
  /** Called once the next one is there. */
  afterRestart?(): void
}

interface Track extends LaneDeps {
  site: Site
  pool: pg.Pool
  connector: ConnectorProcess | null
  url: string | null
  sendings: Promise<void>[]
  restarted: (() => void)[]
}

/** Kills a connector at each of the points and lets the last one finish. */
export async function runLane(points: readonly Point[], deps: LaneDeps): Promise<Lane> {
  const { databaseUrl, name, instance } = deps
  const site = createSite({ instanceUrl: instance.url, databaseUrl, clientId: name })
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  const track: Track = {
    ...deps,
    site,
    pool,
    connector: null,
    url: null,
    sendings: [],
    restarted: [],
  }
  const strikes: Strike[] = []
  for (const point of points) strikes.push(await strike(point, track))
  await start(track)
  await finish(strikes, track)
  return {
    site,
    pool,
    strikes,
    async close() {
      await track.connector?.stop()
      await pool.end()
      site.remove()
    },
  }
}

async function start(track: Track): Promise<void> {
  const connector = await spawnConnector(track.site.connector)
  track.connector = connector
  track.url = connector.url
  for (const then of track.restarted.splice(0)) then()
}

async function strike(point: Point, track: Track): Promise<Strike> {
  const { moment, whenRunning } = point
  const { site } = track
  const order = site.order({ hold: whenRunning !== undefined || moment.in === 'job' })
  const result: Strike = { point, order, problem: null, sent: null }
  if (point.refusedState === true) track.faults.set(order.runId, refuseState)
  const trap = await setTrap(moment, result, track)
  await start(track)
  const sending = site.send(order.event, () => track.url).then((sent) => void (result.sent = sent))
  track.sendings.push(sending)
  try {
    if (whenRunning !== undefined) await goOn(whenRunning, order, track)
    await trap.hit()
  } catch (error) {
    result.problem = `${String(error)}\n${track.connector?.output()}`
  }
  track.url = null
  await track.connector?.kill9()
  await trap.release()
  track.restarted.push(() => trap.afterRestart?.())
  return result
}

function refuseState(update: StatusUpdate): Fault | null {
  return update.ticket_change?.transition === undefined ? null : 'refuse_state'
}

async function goOn(how: 'let go' | 'cancel', order: Order, track: Track): Promise<void> {
  await until('the job to run', async () => (await stepState(order, track)) === 'running')
  if (how === 'let go') track.site.letGo(order)
  else track.sendings.push(track.site.send(track.site.cancelOf(order), () => track.url).then(noop))
}

function noop(): void {
  // What counts is that the sending has ended.
}

async function setTrap(moment: Moment, result: Strike, track: Track): Promise<Trap> {
  const { order } = result
  switch (moment.in) {
    case 'database':
      return await trapInDatabase(moment, order, track)
    case 'sender':
      return {
        hit: () => until('202', () => result.sent !== null).then(noop),
        release: () => Promise.resolve(),
      }
    case 'job':
      return trapInJob(moment, order, track)
    case 'instance':
      return trapAtInstance(moment, order, track)
    case 'token request':
      return trapAtToken(order, track)
    default:
      return moment satisfies never
  }
}

async function trapInDatabase(
  { stop, server }: Extract<Moment, { in: 'database' }>,
  order: Order,
  track: Track,
): Promise<Trap> {
  const condition = stop.condition
    .replaceAll(':event', order.event.id)
    .replaceAll(':run', order.runId)
    .replaceAll(':ticket', order.event.data.ticket.sys_id)
  const breakpoint = await armBreakpoint(track.databaseUrl, { ...stop, condition })
  return { hit: () => breakpoint.hit(), release: () => breakpoint.release(server) }
}

function trapInJob({ letGo }: Extract<Moment, { in: 'job' }>, order: Order, track: Track): Trap {
  return {
    hit: () =>
      until('the running job', async () => (await stepState(order, track)) === 'running').then(
        noop,
      ),
    async release() {
      if (letGo === 'before restart') track.site.letGo(order)
    },
    afterRestart: () => track.site.letGo(order),
  }
}

function trapAtInstance(
  { update: which, fault }: Extract<Moment, { in: 'instance' }>,
  order: Order,
  track: Track,
): Trap {
  let arrived = false
  track.faults.set(order.runId, (update) => {
    if (which === 'last' && !isFinal(update.state)) return null
    arrived = true
    return fault
  })
  return {
    hit: () => until('the update at the instance', () => arrived).then(noop),
    async release() {
      track.faults.delete(order.runId)
    },
  }
}

function trapAtToken(order: Order, track: Track): Trap {
  let asked = false
  track.heldTokens.set(track.name, () => (asked = true))
  return {
    hit: () =>
      until('a token request while the run is finished', async () => {
        return asked && (await stepState(order, track)) === 'succeeded'
      }).then(noop),
    async release() {
      track.heldTokens.delete(track.name)
    },
  }
}

async function stepState({ runId }: Order, { pool }: Track): Promise<string | null> {
  const { rows } = await pool.query<{ state: string }>('select state from step where run_id = $1', [
    runId,
  ])
  return rows[0]?.state ?? null
}

/** Waits until nothing is left to do; what is missing at the limit is for the tests to say. */
async function finish(strikes: readonly Strike[], { pool, sendings }: Track): Promise<void> {
  await Promise.all(sendings)
  await until(
    'everything to end',
    async () => {
      const { rows } = await pool.query<{ runs: number; open: number }>(
        `select (select count(*)::int from run where finished_at is not null) as runs,
           (select count(*)::int from status_update where state = 'pending') as open`,
      )
      return rows[0]?.runs === strikes.length && rows[0].open === 0
    },
    finishLimitMs,
  ).catch(noop)
}
