// The soak: two connectors on one database, tickets all the time, and chance that kills connectors and the
// database, lets the instance misbehave, repeats events and cancels runs. Bounded; what must hold: check.ts.
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import pg from 'pg'

import { startEngine } from '../../connector/db/engine.ts'
import { createLog } from '../../connector/log.ts'
import { killLeftovers, spawnConnector, warmUp } from '../support/connector.ts'
import type { ConnectorProcess } from '../support/connector.ts'
import { makeDataFolder } from '../support/postgres-server.ts'
import { faults, startRecordingInstance } from '../support/recording-instance.ts'
import type { Fault, RecordingInstance } from '../support/recording-instance.ts'
import { createSite } from '../support/site.ts'
import type { Site } from '../support/site.ts'
import { until } from '../support/until.ts'
import { check } from './check.ts'
import type { Findings, Requested } from './check.ts'
import { createRandom } from './random.ts'
import type { Random } from './random.ts'

/** How long and how hard. */
export interface SoakOptions {
  tickets: number
  /** Over which the tickets come and things break. */
  milliseconds: number
  seed: number
}

/** What happened. */
export interface SoakReport extends Findings {
  requested: number
  resent: number
  cancelsAsked: number
  connectorsKilled: number
  databasesKilled: number
  instanceFaults: number
  seconds: number
}

/** Milliseconds that one connector of the two may live. */
const lifetime = { from: 2_000, to: 6_000 }

/** Milliseconds between two kills of the database. */
const databaseKillEvery = { from: 20_000, to: 60_000 }

const faultProbability = 0.15
const resendProbability = 0.2
const cancelProbability = 0.1

/** Two takeovers, a launch lease and the longest back-off of a report, on a busy machine. */
const finishLimitMs = 120_000

/** A misbehaving instance that never answers costs ten seconds each time; those are rare. */
const silentShare = 0.1

interface World {
  random: Random
  instance: RecordingInstance
  site: Site
  /** Addresses of the two connectors; null = it has just been killed. */
  urls: (string | null)[]
  requested: Requested[]
  counts: {
    resent: number
    connectorsKilled: number
    databasesKilled: number
    instanceFaults: number
  }
  over: AbortController
}

/** Runs a soak. Rejects only when it could not be carried out. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const started = performance.now()
  warmUp()
  const dataDir = await makeDataFolder()
  const log = createLog('silent')
  const engine = await startEngine({ databaseUrl: null, dataDir, log })
  const instance = await startRecordingInstance()
  const databaseUrl = engine.connectionString
  const site = createSite({ instanceUrl: instance.url, databaseUrl })
  const world: World = {
    random: createRandom(options.seed),
    instance,
    site,
    urls: [null, null],
    requested: [],
    counts: { resent: 0, connectorsKilled: 0, databasesKilled: 0, instanceFaults: 0 },
    over: new AbortController(),
  }
  try {
    await storm(world, dataDir, options)
    const findings = await findingsOf(world, databaseUrl)
    return {
      requested: world.requested.length,
      cancelsAsked: world.requested.filter(({ cancelAsked }) => cancelAsked).length,
      ...world.counts,
      ...findings,
      seconds: Math.round((performance.now() - started) / 1000),
    }
  } finally {
    world.over.abort()
    killLeftovers()
    await instance.close()
    await engine.stop()
    site.remove()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Everything at once until the time is over; then nothing breaks any more and all that was begun ends. */
async function storm(world: World, dataDir: string, options: SoakOptions): Promise<void> {
  const { instance, over } = world
  // The first one makes the tables.
  const first = await spawnConnector(world.site.connector)
  instance.faultFor = () => faultOf(world)
  const connectors = [0, 1].map((slot) => keepKilling(world, slot, slot === 0 ? first : null))
  const database = keepKillingDatabase(world, dataDir)
  const sendings: Promise<void>[] = []
  const pauseMs = options.milliseconds / options.tickets
  for (let sent = 0; sent < options.tickets; sent++) {
    sendings.push(oneTicket(world))
    await wait(pauseMs)
  }
  instance.faultFor = () => null
  over.abort()
  await Promise.all([...connectors, database])
  await Promise.all(sendings)
}

async function findingsOf(world: World, databaseUrl: string): Promise<Findings> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  try {
    await until(
      'everything to end',
      () => isQuiet(pool, world.requested.length),
      finishLimitMs,
    ).catch(() => undefined)
    return await check({ ...world, pool })
  } finally {
    await pool.end()
  }
}

async function isQuiet(pool: pg.Pool, runs: number): Promise<boolean> {
  const { rows } = await pool.query<{ ended: number; open: number }>(
    `select (select count(*)::int from run where finished_at is not null) as ended,
       (select count(*)::int from status_update where state = 'pending') as open`,
  )
  return rows[0]?.ended === runs && rows[0].open === 0
}

/** One ticket: asked for, perhaps asked for again, perhaps cancelled. */
async function oneTicket(world: World): Promise<void> {
  const { random, site, requested, counts } = world
  const one: Requested = { order: site.order(), cancelAsked: random.happens(cancelProbability) }
  requested.push(one)
  const again = random.happens(resendProbability)
  await site.send(one.order.event, () => anyUrl(world))
  if (again) {
    counts.resent++
    await site.send(one.order.event, () => anyUrl(world))
  }
  if (one.cancelAsked) await site.send(site.cancelOf(one.order), () => anyUrl(world))
}

function anyUrl({ urls, random }: World): string | null {
  return random.oneOf(urls.filter((url) => url !== null)) ?? null
}

/** One connector after the other in a slot, each killed at some moment; the last one stays. */
async function keepKilling(
  world: World,
  slot: number,
  running: (ConnectorProcess & { url: string }) | null,
): Promise<void> {
  const { random, urls, over, counts, site } = world
  let connector = running ?? (await spawnConnector(site.connector))
  for (;;) {
    urls[slot] = connector.url
    await pause(random.between(lifetime.from, lifetime.to), over.signal)
    if (over.signal.aborted) return
    urls[slot] = null
    await connector.kill9()
    counts.connectorsKilled++
    connector = await restart(site)
  }
}

/** A start may meet a database that was just killed; an orchestrator would start it again as well. */
async function restart(site: Site): Promise<ConnectorProcess & { url: string }> {
  for (let tries = 1; ; tries++) {
    try {
      return await spawnConnector(site.connector)
    } catch (error) {
      if (tries === 10) throw error
      await wait(500)
    }
  }
}

async function keepKillingDatabase(world: World, dataDir: string): Promise<void> {
  const { random, over, counts } = world
  // Early in a short soak, too.
  await pause(random.between(4_000, 8_000), over.signal)
  while (!over.signal.aborted) {
    const file = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
    process.kill(Number(file.split('\n')[0]), random.happens(0.5) ? 'SIGKILL' : 'SIGQUIT')
    counts.databasesKilled++
    await pause(random.between(databaseKillEvery.from, databaseKillEvery.to), over.signal)
  }
}

/** Resolves after the time, or when the soak is over. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => undefined)
}

/** What is refused for good would be a person's to mend, so the state is never refused here. */
function faultOf({ random, counts }: World): Fault | null {
  if (!random.happens(faultProbability)) return null
  counts.instanceFaults++
  const silent = random.happens(silentShare)
  const choices = faults.filter((fault) => {
    return fault !== 'refuse_state' && fault.endsWith('silent') === silent
  })
  return random.oneOf(choices) ?? null
}
