// Tickets read by Table API, with OAuth, from a local instance with the built app: they are what the app itself
// would send, and every ticket comes once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PreviewRequest } from '#shared/preview.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { Config } from '../../connector/config.ts'
import { ConnectorError } from '../../connector/errors.ts'
import type { ItsmAdapter, RecordQuery } from '../../connector/itsm/adapter.ts'
import { createFieldTypes } from '../../connector/itsm/field-types.ts'
import { createAdapters } from '../../connector/itsm/index.ts'
import { readPerson } from '../../connector/itsm/people.ts'
import { readTicket } from '../../connector/itsm/read-ticket.ts'
import type { ReadTicket } from '../../connector/itsm/read-ticket.ts'
import { requesterField, sentFields } from '../../connector/itsm/ticket-fields.ts'
import { pages } from '../../connector/itsm/tickets.ts'
import {
  fieldsOf,
  requesterField as requesterOfApp,
} from '../../now-app/src/server/ticket-tables.ts'
import { startInstance } from '../instance/start.ts'
import type { RunningInstance } from '../instance/start.ts'
import { appOn, connect } from '../now-app/on-instance.ts'
import type { AppOnInstance } from '../now-app/on-instance.ts'
import { startReceiver } from '../now-app/receiver.ts'
import type { Receiver } from '../now-app/receiver.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { makeConfig, testEnv, testInstance } from '../support/config.ts'
import { makeTemplate } from '../support/templates.ts'

let instance: RunningInstance
let app: AppOnInstance
let receiver: Receiver
let adapter: ItsmAdapter
/** Sees every table, but not the dictionary. */
let withoutDictionary: ItsmAdapter

beforeAll(async () => {
  receiver = await startReceiver()
  instance = await startInstance({
    platform: { appDir: await ensureAppBuilt(), clock: 'virtual', samples: true },
    oauthClients: [
      {
        clientId: 'connector',
        clientSecret: testEnv.ACME_OAUTH_SECRET,
        userName: 'ticket.automation',
      },
      { clientId: 'auditor', clientSecret: testEnv.ACME_OAUTH_SECRET, userName: 'otto.auditor' },
    ],
  })
  app = appOn(instance.platform)
  connect(app, receiver.url)
  adapter = adapterFor('connector')
  withoutDictionary = {
    ...adapter,
    readRecords: (query, signal) =>
      query.table === 'sys_dictionary'
        ? Promise.reject(new Error('GET table sys_dictionary: 403'))
        : adapter.readRecords(query, signal),
  }
}, 300_000)

afterAll(async () => {
  await adapter.close()
  await instance.stop()
  await receiver[Symbol.asyncDispose]()
})

function configFor(clientId: string): Config {
  const oauth = { client_id: clientId, client_secret: { env: 'ACME_OAUTH_SECRET' } }
  return makeConfig({ instances: [{ ...testInstance(), url: instance.url, oauth }] })
}

function adapterFor(clientId: string): ItsmAdapter {
  const made = createAdapters(configFor(clientId)).get('acme')
  if (made === undefined) throw new Error('no adapter')
  return made
}

function signal(): AbortSignal {
  return AbortSignal.timeout(20_000)
}

async function read(number: string, from: ItsmAdapter = adapter): Promise<ReadTicket> {
  const templates = [makeTemplate({ name: 'named', match: rule('caller_id.vip=true') })]
  const reader = { adapter: from, fieldTypes: createFieldTypes(from), signal: signal() }
  const found = await readTicket(number, templates, reader)
  if (found === null) throw new Error(`no ticket ${number}`)
  return found
}

function rule(when: string): { table: string; when: string; trigger: string[] }[] {
  return [{ table: 'incident', when, trigger: ['created'] }]
}

/** The ticket and people as the app sends them for a preview. */
async function asSent(table: string, sysId: string): Promise<PreviewRequest> {
  await receiver.requests()
  await app.call('abel.agent', { method: 'GET', path: `/tickets/${table}/${sysId}/preview` })
  const sent = (await receiver.requests()).findLast(({ path }) => path === '/v1/preview')
  return PreviewRequest.parse(JSON.parse(sent?.body ?? ''))
}

function withoutExtra({ fields, ...ticket }: Ticket, names: readonly string[]): Ticket {
  const kept = Object.entries(fields).filter(([name]) => !names.includes(name))
  return { ...ticket, fields: Object.fromEntries(kept) }
}

