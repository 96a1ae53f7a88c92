// The outbox of the built app on an instance with a standing clock: what becomes an event, and what becomes
// of an event that does not get through.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { beforeAll, describe, expect, test } from 'vitest'

import type { TicketEvent } from '#shared/ticket-event.ts'

import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { connect, only, openApp, scope } from './on-instance.ts'
import { problem, startReceiver } from './receiver.ts'
import type { ReceiverAnswer } from './receiver.ts'
import { arrived, openRoad, outbox } from './road.ts'
import type { Road } from './road.ts'

const minute = 60_000
const busy = problem(503, 'database_unavailable', 'The database does not answer; send it again.')

beforeAll(async () => {
  await ensureAppBuilt()
}, 300_000)

function typesOf(events: readonly TicketEvent[]): string[] {
  return events.map((event) => event.type)
}

function at(record: StoredRecord): { table: string; sysId: string } {
  return { table: 'incident', sysId: record['sys_id'] ?? '' }
}

/** A stored date-time in seconds. */
function seconds(stored: string | undefined): number {
  return Date.parse(`${stored?.replace(' ', 'T')}Z`) / 1000
}

describe('what becomes an event', () => {
  // For tests that look at nothing but what arrives of a ticket of their own.
  let shared: Road

  beforeAll(async () => {
    shared = await openRoad()
    return () => shared[Symbol.asyncDispose]()
  })

  test('a new incident, with the person who made it', async () => {
    await using road = await openRoad()

    const incident = road.app.incident('abel.agent', { category: 'hardware' })

    const events = await arrived(road)
    expect(typesOf(events)).toEqual(['ticket.created'])
    expect(events[0]?.data).toMatchObject({
      ticket: { table: 'incident', sys_id: incident['sys_id'], number: incident['number'] },
      actor: { user_name: 'abel.agent', groups: ['Service Desk', 'Unix Admins'] },
    })
    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '1', last_error: '' })
  })

  test.each<[string, StoredRecord, string[]]>([
    ['a new short description', { short_description: 'Disk still full' }, ['ticket.updated']],
    ['another assignee', { assigned_to: '6816f79cc0a8016401c5a33be04be441' }, ['ticket.updated']],
    [
      'resolving',
      { state: '6', close_code: 'Solution provided', close_notes: 'Done.' },
      ['ticket.updated'],
    ],
    [
      'closing',
      { state: '7', close_code: 'Solution provided', close_notes: 'Done.' },
      ['ticket.closed'],
    ],
    ['cancelling', { state: '8' }, ['ticket.closed']],
    ['a work note', { work_notes: 'Looked at it.' }, []],
    ['a comment', { comments: 'Any news?' }, []],
    ['a field no rule looks at', { correlation_id: 'x' }, []],
  ])('an update by a person: %s', async (_what, values, expected) => {
    const road = shared
    const incident = road.app.incident('abel.agent')
    await arrived(road)

    road.app.change('ivy.itil', at(incident), values)

    const events = await arrived(road)
    expect(typesOf(events)).toEqual(expected)
    expect(events.every((event) => event.data.actor.user_name === 'ivy.itil')).toBe(true)
  })

  test("nothing of the integration user's own writes", async () => {
    await using road = await openRoad()

    const own = road.app.incident('ticket.automation')
    road.app.change('ticket.automation', at(own), { short_description: 'Other words' })
    road.app.change('ticket.automation', at(own), { state: '8' })

    expect(await arrived(road)).toEqual([])
    expect(outbox(road)).toEqual([])
  })

  test('several saves while the first is on its way are one more event with an id of its own', async () => {
    await using road = await openRoad({ asyncDelayMs: 1000 })
    const incident = road.app.incident('abel.agent')
    await road.app.platform.advance(5000)
    await arrived(road)
    await road.receiver.answerNext(busy)

    for (const words of ['one', 'two', 'three']) {
      road.app.change('abel.agent', at(incident), { short_description: words })
      await road.app.platform.advance(3000)
    }
    await road.app.platform.advance(2 * minute)

    const events = await arrived(road)
    // The first may have arrived although its answer was lost, and its repeat would be dropped.
    expect(new Set(events.map((event) => event.id)).size).toBe(2)
    expect(events.at(-1)?.data.ticket.fields['short_description']?.value).toBe('three')
  })

  test('none of a kind that is switched off', async () => {
    const off = { [`${scope}.incident.send_created`]: 'false' }
    await using road = await openRoad({ properties: off })

    const incident = road.app.incident('abel.agent')
    road.app.change('abel.agent', at(incident), { short_description: 'Other words' })

    expect(typesOf(await arrived(road))).toEqual(['ticket.updated'])
  })

  test('none at all while the app is switched off, not even what waits', async () => {
    await using road = await openRoad()
    await road.receiver.answerNext(busy)
    const incident = road.app.incident('abel.agent')
    await arrived(road)
    const enabled = only(road.app.rows('sys_properties', `name=${scope}.enabled`))
    const property = { table: 'sys_properties', sysId: enabled['sys_id'] ?? '' }

    road.app.change('admin', property, { value: 'false' })
    road.app.change('abel.agent', at(incident), { short_description: 'Other words' })
    await road.app.platform.advance(5 * minute)

    expect(await arrived(road)).toEqual([])
    expect(only(outbox(road))).toMatchObject({ state: 'pending', attempts: '1' })

    road.app.change('admin', property, { value: 'true' })
    await road.app.platform.advance(minute)

    expect(typesOf(await arrived(road))).toEqual(['ticket.created'])
  })
})

