// The front as one request listener: reads a request, applies an injected fault, routes it, writes the answer.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

import type { Platform } from '../types.ts'
import { answerAjax } from './ajax.ts'
import { answerAngular } from './angular.ts'
import { apiError, unreadableBody } from './api-errors.ts'
import { answerApi } from './api.ts'
import type { FrontContext, FrontSwitches } from './context.ts'
import { answerControl } from './control.ts'
import { createFaultQueue, faultReply } from './faults.ts'
import { BodyTooLarge, maxBodyBytes, readIncoming, writeReply } from './message.ts'
import type { Incoming, Reply } from './message.ts'
import { answerPage } from './pages/router.ts'
import { createBrowserSessions } from './sessions.ts'
import { createTokenStore } from './tokens.ts'
import type { OauthClient } from './tokens.ts'

/** What a front is made of. */
export interface FrontOptions {
  platform: Platform
  switches: FrontSwitches
  oauthClients: readonly OauthClient[]
  /** Lifetime of an access token in seconds. */
  tokenLifetimeSeconds: number
  /** True when the listener sits behind TLS. */
  secure: boolean
  /** The core's switches, to be listed on /about beside the front's own. */
  described: Readonly<Record<string, string>>
  /** Told about errors that no handler expected. */
  onError: (error: unknown) => void
}

/** Creates the listener of an instance for node:http or node:https. */
export function createFront(options: FrontOptions): RequestListener {
  const { platform } = options
  const context: FrontContext = {
    platform,
    switches: options.switches,
    browsers: createBrowserSessions(),
    tokens: createTokenStore({
      clients: options.oauthClients,
      lifetimeSeconds: options.tokenLifetimeSeconds,
      now: () => platform.now(),
    }),
    faults: createFaultQueue(),
    described: {
      ...options.described,
      basicAuthGate: options.switches.basicAuthGate ? 'on' : 'off',
      passwordlessSignIn: options.switches.passwordlessSignIn ? 'on' : 'off',
      tokenLifetimeSeconds: String(options.tokenLifetimeSeconds),
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const incoming = await readIncoming(request, options.secure, gone.signal)
    const reply = await answerWithFaults(context, incoming)
    if (reply === null) request.socket.destroy()
    else writeReply(request, response, reply)
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (error instanceof BodyTooLarge) {
        writeReply(request, response, tooLarge(error))
        return
      }
      options.onError(error)
      writeReply(request, response, apiError(500, 'Internal server error', describe(error)))
    })
  }
}

async function answerWithFaults(context: FrontContext, incoming: Incoming): Promise<Reply | null> {
  if (incoming.path.startsWith('/__local/')) return answerControl(context, incoming)
  const fault = context.faults.take(incoming)
  if (fault === null) return answer(context, incoming)
  if (fault.when === 'after') await answer(context, incoming)
  return faultReply(fault, incoming, context.platform.now())
}

async function answer(context: FrontContext, incoming: Incoming): Promise<Reply> {
  if (incoming.path.startsWith('/api/')) {
    const reply = await answerApi(context, incoming)
    const signedIn = reply.status === 401 ? 'false' : 'true'
    return { ...reply, headers: { 'X-Is-Logged-In': signedIn, ...reply.headers } }
  }
  if (incoming.path === '/oauth_token.do') return context.tokens.endpoint(incoming)
  if (incoming.path === '/angular.do') return answerAngular(context, incoming)
  if (incoming.path === '/xmlhttp.do') return answerAjax(context, incoming)
  return answerPage(context, incoming)
}

function tooLarge(error: BodyTooLarge): Reply {
  return unreadableBody(
    `Rejected large REST payload with content-length = ${error.bytes} bytes. Max allowed: ${maxBodyBytes} bytes.`,
  )
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
