import { afterAll, beforeAll, expect, test } from 'vitest'

import { basic, form, resultOf, send, signIn } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

let instance: TestInstance
let agent: { cookie: string; token: string }
const headers = basic('ticket.automation')
const hostile = `"><script>alert('x')</script>&amp; </textarea>`

beforeAll(async () => {
  instance = await openInstance({ app: true })
  agent = await signIn(instance.url, 'abel.agent')
})
afterAll(() => instance.stop())

async function createIncident(values: Record<string, string>): Promise<string> {
  const answer = await send(`${instance.url}/api/now/table/incident`, {
    method: 'POST',
    headers,
    body: values,
  })
  return resultOf(answer)['sys_id'] ?? ''
}

function open(path: string, cookie = agent.cookie) {
  return send(`${instance.url}${path}`, { headers: { Cookie: cookie } })
}

function post(fields: Record<string, string>, more: Record<string, string> = {}) {
  return send(
    `${instance.url}/incident.do`,
    form({ sysparm_ck: agent.token, ...fields }, { Cookie: agent.cookie, ...more }),
  )
}

async function stored(sysId: string) {
  return resultOf(await send(`${instance.url}/api/now/table/incident/${sysId}`, { headers }))
}

test.each([
  '/',
  '/about',
  '/incident_list.do',
  '/incident.do?sys_id=-1',
  '/login.do',
  '/nothing.do',
])('every page: %s says that it is not ServiceNow, and links to what is missing', async (path) => {
  const page = await open(path)

  expect(page.text).toContain('Local development instance — not ServiceNow')
  expect(page.text).toContain('href="/about"')
  expect(page.headers['content-security-policy']).toContain("default-src 'self'")
})

test('every page: the honest label lists gaps, switches and the control interface', async () => {
  const page = await send(`${instance.url}/about`)

  expect(page.text).toContain('Flow Designer engine')
  expect(page.text).toContain('basicAuthGate')
  expect(page.text).toContain('/__local/fail-next')
})

test('hostile text: stays text on the list, the form, the activity and the live state', async () => {
  const sysId = await createIncident({
    short_description: hostile,
    description: hostile,
    work_notes: hostile,
  })

  const list = await open(`/incident_list.do?sysparm_query=sys_id=${sysId}`)
  const page = await open(`/incident.do?sys_id=${sysId}`)
  const live = await open(`/__ui/form?table=incident&sys_id=${sysId}`)
  const filter = await open(`/incident_list.do?sysparm_query=${encodeURIComponent(hostile)}`)

  for (const text of [list.text, page.text, filter.text]) {
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('&lt;script&gt;alert')
  }
  // Values go into controls as they are; what becomes HTML is escaped already.
  const { fields, activity, ...parts } = live.json() as {
    fields: Record<string, { html: string | null }>
    activity: { html: string }[]
  }
  const rendered = [
    ...Object.values(fields).map((field) => field.html),
    ...activity.map((entry) => entry.html),
    JSON.stringify(parts),
  ].join('')
  expect(rendered).toContain('&lt;script&gt;alert')
  expect(rendered).not.toContain('<script>alert')
})

test('hostile text: comes back from an unchanged form exactly as it was', async () => {
  const text = `\nfirst line\r\n  "second" & <b>'third'\t`
  const sysId = await createIncident({ short_description: 'kept', description: text })
  const page = await open(`/incident.do?sys_id=${sysId}`)
  const original = /name="sysparm_original"\s+value="([^"]*)"/.exec(page.text)?.[1] ?? ''

  await post({
    sys_id: sysId,
    sys_action: 'save',
    sysparm_original: unescape(original),
    // What a browser sends for the same text.
    'field.description': text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'),
    'field.short_description': 'changed',
  })

  expect(await stored(sysId)).toMatchObject({ short_description: 'changed', description: text })
})

test('the form: saves what was changed and leaves alone what another wrote meanwhile', async () => {
  const sysId = await createIncident({ short_description: 'old', description: 'old' })
  const original = JSON.stringify({ short_description: 'old', description: 'old' })
  await send(`${instance.url}/api/now/table/incident/${sysId}`, {
    method: 'PATCH',
    headers,
    body: { description: 'written meanwhile' },
  })

  const saved = await post({
    sys_id: sysId,
    sysparm_original: original,
    'field.short_description': 'new',
    'field.description': 'old',
  })

  expect(saved.status).toBe(303)
  expect(await stored(sysId)).toMatchObject({
    short_description: 'new',
    description: 'written meanwhile',
  })
})

