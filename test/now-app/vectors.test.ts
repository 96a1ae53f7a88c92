// The golden vectors read by the app's half: its own signing code, run from the built app's XML in the
// platform's engine, against jose (through the connector's code) and jsonwebtoken.
import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { SignJWT } from 'jose'
import jwt from 'jsonwebtoken'
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { TicketEvent } from '#shared/ticket-event.ts'

import type { Instance, InstanceKey } from '../../connector/config.ts'
import { createSecret } from '../../connector/secret.ts'
import { createKeyring } from '../../connector/security/keys.ts'
import { signBody, verifySignature } from '../../connector/security/signature.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { signBytes } from '../support/events.ts'
import type { SignOptions } from '../support/events.ts'
import {
  audience,
  type AppOnInstance,
  connect,
  issuer,
  keyId,
  openApp,
  runInApp,
  signingSecret,
} from './on-instance.ts'
import { startReceiver } from './receiver.ts'

interface Vector {
  name: string
  key: { kid: string; alg: string; secret?: string }
  now: string
  audience: string
  claims: { iss: string; jti: string; body_sha256: string; iat: number; exp: number }
  body: string
  token: string
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/signature.json', import.meta.url), 'utf8'),
) as Vector[]
// The app signs with HS256 alone.
const ours = vectors.filter((vector) => vector.key.alg === 'HS256')
const now = new Date('2026-03-01T12:00:30Z')
const nowSeconds = now.getTime() / 1000

const connection = {
  name: 'Connector',
  url: 'https://connector.example.com',
  issuer,
  audience,
  keyId,
  secret: signingSecret,
  timeoutMs: 1000,
}
const key: InstanceKey = { kid: keyId, alg: 'HS256', material: createSecret(signingSecret) }
const secretKey = createSecretKey(Buffer.from(signingSecret, 'base64'))
const oauth = { clientId: 'c', clientSecret: createSecret('s'), tokenUrl: 'https://acme/t' }
const instance: Instance = {
  name: 'acme',
  issuer,
  url: 'https://acme',
  keys: [key],
  signingKey: key,
  oauth,
}
const keys = createKeyring([instance])

// One instance for all calls of single functions: they leave nothing behind.
let app: AppOnInstance

beforeAll(async () => {
  await ensureAppBuilt()
  // An instance's standing clock starts at the time of its creation.
  vi.useFakeTimers({ toFake: ['Date'], now })
  app = await openApp({ instanceUrl: 'https://acme.service-now.com' })
  return async () => {
    await app.platform.close()
    vi.useRealTimers()
  }
}, 300_000)

function partsOf(token: string): { header: unknown; claims: Record<string, unknown> } {
  const [header, claims] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown)
  // Claims are a JSON object (RFC 7519 section 3).
  return { header, claims: claims as Record<string, unknown> }
}

describe('the app signs', () => {
  test.each(ours)('golden vector: $name, byte for byte', async (vector) => {
    const { iss, jti, iat, exp, body_sha256 } = vector.claims
    const claims = { iss, aud: vector.audience, iat, exp, jti, body_sha256 }

    const token = await runInApp(app, 'sign.ts#signClaims', [connection, claims])

    expect(token).toBe(vector.token)
  })

  test.each(ours)('the very bytes of golden vector: $name', async (vector) => {
    const token = String(await runInApp(app, 'sign.ts#signBody', [connection, vector.body]))

    expect(partsOf(token).claims['body_sha256']).toBe(vector.claims.body_sha256)
  })

  test('with header and claims in the order of the vectors, for two minutes', async () => {
    const token = String(await runInApp(app, 'sign.ts#signBody', [connection, '{}']))

    const { header, claims } = partsOf(token)
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT', kid: keyId })
    expect(claims).toMatchObject({ iat: nowSeconds, exp: nowSeconds + 120 })
    const again = jwt.sign(claims, secretKey, {
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: 'JWT', kid: keyId },
    })
    expect(Object.keys(claims)).toEqual(['iss', 'aud', 'iat', 'exp', 'jti', 'body_sha256'])
    expect(token).toBe(again)
  })

  test('every token with a jti of its own', async () => {
    const tokens = await Promise.all(
      [1, 2, 3].map(() => runInApp(app, 'sign.ts#signBody', [connection, '{}'])),
    )

    expect(new Set(tokens.map((token) => partsOf(String(token)).claims['jti'])).size).toBe(3)
  })

  test.each(ours.filter((vector) => vector.body !== ''))(
    'JSON in the form of golden vector: $name',
    async (vector) => {
      const value: unknown = JSON.parse(vector.body)

      expect(await runInApp(app, 'text.ts#asciiJson', [value])).toBe(vector.body)
    },
  )
})

describe('an event of the built app', () => {
  test('holds for jose in the connector and for jsonwebtoken', async () => {
    await using receiver = await startReceiver()
    connect(app, receiver.url)

    const incident = app.incident('abel.agent', { short_description: 'Zürich: 日本 🚀 ${x} $(id)' })
    await app.platform.settle()

    const [sent] = await receiver.events()
    const body = Buffer.from(sent?.body ?? '')
    const token = (sent?.headers['authorization'] ?? '').replace('Bearer ', '')
    const verified = await verifySignature({ token, body, keys, audience, now })
    expect(verified).toMatchObject({ kid: keyId, instance: { name: 'acme' } })
    const payload = jwt.verify(token, secretKey, {
      algorithms: ['HS256'],
      audience,
      issuer,
      clockTimestamp: nowSeconds,
    })
    expect(payload).toEqual(verified.claims)
    const event = TicketEvent.parse(JSON.parse(body.toString('utf8')))
    expect(event.source).toBe('https://acme.service-now.com')
    expect(event.subject).toBe(`incident/${incident['number']}`)
    expect(event.data.ticket.fields['short_description']?.value).toBe('Zürich: 日本 🚀 ${x} $(id)')
    expect(body.every((byte) => byte < 0x7f)).toBe(true)
  })
})

