// CertificateEncryption, GlideDigest and GlideSecureRandomUtil of the scoped API. Keys are Base64, data is text.
import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto'

import { text } from './host.ts'
import type { GlideHost } from './host.ts'
import { requireScriptable } from './privileges.ts'

const macs: Readonly<Record<string, string>> = {
  HmacSHA256: 'sha256',
  HmacSHA384: 'sha384',
  HmacSHA512: 'sha512',
  HmacSHA1: 'sha1',
}

type MacFunction = (key: unknown, algorithm: unknown, data: unknown) => string

/** Callable both on the class and on an instance: the documentation shows one, the type definitions the other. */
export function certificateEncryptionType(host: GlideHost): object {
  function generateMac(...[key, algorithm, data]: Parameters<MacFunction>): string {
    requireScriptable(host, 'CertificateEncryption')
    const hash = macs[text(algorithm)]
    if (hash === undefined) throw host.realm.error(`unknown MAC algorithm ${text(algorithm)}`)
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text(key))) {
      throw host.realm.error('generateMac: the key must be Base64')
    }
    return createHmac(hash, Buffer.from(text(key), 'base64'))
      .update(text(data), 'utf8')
      .digest('base64')
  }
  function CertificateEncryption(): object {
    return { generateMac }
  }
  return Object.assign(CertificateEncryption, { generateMac })
}

/** new GlideDigest(). */
export function glideDigestType(host: GlideHost): () => object {
  function digest(algorithm: string, encoding: 'base64' | 'hex'): (value: unknown) => string {
    return (value) => {
      requireScriptable(host, 'GlideDigest')
      return createHash(algorithm).update(text(value), 'utf8').digest(encoding)
    }
  }
  return function GlideDigest() {
    return {
      getSHA256Base64: digest('sha256', 'base64'),
      getSHA256Hex: digest('sha256', 'hex'),
      getSHA1Base64: digest('sha1', 'base64'),
      getSHA1Hex: digest('sha1', 'hex'),
      getMD5Base64: digest('md5', 'base64'),
      getMD5Hex: digest('md5', 'hex'),
    }
  }
}

/** GlideSecureRandomUtil, a class of static functions. */
export function glideSecureRandom(): object {
  return {
    getSecureRandomInt: () => randomBytes(4).readInt32BE(),
    getSecureRandomIntBound: (bound: unknown) => randomInt(Number(bound)),
    getSecureRandomLong: () => Number(randomBytes(6).readUIntBE(0, 6)),
    getSecureRandomString: (length: unknown) =>
      randomBytes(Number(length)).toString('base64url').slice(0, Number(length)),
  }
}
