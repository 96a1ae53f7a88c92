// The HTTP edge: routes, limits and answers. Statuses and codes are decided by whoever throws
// (refusal.ts); nothing of an error reaches the sender that was not written for the sender.
import { createServer as createHttpServer } from 'node:http'
import type { Server } from 'node:http'

import express from 'express'
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import type { z } from 'zod'

import type { TemplateList } from '#shared/job-template.ts'
import { PreviewRequest } from '#shared/preview.ts'
import type { PreviewReply } from '#shared/preview.ts'
import {
  BacktestRequest,
  DecideAgainRequest,
  RuleCheckRequest,
  RuleExplainRequest,
} from '#shared/rule-tools.ts'
import { eventSignatureHeader } from '#shared/signature.ts'
import { maxEventBytes } from '#shared/ticket-event.ts'

import { callbackLimit, callbackOf, callbackPath } from './callback-route.ts'
import { isDatabaseUnavailable } from './db/pool.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { CallbackRequest } from './platforms/driver.ts'
import type { Readiness } from './readiness.ts'
import type { RawRequest, Receiver } from './receive.ts'
import { problemOf, Refusal } from './refusal.ts'
import type { Asking, RuleTools } from './rule-tools/rule-tools.ts'

/** What the routes call. */
export interface ServerDeps {
  receiver: Receiver
  preview(request: PreviewRequest, instanceName: string): Promise<PreviewReply>
  templates(): TemplateList
  tools: RuleTools
  /** Takes a call of a job platform. */
  callback(platform: string, request: CallbackRequest): Promise<void>
  /** Whether this process can do its work, with reasons. */
  readiness(): Promise<Readiness>
  metrics: Metrics
  log: Log
}

/** A listening server. */
export interface Listener {
  url: string
  port: number
  /** Takes no new connections and waits for the requests in hand, at most graceMs. */
  close(graceMs: number): Promise<void>
}

/** Seconds after which a sender should try again while the database is away. */
const retryAfterSeconds = 5

/** Failed signatures one address may produce in a minute before it is told to slow down. */
const maxFailedSignatures = 300

/** Longest time for one request to arrive, and for its headers. */
const requestTimeoutMs = 30_000
const headersTimeoutMs = 10_000

/** Longer than the idle time of common load balancers, so that they close first. */
const keepAliveTimeoutMs = 65_000

/** The app with all routes. */
export function createServer(deps: ServerDeps): Express {
  const { receiver, metrics } = deps
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(helmet())
  const body = express.raw({ type: () => true, limit: maxEventBytes, inflate: false })

  app.post('/v1/events', body, async (request, response) => {
    const done = metrics.acceptSeconds.startTimer()
    const reply = await receiver.event(rawOf(request))
    done()
    response.status(202).json(reply)
  })
  for (const [path, answer] of questions(deps)) app.post(path, body, answer)
  app.get('/v1/templates', body, async (request, response) => {
    await receiver.bodiless(rawOf(request))
    response.json(deps.templates())
  })
  app.post(callbackPath, callbackLimit(), body, async (request, response) => {
    await deps.callback(String(request.params['name']), callbackOf(request))
    response.status(202).json({ status: 'accepted' })
  })
  app.all(callbackPath, onlyMethod('POST'))
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' })
  })
  app.get('/readyz', async (_request, response) => {
    const readiness = await deps.readiness()
    response.status(readiness.ready ? 200 : 503).json(readiness)
  })
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  for (const path of ['/v1/events', ...questionPaths]) app.all(path, onlyMethod('POST'))
  for (const path of ['/v1/templates', '/healthz', '/readyz', '/metrics']) {
    app.all(path, onlyMethod('GET, HEAD'))
  }
  app.use((request) => {
    throw new Refusal('not_found', `there is no ${request.path}`)
  })
  app.use(errorHandler(deps))
  return app
}

/** Routes that answer a signed question and store nothing. */
const questionPaths = [
  '/v1/preview',
  '/v1/rules/check',
  '/v1/rules/explain',
  '/v1/rules/backtest',
  '/v1/decisions/again',
] as const

function questions(deps: ServerDeps): Map<(typeof questionPaths)[number], RequestHandler> {
  const { tools } = deps
  function answering<T extends { source: string }>(
    schema: z.ZodType<T>,
    answerTo: (value: T, instance: Asking) => Promise<object>,
  ): RequestHandler {
    return async (request, response) => {
      const { instance, value } = await deps.receiver.question(rawOf(request), schema)
      response.json(await answerTo(value, instance))
    }
  }
  return new Map([
    ['/v1/preview', answering(PreviewRequest, (value, { name }) => deps.preview(value, name))],
    ['/v1/rules/check', answering(RuleCheckRequest, (value, by) => tools.check(value, by))],
    ['/v1/rules/explain', answering(RuleExplainRequest, (value, by) => tools.explain(value, by))],
    ['/v1/rules/backtest', answering(BacktestRequest, (value, by) => tools.backtest(value, by))],
    ['/v1/decisions/again', answering(DecideAgainRequest, (value, by) => tools.again(value, by))],
  ])
}

