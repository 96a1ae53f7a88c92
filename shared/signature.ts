// The signature both halves put on every message: a compact JWT (RFC 7519) that holds the hash of the
// exact body bytes. Names and windows only; the code is connector/security/signature.ts and
// now-app/src/server/sign.ts.
import { z } from 'zod'

/** Algorithms a key can have. One algorithm per key id; there is no unsigned mode. */
export const signatureAlgorithms = ['HS256', 'RS256'] as const

/** Claims of a signature. Times in seconds since 1970 (RFC 7519 NumericDate). */
export const SignatureClaims = z.object({
  /** Who signed: the instance's issuer name, or the connector's audience name in the other direction. */
  iss: z.string().min(1),
  /** Who is meant to read it. */
  aud: z.string().min(1),
  iat: z.int(),
  exp: z.int(),
  /** Unique per sending; a re-send of the same event carries a new one. */
  jti: z.string().min(8).max(100),
  /** base64url (no padding) of the SHA-256 of the body bytes as sent. */
  body_sha256: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})
export type SignatureClaims = z.infer<typeof SignatureClaims>

/** Longest life of a signature in seconds: exp - iat may not exceed it. */
export const maxSignatureAgeSeconds = 300

/** Clock difference between the halves that is still accepted, in seconds. */
export const clockToleranceSeconds = 60

/** App -> connector: the signature is the bearer token of this header. */
export const eventSignatureHeader = 'authorization'

/** Connector -> app: `Authorization` carries OAuth there, so the signature has its own header. */
export const statusSignatureHeader = 'x-ticket-automation-signature'
