// The signed routes of the rule tools over real HTTP and a real database, with an instance in memory behind them.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { Problem } from '#shared/problem.ts'
import {
  BacktestReport,
  DecideAgainReply,
  RuleCheckReply,
  RuleExplainReply,
} from '#shared/rule-tools.ts'

import { ConnectorError } from '../connector/errors.ts'
import type { ReadRecord, RecordQuery } from '../connector/itsm/adapter.ts'
import { createLog } from '../connector/log.ts'
import { readReadiness } from '../connector/readiness.ts'
import { createReceiver } from '../connector/receive.ts'
import { createServer, listen } from '../connector/server.ts'
import type { Listener } from '../connector/server.ts'
import { makeConfig, testUrl } from './support/config.ts'
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
import { roadTemplates } from './support/road-templates.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad
let listener: Listener
/** Rows the instance answers with, once the gate is open. */
let rows: (query: RecordQuery) => ReadRecord[]
let gate: Promise<void>
let reads = 0

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: {
      ...roadTemplates,
      'collect-more': { ...roadTemplates['collect-logs'], name: 'collect-more' },
    },
  })
  road.instance.adapter.readRecords = async (query) => {
    reads += 1
    await gate
    return rows(query)
  }
  const { pool, queue, metrics } = road
  listener = await listen(
    createServer({
      receiver: createReceiver({ config: makeConfig(), pool, queue, metrics }),
      preview: (request, name) => road.road.preview(request, name),
      templates: () => road.road.templates(),
      tools: road.road.tools,
      callback: (platform, request) => road.road.callback(platform, request),
      readiness: () => readReadiness({ pool, queue }),
      metrics,
      log: createLog('silent'),
    }),
    { host: '127.0.0.1', port: 0 },
  )
})

afterAll(async () => {
  await listener.close(1000)
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  gate = Promise.resolve()
  rows = () => []
})

interface Answer {
  status: number
  headers: Headers
  json: unknown
}

async function ask(path: string, question: object): Promise<Answer> {
  const { body, token } = await signEvent({ source: testUrl, ...question })
  return post(path, body, token)
}

async function post(path: string, body: Uint8Array, token: string): Promise<Answer> {
  const response = await fetch(listener.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: Buffer.from(body),
  })
  return { status: response.status, headers: response.headers, json: await response.json() }
}

/** Everything a question could leave behind. */
async function stored(): Promise<unknown> {
  const { rows: found } = await road.pool.query(
    `select (select count(*) from event) as events, (select count(*) from decision) as decisions,
       (select count(*) from run) as runs, (select count(*) from status_update) as updates,
       (select count(*) from template_version) as versions`,
  )
  return found
}

const crash = { type: 'string', value: 'Server crash on web-01' }

function crashTicket(): ReturnType<typeof makeTicket> {
  const ticket = makeTicket()
  return { ...ticket, fields: { ...ticket.fields, short_description: crash } }
}

describe.each([
  ['/v1/rules/check', { rule: { table: 'incident', when: 'active=true' } }],
  ['/v1/rules/explain', { ticket: makeTicket(), actor: testActor, people: {} }],
  ['/v1/rules/backtest', { table: 'incident', days: 1 }],
  ['/v1/decisions/again', { event_id: 'e1' }],
])('%s', (path, question) => {
  it('answers a signed question once', async () => {
    const { body, token } = await signEvent({ source: testUrl, ...question })

    const first = await post(path, body, token)
    const second = await post(path, body, token)

    expect(first.status).not.toBe(401)
    expect(second).toMatchObject({ status: 401, json: { code: 'signature_replayed' } })
  })

  it('refuses other instances, unknown keys and other methods', async () => {
    const foreign = await ask(path, { ...question, source: 'https://other.service-now.com' })
    const unknown = await ask(path, { ...question, also: 1 })
    const unsigned = await post(path, Buffer.from('{}'), 'none')
    const get = await fetch(listener.url + path)

    expect(foreign).toMatchObject({ status: 403, json: { code: 'source_mismatch' } })
    expect(unknown).toMatchObject({ status: 422, json: { code: 'event_invalid' } })
    expect(Problem.parse(unknown.json).errors?.[0]?.pointer).toBe('/also')
    expect(unsigned.status).toBe(401)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    const metrics = await road.metrics.registry.metrics()
    expect(metrics).toContain(`route="${path}",code="source_mismatch"`)
  })

  it('leaves nothing behind', async () => {
    const before = await stored()

    await ask(path, question)

    expect(await stored()).toEqual(before)
  })
})

