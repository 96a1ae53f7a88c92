// Which names scripts and modules find where: plain scripts see globals, modules import the same objects from
// `@servicenow/glide` and `@servicenow/glide/<namespace>`. An unknown name fails visibly.
import { certificateEncryptionType, glideDigestType, glideSecureRandom } from './crypto.ts'
import { glideAggregateType } from './glide-aggregate.ts'
import { glideSysAttachmentType } from './glide-attachment.ts'
import { glideDateTimeType } from './glide-date-time.ts'
import { glideRecordType } from './glide-record.ts'
import { createGs } from './gs.ts'
import type { GlideHost } from './host.ts'
import { restMessageType } from './rest-message.ts'
import { serviceErrorTypes } from './service-error.ts'

/** The Glide API of one scope. */
export interface Namespaces {
  /** Globals of plain scripts. */
  globals: Readonly<Record<string, unknown>>
  /** Exports of an import name below @servicenow/glide ('' for itself), or null. */
  imports(namespace: string): object | null
}

/** Builds the API for a scope. */
export function createNamespaces(host: GlideHost): Namespaces {
  const main: Record<string, unknown> = {
    gs: createGs(host),
    GlideRecord: glideRecordType(host, false),
    GlideRecordSecure: glideRecordType(host, true),
    GlideAggregate: glideAggregateType(host),
    GlideDateTime: glideDateTimeType(host),
    GlideDigest: glideDigestType(host),
    GlideSecureRandomUtil: glideSecureRandom(),
    CertificateEncryption: certificateEncryptionType(host),
    GlideSysAttachment: glideSysAttachmentType(host),
  }
  const named: Record<string, Record<string, unknown>> = {
    sn_ws: { RESTMessageV2: restMessageType(host) },
    sn_ws_err: serviceErrorTypes(),
  }
  return {
    globals: { ...main, ...named },
    imports(namespace) {
      const found = namespace === '' ? main : named[namespace]
      return found ? strict(host, found, namespace) : null
    },
  }
}

/** Exports where a name that is not emulated throws instead of being undefined. */
function strict(host: GlideHost, exports: Record<string, unknown>, namespace: string): object {
  const name = namespace === '' ? '@servicenow/glide' : `@servicenow/glide/${namespace}`
  return new Proxy(exports, {
    get(target, key): unknown {
      if (typeof key !== 'string' || key in target || key === '__esModule')
        return Reflect.get(target, key)
      throw host.realm.error(`${key} of ${name} is not emulated`, 'TypeError')
    },
  })
}
