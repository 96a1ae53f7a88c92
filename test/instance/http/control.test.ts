import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { basic, resultOf, send } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

let instance: TestInstance
let incidents = ''
const headers = basic('ticket.automation')

beforeAll(async () => {
  instance = await openInstance()
  incidents = `${instance.url}/api/now/table/incident`
})
afterEach(() => control('clear-faults', {}))
afterAll(() => instance.stop())

function control(command: string, body: unknown, contentType = 'application/json') {
  return send(`${instance.url}/__local/${command}`, {
    method: 'POST',
    headers: { 'Content-Type': contentType },
    body,
  })
}

function read() {
  return send(`${incidents}?sysparm_limit=1`, { headers })
}

test('injected faults: 429 carries Retry-After and the recorded body, then passes', async () => {
  await control('fail-next', { kind: '429', count: 2, retry_after_seconds: 7 })

  const [first, second, third] = [await read(), await read(), await read()]

  expect([first.status, second.status, third.status]).toEqual([429, 429, 200])
  expect(first.headers).toMatchObject({ 'retry-after': '7', 'x-ratelimit-limit': '100' })
  expect(first.json()).toMatchObject({
    error: { message: 'Rate limit exceeded' },
    status: 'failure',
  })
})

test('injected faults: 500, an HTML page with status 200, and an error with status 200', async () => {
  await control('fail-next', { kind: '500' })
  await control('fail-next', { kind: 'html' })
  await control('fail-next', { kind: '200-with-error' })

  const [broken, page, cancelled] = [await read(), await read(), await read()]

  expect(broken.status).toBe(500)
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html;charset=UTF-8'])
  expect(cancelled.status).toBe(200)
  expect(cancelled.json()).toMatchObject({
    error: { message: 'Transaction cancelled: maximum execution time exceeded' },
  })
})

test('injected faults: a timeout leaves the request without an answer until the client gives up', async () => {
  await control('fail-next', { kind: 'timeout' })

  const answer = fetch(`${incidents}?sysparm_limit=1`, {
    headers,
    signal: AbortSignal.timeout(150),
  })

  await expect(answer).rejects.toThrow(/timeout/)
  expect((await read()).status).toBe(200)
})

test('injected faults: "after" loses the answer but not the work', async () => {
  await control('fail-next', { kind: '500', when: 'after' })

  const lost = await send(incidents, {
    method: 'POST',
    headers,
    body: { short_description: 'done but not told' },
  })
  const stored = await send(
    `${incidents}?sysparm_query=short_description=done%20but%20not%20told`,
    { headers },
  )

  expect(lost.status).toBe(500)
  expect(stored.headers['x-total-count']).toBe('1')
})

test('injected faults: strike only the path they name, and never pages by default', async () => {
  await control('fail-next', { kind: '500', path: '/api/now/table/sys_user' })

  expect((await read()).status).toBe(200)
  expect((await send(`${instance.url}/login.do`)).status).toBe(200)
  expect((await send(`${instance.url}/api/now/table/sys_user`, { headers })).status).toBe(500)
})

test('injected faults: of an unknown kind or count are refused', async () => {
  expect((await control('fail-next', { kind: 'earthquake' })).status).toBe(400)
  expect((await control('fail-next', { kind: '500', count: 0 })).status).toBe(400)
})

test('the control interface: shows a record with its journal, without access rules', async () => {
  const created = await send(incidents, {
    method: 'POST',
    headers,
    body: { short_description: 'seen from inside', work_notes: 'a note' },
  })
  const sysId = resultOf(created)['sys_id']

  const answer = await control('record', { table: 'incident', sys_id: sysId })

  expect(answer.json()).toMatchObject({
    record: { short_description: 'seen from inside' },
    journal: [{ element: 'work_notes', value: 'a note', createdBy: 'ticket.automation' }],
  })
})

test('the control interface: refuses what a foreign web page could send', async () => {
  const answer = await control('settle', '{}', 'text/plain')

  expect(answer.status).toBe(415)
  expect((await send(`${instance.url}/__local/settle`)).status).toBe(405)
})

test('the control interface: names an unknown command', async () => {
  const answer = await control('constructor', {})

  expect(answer.status).toBe(404)
})

test('the control interface: settles', async () => {
  expect((await control('settle', {})).status).toBe(200)
})
