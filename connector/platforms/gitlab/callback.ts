// Webhooks of GitLab: pipeline and job events, proved by a signature (Standard Webhooks) or by the secret token.
import { createHmac, timingSafeEqual } from 'node:crypto'

import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { CallbackHint, CallbackRequest } from '../driver.ts'
import { secretReader } from '../settings.ts'
import type { SettingsDeps } from '../settings.ts'
import type { GitlabSettings } from './client.ts'

const Event = z.union([
  z.object({
    object_kind: z.literal('pipeline'),
    object_attributes: z.object({ id: z.int() }),
    project: z.object({ id: z.int() }),
  }),
  z.object({ object_kind: z.literal('build'), pipeline_id: z.int(), project_id: z.int() }),
])

/** Standard Webhooks' tolerance, in milliseconds. */
const signatureWindowMs = 5 * 60_000

/** Makes the reader of callbacks. Throws config_invalid when the secret is not there. */
export function createCallback(
  { token, signing }: NonNullable<GitlabSettings['callback']>,
  deps: SettingsDeps,
): (request: CallbackRequest) => CallbackHint {
  const readToken = token && secretReader('callback.token', token, deps)
  const readKey = signing && secretReader('callback.signing', signing, deps)
  return (request) => {
    if (readToken !== undefined) compare(request.headers['x-gitlab-token'] ?? '', readToken())
    if (readKey !== undefined) verify(request, readKey())
    return { jobId: jobIdIn(request.body) }
  }
}

function verify({ headers, body }: CallbackRequest, secret: string): void {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  const ageMs = Math.abs(Date.now() - Number(timestamp) * 1000)
  if (!(ageMs <= signatureWindowMs)) throw refused('is too old or has no time')
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body)
  const expected = `v1,${hmac.digest('base64')}`
  const given = (headers['webhook-signature'] ?? '').split(' ')
  if (!given.some((signature) => isSame(signature, expected))) throw refused('is not signed by it')
}

function compare(given: string, expected: string): void {
  if (!isSame(given, expected)) throw refused('has not the secret token')
}

/** Compared as hashes: timingSafeEqual wants the same length. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(expected))
}

function hashOf(text: string): Buffer {
  return createHmac('sha256', 'compare').update(text).digest()
}

function refused(reason: string): ConnectorError {
  return new ConnectorError('platform_auth', `gitlab callback ${reason}`)
}

function jobIdIn(body: Uint8Array): string | null {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(body))
  } catch {
    // Nothing about a pipeline.
    return null
  }
  const { success, data } = Event.safeParse(json)
  if (!success) return null
  return data.object_kind === 'pipeline'
    ? `${data.project.id}:${data.object_attributes.id}`
    : `${data.project_id}:${data.pipeline_id}`
}
