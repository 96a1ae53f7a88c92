// The instance as a process of its own.
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'

import { createCertificate } from '../support/certificate.ts'
import { builtApp, spawnInstance } from '../support/instance.ts'
import { bearerOf, resultOf, send, signIn } from '../support/plain-http.ts'

const patienceMs = 60_000
const oauth = { clientId: 'connector', clientSecret: 'connector-secret' }

test(
  'comes up with the app and its connection record, sends what the key signs, and stops',
  async () => {
    const secret = randomBytes(32)
    const received = Promise.withResolvers<{ token: string; body: string }>()
    const connector = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const token = (request.headers.authorization ?? '').replace('Bearer ', '')
        received.resolve({ token, body: Buffer.concat(chunks).toString('utf8') })
        response.writeHead(202, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ event_id: 'unknown', status: 'accepted' }))
      })
    })
    await new Promise<void>((resolve) => {
      connector.listen(0, '127.0.0.1', resolve)
    })
    const { port } = connector.address() as AddressInfo
    const instance = await spawnInstance({
      connection: {
        url: `http://127.0.0.1:${port}`,
        audience: 'connector',
        keyId: 'k1',
        secret: secret.toString('base64'),
      },
    })
    const [record] = await instance.records('x_snc_ticket_auto_connection')
    const about = await send(`${instance.url}/about`)
    const { cookie, token } = await signIn(instance.url, 'abel.agent')

    await send(`${instance.url}/api/now/table/incident`, {
      method: 'POST',
      headers: {
        Cookie: cookie,
        'X-UserToken': token,
        Accept: 'application/json',
        'Content-Type': 'application/json',
      },
      body: { short_description: 'told to the connector' },
    })
    const sent = await received.promise
    await instance.stop()
    connector.close()

    expect(record).toMatchObject({ issuer: instance.url, key_id: 'k1', active: 'true' })
    // Nobody reads a Password2 value back; that the key is right shows in what it signs.
    expect(record?.['signing_secret']).toBe('')
    const { payload } = await jwtVerify(sent.token, secret, {
      issuer: instance.url,
      audience: 'connector',
    })
    expect(payload['body_sha256']).toBe(
      createHash('sha256').update(sent.body, 'utf8').digest('base64url'),
    )
    expect(JSON.parse(sent.body)).toMatchObject({ source: instance.url, type: 'ticket.created' })
    expect(about.text).toContain(builtApp)
    expect(() => process.kill(instance.pid, 0)).toThrow(/ESRCH/)
  },
  patienceMs,
)

test(
  'a virtual clock stands still, moves when told to, and ends tokens',
  async () => {
    await using instance = await spawnInstance({
      app: null,
      oauth,
      platform: { clock: 'virtual' },
      tokenLifetimeSeconds: 60,
    })
    const bearer = await bearerOf(instance.url, oauth)
    const url = `${instance.url}/api/now/table/incident?sysparm_limit=1`

    const before = await send(url, { headers: bearer })
    await instance.advance(61_000)
    const after = await send(url, { headers: bearer })

    expect([before.status, after.status]).toEqual([200, 401])
  },
  patienceMs,
)

test(
  'serves HTTPS with the given key, and its faults and journal through the control interface',
  async () => {
    await using certificate = await createCertificate()
    await using instance = await spawnInstance({ app: null, oauth, tls: certificate })

    await instance.failNext({ kind: '500' })
    await instance.clearFaults()
    await instance.settle()

    expect(instance.url).toMatch(/^https:/)
    expect(await instance.log()).toBeInstanceOf(Array)
  },
  patienceMs,
)

test(
  'tells a record and its journal as they are stored',
  async () => {
    await using instance = await spawnInstance({ app: null, oauth })
    const created = await send(`${instance.url}/api/now/table/incident`, {
      method: 'POST',
      headers: await bearerOf(instance.url, oauth),
      body: { short_description: 'stored', work_notes: 'noted' },
    })

    const { record, journal } = await instance.record('incident', resultOf(created)['sys_id'] ?? '')

    expect(record['short_description']).toBe('stored')
    expect(journal).toMatchObject([{ element: 'work_notes', value: 'noted' }])
  },
  patienceMs,
)

test(
  'ends when its parent goes away',
  async () => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('main.ts', import.meta.url)), '--port=0', '--exit-with-parent'],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(createInterface({ input: child.stdout }), 'line')

    child.stdin.end()
    const [code] = (await once(child, 'exit')) as [number | null]

    expect(code).toBe(0)
  },
  patienceMs,
)

test(
  'refuses to start with half a connection, naming what is missing',
  async () => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('main.ts', import.meta.url)), '--port=0', '--connector-url=http://x'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8')
    })
    const [code] = (await once(child, 'exit')) as [number | null]

    expect(code).not.toBe(0)
    expect(errors).toContain('--audience is missing')
  },
  patienceMs,
)
