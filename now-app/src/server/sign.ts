// Signs what goes to the connector and verifies what comes from it: a compact HS256 JWT over the hash of
// the exact body (shared/signature.ts). Everything that is signed is ASCII, so that no charset matters.
import { CertificateEncryption, GlideDigest, gs } from '@servicenow/glide'

import type { ProblemCode } from '../../../shared/problem.ts'
import type {
  clockToleranceSeconds,
  maxSignatureAgeSeconds,
  SignatureClaims,
} from '../../../shared/signature.ts'
import { nowMs } from './clock.ts'
import type { Connection } from './connection.ts'
import { asciiJson, isAscii, isObject, parseJson } from './text.ts'

/** Life of a signature in seconds: far more than a call may take, far less than the contract's limit. */
const lifeSeconds = 120
const maxAgeSeconds: typeof maxSignatureAgeSeconds = 300
const toleranceSeconds: typeof clockToleranceSeconds = 60

/** Documented for scoped apps, missing in the type definitions. */
const base64 = gs as unknown as {
  base64Encode(text: string): string
  base64Decode(text: string): string
}

/** The bearer token for a body, valid for two minutes. */
export function signBody(connection: Connection, body: string): string {
  const issuedAt = Math.floor(nowMs() / 1000)
  const claims: SignatureClaims = {
    iss: connection.issuer,
    aud: connection.audience,
    iat: issuedAt,
    exp: issuedAt + lifeSeconds,
    jti: gs.generateGUID(),
    body_sha256: bodyHash(body),
  }
  return signClaims(connection, claims)
}

/** The token for these very claims (golden vectors: test/vectors/signature.json). */
export function signClaims(connection: Connection, claims: SignatureClaims): string {
  const header = { alg: 'HS256', typ: 'JWT', kid: connection.keyId }
  const input = encodePart(header) + '.' + encodePart(claims)
  return input + '.' + mac(connection.secret, input)
}

/** Result of a verification. */
export type Verification = { ok: true } | { ok: false; code: ProblemCode; detail: string }

/** Verifies the token that came with a body: our key, made by the connector, for us, now, for this body. */
export function verifyBody(connection: Connection, token: string, body: string): Verification {
  const parts = token.split('.')
  const [header = '', payload = '', signature = ''] = parts
  if (parts.length !== 3) return refused('signature_invalid', 'It is no compact JWT.')
  const protectedHeader = decodePart(header)
  if (!isObject(protectedHeader) || protectedHeader['alg'] !== 'HS256') {
    return refused('signature_invalid', 'Its algorithm must be HS256.')
  }
  if (protectedHeader['kid'] !== connection.keyId) {
    return refused('signature_unknown_key', 'Its key id is not the one of the active connection.')
  }
  if (!sameText(signature, mac(connection.secret, header + '.' + payload))) {
    return refused('signature_invalid', 'It does not verify with the key of the active connection.')
  }
  const claims = decodePart(payload)
  if (!isObject(claims)) return refused('signature_invalid', 'Its claims are no JSON object.')
  return checkClaims(connection, claims, body)
}

function checkClaims(
  connection: Connection,
  claims: Record<string, unknown>,
  body: string,
): Verification {
  if (claims['iss'] !== connection.audience) {
    return refused('signature_wrong_issuer', `iss must be "${connection.audience}".`)
  }
  if (claims['aud'] !== connection.issuer) {
    return refused('signature_wrong_audience', `aud must be "${connection.issuer}".`)
  }
  const issuedAt = claims['iat']
  const expires = claims['exp']
  if (typeof issuedAt !== 'number' || typeof expires !== 'number') {
    return refused('signature_invalid', 'iat and exp must be numbers.')
  }
  const now = Math.floor(nowMs() / 1000)
  if (expires - issuedAt > maxAgeSeconds) {
    return refused('signature_too_long_lived', `exp - iat may be ${maxAgeSeconds} s at most.`)
  }
  if (expires <= now - toleranceSeconds) return refused('signature_expired', 'exp has passed.')
  if (issuedAt > now + toleranceSeconds) {
    return refused('signature_not_yet_valid', 'iat lies in the future.')
  }
  if (!isAscii(body) || claims['body_sha256'] !== bodyHash(body)) {
    return refused('body_hash_mismatch', 'The body is not the one that was signed (ASCII JSON).')
  }
  return { ok: true }
}

function refused(code: ProblemCode, detail: string): Verification {
  return { ok: false, code, detail: `Signature refused: ${detail}` }
}

function bodyHash(body: string): string {
  return toUrl(new GlideDigest().getSHA256Base64(body))
}

/** The documentation calls generateMac on an instance, the type definitions on the class. */
function mac(secret: string, input: string): string {
  const onClass = typeof CertificateEncryption.generateMac === 'function'
  const engine = onClass
    ? CertificateEncryption
    : (new CertificateEncryption() as unknown as typeof CertificateEncryption)
  return toUrl(engine.generateMac(secret, 'HmacSHA256', input))
}

/** Compares in a time that depends on the length alone. */
function sameText(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index += 1) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  }
  return difference === 0
}

function encodePart(value: unknown): string {
  return toUrl(base64.base64Encode(asciiJson(value)))
}

function decodePart(part: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined
  const padded = part.replace(/-/g, '+').replace(/_/g, '/') + '==='.slice((part.length + 3) % 4)
  return parseJson(base64.base64Decode(padded))
}

/** Base64 (possibly wrapped) as unpadded base64url. */
function toUrl(text: string): string {
  return text.replace(/\s/g, '').replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
