import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'

import { UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Problem } from '#shared/problem.ts'
import { asciiJson } from '#shared/text.ts'
import { EventReply, maxEventBytes } from '#shared/ticket-event.ts'

import { testInstance, testKid, testUrl } from './support/config.ts'
import {
  makeEvent,
  makeTicket,
  randomHex,
  signBytes,
  signEvent,
  testActor,
} from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startReceiving } from './support/receiving.ts'
import type { Receiving } from './support/receiving.ts'

let database: TestDatabase
let receiving: Receiving

beforeAll(async () => {
  database = await createTestDatabase()
  receiving = await startReceiving(database.connectionString, {
    instances: [
      testInstance(),
      {
        ...testInstance(),
        name: 'other',
        issuer: 'other',
        url: 'https://other.service-now.com',
        keys: [{ kid: 'other-1', alg: 'HS256', secret: { env: 'ACME_SECRET' } }],
      },
    ],
  })
})

afterAll(async () => {
  await receiving.stop()
  await database.drop()
})

interface Answer {
  status: number
  headers: Headers
  json: unknown
}

async function post(
  request: { body: Uint8Array; token?: string; headers?: Record<string, string> },
  path = '/v1/events',
): Promise<Answer> {
  const response = await fetch(receiving.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...request.headers,
    },
    body: Buffer.from(request.body),
  })
  return { status: response.status, headers: response.headers, json: await response.json() }
}

async function postEvent(event: unknown): Promise<Answer> {
  return post(await signEvent(event))
}

/** Everything an accepted event leaves behind. */
async function stored(): Promise<Record<string, unknown>> {
  const { rows } = await receiving.pool.query(
    `select (select count(*) from event) as events,
       (select count(*) from pgboss.job where name = 'decide') as wakeups,
       (select count(*) from signature_use) as signatures`,
  )
  return rows[0] as Record<string, unknown>
}

async function expectRefused(
  answer: Promise<Answer>,
  status: number,
  code: string,
): Promise<Problem> {
  const before = await stored()
  const { status: actual, headers, json } = await answer
  const problem = Problem.parse(json)
  expect({ status: actual, code: problem.code }).toEqual({ status, code })
  expect(headers.get('content-type')).toContain('application/problem+json')
  expect(await stored()).toEqual(before)
  return problem
}

describe('an event', () => {
  test('is stored exactly as signed, wakes the decider of its ticket, and is answered with 202', async () => {
    const event = makeEvent()
    const { body, token } = await signEvent(event)

    const answer = await post({ body, token })

    expect(answer.status).toBe(202)
    expect(EventReply.parse(answer.json)).toEqual({ event_id: event.id, status: 'accepted' })
    const { rows } = await receiving.pool.query(
      'select source, type, ticket_key, ticket_number, body, issuer, kid, state from event where event_id = $1',
      [event.id],
    )
    const key = `${testUrl}|incident|${event.data.ticket.sys_id}`
    expect(rows).toEqual([
      {
        source: testUrl,
        type: 'ticket.created',
        ticket_key: key,
        ticket_number: event.data.ticket.number,
        body: body.toString(),
        issuer: 'acme',
        kid: testKid,
        state: 'accepted',
      },
    ])
    const jobs = await receiving.pool.query(
      "select name from pgboss.job where singleton_key = $1 and state = 'created'",
      [key],
    )
    expect(jobs.rows).toEqual([{ name: 'decide' }])
  })

  test('sent again with a new signature is a duplicate and leaves nothing new', async () => {
    const event = makeEvent()
    await postEvent(event)
    const before = await stored()

    const answer = await postEvent(event)

    expect(answer).toMatchObject({ status: 202, json: { event_id: event.id, status: 'duplicate' } })
    const after = await stored()
    expect({ ...after, signatures: before['signatures'] }).toEqual(before)
  })

  test('sent forty times at once is stored once', async () => {
    const event = makeEvent()
    const before = await stored()

    const answers = await Promise.all(Array.from({ length: 40 }, () => postEvent(event)))

    const statuses = answers.map((answer) => EventReply.parse(answer.json).status)
    expect(statuses.filter((status) => status === 'accepted')).toHaveLength(1)
    expect(statuses.filter((status) => status === 'duplicate')).toHaveLength(39)
    const after = await stored()
    expect(Number(after['events']) - Number(before['events'])).toBe(1)
    expect(Number(after['wakeups']) - Number(before['wakeups'])).toBe(1)
  })

  test('may be a CloudEvent by content type, with a charset', async () => {
    const { body, token } = await signEvent(makeEvent())

    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' }

    expect(await post({ body, token, headers })).toMatchObject({ status: 202 })
  })

  test('carries hostile and foreign text through unchanged', async () => {
    const value = '$(rm -rf /) "quotes" \'single\'\n\r\t\u202Eright to left\u202C 🚀 \u2028'
    const ticket = makeTicket()
    ticket.fields['description'] = { type: 'string', value: value.repeat(2000) }
    const event = makeEvent({ data: { ticket, actor: testActor, people: {} } })

    expect(await postEvent(event)).toMatchObject({ status: 202 })

    const { rows } = await receiving.pool.query<{ body: string }>(
      'select body from event where event_id = $1',
      [event.id],
    )
    expect(JSON.parse(rows[0]?.body ?? '')).toEqual(event)
  })
})

