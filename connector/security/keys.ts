// Keys as the crypto library wants them, made once per key, and which key belongs to which instance.
import { createPublicKey, webcrypto } from 'node:crypto'

import { importSPKI } from 'jose'

import type { Instance, InstanceKey } from '../config.ts'

/** A key with the instance that signs with it. */
export interface KeyOwner {
  instance: Instance
  key: InstanceKey
}

/** All keys by their id; ids are unique over all instances (config.ts). */
export type Keyring = ReadonlyMap<string, KeyOwner>

/** The keys of all instances. */
export function createKeyring(instances: readonly Instance[]): Keyring {
  return new Map(
    instances.flatMap((instance) =>
      instance.keys.map((key): [string, KeyOwner] => [key.kid, { instance, key }]),
    ),
  )
}

const imported = new WeakMap<InstanceKey, Promise<webcrypto.CryptoKey>>()

/** The key for jose: bound to its one algorithm, not extractable, imported once. */
export function importKey(key: InstanceKey): Promise<webcrypto.CryptoKey> {
  const known = imported.get(key)
  if (known !== undefined) return known
  const made = key.alg === 'HS256' ? importSecret(key) : importPublic(key)
  imported.set(key, made)
  return made
}

function importSecret(key: InstanceKey): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(key.material.reveal(), 'base64')
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return webcrypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify'])
}

function importPublic(key: InstanceKey): Promise<webcrypto.CryptoKey> {
  // Certificates and PKCS#1 keys hold a public key too; jose reads the SPKI form.
  const pem = createPublicKey(key.material.reveal()).export({ type: 'spki', format: 'pem' })
  return importSPKI(pem.toString(), 'RS256')
}
