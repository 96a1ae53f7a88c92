// The real built app on the platform core: from a ticket to a signed message and back into the outbox.
import { createHash, randomBytes } from 'node:crypto'

import { jwtVerify } from 'jose'
import { beforeAll, expect, test } from 'vitest'

import { ensureAppBuilt } from '../../support/app-build.ts'
import { startListener } from '../fixtures/http-listener.ts'
import type { Platform, Session, StoredRecord } from '../types.ts'
import { createPlatform } from './create-platform.ts'

const scope = 'x_snc_ticket_auto'
const key = randomBytes(32)
let appDir = ''

beforeAll(async () => {
  appDir = await ensureAppBuilt()
}, 300_000)

function session(platform: Platform, userName: string): Session {
  const found = platform.session(userName, false)
  if (!found) throw new Error(`no user ${userName}`)
  return found
}

function connect(platform: Platform, url: string): void {
  const values = {
    name: 'Connector',
    active: 'true',
    url,
    issuer: 'http://127.0.0.1:4320',
    audience: 'connector',
    key_id: 'k1',
    signing_secret: key.toString('base64'),
  }
  const result = platform.insert(session(platform, 'admin'), `${scope}_connection`, values, true)
  if (!result.ok) throw new Error(result.detail ?? result.message)
}

function outbox(platform: Platform): StoredRecord[] {
  const found = platform.query(session(platform, 'admin'), `${scope}_outbox`, {})
  return 'records' in found ? found.records : []
}

async function open(): Promise<Platform & AsyncDisposable> {
  const platform = await createPlatform({ appDir, clock: 'virtual' })
  return { ...platform, [Symbol.asyncDispose]: () => platform.close() }
}

function problems(platform: Platform): string[] {
  return platform
    .log()
    .filter((line) => line.level === 'error')
    .map((line) => line.message)
}

test('an incident of an agent reaches the connector as a signed event', async () => {
  await using listener = await startListener()
  await using platform = await open()
  connect(platform, listener.url)
  const made = platform.insert(session(platform, 'abel.agent'), 'incident', {
    short_description: 'Disk full: Zürich',
    category: 'hardware',
  })

  await platform.settle()

  const posts = (await listener.received()).filter((one) => one.path === '/v1/events')
  expect(posts).toHaveLength(1)
  const { headers = {}, body = '' } = posts[0] ?? {}
  const token = (headers['authorization'] ?? '').replace('Bearer ', '')
  const { payload } = await jwtVerify(token, key, { audience: 'connector', algorithms: ['HS256'] })
  expect(payload['body_sha256']).toBe(createHash('sha256').update(body).digest('base64url'))
  expect(JSON.parse(body)).toMatchObject({
    type: 'ticket.created',
    subject: `incident/${made.ok ? made.record['number'] : ''}`,
    data: {
      ticket: {
        fields: {
          short_description: { value: 'Disk full: Zürich' },
          priority: { value: '5', display: '5 - Planning' },
        },
      },
      actor: { user_name: 'abel.agent', groups: ['Service Desk', 'Unix Admins'] },
    },
  })
  expect(outbox(platform)).toMatchObject([{ state: 'sent', attempts: '1' }])
  expect(problems(platform)).toEqual([])
})

test('a connector that fails is tried again by the scheduled sweep', async () => {
  await using listener = await startListener()
  await using platform = await open()
  connect(platform, `${listener.url}/503`)
  platform.insert(session(platform, 'abel.agent'), 'incident', { short_description: 'a' })
  await platform.settle()
  expect(outbox(platform)).toMatchObject([{ state: 'pending', attempts: '1' }])

  await platform.advance(3 * 60_000)

  expect(Number(outbox(platform)[0]?.['attempts'])).toBeGreaterThan(1)
})

test("the integration user's own writes cause no events", async () => {
  await using platform = await open()

  platform.insert(session(platform, 'ticket.automation'), 'incident', { short_description: 'a' })
  await platform.settle()

  expect(outbox(platform)).toEqual([])
})

test('only agents see the button', async () => {
  await using platform = await open()
  const made = platform.insert(session(platform, 'abel.agent'), 'incident', {
    short_description: 'a',
  })
  const sysId = made.ok ? (made.record['sys_id'] ?? '') : ''

  function offered(user: string): string[] {
    return platform.formActions(session(platform, user), 'incident', sysId).map((one) => one.label)
  }

  expect(offered('abel.agent')).toEqual(['Run automation'])
  expect(offered('ivy.itil')).toEqual([])
})

test('nobody but the sending code reads the signing secret', async () => {
  await using platform = await open()
  connect(platform, 'http://127.0.0.1:9')

  const found = platform.query(session(platform, 'admin'), `${scope}_connection`, {})

  expect(JSON.stringify(found)).not.toContain(key.toString('base64'))
  expect('records' in found && (found.records[0]?.['signing_secret'] ?? '')).toBe('')
})
