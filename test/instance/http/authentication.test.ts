import { afterAll, beforeAll, expect, test } from 'vitest'

import { basic, form, send, signIn } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

let instance: TestInstance
let incidents = ''

beforeAll(async () => {
  instance = await openInstance({ app: true })
  incidents = `${instance.url}/api/now/table/incident?sysparm_limit=1`
})
afterAll(() => instance.stop())

function token(fields: Record<string, string>) {
  return send(`${instance.url}/oauth_token.do`, form(fields))
}

const good = {
  grant_type: 'client_credentials',
  client_id: 'connector',
  client_secret: 'connector-secret',
}

test('client credentials: give a bearer token of 1799 seconds that acts as the application user', async () => {
  const answer = await token(good)
  const body = answer.json() as Record<string, unknown>
  const use = await send(incidents, {
    headers: { Authorization: `Bearer ${String(body['access_token'])}`, Accept: '*/*' },
  })

  expect(answer.status).toBe(200)
  expect(Object.keys(body).toSorted()).toEqual([
    'access_token',
    'expires_in',
    'scope',
    'token_type',
  ])
  expect(body).toMatchObject({ scope: 'useraccount', token_type: 'Bearer', expires_in: 1799 })
  expect(use.status).toBe(200)
})

test('client credentials: return the current token inside its lifetime', async () => {
  const first = (await token(good)).json() as Record<string, unknown>
  const second = (await token(good)).json() as Record<string, unknown>

  expect(second['access_token']).toBe(first['access_token'])
})

test.each([
  ['a wrong secret', { ...good, client_secret: 'wrong' }, 'invalid_client'],
  ['an unknown client', { ...good, client_id: 'nobody' }, 'invalid_client'],
  ['another grant', { ...good, grant_type: 'password' }, 'unsupported_grant_type'],
])('client credentials: are refused for %s', async (_, fields, error) => {
  const answer = await token(fields)

  expect(answer.status).toBe(401)
  expect(answer.json()).toMatchObject({ error })
})

test('client credentials: are refused as JSON: the endpoint takes form fields only', async () => {
  const answer = await send(`${instance.url}/oauth_token.do`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: good,
  })

  expect(answer.status).toBe(401)
  expect(answer.json()).not.toHaveProperty('access_token')
})

test('client credentials: a made-up token is 401', async () => {
  const answer = await send(incidents, {
    headers: { Authorization: 'Bearer made-up', Accept: 'application/json' },
  })

  expect(answer.status).toBe(401)
})

test('basic authentication: is refused for people, even for admins with the right password', async () => {
  const answer = await send(incidents, { headers: basic('admin') })

  expect(answer.status).toBe(401)
  expect(answer.text).toContain('User is not authenticated')
})

test('basic authentication: is let through for a user of web services only, with the right password', async () => {
  const right = await send(incidents, { headers: basic('ticket.automation') })
  const wrong = await send(incidents, { headers: basic('ticket.automation', 'wrong') })

  expect([right.status, wrong.status]).toEqual([200, 401])
})

test('browser sessions: read with the cookie alone, but write only with the token of the page', async () => {
  const { cookie, token: pageToken } = await signIn(instance.url, 'abel.agent')
  const headers = {
    Cookie: cookie,
    Accept: 'application/json',
    'Content-Type': 'application/json',
  }
  const body = { short_description: 'written from a page' }
  const url = `${instance.url}/api/now/table/incident`

  const read = await send(incidents, { headers })
  const bare = await send(url, { method: 'POST', headers, body })
  const wrong = await send(url, {
    method: 'POST',
    headers: { ...headers, 'X-UserToken': 'a'.repeat(72) },
    body,
  })
  const right = await send(url, {
    method: 'POST',
    headers: { ...headers, 'X-UserToken': pageToken },
    body,
  })

  expect([read.status, bare.status, wrong.status, right.status]).toEqual([200, 401, 401, 201])
})