describe('a ticket', () => {
  it('has the fields of the app, and those that rules name', () => {
    for (const table of ['incident', 'change_request', 'sc_req_item', 'problem']) {
      expect(sentFields(table)).toEqual(fieldsOf(table))
      expect(requesterField(table)).toBe(requesterOfApp(table))
    }
  })

  it('reads as the app would send it: values, types, display values, people', async () => {
    const [row] = app.rows('incident', 'cmdb_ciISNOTEMPTY^assigned_toISNOTEMPTY')
    const sent = await asSent('incident', row?.['sys_id'] ?? '')

    const { ticket, people, notes } = await read(row?.['number'] ?? '')

    expect(ticket.fields['caller_id.vip']).toEqual({ type: 'boolean', value: 'false' })
    expect(withoutExtra(ticket, ['caller_id.vip'])).toEqual(sent.ticket)
    expect(people).toEqual(sent.people)
    expect(notes).toEqual([])
  })

  it('of a change has what it affects', async () => {
    const change = app
      .rows('change_request')
      .find((one) => app.rows('task_ci', `task=${one['sys_id'] ?? ''}`).length > 0)
    const sent = await asSent('change_request', change?.['sys_id'] ?? '')

    const { ticket } = await read(change?.['number'] ?? '')

    expect(sent.ticket.affected?.cis.length).toBeGreaterThan(0)
    expect(ticket).toEqual(sent.ticket)
  })

  it('of an order has its variables, but never a masked one', async () => {
    const carla = app.as('carla.caller')
    const item = instance.platform.catalog().find(({ name }) => name === 'New virtual machine')
    const made = instance.platform.order(carla, {
      item: item?.sysId ?? '',
      quantity: 1,
      requestedFor: carla.userSysId,
      answers: {
        vm_name: 'vm-1',
        size: 'medium',
        disk_gb: '80',
        backup: 'true',
        root_password: 'x',
      },
    })
    if (!made.ok) throw new Error(made.message)
    const sent = await asSent('sc_req_item', made.item['sys_id'] ?? '')

    const { ticket } = await read(made.item['number'] ?? '')

    // Labels of choices are the instance's alone.
    const stored = Object.entries(sent.ticket.variables ?? {}).map(([name, { type, value }]) => {
      return [name, { type, value }]
    })
    expect(ticket.variables).toEqual(Object.fromEntries(stored))
    expect(ticket.variables).toMatchObject({ vm_name: { value: 'vm-1' } })
    expect(ticket.variables).not.toHaveProperty('root_password')
    expect(ticket.fields).toEqual(sent.ticket.fields)
  })

  it('is not there when its number is none, unknown, or a piece of a query', async () => {
    const reader = { adapter, fieldTypes: createFieldTypes(adapter), signal: signal() }

    for (const number of ['INC9999999', 'disk', 'INC0010001^ORnumberISNOTEMPTY', '']) {
      expect(await readTicket(number, [], reader)).toBeNull()
    }
  })

  it('has the types of the base system where the dictionary cannot be read, and says so', async () => {
    const [row] = app.rows('incident')

    const { ticket, notes } = await read(row?.['number'] ?? '', withoutDictionary)

    expect(ticket.fields).toMatchObject({
      active: { type: 'boolean', value: 'true' },
      priority: { type: 'integer' },
      sys_created_on: { type: 'glide_date_time' },
      category: { type: 'string' },
    })
    expect(notes[0]).toMatch(/dictionary cannot be read \(GET table sys_dictionary: 403\)/)
  })
})

describe('types', () => {
  it('come from the table, those it extends, and those its references lead to, each read once', async () => {
    const asked: RecordQuery[] = []
    const counting: ItsmAdapter = {
      ...adapter,
      readRecords: (query, at) => {
        asked.push(query)
        return adapter.readRecords(query, at)
      },
    }
    const types = createFieldTypes(counting)
    const fields = [
      'category',
      'priority',
      'caller_id.vip',
      'caller_id.nothing',
      'u_none',
      'sys_id',
    ]

    const first = await types.of('incident', fields, signal())
    await types.of('incident', fields, signal())

    expect(Object.fromEntries(first.types)).toEqual({
      category: 'string',
      priority: 'integer',
      'caller_id.vip': 'boolean',
      sys_id: 'GUID',
    })
    expect(first.unknown).toEqual(['caller_id.nothing', 'u_none'])
    expect(asked.filter(({ table }) => table === 'sys_dictionary')).toHaveLength(2)
  })

  it('are read again after some minutes, and after a failure at once', async () => {
    let now = 0
    let fails = true
    let reads = 0
    const types = createFieldTypes(
      {
        ...adapter,
        readRecords: (query, at) => {
          if (query.table === 'sys_dictionary') reads += 1
          return fails ? Promise.reject(new Error('away')) : adapter.readRecords(query, at)
        },
      },
      () => now,
    )

    expect((await types.of('incident', ['category'], signal())).problem).toBe('away')
    fails = false
    expect((await types.of('incident', ['category'], signal())).problem).toBeNull()
    now = 11 * 60_000
    await types.of('incident', ['category'], signal())

    expect(reads).toBe(2)
  })
})

