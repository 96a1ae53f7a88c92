// What the audit keeps of settings: keys and policy, noted when a connector starts with others than the last one.
import { createHash } from 'node:crypto'

import type { Config, Instance } from './config.ts'
import { appendAudit, newestAudit } from './db/audit.ts'
import type { AuditEntry } from './db/audit.ts'
import { inTransaction } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import { connectorOrigin } from './origin.ts'

/** Notes keys and policy that differ from what was noted last. Throws database_unavailable. */
export async function auditSettings(pool: Pool, config: Config): Promise<void> {
  const settings: Pick<AuditEntry, 'action' | 'subject' | 'detail'>[] = [
    ...config.instances.map((instance) => ({
      action: 'keys.changed' as const,
      subject: `instance/${instance.name}`,
      detail: keysOf(instance),
    })),
    {
      action: 'policy.changed',
      subject: 'policy',
      // Through JSON, as it will read back.
      detail: { policy: JSON.parse(JSON.stringify(config.policy)) as unknown },
    },
  ]
  await inTransaction(pool, async (client) => {
    for (const { action, subject, detail } of settings) {
      const last = await newestAudit(client, action, subject)
      if (JSON.stringify(last) === JSON.stringify(detail)) continue
      const entry = { actor: 'connector', origin: connectorOrigin(), action, subject, detail }
      await appendAudit(client, [entry])
    }
  })
}

/** Names and fingerprints; 64 bits of a hash of 256 random bits say nothing about them. */
function keysOf({ keys, signingKey, issuer, url }: Instance): Record<string, unknown> {
  return {
    issuer,
    url,
    signs: signingKey.kid,
    keys: keys.map(({ kid, alg, material }) => ({
      kid,
      alg,
      fingerprint: createHash('sha256').update(material.reveal()).digest('hex').slice(0, 16),
    })),
  }
}
