// Webhooks of GitHub: workflow_run and workflow_job, signed by X-Hub-Signature-256.
// https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
import { createHmac, timingSafeEqual } from 'node:crypto'

import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { CallbackHint, CallbackRequest } from '../driver.ts'

const Repository = z.object({ full_name: z.string() })

const Event = z.union([
  z.object({ workflow_run: z.object({ id: z.int() }), repository: Repository }),
  z.object({ workflow_job: z.object({ run_id: z.int() }), repository: Repository }),
])

/** Reads a webhook. Throws platform_auth when it is not signed with the secret. */
export function readCallback({ headers, body }: CallbackRequest, secret: string): CallbackHint {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
  const given = Buffer.from(headers['x-hub-signature-256'] ?? '')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ConnectorError('platform_auth', 'github callback is not signed with its secret')
  }
  const { success, data } = Event.safeParse(jsonIn(body))
  if (!success) return { jobId: null }
  const run = 'workflow_run' in data ? data.workflow_run.id : data.workflow_job.run_id
  return { jobId: `${data.repository.full_name}/${run}` }
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    // Nothing about a run.
    return null
  }
}
