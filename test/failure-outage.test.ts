// What the connector lives with: a database that goes away under load, and an instance that answers anything but
// what it should. Everything still ends once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

import type { StatusUpdate } from '#shared/status-update.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { killLeftovers, spawnConnector, warmUp } from './support/connector.ts'
import type { ConnectorProcess } from './support/connector.ts'
import { createTestDatabase } from './support/postgres.ts'
import { startRecordingInstance } from './support/recording-instance.ts'
import type { Fault, RecordingInstance } from './support/recording-instance.ts'
import { createSite } from './support/site.ts'
import type { Order, Sent, Site } from './support/site.ts'
import { createTcpProxy } from './support/tcp-proxy.ts'
import { until } from './support/until.ts'

/** Embedded databases start slowly on a busy machine, and silent instances take their time limit. */
const limitMs = 90_000
const testLimitMs = 180_000

/** A connector between its own instance and its own database. */
interface Stage {
  instance: RecordingInstance
  site: Site
  connector: ConnectorProcess
  /** Sends each event once; the answers' status or code. */
  sendOnce(events: readonly TicketEvent[]): Promise<string[]>
  /** Sends until it is accepted. */
  deliver(event: TicketEvent): Promise<Sent>
  isReady(): Promise<boolean>
  close(): Promise<void>
}

/** `through` makes the database's address from the test database's; null = the embedded database. */
async function openStage(through: ((url: string) => string) | null): Promise<Stage> {
  const instance = await startRecordingInstance()
  const database = through === null ? null : await createTestDatabase()
  const databaseUrl =
    database === null ? {} : { databaseUrl: through?.(database.connectionString) ?? '' }
  const site = createSite({ instanceUrl: instance.url, ...databaseUrl })
  const connector = await spawnConnector(site.connector)
  return {
    instance,
    site,
    connector,
    sendOnce: (events) => Promise.all(events.map((event) => site.sendOnce(event, connector.url))),
    deliver: (event) => site.send(event, () => connector.url),
    isReady: async () => (await fetch(`${connector.url}/readyz`)).ok,
    async close() {
      expect(await connector.stop()).toBe(0)
      await instance.close()
      await database?.drop()
      site.remove()
    },
  }
}

beforeAll(() => {
  warmUp()
})

afterAll(() => {
  killLeftovers()
})

async function allEnded(orders: readonly Order[], { instance }: Stage): Promise<void> {
  await until(
    'all ends',
    () => orders.every((order) => instance.runs.get(order.runId)?.state === 'succeeded'),
    limitMs,
  )
}

/** Every run ended once: one launch, every update applied once, one transition, one note at the end. */
function expectEndedOnce(orders: readonly Order[], { instance, site }: Stage): void {
  for (const order of orders) {
    const told = instance.runs.get(order.runId)
    expect(site.launches(order), order.runId).toHaveLength(1)
    expect(told?.changes.map(({ transition }) => transition)).toEqual(['resolved'])
    expect(told?.notes.filter(({ key }) => key === `${order.runId}:end`)).toHaveLength(1)
    expect([...(told?.deliveries.values() ?? [])].map(({ applied }) => applied)).not.toContain(2)
  }
  expect(instance.violations).toEqual([])
}