describe('checking', () => {
  it('names the places of a wrong template', async () => {
    const { json } = await ask('/v1/rules/check', {
      template: { name: 'x', match: [{ table: 'incident', when: 'a~1', trigger: ['manual'] }] },
    })

    const { problems } = RuleCheckReply.parse(json)
    expect(problems.map(({ pointer }) => pointer)).toContain('/title')
  })

  it('looks the fields up in the dictionary of the instance', async () => {
    rows = ({ table }) =>
      table === 'sys_dictionary'
        ? [row({ name: 'problem', element: 'category', internal_type: 'string' })]
        : []

    const { json } = await ask('/v1/rules/check', {
      rule: { table: 'problem', when: 'categori=disk' },
    })

    expect(RuleCheckReply.parse(json)).toMatchObject({
      fields_checked: true,
      problems: [{ pointer: '/when', reason: 'the table problem has no field categori' }],
    })
  })

  it('does without when the dictionary cannot be read, and says so', async () => {
    rows = () => {
      throw new ConnectorError('instance_auth', 'GET table sys_dictionary: 403')
    }

    const { json } = await ask('/v1/rules/check', {
      rule: { table: 'change_request', when: 'a=1' },
    })

    expect(RuleCheckReply.parse(json)).toMatchObject({ fields_checked: false, problems: [] })
  })

  it('takes a template or a rule', async () => {
    const both = { template: {}, rule: { table: 'incident', when: 'a=1' } }

    expect((await ask('/v1/rules/check', {})).status).toBe(422)
    expect((await ask('/v1/rules/check', both)).status).toBe(422)
  })
})

describe('explaining', () => {
  it('tells of every template and trigger why it fits or not, and what would happen', async () => {
    const question = { ticket: crashTicket(), actor: testActor, people: {} }

    const { verdicts, receipts } = RuleExplainReply.parse(
      (await ask('/v1/rules/explain', question)).json,
    )

    expect(verdicts).toEqual([
      { trigger: 'manual', outcome: 'nothing', templates: [] },
      { trigger: 'created', outcome: 'tie', templates: ['collect-logs', 'collect-more'] },
      { trigger: 'updated', outcome: 'tie', templates: ['collect-logs', 'collect-more'] },
    ])
    expect(receipts.map(({ name, trigger }) => `${name} ${trigger}`).toSorted()).toEqual([
      'collect-logs created',
      'collect-logs updated',
      'collect-more created',
      'collect-more updated',
      'free-disk-space manual',
    ])
    const manual = receipts.find(({ trigger }) => trigger === 'manual')
    expect(manual?.decision.rules[0]).toMatchObject({ outcome: 'not_matched' })
    expect(manual?.decision.checks.length).toBeGreaterThan(3)
  })

  it('narrows down to one template, or says that there is none of that name', async () => {
    const question = { ticket: crashTicket(), actor: testActor, people: {} }

    const one = await ask('/v1/rules/explain', { ...question, template: 'collect-logs' })
    const none = await ask('/v1/rules/explain', { ...question, template: 'no-such' })

    expect(RuleExplainReply.parse(one.json).verdicts).toMatchObject([
      { outcome: 'runs', templates: ['collect-logs'] },
      { outcome: 'runs', templates: ['collect-logs'] },
    ])
    expect(none).toMatchObject({ status: 404, json: { code: 'template_unknown' } })
  })
})

function row(values: Record<string, string>): ReadRecord {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, display: value }]),
  )
}

/** A table of incidents that come after the last one read; the dictionary cannot be read. */
function incidents(count: number): (query: RecordQuery) => ReadRecord[] {
  return ({ table, query, limit }) => {
    if (table !== 'incident') return []
    const after = Number(/sys_id>0*(\d+)/.exec(query)?.[1] ?? 0)
    const left = Math.max(0, Math.min(limit, count - after))
    return Array.from({ length: left }, (_, index) => {
      const number = String(after + index + 1)
      return row({
        sys_id: number.padStart(32, '0'),
        number: `INC${number.padStart(7, '0')}`,
        sys_created_on: '2026-06-10 12:00:00',
        short_description: 'Server crash',
        state: '7',
        active: 'false',
      })
    })
  }
}

