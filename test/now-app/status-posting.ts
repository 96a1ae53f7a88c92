// Posting status updates to the built app on an instance, as the connector does.
import { StatusReply, StatusUpdate } from '#shared/status-update.ts'
import { asciiJson } from '#shared/text.ts'

import type { StoredRecord } from '../instance/types.ts'
import { randomHex, signBytes } from '../support/events.ts'
import type { SignOptions } from '../support/events.ts'
import { audience, connect, issuer, only, openApp, scope } from './on-instance.ts'
import type { AppOnInstance, RouteAnswer } from './on-instance.ts'

const header = 'x-ticket-automation-signature'
const connectorUser = 'ticket.automation'

/** An instance whose connection is set up. */
export async function openConnected(
  options: Parameters<typeof openApp>[0] = {},
): Promise<AppOnInstance> {
  const app = await openApp(options)
  // Nothing listens there: these tests are about the other direction.
  connect(app, 'http://127.0.0.1:9')
  return app
}

/** A first update of a running run for this ticket; what is given replaces what stands here. */
export function updateOf(incident: StoredRecord, more: Partial<StatusUpdate> = {}): StatusUpdate {
  return {
    run_id: randomHex(),
    sequence: 1,
    time: '2026-03-01T12:00:00.000Z',
    ticket: {
      table: incident['sys_class_name'] ?? 'incident',
      sys_id: incident['sys_id'] ?? '',
      number: incident['number'] ?? '',
    },
    template: { name: 'free-disk-space', version: 3, title: 'Free disk space' },
    trigger: 'created',
    requested_by: 'carla.caller',
    state: 'running',
    phase: 'execute',
    step: { name: 'clean', position: 1, total: 2 },
    progress: 40,
    message: 'Cleaning /var/log',
    job: { id: 'job-1', url: 'https://jobs.example.com/1' },
    output: { tail: '12 files deleted\n', omitted: 7 },
    parameters: { folder: '/var/log', token: '********' },
    decision: {
      template: 'free-disk-space',
      version: 3,
      fits: true,
      summary: 'Started: the rule matched.',
      rules: [],
      checks: [],
    },
    ticket_change: null,
    ...more,
  }
}

/** Deviations from what the connector sends. */
export interface Posting {
  userName?: string | null
  sign?: SignOptions
  headers?: Record<string, string>
}

/** Sends a body as the connector does. */
export async function post(
  app: AppOnInstance,
  body: unknown,
  { userName = connectorUser, sign = {}, headers }: Posting = {},
): Promise<RouteAnswer> {
  const text = typeof body === 'string' ? body : asciiJson(body)
  const direction = { issuer: audience, audience: issuer, now: app.platform.now() }
  const token = await signBytes(Buffer.from(text), { ...direction, ...sign })
  const request = { path: '/status-updates', body: text, headers: headers ?? { [header]: token } }
  return app.call(userName, request)
}

/** Sends an update that must be taken; the reply by the contract. */
export async function apply(app: AppOnInstance, update: StatusUpdate): Promise<StatusReply> {
  const answer = await post(app, StatusUpdate.parse(update))
  if (answer.status !== 200) throw new Error(JSON.stringify(answer))
  return StatusReply.parse(answer.result)
}

/** The ticket as it is now. */
export function stored(app: AppOnInstance, incident: StoredRecord): StoredRecord {
  return only(app.rows(incident['sys_class_name'] ?? 'incident', `sys_id=${incident['sys_id']}`))
}

/** All run rows. */
export function runs(app: AppOnInstance): readonly StoredRecord[] {
  return app.rows(`${scope}_run`)
}

/** A work note of an occasion. */
export function note(
  key: string,
  text = `Note of ${key}`,
): { work_note: { key: string; text: string } } {
  return { work_note: { key, text } }
}