describe('a person', () => {
  it('has roles and groups as in an event', async () => {
    const [row] = app.rows('incident')
    const { actor } = await asSent('incident', row?.['sys_id'] ?? '')

    expect(await readPerson(adapter, { userName: 'abel.agent' }, signal())).toEqual(actor)
    expect(await readPerson(adapter, { sysId: actor.sys_id }, signal())).toEqual(actor)
  })

  it('is nobody when the name is unknown or would be a piece of a query', async () => {
    for (const userName of [
      'nobody',
      '',
      'x^ORuser_nameISNOTEMPTY',
      'javascript:gs.getUserName()',
    ]) {
      expect(await readPerson(adapter, { userName }, signal())).toBeNull()
    }
  })
})

describe('pages', () => {
  it('give every ticket once although all were created in the same second', async () => {
    // The clock stands.
    for (let number = 0; number < 13; number += 1)
      app.incident('abel.agent', { category: 'paging' })
    const what = {
      table: 'incident',
      query: 'category=paging^NQcategory=none',
      fields: ['category'],
      types: new Map([['category', 'string']]),
    }
    const since = new Date(instance.platform.now().getTime() - 1000)

    const sizes: number[] = []
    const numbers: string[] = []
    for await (const page of pages(adapter, what, { since, pageSize: 4, signal: signal() })) {
      sizes.push(page.length)
      numbers.push(...page.map(({ number }) => number))
    }

    expect(sizes).toEqual([4, 4, 4, 1])
    expect(new Set(numbers).size).toBe(13)
    const later = pages(adapter, what, {
      since: new Date(instance.platform.now().getTime() + 1000),
      pageSize: 4,
      signal: signal(),
    })
    expect((await later.next()).done).toBe(true)
  })

  it('ask for less after an answer that failed, and go on with that', async () => {
    const limits: number[] = []
    const tooMuch: ItsmAdapter = {
      ...adapter,
      readRecords: (query, at) => {
        limits.push(query.limit)
        if (query.limit <= 6) return adapter.readRecords(query, at)
        const reason = 'GET table incident: the answer is longer than 5000000 bytes'
        return Promise.reject(new ConnectorError('instance_error', reason, { retryable: true }))
      },
    }
    const what = { table: 'incident', query: 'category=paging', fields: [], types: new Map() }
    const options = { since: new Date(0), pageSize: 10, signal: signal() }

    const sizes: number[] = []
    for await (const page of pages(tooMuch, what, options)) sizes.push(page.length)

    expect(sizes).toEqual([5, 5, 3])
    expect(limits).toEqual([10, 5, 5, 5, 5])
  })

  it('do not try again what only an admin can mend', async () => {
    const stranger = adapterFor('nobody')
    const what = { table: 'incident', query: '', fields: [], types: new Map() }
    const options = { since: new Date(0), pageSize: 8, signal: signal() }

    await expect(pages(stranger, what, options).next()).rejects.toMatchObject({
      code: 'instance_auth',
    })
    await stranger.close()
  })

  it('end at once when the reader has had enough', async () => {
    const controller = new AbortController()
    const down: ItsmAdapter = {
      ...adapter,
      readRecords: () => {
        controller.abort(new Error('enough'))
        return Promise.reject(new ConnectorError('instance_error', 'down', { retryable: true }))
      },
    }
    const what = { table: 'incident', query: '', fields: [], types: new Map() }
    const options = { since: new Date(0), pageSize: 8, signal: controller.signal }

    await expect(pages(down, what, options).next()).rejects.toThrow('enough')
  })
})

describe('an adapter with the rights of another user', () => {
  it('sees what that user sees', async () => {
    const auditor = adapterFor('auditor')
    const rows = await auditor
      .readRecords({ table: 'incident', query: '', fields: ['number'], limit: 5 }, signal())
      .catch((error: unknown) => error)

    expect(rows).toEqual([])
    await auditor.close()
  })
})