function rawOf(request: Request): RawRequest {
  const body: unknown = request.body
  return {
    contentType: request.get('content-type'),
    authorization: request.get(eventSignatureHeader),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
  }
}

function onlyMethod(allow: string): RequestHandler {
  return (request, response) => {
    response.set('Allow', allow)
    throw new Refusal('method_not_allowed', `${request.path} takes ${allow}`)
  }
}

/** The last handler: every error becomes problem+json, and is logged and counted once. */
function errorHandler(deps: ServerDeps): ErrorRequestHandler {
  const { log, metrics } = deps
  const slowDown = rateLimit({
    windowMs: 60_000,
    limit: maxFailedSignatures,
    standardHeaders: false,
    legacyHeaders: false,
    // Behind a proxy all senders share one address. That is fine: good signatures are never limited.
    validate: { xForwardedForHeader: false },
    handler: (_request, response) => {
      const refusal = new Refusal('too_many_requests', 'too many failed signatures', {
        retryAfterSeconds: 60,
      })
      answer(response, refusal)
    },
  })
  // oxlint-disable-next-line eslint/max-params -- express tells error handlers by their four parameters
  return (error: unknown, request, response, _next) => {
    const refusal = toRefusal(error)
    metrics.refusals.inc({ route: routeOf(request), code: refusal.code })
    if (response.headersSent) {
      response.destroy()
      return
    }
    if (refusal.code === 'database_unavailable') {
      // An outage makes every request fail; one short line each is enough.
      log.warn({ code: refusal.code, path: request.path }, 'request refused')
    } else if (refusal.status >= 500) {
      log.error({ err: error, code: refusal.code, path: request.path }, 'request failed')
    }
    if (refusal.status !== 401) {
      answer(response, refusal)
      return
    }
    // The limiter answers synchronously from memory, or lets the refusal through.
    void slowDown(request, response, () => {
      log.warn({ code: refusal.code, path: request.path, address: request.ip }, 'signature refused')
      answer(response, refusal)
    })
  }
}

const routes: ReadonlySet<string> = new Set([
  '/v1/events',
  '/v1/templates',
  '/healthz',
  '/readyz',
  '/metrics',
  ...questionPaths,
])

/** A label of bounded variety. */
function routeOf(request: Request): string {
  if (routes.has(request.path)) return request.path
  return /^\/v1\/platforms\/[^/]+\/callback$/.test(request.path) ? callbackPath : 'other'
}

function answer(response: Response, refusal: Refusal): void {
  if (refusal.retryAfterSeconds !== undefined) {
    response.set('Retry-After', String(refusal.retryAfterSeconds))
  }
  // What is left of a body that is too large is not read.
  if (refusal.status === 413) response.set('Connection', 'close')
  if (refusal.status === 401) response.set('WWW-Authenticate', 'Bearer')
  response.status(refusal.status).type('application/problem+json')
  response.send(JSON.stringify(problemOf(refusal)))
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (isDatabaseUnavailable(error)) {
    return new Refusal('database_unavailable', 'the event was not stored; send it again', {
      retryAfterSeconds,
      cause: error,
    })
  }
  // body-parser names its errors by `type`.
  const type = error instanceof Error && 'type' in error ? error.type : ''
  if (type === 'entity.too.large') {
    return new Refusal('body_too_large', `the body is larger than ${maxEventBytes} bytes`)
  }
  if (type === 'encoding.unsupported') {
    return new Refusal('content_type_unsupported', 'send the body without Content-Encoding')
  }
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return new Refusal('body_invalid_json', 'the body ended early')
  }
  // The router cannot decode the path.
  if (error instanceof URIError) return new Refusal('not_found', 'there is no such path')
  return new Refusal('internal_error', 'an error of the connector; its log says more', {
    cause: error,
  })
}

/** Listens. Rejects when the address is taken or not ours. */
export async function listen(
  app: Express,
  address: { host: string; port: number },
): Promise<Listener> {
  const server = createHttpServer(app)
  server.requestTimeout = requestTimeoutMs
  server.headersTimeout = headersTimeoutMs
  server.keepAliveTimeout = keepAliveTimeoutMs
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(address.port, address.host, done)
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return { url: `http://${host}:${port}`, port, close: (graceMs) => close(server, graceMs) }
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((done) => {
    server.close(() => done())
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
