// Who signed the event that is decided. An event without a valid signature never gets here (receive.ts), so
// this check writes down what was proved; it does not apply where nothing is signed (preview, command line).
import type { Check } from '#shared/decision.ts'

import { utcTime } from '../utc-time.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function authentic({ origin }: CheckContext): Check | null {
  if (origin === null) return null
  const { issuer, kid, receivedAt } = origin
  if (issuer === '' || kid === '') {
    return fail('authentic', {
      detail: 'Nobody knows who signed this event.',
      hint: 'Ask a platform admin to send the event again with a signature.',
    })
  }
  return pass(
    'authentic',
    `Signed by ${issuer} with the key ${kid}, received ${utcTime(receivedAt)}.`,
  )
}
