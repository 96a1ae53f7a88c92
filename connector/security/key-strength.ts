// Whether key material is what it should be, said in words for whoever set it.
import { createPublicKey } from 'node:crypto'

/** Smallest HS256 key: as long as its hash (RFC 7518 section 3.2). */
const minSecretBytes = 32

/** Smallest RS256 key (RFC 7518 section 3.3). */
const minRsaBits = 2048

/** What is wrong with an HS256 key given in base64, or null. */
export function secretProblem(text: string): string | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) {
    return 'is not base64; make one with: openssl rand -base64 32'
  }
  const bytes = Buffer.from(text, 'base64').length
  return bytes >= minSecretBytes
    ? null
    : `has ${bytes * 8} bits and needs at least 256; make one with: openssl rand -base64 32`
}

/** What is wrong with an RS256 public key given as PEM, or null. */
export function publicKeyProblem(text: string): string | null {
  if (text.includes('PRIVATE KEY')) {
    return 'is a private key; put its public half here and keep the private one on the instance'
  }
  try {
    const key = createPublicKey(text)
    if (key.asymmetricKeyType !== 'rsa') return 'is not an RSA key'
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    return bits >= minRsaBits ? null : `has ${bits} bits and needs at least ${minRsaBits}`
  } catch {
    // Whatever the parser disliked, the remedy is the same.
    return 'is not a public key in PEM form (-----BEGIN PUBLIC KEY-----)'
  }
}
