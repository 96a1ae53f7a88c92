import { expect, test } from 'vitest'

import { openPlatform, restApi } from '../fixtures/script-api.ts'
import { glue, scope, sysId } from '../fixtures/write-app.ts'
import type { FixtureApp } from '../fixtures/write-app.ts'
import type { Platform, RestRequest, RestResponse } from '../types.ts'

function answers(
  code: string,
  more: Record<string, string> = {},
  key = 'POST /tickets/{id}',
): FixtureApp {
  return {
    modules: {
      'api.ts': `import { NotFoundError, ServiceError } from '@servicenow/glide/sn_ws_err'\n${code}`,
    },
    records: restApi({
      [key]: { operation_script: glue('api.ts', 'handle', 'request, response'), ...more },
    }),
  }
}

async function send(
  platform: Platform,
  request: Partial<RestRequest>,
  user: string | null = 'abel.agent',
): Promise<RestResponse | null> {
  const session = user === null ? null : platform.session(user, false)
  return platform.rest(session, {
    method: 'POST',
    path: `/api/${scope}/v1/probe/tickets/42`,
    query: new URLSearchParams(),
    headers: { 'Content-Type': 'application/json' },
    body: '{"a":1}',
    ...request,
  })
}

function parsed(response: RestResponse | null): unknown {
  return JSON.parse(response?.body ?? 'null')
}

test('request and response: path, query, headers and body arrive, the answer is wrapped in result', async () => {
  const app = answers(`export function handle(request, response) {
    response.setStatus(201)
    response.setHeader('X-Answer', 'yes')
    response.setBody([request.pathParams.id, request.queryParams.tag, request.getHeader('content-TYPE'), request.body.data.a])
  }`)
  await using platform = await openPlatform(app)

  const response = await send(platform, { query: new URLSearchParams('tag=x&tag=y') })

  expect(response).toMatchObject({ status: 201, headers: { 'X-Answer': 'yes' } })
  expect(parsed(response)).toEqual({ result: ['42', ['x', 'y'], 'application/json', 1] })
})

test('request and response: the default version answers without the version in the path, and a returned value is the body', async () => {
  await using platform = await openPlatform(
    answers('export function handle(request) { return { id: request.pathParams.id } }'),
  )

  const response = await send(platform, { path: `/api/${scope}/probe/tickets/7` })

  expect(parsed(response)).toEqual({ result: { id: '7' } })
})

test('request and response: the body can be read once', async () => {
  await using platform = await openPlatform(
    answers(
      'export function handle(request) { return [request.body.dataString, request.body.dataString, String(request.body.data)] }',
    ),
  )

  expect(parsed(await send(platform, {}))).toEqual({ result: ['{"a":1}', '', 'undefined'] })
})

test('request and response: errors of sn_ws_err have the platform shape', async () => {
  const app = answers(`export function handle(request, response) {
    response.setError(new NotFoundError('No ticket', request.pathParams.id))
  }`)
  await using platform = await openPlatform(app)

  const response = await send(platform, {})

  expect(response?.status).toBe(404)
  expect(parsed(response)).toEqual({
    error: { message: 'No ticket', detail: '42' },
    status: 'failure',
  })
})

test('request and response: a script that throws is a 500 and a log line', async () => {
  await using platform = await openPlatform(
    answers(`export function handle() { throw new Error('broken') }`),
  )

  const response = await send(platform, {})

  expect(response?.status).toBe(500)
  expect(platform.log().at(-1)?.message).toContain('broken')
})

test('request and response: request and response cannot be the answer', async () => {
  await using platform = await openPlatform(
    answers('export function handle(request) { return request }'),
  )

  expect((await send(platform, {}))?.status).toBe(500)
})

const app = answers('export function handle() { return 1 }')

test.each([
  ['an unknown path', { path: `/api/${scope}/v1/probe/other` }, null],
  ['another method', { method: 'DELETE' }, 405],
  ['another content type', { headers: { 'content-type': 'text/plain' } }, 415],
  [
    'another answer type',
    { headers: { 'content-type': 'application/json', accept: 'text/html' } },
    406,
  ],
  ['a body over 10 MB', { body: `"${'x'.repeat(10 * 1024 * 1024)}"` }, 400],
])('refusals: %s', async (_, request, status) => {
  await using platform = await openPlatform(app)

  expect((await send(platform, request))?.status ?? null).toBe(status)
})

test('refusals: without credentials is 401 and says how to sign in', async () => {
  await using platform = await openPlatform(app)

  const response = await send(platform, {}, null)

  expect(response).toMatchObject({
    status: 401,
    headers: { 'WWW-Authenticate': 'Basic realm="Service-now"' },
  })
  expect(parsed(response)).toMatchObject({
    error: { message: 'User Not Authenticated' },
    status: 'failure',
  })
})

test('refusals: resources without authentication answer anybody', async () => {
  await using platform = await openPlatform(
    answers('export function handle() { return 1 }', { requires_authentication: 'false' }),
  )

  expect((await send(platform, {}, null))?.status).toBe(200)
})

test('refusals: an ACL with a role lets only holders of the role pass, and admin', async () => {
  const acl = sysId('acl')
  const role = sysId('role')
  await using platform = await openPlatform(
    {
      modules: { 'api.ts': 'export function handle() { return 1 }' },
      records: [
        { table: 'sys_user_role', values: { sys_id: role, name: `${scope}.caller` } },
        {
          table: 'sys_security_acl',
          values: {
            sys_id: acl,
            name: 'probe',
            type: 'REST_Endpoint',
            operation: 'execute',
            active: 'true',
          },
        },
        {
          table: 'sys_security_acl_role',
          values: { sys_security_acl: acl, sys_user_role: role },
        },
        ...restApi({
          'POST /tickets/{id}': {
            operation_script: glue('api.ts', 'handle', ''),
            requires_acl_authorization: 'true',
            enforce_acl: acl,
          },
        }),
      ],
    },
    { users: [{ userName: 'rita.rest', name: 'Rita Rest', roles: [`${scope}.caller`] }] },
  )

  const refused = await send(platform, {}, 'abel.agent')

  expect(refused?.status).toBe(403)
  expect(parsed(refused)).toEqual({
    error: { message: 'User Not Authorized', detail: 'Failed API level ACL Validation' },
    status: 'failure',
  })
  expect((await send(platform, {}, 'rita.rest'))?.status).toBe(200)
  expect((await send(platform, {}, 'admin'))?.status).toBe(200)
})
