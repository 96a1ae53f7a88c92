// The ServiceNow adapter against a server that answers as an instance does, checked by jsonwebtoken.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import jsonwebtoken from 'jsonwebtoken'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { SignatureClaims } from '#shared/signature.ts'
import { StatusUpdate } from '#shared/status-update.ts'

import type { ItsmAdapter } from '../../connector/itsm/adapter.ts'
import { createServiceNow } from '../../connector/itsm/servicenow.ts'
import { makeConfig, testInstance, testSecret } from '../support/config.ts'

interface Seen {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

let server: Server
let adapter: ItsmAdapter
const seen: Seen[] = []
/** Answers to the next requests per path; without one the server answers as it should. */
const answers = new Map<string, ((response: ServerResponse) => void)[]>()

const update: StatusUpdate = {
  run_id: 'a'.repeat(32),
  sequence: 4,
  time: '2026-06-10T12:00:00.000Z',
  ticket: { table: 'incident', sys_id: 'b'.repeat(32), number: 'INC0010001' },
  template: { name: 'free-disk-space', version: 1, title: 'Free disk space' },
  trigger: 'manual',
  requested_by: 'abel.agent',
  state: 'running',
  phase: 'execute',
  step: { name: 'Free disk space', position: 1, total: 1 },
  progress: 40,
  message: 'Räumt auf 😀',
  job: null,
  output: null,
  decision: null,
  ticket_change: null,
}

const reply = { run_id: update.run_id, sequence: 4, status: 'applied', applied: [], refused: [] }

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const path = request.url ?? ''
    seen.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
    const answer = answers.get(path)?.shift()
    if (answer !== undefined) {
      answer(response)
      return
    }
    response.setHeader('content-type', 'application/json')
    if (path === '/oauth_token.do') {
      response.end(
        JSON.stringify({
          access_token: `token-${seen.length}`,
          token_type: 'Bearer',
          expires_in: 1799,
        }),
      )
    } else response.end(JSON.stringify({ result: reply }))
  })
}

const statusPath = '/api/x_snc_ticket_auto/v1/automation/status-updates'

beforeAll(async () => {
  server = createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is an object once it listens.
  const { port } = server.address() as AddressInfo
  const config = makeConfig({ instances: [{ ...testInstance(), url: `http://127.0.0.1:${port}` }] })
  const [instance] = config.instances
  if (instance === undefined) throw new Error('the test settings have no instance')
  adapter = createServiceNow(instance, config.audience)
})

afterAll(async () => {
  await adapter.close()
  server.close()
})

beforeEach(() => {
  seen.length = 0
  answers.clear()
})

function send(): ReturnType<ItsmAdapter['sendStatus']> {
  return adapter.sendStatus(update, AbortSignal.timeout(2000))
}

function next(path: string, answer: (response: ServerResponse) => void): void {
  answers.set(path, [...(answers.get(path) ?? []), answer])
}

describe('the ServiceNow adapter', () => {
  it('gets one token by client credentials for many updates', async () => {
    await Promise.all([send(), send(), send()])

    const tokens = seen.filter(({ path }) => path === '/oauth_token.do')
    expect(tokens).toHaveLength(1)
    expect(tokens[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(new URLSearchParams(tokens[0]?.body).get('grant_type')).toBe('client_credentials')
  })

  it('sends ASCII JSON within the contract, signed so that another library agrees', async () => {
    expect(await send()).toEqual(reply)

    const sent = seen.find(({ path }) => path === statusPath)
    expect(StatusUpdate.parse(JSON.parse(sent?.body ?? ''))).toEqual(update)
    // oxlint-disable-next-line no-control-regex -- ASCII is exactly what is meant
    expect(sent?.body).toMatch(/^[\x00-\x7f]+$/)
    const signature = String(sent?.headers['x-ticket-automation-signature'])
    const claims = SignatureClaims.parse(
      jsonwebtoken.verify(signature, Buffer.from(testSecret, 'base64'), {
        algorithms: ['HS256'],
        audience: 'acme',
        issuer: 'ticket-automation',
      }),
    )
    expect(claims.body_sha256).toBe(
      createHash('sha256')
        .update(sent?.body ?? '')
        .digest('base64url'),
    )
    expect(sent?.headers.authorization).toMatch(/^Bearer token-/)
  })

  it('gets a new token once when the old one was revoked', async () => {
    await send()
    next(statusPath, (response) =>
      response.writeHead(401).end('{"error":{"message":"User is not authenticated"}}'),
    )

    expect(await send()).toEqual(reply)
    expect(seen.filter(({ path }) => path === '/oauth_token.do').length).toBeGreaterThan(0)
  })

  it.each([
    [
      'a page instead of JSON',
      200,
      '<html>Instance is hibernating</html>',
      'instance_bad_answer',
      true,
    ],
    [
      'an error with status 200',
      200,
      '{"error":{"message":"Transaction cancelled"}}',
      'instance_bad_answer',
      true,
    ],
    ['too many requests', 429, '{}', 'instance_rate_limited', true],
    ['a server error', 500, '{}', 'instance_error', true],
    ['no rights', 403, '{}', 'instance_auth', true],
    ['a refusal', 400, '{"result":{"error":{"code":"body_invalid"}}}', 'instance_rejected', false],
  ])('says what %s means', async (_name, status, body, code, retryable) => {
    next(statusPath, (response) => response.writeHead(status).end(body))

    await expect(send()).rejects.toMatchObject({ code, retryable })
  })

  it('waits as long as the instance asks for', async () => {
    next(statusPath, (response) => response.writeHead(429, { 'retry-after': '30' }).end('{}'))

    await expect(send()).rejects.toMatchObject({ retryAfterMs: 30_000 })
  })

  it('keeps trying when the credentials are wrong, because an admin can mend them', async () => {
    next(statusPath, (response) => response.writeHead(401).end())
    next('/oauth_token.do', (response) => response.writeHead(401).end('{"error":"invalid_client"}'))

    const error: unknown = await send().catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'instance_auth', retryable: true })
    expect(String(error)).not.toContain('oauth-secret')
  })
})