test('browser sessions: end when the person signs out', async () => {
  const { cookie, token: pageToken } = await signIn(instance.url, 'abel.agent')
  await send(`${instance.url}/logout.do`, form({ sysparm_ck: pageToken }, { Cookie: cookie }))

  const answer = await send(incidents, { headers: { Cookie: cookie, Accept: '*/*' } })

  expect(answer.status).toBe(401)
})

test('browser sessions: a user of web services only cannot sign in', async () => {
  const picked = await send(`${instance.url}/login.do`, form({ pick: 'ticket.automation' }))
  const typed = await send(
    `${instance.url}/login.do`,
    form({ user_name: 'ticket.automation', user_password: 'demo' }),
  )

  expect([picked.status, typed.status]).toEqual([401, 401])
  expect(picked.headers).not.toHaveProperty('set-cookie')
})

test('browser sessions: a wrong password is refused and the right one is taken', async () => {
  const url = `${instance.url}/login.do`
  const wrong = await send(url, form({ user_name: 'abel.agent', user_password: 'no' }))
  const right = await send(url, form({ user_name: 'abel.agent', user_password: 'demo' }))

  expect([wrong.status, right.status]).toEqual([401, 303])
})

test('browser sessions: sign-in leads back to the page asked for, never to another site', async () => {
  const asked = await send(`${instance.url}/incident_list.do?sysparm_query=active=true`)
  const there = await send(
    `${instance.url}/login.do`,
    form({ pick: 'abel.agent', goto: '/incident_list.do' }),
  )
  const elsewhere = await send(
    `${instance.url}/login.do`,
    form({ pick: 'abel.agent', goto: '//evil.example/x' }),
  )

  expect(asked.status).toBe(302)
  expect(asked.headers['location']).toContain('/login.do?goto=%2Fincident_list.do')
  expect(there.headers['location']).toBe('/incident_list.do')
  expect(elsewhere.headers['location']).toBe('/')
})

test('browser sessions: posts from a page of another origin are refused', async () => {
  const answer = await send(
    `${instance.url}/login.do`,
    form({ pick: 'abel.agent' }, { Origin: 'https://evil.example' }),
  )

  expect(answer.status).toBe(403)
  expect(answer.headers).not.toHaveProperty('set-cookie')
})

test("the SDK's sign-in: gives a cookie, then the token in a header of a 401", async () => {
  const login = await send(
    `${instance.url}/angular.do?sysparm_type=view_form.login`,
    form({ sysparm_type: 'login', user_name: 'admin', user_password: 'demo' }),
  )
  const cookie = (login.headers['set-cookie'] ?? '').split(';')[0] ?? ''
  const user = await send(`${instance.url}/angular.do?sysparm_type=get_user`, {
    method: 'POST',
    headers: { Cookie: cookie },
  })

  expect(login.json()).toMatchObject({ status: 'success' })
  expect(user.status).toBe(401)
  expect(user.headers['x-usertoken-response']).toMatch(/^[0-9a-f]{72}$/)
})

test("the SDK's sign-in: says so when the password is wrong", async () => {
  const login = await send(
    `${instance.url}/angular.do?sysparm_type=view_form.login`,
    form({ user_name: 'admin', user_password: 'no' }),
  )

  expect(login.json()).toMatchObject({ status: 'error' })
  expect(login.headers).not.toHaveProperty('set-cookie')
})

test('GlideAjax: needs the token and escapes the answer into XML', async () => {
  const { cookie, token: pageToken } = await signIn(instance.url, 'abel.agent')
  const fields = { sysparm_processor: 'NoSuchProcessor', sysparm_name: '"<x>&' }
  const url = `${instance.url}/xmlhttp.do`

  const bare = await send(url, form(fields, { Cookie: cookie }))
  const right = await send(url, form(fields, { Cookie: cookie, 'X-UserToken': pageToken }))

  expect(bare.status).toBe(401)
  expect(right.headers['content-type']).toBe('text/xml;charset=UTF-8')
  expect(right.text).toContain('sysparm_name="&quot;&lt;x&gt;&amp;"')
})
