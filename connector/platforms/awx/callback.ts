// What a notification of AWX (type webhook) tells. AWX signs nothing: with a secret, which it sends as basic auth or in
// a header of ours, others cannot even make us look.
import { createHash, timingSafeEqual } from 'node:crypto'

import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { CallbackHint, CallbackRequest } from '../driver.ts'
import { jobIdOf } from './reference.ts'

/** The header in which AWX may send the secret. */
export const secretHeader = 'x-callback-secret'

/** The default bodies of both kinds of templates hold these; other bodies are for others. */
const Notification = z.object({ id: z.int().positive(), url: z.string().default('') })

/** Reads a notification. Throws platform_auth when the secret is wrong. */
export function readCallback(request: CallbackRequest, secret: string | null): CallbackHint {
  if (secret !== null && !isProved(request.headers, secret)) {
    throw new ConnectorError('platform_auth', 'awx callback: the secret is missing or wrong')
  }
  const parsed = Notification.safeParse(jsonIn(request.body))
  if (!parsed.success) return { jobId: null }
  const { id, url } = parsed.data
  // The two kinds of jobs differ only in the address of their pages.
  return { jobId: jobIdOf({ kind: url.includes('/workflow/') ? 'workflow' : 'job', number: id }) }
}

function isProved(headers: Readonly<Record<string, string>>, secret: string): boolean {
  const basic = /^Basic (.+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? ''
  const password = Buffer.from(basic, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')
  return [headers[secretHeader] ?? '', password].some((given) => isSame(given, secret))
}

function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    // Not a notification of AWX.
    return null
  }
}
