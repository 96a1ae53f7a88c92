import pg from 'pg'
// Connectors on one database: killed while they start, and one killed while both have their hands full.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readLedger } from '../connector/db/ledger.ts'
import { armBreakpoint } from './support/breakpoint.ts'
import type { Stop } from './support/breakpoint.ts'
import { killLeftovers, spawnConnector, startConnector, warmUp } from './support/connector.ts'
import { createTestDatabase } from './support/postgres.ts'
import { startRecordingInstance } from './support/recording-instance.ts'
import type { RecordingInstance } from './support/recording-instance.ts'
import { createSite } from './support/site.ts'
import type { Order, Site } from './support/site.ts'
import { until } from './support/until.ts'

/** Runs in flight when the connector is killed. */
const runsInFlight = 240

/** What is promised. On a machine with many times its load a takeover may take longer, but not this long. */
const promisedMs = 30_000
const lostMs = 90_000

let instance: RecordingInstance

beforeAll(async () => {
  warmUp()
  instance = await startRecordingInstance()
})

afterAll(async () => {
  killLeftovers()
  await instance.close()
})

describe('a connector killed while it starts', () => {
  const stops: Stop[] = [
    { table: 'public.migration', at: 'creation', condition: 'true' },
    { table: 'public.run', at: 'creation', condition: 'true' },
    { table: 'pgboss.job', at: 'creation', condition: 'true' },
    { table: 'template_version', at: 'before insert', condition: 'true' },
    { table: 'template_version', at: 'commit of insert', condition: 'true' },
  ]

  it('leaves nothing half done: the next one starts and works', async () => {
    const database = await createTestDatabase({ migrated: false })
    const databaseUrl = database.connectionString
    const site = createSite({ instanceUrl: instance.url, databaseUrl })
    for (const stop of stops) {
      const breakpoint = await armBreakpoint(databaseUrl, stop)
      const connector = startConnector(site.connector)
      await breakpoint.hit()
      await connector.kill9()
      await breakpoint.release('goes on')
    }
    const first = await spawnConnector(site.connector)
    await first.kill9()
    const order = site.order()

    const connector = await spawnConnector(site.connector)
    await site.send(order.event, () => connector.url)
    await until('the end', () => instance.runs.get(order.runId)?.state === 'succeeded')

    expect(site.launches(order)).toHaveLength(1)
    await connector.stop()
    await database.drop()
    site.remove()
  }, 120_000)
})

describe('two connectors on one database', () => {
  it(`share the work; when one is killed with ${runsInFlight} runs in flight, the other finishes them`, async () => {
    const database = await createTestDatabase()
    const databaseUrl = database.connectionString
    const site = createSite({ instanceUrl: instance.url, databaseUrl, maxRunning: 10 })
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 })
    const connectors = await Promise.all([
      spawnConnector(site.connector),
      spawnConnector(site.connector),
    ])
    const [killed, survivor] = connectors
    const orders = Array.from({ length: runsInFlight }, () => site.order())
    // Everybody stops where the job exists and its id is about to be stored: the worst moment for a launch.
    const breakpoint = await armBreakpoint(databaseUrl, {
      table: 'step',
      at: 'before update',
      condition: `NEW.state = 'running' and OLD.state = 'launching'`,
    })

    await Promise.all(
      orders.map((order, index) => {
        return site.send(order.event, () => connectors[index % 2]?.url ?? null)
      }),
    )
    await until(
      'both to have their hands full',
      async () => launched(site, orders) >= runsInFlight / 20 && (await countInHand(pool)) >= 200,
      lostMs,
    )
    await killed.kill9()
    const { rows: inHand } = await pool.query<{ id: string }>(
      `select id from pgboss.job where state = 'active'`,
    )
    const since = performance.now()
    const { rows } = await pool.query<{ count: number }>(
      'select count(*)::int as count from run where finished_at is null',
    )
    await breakpoint.release('goes on')
    await until('the takeover', () => allTaken(pool, inHand), lostMs)
    const takeoverMs = performance.now() - since
    const takenOver = await countTakenOver(pool, inHand)
    await until('the end', () => allTold(orders), lostMs)
    const endMs = performance.now() - since

    report({ takenOver, takeoverMs, endMs })
    expect(rows[0]?.count).toBe(runsInFlight)
    // Both had a share.
    expect(takenOver).toBeGreaterThan(0)
    expect(takenOver).toBeLessThan(runsInFlight)
    for (const order of orders) expect(site.launches(order), order.runId).toHaveLength(1)
    for (const order of orders) expect(instance.runs.get(order.runId)?.state).toBe('succeeded')
    expect(await readLedger(pool)).toMatchObject({
      received: runsInFlight,
      finished: runsInFlight,
      dead: 0,
      missing: 0,
    })
    expect(instance.violations).toEqual([])
    await survivor.stop()
    await pool.end()
    await database.drop()
    site.remove()
  }, 240_000)
})

async function countInHand(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from pgboss.job where state = 'active' and name = 'advance'`,
  )
  return rows[0]?.count ?? 0
}

function launched(site: Site, orders: readonly Order[]): number {
  return orders.filter((order) => site.launches(order).length > 0).length
}

/** True when none of the wake-ups is still in the hands that held it at the kill. */
async function allTaken(pool: pg.Pool, inHand: readonly { id: string }[]): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from pgboss.job where id = any($1) and state in ('active', 'retry') and retry_count = 0`,
    [inHand.map(({ id }) => id)],
  )
  return rowCount === 0
}

async function countTakenOver(pool: pg.Pool, inHand: readonly { id: string }[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from pgboss.job where id = any($1) and retry_count > 0',
    [inHand.map(({ id }) => id)],
  )
  return rows[0]?.count ?? 0
}

function allTold(orders: readonly Order[]): boolean {
  return orders.every((order) => instance.runs.get(order.runId)?.state === 'succeeded')
}

function report(measured: { takenOver: number; takeoverMs: number; endMs: number }): void {
  const { takenOver, takeoverMs, endMs } = measured
  process.stdout.write(
    `takeover: the ${takenOver} wake-ups that the killed connector held were taken after ${seconds(takeoverMs)} ` +
      `(promised: ${seconds(promisedMs)}); all ${runsInFlight} runs had ended after ${seconds(endMs)}\n`,
  )
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