test('the form: creates a record and opens it', async () => {
  const created = await post({
    sys_id: '-1',
    sysparm_original: '{}',
    'field.short_description': 'from the form',
  })
  const page = await open(created.headers['location'] ?? '')

  expect(created.status).toBe(303)
  expect(page.text).toContain('from the form')
  expect(page.text).toMatch(/INC\d{7} was created/)
})

test('the form: shows why a change was refused and keeps what was typed', async () => {
  const sysId = await createIncident({ short_description: 'open' })

  const refused = await post({
    sys_id: sysId,
    sysparm_original: JSON.stringify({ state: '1', short_description: 'open' }),
    'field.state': '6',
    'field.short_description': 'typed by hand',
  })

  expect(refused.status).toBe(403)
  expect(refused.text).toContain('Data Policy Exception')
  expect(refused.text).toContain('value="typed by hand"')
  expect(await stored(sysId)).toMatchObject({ short_description: 'open' })
})

test('the form: a post without the token of the session changes nothing', async () => {
  const sysId = await createIncident({ short_description: 'untouched' })

  const answer = await post({
    sysparm_ck: 'wrong',
    sys_id: sysId,
    'field.short_description': 'forged',
  })

  expect(answer.status).toBe(403)
  expect(await stored(sysId)).toMatchObject({ short_description: 'untouched' })
})

test('the form: a note is one journal entry, also for a script that asks for JSON', async () => {
  const sysId = await createIncident({ short_description: 'noted' })
  const note = { sys_id: sysId, sys_action: 'note', element: 'comments', text: 'hello\r\nthere' }

  const answer = await post(note, { Accept: 'application/json' })

  expect(answer.json()).toEqual({ ok: true })
  expect(instance.platform.journal('incident', sysId)).toMatchObject([
    { element: 'comments', value: 'hello\nthere', createdBy: 'abel.agent' },
  ])
})

test('the form: the live state is 204 until something changes', async () => {
  const sysId = await createIncident({ short_description: 'watched' })
  const path = `/__ui/form?table=incident&sys_id=${sysId}`
  const first = (await open(path)).json() as { revision: string }

  const same = await open(`${path}&revision=${first.revision}`)
  await send(`${instance.url}/api/now/table/incident/${sysId}`, {
    method: 'PATCH',
    headers,
    body: { work_notes: 'arrived' },
  })
  const changed = await open(`${path}&revision=${first.revision}`)

  expect(same.status).toBe(204)
  expect(changed.status).toBe(200)
  expect(changed.text).toContain('arrived')
})

test('the form: a record that is not there is 404 with a way back', async () => {
  const page = await open(`/incident.do?sys_id=${'0'.repeat(32)}`)

  expect(page.status).toBe(404)
  expect(page.text).toContain('/incident_list.do')
})

test('actions: show for the role that may use them, and not for others', async () => {
  const sysId = await createIncident({ short_description: 'gated' })
  const other = await signIn(instance.url, 'ivy.itil')

  const withRole = await open(`/incident.do?sys_id=${sysId}`)
  const without = await open(`/incident.do?sys_id=${sysId}`, other.cookie)

  expect(withRole.text).toContain('Run automation')
  expect(without.status).toBe(200)
  expect(without.text).not.toContain('Run automation')
})

test('actions: a person without the right to read a ticket does not see it', async () => {
  const sysId = await createIncident({ short_description: 'not for callers' })
  const caller = await signIn(instance.url, 'victor.vip')

  const page = await open(`/incident.do?sys_id=${sysId}`, caller.cookie)

  expect(page.text).not.toContain('not for callers')
})

test('lists: sort by a heading and page with previous and next', async () => {
  for (let number = 10; number < 35; number += 1) {
    await createIncident({ short_description: `row ${number}` })
  }
  const query = encodeURIComponent('short_descriptionSTARTSWITHrow ^ORDERBYDESCshort_description')

  const first = await open(`/incident_list.do?sysparm_query=${query}`)
  const second = await open(`/incident_list.do?sysparm_query=${query}&sysparm_first_row=21`)

  expect(first.text).toContain('aria-sort="descending"')
  expect(first.text).toContain('1–20 of 25')
  expect(first.text).toContain('row 34')
  expect(first.text).not.toContain('row 14<')
  expect(second.text).toContain('21–25 of 25')
  expect(second.text).toContain('row 10')
  expect(second.text).toContain('rel="prev"')
})

function unescape(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&amp;', '&')
}