describe('a backtest', () => {
  it('reads page after page and reports', async () => {
    rows = incidents(450)

    const { status, json } = await ask('/v1/rules/backtest', { table: 'incident', days: 90 })

    expect(status).toBe(200)
    const report = BacktestReport.parse(json)
    expect(report).toMatchObject({ tickets: 450, complete: true, as_of: 'created', unmatched: 0 })
    expect(report.templates.find(({ name }) => name === 'collect-logs')).toMatchObject({
      matched: 450,
      tied: 450,
      would_run: 0,
    })
    expect(report.overlaps).toMatchObject([{ tickets: 450, ties: 450 }])
    expect(report.notes.join(' ')).toMatch(/as of their creation.*Field types/)
  })

  it('runs one at a time per instance', async () => {
    const held = Promise.withResolvers<void>()
    gate = held.promise
    rows = incidents(3)
    const question = { table: 'incident', days: 90 }
    const before = reads

    const first = ask('/v1/rules/backtest', question)
    await until('the first to read', () => reads > before)
    const second = await ask('/v1/rules/backtest', question)
    held.resolve()

    expect(second).toMatchObject({ status: 409, json: { code: 'backtest_running' } })
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await first).status).toBe(200)
    expect((await ask('/v1/rules/backtest', question)).status).toBe(200)
  })

  it('says which role is missing, and lets the next one in', async () => {
    rows = () => {
      throw new ConnectorError('instance_auth', 'GET table incident: 403 Insufficient rights')
    }

    const { status, json } = await ask('/v1/rules/backtest', { table: 'incident', days: 1 })

    expect(status).toBe(502)
    expect(Problem.parse(json)).toMatchObject({
      code: 'instance_unreadable',
      detail: expect.stringContaining('sn_incident_read') as string,
    })
    rows = () => []
    expect((await ask('/v1/rules/backtest', { table: 'incident', days: 1 })).status).toBe(200)
  })

  it.each([0, 91, 1.5])('of %s days is refused', async (days) => {
    const { status } = await ask('/v1/rules/backtest', { table: 'incident', days })

    expect(status).toBe(422)
  })
})

describe('deciding again', () => {
  async function decided(event: ReturnType<typeof makeEvent>): Promise<void> {
    await road.accept(event)
    await until('the decision', async () => {
      const { rows: found } = await road.pool.query(
        `select 1 from event where event_id = $1 and state = 'decided'`,
        [event.id],
      )
      return found.length > 0
    })
  }

  it('finds no difference where nothing changed, although the run is there since', async () => {
    const event = makeEvent({ data: { ticket: crashTicket(), actor: testActor, people: {} } })
    await decided(event)

    const { json } = await ask('/v1/decisions/again', { event_id: event.id })

    const reply = DecideAgainReply.parse(json)
    expect(reply.templates.map(({ template, status }) => [template, status])).toEqual([
      ['collect-logs', 'same'],
      ['collect-more', 'same'],
    ])
    expect(reply.runs).toEqual({ before: [], after: [] })
  })

  it('takes masked secrets as valid, and shows what today would refuse', async () => {
    const ticket = makeTicket()
    const run = {
      id: randomHex(),
      template: 'free-disk-space',
      version: 1,
      parameters: { path: '/var', token: 'very-secret' },
    }
    const event = makeEvent({
      type: 'run.requested',
      data: { ticket, actor: testActor, people: {}, run },
    })
    await decided(event)
    await road.pool.query(
      `update decision set receipt = (replace(receipt::text, '"passed":false', '"passed":true'))::json,
         fits = true where event_seq = (select seq from event where event_id = $1)`,
      [event.id],
    )

    const { json } = await ask('/v1/decisions/again', { event_id: event.id })

    const reply = DecideAgainReply.parse(json)
    expect(JSON.stringify(reply)).not.toContain('very-secret')
    expect(reply.templates).toMatchObject([{ template: 'free-disk-space', status: 'same' }])
    expect(reply.runs).toEqual({ before: ['free-disk-space'], after: ['free-disk-space'] })
    expect(reply.notes.join(' ')).toContain('Secret values are not stored')
  })

  it('knows no event of another instance, or none at all', async () => {
    const answer = await ask('/v1/decisions/again', { event_id: randomHex() })

    expect(answer).toMatchObject({ status: 404, json: { code: 'event_not_found' } })
  })
})

describe('a question without a body', () => {
  it('is refused', async () => {
    const token = await signBytes(Buffer.alloc(0))

    expect((await post('/v1/rules/check', Buffer.alloc(0), token)).status).toBe(400)
  })
})
