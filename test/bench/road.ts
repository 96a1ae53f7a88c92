// The road in numbers: from an accepted event to the launch at 50 events a second, and how many runs a second
// go from event to acknowledged update when the platform answers at once. Real embedded PostgreSQL, fsync on.
import { rm } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { startEngine } from '../../connector/db/engine.ts'
import { migrate } from '../../connector/db/migrate.ts'
import { createPool } from '../../connector/db/pool.ts'
import { createLog } from '../../connector/log.ts'
import { makeEvent, makeTicket, randomHex, testActor } from '../support/events.ts'
import { createMemoryPlatform } from '../support/memory-platform.ts'
import { makeDataFolder } from '../support/postgres-server.ts'
import { startTestRoad } from '../support/road.ts'
import type { TestRoad } from '../support/road.ts'
import { percentile } from './percentile.ts'

const template = {
  name: 'instant',
  title: 'Instant',
  description: 'Ends at once.',
  platform: 'memory',
  job: 'instant',
  match: [{ table: 'incident', when: 'active=true', trigger: ['manual'] }],
  outcome: { succeeded: { transition: 'resolved' } },
}

const ratePerSecond = 50
const ratedEvents = 1_000
const warmUpRuns = 300
const burstRuns = 5_000
/** Events handed in at once; the app's outbox and the network allow no more anyway. */
const burstInHand = 200
const limitMs = 60_000

/** Runs the benchmark (about 50 s) and returns its numbers. */
export async function benchRoad(): Promise<Record<string, unknown>> {
  const log = createLog('warn')
  const dataDir = await makeDataFolder()
  const engine = await startEngine({ databaseUrl: null, dataDir, log })
  try {
    const pool = createPool(engine.connectionString)
    await migrate(pool, { log })
    await pool.end()
    const platform = createMemoryPlatform({ instant: true })
    const road = await startTestRoad({
      connectionString: engine.connectionString,
      templates: { instant: template },
      platform,
    })
    try {
      await burst(road, warmUpRuns)
      return { ...(await rated(road)), ...(await burst(road, burstRuns)) }
    } finally {
      await road.stop()
    }
  } finally {
    await engine.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function request(): { event: TicketEvent; runId: string } {
  const runId = randomHex()
  const run = { id: runId, template: 'instant', version: 1, parameters: {} }
  const data = { ticket: makeTicket(), actor: testActor, people: {}, run }
  return { runId, event: makeEvent({ type: 'run.requested', data } as Partial<TicketEvent>) }
}

/** A steady rate: milliseconds from handing in the event to the platform's launch call. */
async function rated(road: TestRoad): Promise<Record<string, unknown>> {
  const begun = new Map<string, number>()
  const latencies: number[] = []
  const { driver } = road.platform
  const launch = driver.launch.bind(driver)
  driver.launch = (order, signal) => {
    const started = begun.get(order.ticket.sysId)
    if (started !== undefined) latencies.push(performance.now() - started)
    return launch(order, signal)
  }
  for (let sent = 0; sent < ratedEvents; sent++) {
    const { event } = request()
    begun.set(event.data.ticket.sys_id, performance.now())
    await Promise.all([road.accept(event), wait(1000 / ratePerSecond)])
  }
  await untilCount(() => latencies.length, ratedEvents)
  driver.launch = launch
  return {
    rate_per_second: ratePerSecond,
    launch_p50_ms: percentile(latencies, 50),
    launch_p99_ms: percentile(latencies, 99),
  }
}

/** As many as it takes: runs a second from the first event to the last acknowledged final update. */
async function burst(road: TestRoad, runs: number): Promise<Record<string, unknown>> {
  const before = finished(road)
  const started = performance.now()
  let left = runs
  async function sender(): Promise<void> {
    while (left-- > 0) await road.accept(request().event)
  }
  await Promise.all(Array.from({ length: burstInHand }, sender))
  await untilCount(() => finished(road) - before, runs)
  const seconds = (performance.now() - started) / 1000
  return { runs, runs_per_second: Math.round(runs / seconds) }
}

function finished(road: TestRoad): number {
  return road.instance.updates.filter((update) => update.state === 'succeeded').length
}

async function untilCount(count: () => number, wanted: number): Promise<void> {
  const deadline = Date.now() + limitMs
  while (count() < wanted) {
    if (Date.now() > deadline) throw new Error(`${count()} of ${wanted} after ${limitMs} ms`)
    await wait(5)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await benchRoad(), null, 2))
}