describe('a signature', () => {
  test('is required', async () => {
    const { body } = await signEvent(makeEvent())

    const answer = post({ body })

    await expectRefused(answer, 401, 'signature_missing')
    expect((await answer).headers.get('www-authenticate')).toBe('Bearer')
  })

  test('must be a JWT', async () => {
    const { body } = await signEvent(makeEvent())

    await expectRefused(post({ body, token: 'not.a.jwt' }), 401, 'signature_invalid')
  })

  test('with alg none is refused', async () => {
    const { body } = await signEvent(makeEvent())
    const token = new UnsecuredJWT({ jti: randomUUID() }).setIssuer('acme').encode()

    await expectRefused(post({ body, token }), 401, 'signature_unknown_key')
  })

  test('made with another key is refused', async () => {
    const signed = await signEvent(makeEvent(), { key: createSecretKey(randomBytes(32)) })

    await expectRefused(post(signed), 401, 'signature_invalid')
  })

  test('by an unknown key id is refused', async () => {
    await expectRefused(
      post(await signEvent(makeEvent(), { kid: 'acme-2019' })),
      401,
      'signature_unknown_key',
    )
  })

  test('does not cover a body that was changed by one byte', async () => {
    const { body, token } = await signEvent(makeEvent())
    const changed = Buffer.from(body)
    changed[body.indexOf('Disk')] = 'd'.charCodeAt(0)

    await expectRefused(post({ body: changed, token }), 401, 'body_hash_mismatch')
  })

  test('works once', async () => {
    const signed = await signEvent(makeEvent())
    await post(signed)

    await expectRefused(post(signed), 401, 'signature_replayed')
  })

  test('works once even when it arrives twenty times at once', async () => {
    const signed = await signEvent(makeEvent())

    const answers = await Promise.all(Array.from({ length: 20 }, () => post(signed)))

    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1)
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(19)
  })

  test('of one instance cannot speak for another', async () => {
    const signed = await signEvent(makeEvent(), { kid: 'other-1', issuer: 'other' })

    const problem = await expectRefused(post(signed), 403, 'source_mismatch')

    expect(problem.errors?.[0]?.pointer).toBe('/source')
  })

  test('is checked before the body is looked at', async () => {
    const body = Buffer.from('{"not": json')

    await expectRefused(post({ body, token: 'a.b.c' }), 401, 'signature_invalid')
    await expectRefused(post({ body, token: await signBytes(body) }), 400, 'body_invalid_json')
  })
})

