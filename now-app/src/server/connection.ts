// The active connection: where the connector is and the key both halves sign with.
import { gs, GlideRecord } from '@servicenow/glide'

import { sendTimeoutMs } from './settings.ts'

const table = 'x_snc_ticket_auto_connection'

/** Plain http is for a connector on the same machine (development) alone: bodies carry ticket text. */
const urlPattern =
  /^(https:\/\/[^\s/?#]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)(\/[^\s?#]*)?$/

/** Everything a call to the connector needs. */
export interface Connection {
  name: string
  /** Without a trailing slash. */
  url: string
  /** Name of this instance, the `iss` of what we sign. */
  issuer: string
  /** Name of the connector, the `aud` of what we sign. */
  audience: string
  keyId: string
  /** Base64, as generateMac wants it. */
  secret: string
  timeoutMs: number
}

/** The active connection, or the reason why there is none that can be used. */
export function activeConnection():
  | { ok: true; connection: Connection }
  | { ok: false; reason: string } {
  const record = new GlideRecord(table)
  record.addQuery('active', true)
  record.setLimit(1)
  record.query()
  if (!record.next()) {
    return { ok: false, reason: 'No connection is active (Ticket Automation > Connection).' }
  }
  const secret = record.getElement('signing_secret').getDecryptedValue()
  const name = record.getValue('name') || ''
  if (!secret) return { ok: false, reason: `Connection "${name}" has no signing key.` }
  const timeoutMs = Number(record.getValue('timeout')) || sendTimeoutMs()
  return {
    ok: true,
    connection: {
      name,
      url: (record.getValue('url') || '').replace(/\/+$/, ''),
      issuer: record.getValue('issuer') || '',
      audience: record.getValue('audience') || '',
      keyId: record.getValue('key_id') || '',
      secret: secret.trim(),
      timeoutMs,
    },
  }
}

/** Before insert and update of a connection: refuses a URL that would send ticket text in the open. */
export function checkConnection(current: GlideRecord): void {
  const url = current.getValue('url') || ''
  if (urlPattern.test(url)) return
  gs.addErrorMessage(
    `The connector URL "${url}" must start with https:// (http:// only for 127.0.0.1 or localhost) and have no query.`,
  )
  current.setAbortAction(true)
}

/** After insert and update of an active connection: it is the only active one. */
export function deactivateOthers(current: GlideRecord): void {
  const others = new GlideRecord(table)
  others.addQuery('active', true)
  others.addQuery('sys_id', '!=', current.getUniqueValue())
  others.setValue('active', false)
  others.updateMultiple()
}
