import { createPrivateKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import jwt from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'

import type { Instance, InstanceKey } from '../../connector/config.ts'
import { createSecret } from '../../connector/secret.ts'
import { createKeyring, importKey } from '../../connector/security/keys.ts'
import { signBody, verifySignature } from '../../connector/security/signature.ts'
import type { VerifiedSignature } from '../../connector/security/signature.ts'
import { testAudience, testIssuer, testKid, testSecret, testUrl } from '../support/config.ts'
import { signBytes } from '../support/events.ts'
import type { SignOptions } from '../support/events.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()

const hsKey: InstanceKey = { kid: testKid, alg: 'HS256', material: createSecret(testSecret) }
const rsKey: InstanceKey = { kid: 'acme-rsa', alg: 'RS256', material: createSecret(publicPem) }
const keys = createKeyring([makeInstance('acme', testIssuer, [hsKey, rsKey])])

const body = Buffer.from('{"id":"1"}')
const now = new Date('2026-03-01T12:00:00Z')

function makeInstance(name: string, issuer: string, instanceKeys: InstanceKey[]): Instance {
  const [signingKey = hsKey] = instanceKeys
  const oauth = { clientId: 'c', clientSecret: createSecret('s'), tokenUrl: `${testUrl}/t` }
  return { name, issuer, url: testUrl, keys: instanceKeys, signingKey, oauth }
}

async function verify(
  options: SignOptions = {},
  request: { body?: Buffer; now?: Date } = {},
): Promise<VerifiedSignature> {
  const token = await signBytes(body, { now, ...options })
  return verifySignature({ token, body, keys, audience: testAudience, now, ...request })
}

function seconds(count: number): Date {
  return new Date(now.getTime() + count * 1000)
}

describe('a signature that holds', () => {
  test('names its instance, key and claims', async () => {
    const verified = await verify({ jti: 'token-0001' })

    expect(verified).toMatchObject({
      kid: testKid,
      instance: { name: 'acme' },
      claims: { iss: testIssuer, aud: testAudience, jti: 'token-0001' },
    })
  })

  test('may be RS256 when its key is', async () => {
    const verified = await verify({ kid: 'acme-rsa', alg: 'RS256', key: privateKey })

    expect(verified.kid).toBe('acme-rsa')
  })

  test('may come from a clock that is 59 s ahead or a token that ended 59 s ago', async () => {
    await expect(verify({ now: seconds(59) })).resolves.toBeDefined()
    await expect(verify({ now: seconds(-359) })).resolves.toBeDefined()
  })
})

describe('refused', () => {
  test.each<[string, string, SignOptions]>([
    ['another issuer', 'signature_wrong_issuer', { issuer: 'other' }],
    ['another audience', 'signature_wrong_audience', { audience: 'another-connector' }],
    ['a token that ended 61 s ago', 'signature_expired', { now: seconds(-361) }],
    ['a token from 61 s in the future', 'signature_not_yet_valid', { now: seconds(61) }],
    ['a life of 301 s', 'signature_too_long_lived', { lifeSeconds: 301 }],
    ['an end before its beginning', 'signature_too_long_lived', { lifeSeconds: 0 }],
    ['the hash of another body', 'body_hash_mismatch', { bodySha256: 'A'.repeat(43) }],
    ['a hash in another form', 'signature_invalid', { bodySha256: 'a'.repeat(64) }],
    ['a short jti', 'signature_invalid', { jti: 'short' }],
    ['a jti with NUL', 'signature_invalid', { jti: 'token\0token' }],
    ['an unknown key id', 'signature_unknown_key', { kid: 'acme-2019' }],
    ['an algorithm that is not its key’s', 'signature_invalid', { alg: 'HS512' }],
    [
      'HS256 with the public RSA key as the secret',
      'signature_invalid',
      { kid: 'acme-rsa', alg: 'HS256', key: createSecretKey(Buffer.from(publicPem)) },
    ],
    [
      'RS256 under the id of an HS256 key',
      'signature_invalid',
      { kid: testKid, alg: 'RS256', key: privateKey },
    ],
  ])('%s', async (_name, code, options) => {
    await expect(verify(options)).rejects.toMatchObject({ code })
  })

  test('a body of other bytes, however alike', async () => {
    const spaced = Buffer.from('{"id": "1"}')

    await expect(verify({}, { body: spaced })).rejects.toMatchObject({ code: 'body_hash_mismatch' })
  })

  test('alg none, with and without a key id', async () => {
    const claims = new UnsecuredJWT({ body_sha256: 'x' }).setIssuer(testIssuer).encode()
    const [, payload] = claims.split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: testKid })).toString('base64url')
    const request = { body, keys, audience: testAudience, now }

    await expect(verifySignature({ token: claims, ...request })).rejects.toMatchObject({
      code: 'signature_unknown_key',
    })
    await expect(
      verifySignature({ token: `${header}.${payload}.`, ...request }),
    ).rejects.toMatchObject({ code: 'signature_invalid' })
  })

  test('no token, garbage, and a token without its last part', async () => {
    const whole = await signBytes(body, { now })
    const request = { body, keys, audience: testAudience, now }

    for (const [token, code] of [
      [null, 'signature_missing'],
      ['', 'signature_invalid'],
      ['a.b.c', 'signature_invalid'],
      [whole.slice(0, whole.lastIndexOf('.') + 1), 'signature_invalid'],
      [`${whole}x`, 'signature_invalid'],
    ] as const) {
      await expect(verifySignature({ token, ...request })).rejects.toMatchObject({ code })
    }
  })

  test('a token that lacks any one of its claims', async () => {
    const all = { iss: testIssuer, aud: testAudience, iat: 1, exp: 2, jti: 'token-0001' }
    for (const missing of Object.keys(all)) {
      const claims: Record<string, unknown> = { ...all, body_sha256: 'A'.repeat(43) }
      const issued = Math.floor(now.getTime() / 1000)
      Object.assign(claims, { iat: issued, exp: issued + 60, [missing]: undefined })
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: testKid })
        .sign(createSecretKey(Buffer.from(testSecret, 'base64')))

      await expect(
        verifySignature({ token, body, keys, audience: testAudience, now }),
      ).rejects.toMatchObject({ code: 'signature_invalid' })
    }
  })
})