describe('an event that does not get through', () => {
  test('is sent again by the minute sweep until it is taken, and then no more', async () => {
    await using road = await openRoad()
    await road.receiver.answerNext(busy, busy)

    road.app.incident('abel.agent')
    await road.app.platform.advance(30 * minute)

    const sent = await road.receiver.events()
    const ids = sent.map((one) => (JSON.parse(one.body) as TicketEvent).id)
    expect(ids).toEqual([ids[0], ids[0], ids[0]])
    expect(new Set(sent.map((one) => one.headers['authorization'])).size).toBe(3)
    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '3' })
  })

  test('waits longer after every attempt', async () => {
    await using road = await openRoad()
    await road.receiver.answerAt('/v1/events', busy)
    road.app.incident('abel.agent')
    const waits: number[] = []

    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await arrived(road)
      const row = only(outbox(road))
      expect(row).toMatchObject({ state: 'pending', attempts: String(attempt) })
      waits.push(seconds(row['next_attempt']) - seconds(row['claimed_at']))
      // The sweep comes every minute: until the count moves.
      while (only(outbox(road))['attempts'] === row['attempts']) {
        await road.app.platform.advance(minute)
      }
      await road.app.platform.settle()
    }

    for (const [index, base] of [15, 30, 60, 120].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(base)
      // Spread by a fifth, stored in whole seconds.
      expect(waits[index]).toBeLessThanOrEqual(base * 1.2 + 1)
    }
    expect(only(outbox(road))['last_error']).toBe(
      'database_unavailable: The database does not answer; send it again.',
    )
  })

  test('waits as long as the connector asks for', async () => {
    await using road = await openRoad()
    const slow = { ...problem(429, 'too_many_requests', 'Slow down.') }
    await road.receiver.answerNext({ ...slow, headers: { 'Retry-After': '600' } })

    road.app.incident('abel.agent')
    await road.app.platform.advance(9 * minute)

    expect(await road.receiver.events()).toHaveLength(1)
    expect(only(outbox(road))).toMatchObject({ state: 'pending', attempts: '1' })

    await road.app.platform.advance(5 * minute)

    expect(await road.receiver.events()).toHaveLength(1)
    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '2' })
  })

  test('is a dead letter at once when the connector will never take it', async () => {
    await using road = await openRoad()
    const never = problem(400, 'event_invalid', 'data.ticket.number: must be a ticket number')
    await road.receiver.answerNext(never)

    road.app.incident('abel.agent')
    await road.app.platform.advance(10 * minute)

    expect(await road.receiver.events()).toHaveLength(1)
    expect(only(outbox(road))).toMatchObject({
      state: 'dead',
      attempts: '1',
      last_error: 'event_invalid: data.ticket.number: must be a ticket number',
    })
  })

  test.each<[string, ReceiverAnswer, RegExp]>([
    [
      'a login page with 200',
      { status: 200, body: '<html>Sign in</html>' },
      /^HTTP 200 that is no reply/,
    ],
    ['an error in a 200', { status: 200, body: '{"error":"x"}' }, /^HTTP 200 that is no reply/],
    ['a redirect', { status: 302, headers: { Location: '/login' } }, /^HTTP 302 that is no reply/],
    ['an HTML 502', { status: 502, body: '<h1>Bad Gateway</h1>' }, /^HTTP 502 without a reason/],
    ['silence', { status: 0, silent: true }, /did not answer: socket timeout after 300 ms/],
  ])('is sent again after %s', async (_what, answer, reason) => {
    await using road = await openRoad({}, { timeout: '300' })
    await road.receiver.answerNext(answer)

    road.app.incident('abel.agent')
    await road.app.platform.settle()
    expect(only(outbox(road))).toMatchObject({ state: 'pending', attempts: '1' })
    expect(only(outbox(road))['last_error']).toMatch(reason)
    await road.app.platform.advance(2 * minute)

    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '2' })
  })

  test('waits for a connector that is not there, and for a connection that is not set up', async () => {
    await using app = await openApp()
    app.incident('abel.agent')
    await app.platform.settle()
    expect(only(app.rows(`${scope}_outbox`))['last_error']).toContain('No connection is active')

    connect(app, `http://127.0.0.1:${await freePort()}`)
    await app.platform.advance(2 * minute)
    expect(only(app.rows(`${scope}_outbox`))['last_error']).toContain('ECONNREFUSED')

    await using receiver = await startReceiver()
    connect(app, receiver.url)
    await app.platform.advance(3 * minute)
    expect(only(app.rows(`${scope}_outbox`))).toMatchObject({ state: 'sent' })
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  // A TCP server's address is an object once it listens.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('events of one ticket', () => {
  test.each([1, 2, 3, 4])(
    'arrive in the order in which they were written, however jobs are shuffled (seed %i)',
    async (seed) => {
      await using road = await openRoad({ asyncOrder: 'shuffled', seed })
      await road.receiver.answerAt('/v1/events', busy)
      const incident = road.app.incident('abel.agent')
      const other = road.app.incident('abel.agent', { short_description: 'Another one' })
      await road.app.platform.advance(1000)
      // Different people, so that the updates stay events of their own.
      for (const person of ['ivy.itil', 'abel.agent', 'ada.admin', 'admin']) {
        road.app.change(person, at(incident), { short_description: `by ${person}` })
        await road.app.platform.advance(1000)
      }
      road.app.change('ivy.itil', at(incident), { state: '8' })
      await road.app.platform.advance(1000)
      await road.receiver.events()

      await road.receiver.answerAt('/v1/events', null)
      await road.app.platform.advance(3 * minute)

      const events = await arrived(road)
      const ofOne = events.filter((event) => event.data.ticket.sys_id === incident['sys_id'])
      expect(ofOne.map((event) => event.data.actor.user_name)).toEqual([
        'abel.agent',
        'ivy.itil',
        'abel.agent',
        'ada.admin',
        'admin',
        'ivy.itil',
      ])
      expect(typesOf(ofOne)).toEqual([
        'ticket.created',
        ...Array.from({ length: 4 }, () => 'ticket.updated'),
        'ticket.closed',
      ])
      expect(events.some((event) => event.data.ticket.sys_id === other['sys_id'])).toBe(true)
    },
  )

  test('of one moment arrive in the order of the outbox', async () => {
    await using road = await openRoad({ asyncOrder: 'shuffled', seed: 7 })
    const incident = road.app.incident('abel.agent')
    for (const person of ['ivy.itil', 'abel.agent', 'ada.admin', 'admin']) {
      road.app.change(person, at(incident), { short_description: `by ${person}` })
    }

    const events = await arrived(road)

    const rows = outbox(road).toSorted((a, b) => Number(a['position']) - Number(b['position']))
    expect(new Set(rows.map((row) => row['position'])).size).toBe(5)
    expect(events.map((event) => event.id)).toEqual(rows.map((row) => row['event_id']))
  })

  test('one that waits holds back its own ticket alone', async () => {
    await using road = await openRoad()
    await road.receiver.answerNext(busy)
    const incident = road.app.incident('abel.agent')
    await road.app.platform.settle()
    road.app.change('ivy.itil', at(incident), { short_description: 'Other words' })
    const other = road.app.incident('abel.agent')

    await arrived(road)

    expect(outbox(road, `ticket=${incident['sys_id']}`).map((row) => row['state'])).toEqual([
      'pending',
      'pending',
    ])
    expect(only(outbox(road, `ticket=${other['sys_id']}`))['state']).toBe('sent')
  })

  test('a dead letter does not hold back the next one', async () => {
    await using road = await openRoad()
    await road.receiver.answerNext(busy, problem(400, 'event_invalid', 'no'))
    const incident = road.app.incident('abel.agent')
    await road.app.platform.settle()
    road.app.change('ivy.itil', at(incident), { short_description: 'Other words' })

    await road.app.platform.advance(2 * minute)

    expect(outbox(road).map((row) => row['state'])).toEqual(['dead', 'sent'])
  })
})
