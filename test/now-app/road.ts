// The built app on an instance, connected to a receiver: the app's half of the road.
import { createHash } from 'node:crypto'

import { jwtVerify } from 'jose'

import { TicketEvent } from '#shared/ticket-event.ts'

import type { StoredRecord } from '../instance/types.ts'
import {
  audience,
  connect,
  issuer,
  keyId,
  openApp,
  scope,
  signingSecret,
  templates,
} from './on-instance.ts'
import type { AppOnInstance } from './on-instance.ts'
import { startReceiver } from './receiver.ts'
import type { Received, Receiver } from './receiver.ts'

/** The app and the receiver it sends to. `await using` closes both. */
export interface Road extends AsyncDisposable {
  app: AppOnInstance
  receiver: Receiver
}

/** An instance that is connected to a receiver. */
export async function openRoad(
  options: Parameters<typeof openApp>[0] = {},
  connection: StoredRecord = {},
): Promise<Road> {
  const receiver = await startReceiver()
  const app = await openApp(options)
  connect(app, receiver.url, connection)
  return {
    app,
    receiver,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

/** What arrived, each event checked: its shape by the contract, its signature with jose. */
export async function arrived({ app, receiver }: Road): Promise<TicketEvent[]> {
  await app.platform.settle()
  const now = app.platform.now()
  return Promise.all((await receiver.events()).map((one) => checked(one, now)))
}

async function checked(received: Received, now: Date): Promise<TicketEvent> {
  await verifyEvent(received, now)
  return TicketEvent.parse(JSON.parse(received.body))
}

/** The outbox rows, oldest first. */
export function outbox({ app }: Road, query = ''): readonly StoredRecord[] {
  return app.rows(`${scope}_outbox`, query)
}

/** Rejects when the request is not signed for this body with the key of on-instance.ts. */
async function verifyEvent(received: Received, now: Date): Promise<void> {
  const token = /^Bearer (.+)$/.exec(received.headers['authorization'] ?? '')?.[1] ?? ''
  const { payload, protectedHeader } = await jwtVerify(
    token,
    Buffer.from(signingSecret, 'base64'),
    {
      algorithms: ['HS256'],
      issuer,
      audience,
      currentDate: now,
      // Events may be looked at some time after they were sent.
      clockTolerance: 86_400,
    },
  )
  const hash = createHash('sha256').update(received.body).digest('base64url')
  if (protectedHeader.kid !== keyId) throw new Error(`key id ${protectedHeader.kid}`)
  if (payload['body_sha256'] !== hash) throw new Error('the hash is of another body')
}

/** The receiver publishes the templates of on-instance.ts from now on. */
export async function publishTemplates({ receiver }: Road): Promise<void> {
  await receiver.answerAt('/v1/templates', { status: 200, body: JSON.stringify(templates) })
}

/** Requests a run of the first template as Abel, through the route of the page; gives the run's id. */
export async function requestRun(
  { app }: Road,
  incident: StoredRecord,
  parameters: Record<string, unknown> = { folder: '/var/log' },
): Promise<string> {
  const body = { template: 'free-disk-space', version: 3, parameters }
  const path = `/tickets/incident/${incident['sys_id']}/runs`
  const { status, result, error } = await app.call('abel.agent', { path, body })
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(error)}`)
  return String(result['run_id'])
}