async function verify(token: string, body: string): Promise<unknown> {
  return runInApp(app, 'sign.ts#verifyBody', [connection, token, body])
}

const update = '{"run_id":"3f2504e04f8911d39a0c0305e82c3301","sequence":1}'

/** A token as the connector makes it, but for what is given. */
function statusToken(options: SignOptions = {}): Promise<string> {
  const direction = { issuer: audience, audience: issuer, kid: keyId, now }
  return signBytes(Buffer.from(update), { ...direction, ...options })
}

describe('the app accepts', () => {
  test('the golden vector of a status update', async () => {
    const vector = vectors.find((one) => one.name === 'status update, HS256')

    expect(await verify(vector?.token ?? '', vector?.body ?? '')).toEqual({ ok: true })
  })

  test('what the connector signs', async () => {
    const body = Buffer.from(update)
    const token = await signBody({ body, key, issuer: audience, audience: issuer, now })

    expect(await verify(token, update)).toEqual({ ok: true })
  })

  test('what jsonwebtoken signs', async () => {
    const { claims } = partsOf(await statusToken())
    const options = { algorithm: 'HS256', keyid: keyId } as const

    expect(await verify(jwt.sign(claims, secretKey, options), update)).toEqual({ ok: true })
  })

  test('a clock that is 59 s ahead, and a token that ended 59 s ago', async () => {
    for (const shift of [59, -359]) {
      const token = await statusToken({ now: new Date(now.getTime() + shift * 1000) })
      expect(await verify(token, update)).toEqual({ ok: true })
    }
  })
})

function inSeconds(count: number): Date {
  return new Date(now.getTime() + count * 1000)
}

function unsigned(header: object, claims: object): string {
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${parts.join('.')}.`
}

describe('the app refuses', () => {
  const otherKey = createSecretKey(Buffer.alloc(32, 7))
  test.each<[string, string, SignOptions]>([
    ['another key under our id', 'signature_invalid', { key: otherKey }],
    ['an unknown key id', 'signature_unknown_key', { kid: 'acme-2019' }],
    ['HS512 with the right key', 'signature_invalid', { alg: 'HS512' }],
    ['another issuer', 'signature_wrong_issuer', { issuer: 'somebody' }],
    ['its own token sent back', 'signature_wrong_issuer', { issuer, audience }],
    ['another audience', 'signature_wrong_audience', { audience: 'other-instance' }],
    ['a token that ended 61 s ago', 'signature_expired', { now: inSeconds(-361) }],
    ['a token from 61 s in the future', 'signature_not_yet_valid', { now: inSeconds(61) }],
    ['a life of 301 s', 'signature_too_long_lived', { lifeSeconds: 301 }],
    ['the hash of another body', 'body_hash_mismatch', { bodySha256: 'A'.repeat(43) }],
  ])('%s', async (_name, code, options) => {
    expect(await verify(await statusToken(options), update)).toMatchObject({ ok: false, code })
  })

  test('a body that differs by one byte, by a space, or by a character beyond ASCII', async () => {
    const token = await statusToken()

    for (const body of [
      update.replace(':1}', ':2}'),
      update.replace(':1}', ': 1}'),
      `${update}\u00a0`,
    ]) {
      expect(await verify(token, body)).toMatchObject({
        ok: false,
        code: 'body_hash_mismatch',
      })
    }
  })

  test('alg none, in every spelling, with and without the signature', async () => {
    const whole = await statusToken()
    const { claims } = partsOf(whole)

    for (const alg of ['none', 'None', 'NONE', '', 'RS256', null]) {
      const token = unsigned({ alg, typ: 'JWT', kid: keyId }, claims)
      for (const tried of [token, token + whole.split('.')[2]]) {
        expect(await verify(tried, update)).toMatchObject({ code: 'signature_invalid' })
      }
    }
  })

  test('a token without the hash of its body, or without its times', async () => {
    const { claims } = partsOf(await statusToken())

    for (const [name, code] of [
      ['body_sha256', 'body_hash_mismatch'],
      ['iat', 'signature_invalid'],
      ['exp', 'signature_invalid'],
      ['iss', 'signature_wrong_issuer'],
      ['aud', 'signature_wrong_audience'],
    ] as const) {
      const { [name]: _left, ...rest } = claims
      const header = { alg: 'HS256', typ: 'JWT', kid: keyId }
      const token = await new SignJWT(rest).setProtectedHeader(header).sign(secretKey)
      expect(await verify(token, update)).toMatchObject({ ok: false, code })
    }
  })

  test('garbage', async () => {
    const whole = await statusToken()

    for (const token of ['', 'a', 'a.b', 'a.b.c', '..', 'ä.ö.ü', `${whole}x`, `${whole}.x`]) {
      expect(await verify(token, update)).toMatchObject({ ok: false, code: 'signature_invalid' })
    }
  })
})
