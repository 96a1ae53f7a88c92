import { Agent } from 'node:https'
// The npm client servicenow-rest-api, which nobody here wrote: HTTPS only, basic authentication, /api/now/v2, queries
// that are not encoded, input by display values.
import { createRequire } from 'node:module'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createCertificate } from '../../support/certificate.ts'
import type { TestCertificate } from '../../support/certificate.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

type Row = Record<string, string>
type Callback = (answer: Row[] | Row | Error) => void

/** The part of the client that is used here; it has no types of its own. */
interface Client {
  setNetworkOptions(options: object): void
  createNewTask(values: Row, table: string, callback: Callback): void
  getTableData(fields: string[], filters: string[], table: string, callback: Callback): void
  getSysId(table: string, number: string, callback: Callback): void
}

const ServiceNow = createRequire(import.meta.url)('servicenow-rest-api') as new (
  instance: string,
  user: string,
  password: string,
) => Client

let certificate: TestCertificate
let instance: TestInstance
let client: Client

beforeAll(async () => {
  certificate = await createCertificate()
  instance = await openInstance({ tls: certificate })
  client = new ServiceNow(new URL(instance.url).host, 'ticket.automation', 'demo')
  client.setNetworkOptions({ httpsAgent: new Agent({ ca: certificate.cert }) })
})
afterAll(async () => {
  await instance.stop()
  await certificate[Symbol.asyncDispose]()
})

function answerOf(call: (callback: Callback) => void): Promise<Row[] | Row> {
  return new Promise((resolve, reject) => {
    call((answer) => {
      if (answer instanceof Error) reject(answer)
      else resolve(answer)
    })
  })
}

test('creates by display values and finds the record again with an unencoded query', async () => {
  const created = await answerOf((callback) =>
    client.createNewTask(
      { short_description: 'Made by a client', caller_id: 'Carla Caller', state: 'In Progress' },
      'incident',
      callback,
    ),
  )
  const rows = await answerOf((callback) =>
    client.getTableData(
      ['number', 'state', 'caller_id'],
      ['short_description=Made by a client', 'active=true'],
      'incident',
      callback,
    ),
  )

  expect(created).toMatchObject({ short_description: 'Made by a client', state: 'In Progress' })
  expect(rows).toMatchObject([
    {
      number: (created as Row)['number'],
      state: 'In Progress',
      caller_id: { display_value: 'Carla Caller' },
    },
  ])
})

test('finds a sys_id by number', async () => {
  const created = await answerOf((callback) =>
    client.createNewTask({ short_description: 'Numbered' }, 'incident', callback),
  )
  const { number = '', sys_id: sysId } = created as Row

  const found = await answerOf((callback) => client.getSysId('incident', number, callback))

  expect(JSON.stringify(found)).toContain(sysId)
})
