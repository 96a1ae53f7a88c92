// The signature on every message between the halves: a compact JWT (RFC 7519, RFC 7515) with the hash
// of the exact body bytes. Names and windows: shared/signature.ts.
import { hash, randomUUID, timingSafeEqual } from 'node:crypto'

import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'

import {
  clockToleranceSeconds,
  maxSignatureAgeSeconds,
  SignatureClaims,
} from '#shared/signature.ts'
import { isCarriable } from '#shared/text.ts'

import type { Instance, InstanceKey } from '../config.ts'
import { Refusal } from '../refusal.ts'
import { importKey } from './keys.ts'
import type { KeyOwner, Keyring } from './keys.ts'

/** A signature to check and what it is checked against. */
export interface VerifyRequest {
  /** The compact JWT; null = the request has none. */
  token: string | null
  /** The body as received. */
  body: Uint8Array
  keys: Keyring
  audience: string
  now: Date
}

/** A signature that holds. Whether its `jti` was used before is for the store to say. */
export interface VerifiedSignature {
  instance: Instance
  kid: string
  claims: SignatureClaims
}

/** A body to sign. */
export interface SignRequest {
  body: Uint8Array
  key: InstanceKey
  issuer: string
  audience: string
  now: Date
}

/**
 * Checks a signature: known key, that key's own algorithm and no other, issuer of the key's instance,
 * audience, time window, and the hash of the body. Throws Refusal with a `signature_*` code or
 * `body_hash_mismatch`. Nothing in the token is believed before the signature is proved.
 */
export async function verifySignature(request: VerifyRequest): Promise<VerifiedSignature> {
  const { token, keys, body } = request
  if (token === null) {
    throw new Refusal('signature_missing', 'send the signature as Authorization: Bearer <JWT>')
  }
  const { kid, owner } = findKey(token, keys)
  const payload = await verifyToken(token, owner, request)
  const claims = readClaims(payload)
  checkWindow(claims, request.now)
  const actual = Buffer.from(hash('sha256', body, 'base64url'))
  if (!timingSafeEqual(actual, Buffer.from(claims.body_sha256))) {
    throw new Refusal('body_hash_mismatch', 'body_sha256 is not the hash of the body that arrived')
  }
  return { instance: owner.instance, kid, claims }
}

function findKey(token: string, keys: Keyring): { kid: string; owner: KeyOwner } {
  let header
  try {
    header = decodeProtectedHeader(token)
  } catch (error) {
    throw new Refusal('signature_invalid', 'the token is not a compact JWT', { cause: error })
  }
  const { kid } = header
  const owner = typeof kid === 'string' ? keys.get(kid) : undefined
  if (typeof kid !== 'string' || owner === undefined) {
    throw new Refusal(
      'signature_unknown_key',
      "the token's kid names no key of this connector; compare the key id on both sides",
    )
  }
  return { kid, owner }
}

async function verifyToken(
  token: string,
  owner: KeyOwner,
  request: VerifyRequest,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, await importKey(owner.key), {
      algorithms: [owner.key.alg],
      issuer: owner.instance.issuer,
      audience: request.audience,
      currentDate: request.now,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['iat', 'exp', 'jti', 'body_sha256'],
    })
    return payload
  } catch (error) {
    throw refusalOf(error)
  }
}

function refusalOf(error: unknown): Refusal {
  const options = { cause: error }
  if (error instanceof errors.JWTExpired) {
    return new Refusal('signature_expired', 'the token has expired; compare the clocks', options)
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    if (error.claim === 'iss') {
      return new Refusal('signature_wrong_issuer', 'iss is not the issuer of this key', options)
    }
    if (error.claim === 'aud') {
      return new Refusal('signature_wrong_audience', 'aud is not this connector', options)
    }
    if (error.claim === 'nbf') {
      return new Refusal('signature_not_yet_valid', 'the token is not valid yet', options)
    }
  }
  return new Refusal('signature_invalid', 'the token does not verify with its key', options)
}

function readClaims(payload: JWTPayload): SignatureClaims {
  const claims = SignatureClaims.safeParse(payload)
  if (claims.success && isCarriable(claims.data.jti)) return claims.data
  if (claims.success) throw new Refusal('signature_invalid', 'jti holds text that cannot be stored')
  const names = claims.error.issues.map((issue) => issue.path.join('.')).join(', ')
  throw new Refusal('signature_invalid', `claims that are missing or malformed: ${names}`)
}

function checkWindow(claims: SignatureClaims, now: Date): void {
  const nowSeconds = Math.floor(now.getTime() / 1000)
  if (claims.iat > nowSeconds + clockToleranceSeconds) {
    throw new Refusal('signature_not_yet_valid', 'iat is in the future; compare the clocks')
  }
  if (claims.exp <= claims.iat || claims.exp - claims.iat > maxSignatureAgeSeconds) {
    throw new Refusal(
      'signature_too_long_lived',
      `exp must be after iat and at most ${maxSignatureAgeSeconds} s later`,
    )
  }
}

/** Signs a body. The token is good for five minutes and for one sending. */
export async function signBody(request: SignRequest): Promise<string> {
  const { body, key, issuer, audience, now } = request
  const issued = Math.floor(now.getTime() / 1000)
  return new SignJWT({ body_sha256: hash('sha256', body, 'base64url') })
    .setProtectedHeader({ alg: key.alg, typ: 'JWT', kid: key.kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issued)
    .setExpirationTime(issued + maxSignatureAgeSeconds)
    .setJti(randomUUID())
    .sign(await importKey(key))
}
