// Calls of the platform: proved by a signature or a shared word when the options have one.
import { createHmac, timingSafeEqual } from 'node:crypto'

import { ConnectorError } from '../../errors.ts'
import type { CallbackHint, CallbackRequest } from '../driver.ts'
import { secretReader } from '../settings.ts'
import type { SettingsDeps } from '../settings.ts'
import { isJobId } from './answer.ts'
import type { HttpSettings } from './options.ts'

/** Makes the reader of callbacks. Throws config_invalid when the secret is not there. */
export function createCallback(
  options: NonNullable<HttpSettings['callback']>,
  deps: SettingsDeps,
): (request: CallbackRequest) => CallbackHint {
  const prove = proofOf(options, deps)
  return (request) => {
    prove(request)
    return { jobId: idIn(request.body, options.job_id) }
  }
}

function proofOf(
  { hmac, token }: NonNullable<HttpSettings['callback']>,
  deps: SettingsDeps,
): (request: CallbackRequest) => void {
  if (hmac !== undefined) {
    const secret = secretReader('callback.hmac.secret', hmac.secret, deps)
    return ({ headers, body }) => {
      const expected = createHmac('sha256', secret()).update(body).digest(hmac.encoding)
      compare(headers[hmac.header.toLowerCase()], hmac.prefix + expected)
    }
  }
  if (token === undefined) return () => undefined
  const secret = secretReader('callback.token.secret', token.secret, deps)
  return ({ headers }) => compare(headers[token.header.toLowerCase()], secret())
}

function compare(given: string | undefined, expected: string): void {
  // Hashed first: timingSafeEqual wants the same length.
  const [left, right] = [given ?? '', expected].map((text) =>
    createHmac('sha256', 'compare').update(text).digest(),
  )
  if (left !== undefined && right !== undefined && timingSafeEqual(left, right)) return
  throw new ConnectorError('platform_auth', 'callback: the signature or token is wrong')
}

/** The text at a JSON pointer (RFC 6901), when it can be the id of a job. */
function idIn(body: Uint8Array, pointer: string): string | null {
  let at: unknown = parsed(body)
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null
    // Has the key, so it can be read by it.
    at = (at as Record<string, unknown>)[key]
  }
  const id = typeof at === 'number' ? String(at) : at
  return typeof id === 'string' && isJobId(id) ? id : null
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    // Nothing about a job.
    return null
  }
}
