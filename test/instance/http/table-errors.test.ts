// The errors of the Table API, one test per row of servicenow-runtime.md §4.2.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { resultOf, send } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

let instance: TestInstance
let incidents = ''
let bearer: Record<string, string>

beforeAll(async () => {
  instance = await openInstance()
  incidents = `${instance.url}/api/now/table/incident`
  bearer = instance.bearer
})
afterAll(() => instance.stop())

function create(values: Record<string, unknown>) {
  return send(incidents, { method: 'POST', headers: bearer, body: values })
}

function failure(message: string, detail: unknown) {
  return {
    error: { message, detail },
    status: 'failure',
  }
}

test('401 without credentials, with a challenge', async () => {
  const answer = await send(incidents, { headers: { Accept: 'application/json' } })

  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Basic realm="Service-now"')
  expect(answer.json()).toEqual(
    failure('User Not Authenticated', 'Required to provide Auth information'),
  )
})

test.each(['GET', 'PATCH', 'PUT', 'DELETE'])('404 for %s of an unknown record', async (method) => {
  const answer = await send(`${incidents}/${'0'.repeat(32)}`, {
    method,
    headers: bearer,
    body: method === 'GET' ? undefined : { short_description: 'x' },
  })

  expect(answer.status).toBe(404)
  expect(answer.json()).toEqual(
    failure('No Record found', "Record doesn't exist or ACL restricts the record retrieval"),
  )
})

test('400 for an unknown table and for an unknown address', async () => {
  const table = await send(`${instance.url}/api/now/table/sys_nonexistent`, { headers: bearer })
  const address = await send(`${instance.url}/api/now/nothing/here`, { headers: bearer })

  expect([table.status, address.status]).toEqual([400, 400])
  expect(table.json()).toMatchObject({ error: { message: 'Invalid table sys_nonexistent' } })
  expect(address.json()).toMatchObject({
    error: { message: 'Requested URI does not represent any resource' },
  })
})

test('403 when a data policy refuses, naming the policy', async () => {
  const sysId = resultOf(await create({ short_description: 'not done' }))['sys_id'] ?? ''

  const answer = await send(`${incidents}/${sysId}`, {
    method: 'PATCH',
    headers: bearer,
    body: { state: '6' },
  })

  expect(answer.status).toBe(403)
  expect(answer.json()).toMatchObject({
    error: {
      message: 'Operation Failed',
      detail: expect.stringContaining('Data Policy Exception') as string,
    },
    status: 'failure',
  })
})

test('406 without Accept and for XML, 415 for another body, 400 for broken JSON', async () => {
  const { Accept: _, ...withoutAccept } = bearer as { Accept: string } & Record<string, string>
  const missing = await send(incidents, { headers: withoutAccept })
  const xml = await send(incidents, { headers: { ...bearer, Accept: 'application/xml' } })
  const text = await send(incidents, {
    method: 'POST',
    headers: { ...bearer, 'Content-Type': 'text/plain' },
    body: 'short_description=x',
  })
  const broken = await send(incidents, { method: 'POST', headers: bearer, body: '{"a":' })

  expect([missing.status, xml.status, text.status, broken.status]).toEqual([406, 406, 415, 400])
  expect(broken.json()).toMatchObject({ error: { message: 'Exception while reading request' } })
})

test('400 for more than 10 MB, naming the limit', async () => {
  const answer = await create({ description: 'x'.repeat(10_485_760) })

  expect(answer.status).toBe(400)
  expect(answer.text).toContain('Max allowed: 10485760 bytes.')
})

test('405 for a method that the address does not have', async () => {
  const answer = await send(incidents, { method: 'DELETE', headers: bearer })

  expect(answer.status).toBe(405)
  expect(answer.headers['allow']).toBe('GET, HEAD, POST')
})

test('400 for a negative offset', async () => {
  expect((await send(`${incidents}?sysparm_offset=-1`, { headers: bearer })).status).toBe(400)
})