describe('signing a status update', () => {
  test('gives a token that the other direction verifies, new each time', async () => {
    const request = { body, key: hsKey, issuer: testAudience, audience: testIssuer, now }
    const first = await signBody(request)
    const second = await signBody(request)
    const { payload } = await jwtVerify(first, await importKey(hsKey), { currentDate: now })

    expect(payload).toMatchObject({ iss: testAudience, aud: testIssuer })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
    expect(first).not.toBe(second)
  })
})

interface Vector {
  name: string
  key: { kid: string; alg: 'HS256' | 'RS256'; secret?: string; public_key?: string }
  private_key?: string
  now: string
  audience: string
  claims: { iss: string; jti: string; body_sha256: string; iat: number; exp: number }
  body: string
  token: string
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/signature.json', import.meta.url), 'utf8'),
) as Vector[]

describe.each(vectors)('golden vector: $name', (vector) => {
  const { key, token } = vector
  const material = createSecret(key.secret ?? key.public_key ?? '')
  const instanceKey: InstanceKey = { kid: key.kid, alg: key.alg, material }
  const signingKey =
    vector.private_key === undefined
      ? createSecretKey(Buffer.from(key.secret ?? '', 'base64'))
      : createPrivateKey(vector.private_key)
  const header = { alg: key.alg, typ: 'JWT', kid: key.kid }

  test('is verified by the connector', async () => {
    const verified = await verifySignature({
      token,
      body: Buffer.from(vector.body),
      keys: createKeyring([makeInstance('vector', vector.claims.iss, [instanceKey])]),
      audience: vector.audience,
      now: new Date(vector.now),
    })

    expect(verified.claims).toEqual({ ...vector.claims, aud: vector.audience })
  })

  test('is verified by jsonwebtoken', () => {
    const secret = vector.private_key === undefined ? signingKey : (key.public_key ?? '')
    const clockTimestamp = Math.floor(new Date(vector.now).getTime() / 1000)

    const payload = jwt.verify(token, secret, { algorithms: [key.alg], clockTimestamp })

    expect(payload).toEqual({ ...vector.claims, aud: vector.audience })
  })

  test('comes out of jose and jsonwebtoken byte for byte', async () => {
    const { iss, jti, iat, exp, body_sha256 } = vector.claims
    const claims = { iss, aud: vector.audience, iat, exp, jti, body_sha256 }

    const byJose = await new SignJWT(claims).setProtectedHeader(header).sign(signingKey)
    const byOther = jwt.sign(claims, signingKey, { algorithm: key.alg, header })

    expect(byJose).toBe(token)
    expect(byOther).toBe(token)
  })
})
