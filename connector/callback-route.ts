// The route that job platforms call, as HTTP: its path, its limit, and what a driver gets of a request.
import type { Request, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'

import type { CallbackRequest } from './platforms/driver.ts'
import { Refusal } from './refusal.ts'

/** `name` is a platform of connector.yaml. */
export const callbackPath = '/v1/platforms/:name/callback'

/** Calls one address may make in a minute: they may come unsigned, and each may cost a request to the platform. */
const maxCallbacks = 1_200

/** Tells callers that call too often to slow down. */
export function callbackLimit(): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: maxCallbacks,
    standardHeaders: false,
    legacyHeaders: false,
    // Behind a proxy all platforms share one address, so the limit is wide.
    validate: { xForwardedForHeader: false },
    handler: () => {
      throw new Refusal('too_many_requests', 'too many calls of platforms', {
        retryAfterSeconds: 60,
      })
    },
  })
}

/** Headers (lower case, the first of several) and the body as it came. */
export function callbackOf(request: Request): CallbackRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? (value[0] ?? '') : (value ?? '')
  }
  const body: unknown = request.body
  return { headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) }
}