describe('a body', () => {
  test('with an unknown key is refused with a pointer to it', async () => {
    const event = { ...makeEvent(), 'priority/~': 'high' }

    const problem = await expectRefused(postEvent(event), 422, 'event_invalid')

    expect(problem.errors).toEqual([
      { pointer: '/priority~1~0', message: 'is not part of the contract' },
    ])
  })

  test('with a wrong value is refused with a pointer to it', async () => {
    const ticket = { ...makeTicket(), sys_id: 'INC1' }
    const event = makeEvent({ data: { ticket, actor: testActor, people: {} } })

    const problem = await expectRefused(postEvent(event), 422, 'event_invalid')

    expect(problem.errors?.[0]?.pointer).toBe('/data/ticket/sys_id')
  })

  test('of 2 MB is refused without being read to its end', async () => {
    const body = Buffer.alloc(2_000_000, ' ')

    await expectRefused(post({ body, token: await signBytes(body) }), 413, 'body_too_large')
  })

  test('of the largest allowed size is accepted', async () => {
    const event = makeEvent()
    const room = maxEventBytes - Buffer.byteLength(asciiJson(event)) - 200
    const ticket = event.data.ticket
    ticket.fields['description'] = { type: 'string', value: 'x'.repeat(room) }

    expect(await postEvent(event)).toMatchObject({ status: 202 })
  })

  test('that is nested too deeply is refused', async () => {
    const body = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))

    await expectRefused(post({ body, token: await signBytes(body) }), 422, 'body_too_deep')
  })

  test.each(['text/plain', 'application/xml', 'application/jsonp', ''])(
    'of content type "%s" is refused',
    async (type) => {
      const { body, token } = await signEvent(makeEvent())

      await expectRefused(
        post({ body, token, headers: { 'content-type': type } }),
        415,
        'content_type_unsupported',
      )
    },
  )

  test('that is compressed is refused', async () => {
    const { body, token } = await signEvent(makeEvent())
    const headers = { 'content-encoding': 'gzip' }

    await expectRefused(post({ body, token, headers }), 415, 'content_type_unsupported')
  })

  test.each([
    ['NUL', 'a\0b'],
    ['a lone high surrogate', 'a\uD83D'],
    ['a lone low surrogate', '\uDE80b'],
  ])('with %s in a text is refused with its place', async (_name, value) => {
    const ticket = makeTicket()
    ticket.fields['short_description'] = { type: 'string', value }
    const event = makeEvent({ data: { ticket, actor: testActor, people: {} } })

    const problem = await expectRefused(postEvent(event), 422, 'text_not_carriable')

    expect(problem.errors?.[0]?.pointer).toBe('/data/ticket/fields/short_description/value')
  })

  test('with NUL in the name of a variable is refused', async () => {
    const ticket = { ...makeTicket(), variables: { 'a\0': { type: 'string', value: 'x' } } }
    const event = makeEvent({ data: { ticket, actor: testActor, people: {} } })

    await expectRefused(postEvent(event), 422, 'text_not_carriable')
  })

  test('that is not UTF-8 is refused', async () => {
    const body = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')])

    await expectRefused(post({ body, token: await signBytes(body) }), 400, 'body_invalid_json')
  })

  test('cannot reach the prototype of anything', async () => {
    const text = asciiJson(makeEvent()).replace('{', '{"__proto__":{"polluted":true},')
    const body = Buffer.from(text)

    await expectRefused(post({ body, token: await signBytes(body) }), 422, 'event_invalid')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('the other routes', () => {
  test('a preview uses up its signature and stores nothing else', async () => {
    const { ticket } = makeEvent().data
    const request = { source: testUrl, ticket, actor: testActor, people: {} }
    const signed = await signEvent(request)
    const before = await stored()

    expect(await post(signed, '/v1/preview')).toMatchObject({
      status: 200,
      json: { templates: [] },
    })
    expect(await post(signed, '/v1/preview')).toMatchObject({
      status: 401,
      json: { code: 'signature_replayed' },
    })
    expect(await stored()).toEqual({
      ...before,
      signatures: String(Number(before['signatures']) + 1),
    })
  })

  test('templates need a signature over nothing', async () => {
    const token = await signBytes(Buffer.alloc(0))
    function get(headers: Record<string, string>): Promise<Response> {
      return fetch(`${receiving.url}/v1/templates`, { headers })
    }

    expect((await get({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await get({})).status).toBe(401)
    expect((await get({ authorization: `Bearer ${token}` })).status).toBe(401)
  })

  test('what is not there, or not for that method, says so', async () => {
    const missing = await fetch(`${receiving.url}/v2/events`)
    const wrong = await fetch(`${receiving.url}/v1/events`)

    expect(Problem.parse(await missing.json()).code).toBe('not_found')
    expect(Problem.parse(await wrong.json()).code).toBe('method_not_allowed')
    expect(wrong.headers.get('allow')).toBe('POST')
    expect(missing.headers.get('x-powered-by')).toBeNull()
  })

  test('metrics count what was accepted and refused, and the ledger has nothing missing', async () => {
    await postEvent(makeEvent({ id: randomHex() }))
    const text = await (await fetch(`${receiving.url}/metrics`)).text()

    expect(text).toMatch(
      /ticket_automation_events_total\{instance="acme",outcome="accepted"\} [1-9]/,
    )
    expect(text).toMatch(/ticket_automation_refusals_total\{[^}]*code="body_hash_mismatch"\} [1-9]/)
    expect(text).toContain('ticket_automation_ledger{stage="missing"} 0')
  })

  test('an address with hundreds of failed signatures is told to slow down, a good one still gets in', async () => {
    const { body } = await signEvent(makeEvent())
    const statuses = new Set<number>()
    for (let sent = 0; sent < 320; sent += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => post({ body })))
      for (const answer of answers) statuses.add(answer.status)
    }

    expect(statuses).toEqual(new Set([401, 429]))
    expect(await postEvent(makeEvent())).toMatchObject({ status: 202 })
  })
})
