// What an HTTP call to the connector can come back with, and how its errors read.
import { isObject } from './text.ts'

/** An HTTP answer, or the reason why there is none. */
export type ConnectorAnswer =
  | { ok: true; status: number; json: unknown; retryAfterSeconds: number | null }
  | { ok: false; reason: string }

/** The code and detail of a problem+json answer (RFC 9457), as one line for people. */
export function problemOf(json: unknown, status: number): string {
  if (!isObject(json) || typeof json['code'] !== 'string') return `HTTP ${status} without a reason`
  const { code, detail } = json
  return `${code}: ${typeof detail === 'string' ? detail : `HTTP ${status}`}`
}