// Side by side, because most of the time is spent waiting for time limits and takeovers.
describe.concurrent('a database that goes away', () => {
  it(
    'under load: events are refused as database_unavailable, sent again, and end once',
    async () => {
      const proxy = await createTcpProxy(Number(new URL(inject('databaseServer')).port))
      const stage = await openStage((url) => url.replace(/:\d+\//, `:${proxy.port}/`))
      const { site } = stage
      const orders = Array.from({ length: 20 }, (_none, index) => site.order({ hold: index < 5 }))
      const [before, during] = [orders.slice(0, 10), orders.slice(10)]
      const early = await Promise.all(before.map(({ event }) => stage.deliver(event)))
      await until('jobs to run', () => before.every((order) => site.launches(order).length === 1))

      await proxy.shut()
      const codes = await stage.sendOnce(during.map(({ event }) => event))
      const late = during.map(({ event }) => stage.deliver(event))
      // Jobs that end while nobody can store it.
      for (const order of before) site.letGo(order)
      await until('not ready', async () => !(await stage.isReady()))
      await proxy.open()
      const sent = await Promise.all(late)
      await allEnded(orders, stage)

      expect(early.every(({ tries }) => tries === 1)).toBe(true)
      expect(new Set(codes)).toEqual(new Set(['database_unavailable']))
      expect(sent.map(({ status }) => status)).toEqual(during.map(() => 'accepted'))
      expectEndedOnce(orders, stage)
      await until('ready again', () => stage.isReady())
      await stage.close()
      await proxy.shut()
    },
    testLimitMs,
  )

  it(
    'the embedded one, killed and aborted under load, is started again and nothing is lost',
    async () => {
      const stage = await openStage(null)
      const orders: Order[] = []
      const codes: string[] = []

      for (const [round, signal] of (['SIGKILL', 'SIGQUIT'] as const).entries()) {
        const more = Array.from({ length: 20 }, () => stage.site.order())
        orders.push(...more)
        const sending = more.map(({ event }) => stage.deliver(event))
        await Promise.race(sending)
        process.kill(postmasterOf(stage.site), signal)
        for (const { refusals } of await Promise.all(sending)) codes.push(...refusals)
        // It may accept connections before the connector has noticed that it is back.
        await until('the return', () => returnsOf(stage) === round + 1)
      }
      await allEnded(orders, stage)

      expect(codes.filter((code) => code !== 'database_unavailable')).toEqual([])
      expectEndedOnce(orders, stage)
      await until('the second return', () => returnsOf(stage) === 2).catch(() => undefined)
      expect(returnsOf(stage), stage.connector.output()).toBe(2)
      await stage.close()
    },
    testLimitMs,
  )
})

function isEnd(update: StatusUpdate): boolean {
  return update.state === 'succeeded'
}

/** How often its log says that the embedded database was started again. */
function returnsOf({ connector }: Stage): number {
  return connector.output().split('embedded database is back').length - 1
}

/** First line of postmaster.pid. */
function postmasterOf(site: Site): number {
  const file = join(site.connector.dataDir, 'postgres', 'postmaster.pid')
  return Number(readFileSync(file, 'utf8').split('\n')[0])
}

describe.concurrent('an instance that misbehaves', () => {
  /** Which of a run's deliveries meet the fault: the first ones, or those of its end. */
  const cases: [string, Fault, 'first' | 'last', number][] = [
    ['429 with Retry-After', 'rate_limited', 'first', 2],
    ['500', 'server_error', 'first', 2],
    ['a page', 'html', 'first', 2],
    ['200 with an error', 'error_in_200', 'first', 2],
    ['nothing at all', 'silent', 'last', 1],
    ['nothing at all, though it applied the update', 'applied_silent', 'last', 1],
    ['a broken connection, though it applied the first update', 'lost', 'first', 1],
    ['a broken connection, though it applied the last update', 'lost', 'last', 2],
    ['429 at the end', 'rate_limited', 'last', 2],
    ['a page at the end', 'html', 'last', 2],
  ]

  it(
    'gets every last state all the same, whatever it answered',
    async () => {
      const stage = await openStage((url) => url)
      const orders = cases.map(() => stage.site.order())
      const left = new Map(orders.map(({ runId }, index) => [runId, cases[index]?.[3] ?? 0]))
      stage.instance.faultFor = (update) => {
        const found = cases[orders.findIndex(({ runId }) => runId === update.run_id)]
        const rest = left.get(update.run_id) ?? 0
        if (found === undefined || rest === 0) return null
        if (found[2] === 'last' && !isEnd(update)) return null
        left.set(update.run_id, rest - 1)
        return found[1]
      }

      await Promise.all(orders.map(({ event }) => stage.deliver(event)))
      await until(
        'every fault to be met',
        () => [...left.values()].every((rest) => rest === 0),
        limitMs,
      )
      await allEnded(orders, stage)

      expectEndedOnce(orders, stage)
      await stage.close()
    },
    testLimitMs,
  )

  it(
    'has the refusal of a state told as a work note',
    async () => {
      const stage = await openStage((url) => url)
      const order = stage.site.order()
      stage.instance.faultFor = (update) => {
        return update.ticket_change?.transition === undefined ? null : 'refuse_state'
      }

      await stage.deliver(order.event)
      const note = await until('the note', () =>
        stage.instance.runs.get(order.runId)?.notes.find(({ key }) => key.includes(':refused:')),
      )

      expect(note.text).toContain('Close code is mandatory')
      expectEndedOnce([order], stage)
      await stage.close()
    },
    testLimitMs,
  )
})

describe.concurrent('events that come again, late and in another order', () => {
  it(
    'change nothing',
    async () => {
      const stage = await openStage((url) => url)
      const { site, instance } = stage
      const orders = Array.from({ length: 5 }, () => site.order({ hold: true }))
      const events = orders.map(({ event }) => event)
      const cancels = orders.map((order) => site.cancelOf(order))

      const first = await stage.sendOnce([...events, ...events, ...events])
      await until('the jobs', () => orders.every((order) => site.launches(order).length === 1))
      for (const order of orders) site.letGo(order)
      await allEnded(orders, stage)
      const before = orders.map(({ runId }) => instance.runs.get(runId)?.sequence)
      // Too late to cancel anything; then everything that was sent before, newest first.
      const late = await stage.sendOnce(cancels)
      const again = await stage.sendOnce([...cancels, ...events.toReversed()])
      const marker = site.order()
      await stage.deliver(marker.event)
      await allEnded([marker], stage)

      expect(first.filter((status) => status === 'accepted')).toHaveLength(orders.length)
      expect(new Set(first)).toEqual(new Set(['accepted', 'duplicate']))
      expect(new Set(late)).toEqual(new Set(['accepted']))
      expect(new Set(again)).toEqual(new Set(['duplicate']))
      expect(orders.map(({ runId }) => instance.runs.get(runId)?.sequence)).toEqual(before)
      expectEndedOnce(orders, stage)
      await stage.close()
    },
    testLimitMs,
  )
})