describe('reading records', () => {
  const query = {
    table: 'incident',
    query: 'active=true^short_descriptionLIKEa&b',
    fields: ['number', 'caller_id', 'caller_id.name', 'u_none'],
    limit: 2,
  }
  const path = `/api/now/table/incident?${new URLSearchParams({
    sysparm_query: query.query,
    sysparm_fields: query.fields.join(','),
    sysparm_limit: '2',
    sysparm_display_value: 'all',
    sysparm_exclude_reference_link: 'true',
    sysparm_no_count: 'true',
  }).toString()}`

  function read(limitMs = 2000): ReturnType<ItsmAdapter['readRecords']> {
    return adapter.readRecords(query, AbortSignal.timeout(limitMs))
  }

  function answerWith(status: number, body: string, headers: Record<string, string> = {}): void {
    next(path, (response) => response.writeHead(status, headers).end(body))
  }

  it('asks for stored and display values of the named fields, with a token', async () => {
    const caller = { value: 'c'.repeat(32), display_value: 'Carla Caller' }
    const row = {
      number: { value: 'INC0010001', display_value: 'INC0010001' },
      caller_id: caller,
      'caller_id.name': { value: null, display_value: '' },
    }
    answerWith(200, JSON.stringify({ result: [row] }))

    expect(await read()).toEqual([
      {
        number: { value: 'INC0010001', display: 'INC0010001' },
        caller_id: { value: caller.value, display: 'Carla Caller' },
        'caller_id.name': { value: '', display: '' },
      },
    ])
    const asked = seen.find((one) => one.path === path)
    expect(asked?.headers.authorization).toMatch(/^Bearer token-/)
    expect(asked?.headers.accept).toBe('application/json')
  })

  it('gets a new token once when the old one was revoked, and no second one', async () => {
    answerWith(401, '{"error":{"message":"User is not authenticated"}}')
    answerWith(200, '{"result":[]}')

    expect(await read()).toEqual([])

    answerWith(401, '{}')
    answerWith(401, '{}')

    await expect(read()).rejects.toMatchObject({ code: 'instance_auth' })
    expect(seen.filter((one) => one.path === path)).toHaveLength(4)
  })

  it.each([
    ['no rights', 403, '{"error":{"message":"Insufficient rights"}}', 'instance_auth', true],
    ['too many requests', 429, '{}', 'instance_rate_limited', true],
    ['a page', 200, '<html>Instance is hibernating</html>', 'instance_bad_answer', true],
    [
      'a cancelled transaction',
      200,
      '{"result":[],"error":{"message":"Transaction cancelled"},"status":"failure"}',
      'instance_bad_answer',
      true,
    ],
    ['values without display', 200, '{"result":[{"number":"INC1"}]}', 'instance_bad_answer', true],
    ['no such table', 400, '{"error":{"message":"Invalid table"}}', 'instance_rejected', false],
    ['a redirect to a sign-in page', 302, '', 'instance_bad_answer', true],
    ['a server error', 503, '', 'instance_error', true],
  ])('says what %s means, and names the table', async (_name, status, body, code, retryable) => {
    answerWith(status, body)

    await expect(read()).rejects.toMatchObject({
      code,
      retryable,
      message: expect.stringMatching(/^GET table incident: /) as string,
    })
  })

  it('waits as long as the instance asks for', async () => {
    answerWith(429, '{}', { 'retry-after': '7' })

    await expect(read()).rejects.toMatchObject({ retryAfterMs: 7000 })
  })

  it('gives up when the caller does', async () => {
    next(path, () => undefined)

    await expect(read(100)).rejects.toMatchObject({ code: 'instance_timeout', retryable: true })
  })
})
