// One attempt to send one claimed outbox row: build, sign, post, judge.
import { gs } from '@servicenow/glide'
import type { GlideRecord } from '@servicenow/glide'

import { buildEvent } from './build-event.ts'
import { callConnector } from './call-connector.ts'
import { activeConnection } from './connection.ts'
import { judge, type Verdict } from './retry.ts'
import { maxAttempts } from './settings.ts'
import { asciiJson } from './text.ts'

/** Wait for what is being written in the same moment; the sweep comes by every minute. */
const laterSeconds = 5

/** Sends the row's event once and says what becomes of the row. Never throws. */
export function sendRow(row: GlideRecord, attempts: number): Verdict {
  const eventId = row.getValue('event_id') || ''
  const base = { eventId, attempts, maxAttempts: maxAttempts(), jitter: Math.random() }
  try {
    const active = activeConnection()
    if (!active.ok) return judge({ ...base, answer: { ok: false, reason: active.reason } })
    const built = buildEvent(row)
    if (!built.ok && built.later) {
      return { outcome: 'again', waitSeconds: laterSeconds, reason: built.reason }
    }
    if (!built.ok) return { outcome: 'dead', reason: built.reason }
    const body = asciiJson(built.event)
    const call = { method: 'POST', path: '/v1/events', body } as const
    return judge({ ...base, answer: callConnector(active.connection, call) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    gs.error('Ticket Automation: sending event {0} failed: {1}', eventId, reason)
    return judge({ ...base, answer: { ok: false, reason } })
  }
}
