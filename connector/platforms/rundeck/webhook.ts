// Webhook notifications of Rundeck. With a key (rundeck.notification.webhookSecurityKey) it sends the SHA-256 of address,
// trigger, execution and key: that proves who says that something happened to which execution, and nothing of the body.
// Spec: NotificationService.createSecureDigest.
import { createHash, timingSafeEqual } from 'node:crypto'

import { ConnectorError } from '../../errors.ts'
import type { CallbackHint, CallbackRequest } from '../driver.ts'
import { isExecutionId } from './executions.ts'
import { Notification } from './wire.ts'

/** How notifications are proved. */
export interface WebhookProof {
  /** The address as it stands in the notification of the job, after Rundeck filled in its references. */
  url: string
  key: () => string
}

/** The execution that a notification is about. Throws platform_auth when its proof is missing or wrong. */
export function readNotification(
  { headers, body }: CallbackRequest,
  proof: WebhookProof | null,
): CallbackHint {
  const id = headers['x-rundeck-notification-execution-id'] ?? ''
  if (proof !== null) {
    const trigger = headers['x-rundeck-notification-trigger'] ?? ''
    const expected = createHash('sha256').update(`${proof.url}${trigger}${id}${proof.key()}`)
    if (!isEqual(expected.digest('hex'), headers['x-rundeck-notification-sha256-digest'] ?? '')) {
      const reason =
        'the notification is not signed with the key of webhook, or for another address'
      throw new ConnectorError('platform_auth', reason)
    }
  }
  if (isExecutionId(id)) return { jobId: id }
  // The digest covers the header alone.
  return { jobId: proof === null ? idOf(body) : null }
}

function isEqual(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given.toLowerCase())]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** null for XML, which is what Rundeck sends when nobody chose. */
function idOf(body: Uint8Array): string | null {
  try {
    const notification = Notification.safeParse(JSON.parse(Buffer.from(body).toString('utf8')))
    return notification.success ? notification.data.executionId : null
  } catch {
    return null
  }
}
