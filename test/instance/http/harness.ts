// A front on loopback for the tests of this folder.
import { createServer as createPlainServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { bearerOf } from '../../support/plain-http.ts'
import type { Platform } from '../types.ts'
import { createMemoryCore } from './memory-core.ts'
import { createFront } from './server.ts'

/** A front with its core in the test's own process. */
export interface TestInstance {
  url: string
  platform: Platform
  /** Headers of a JSON request as the integration user; {} behind TLS. */
  bearer: Record<string, string>
  stop(): Promise<void>
}

/** The OAuth client that is let in. */
export const oauthClient = {
  clientId: 'connector',
  clientSecret: 'connector-secret',
  userName: 'ticket.automation',
}

/** Opens an instance on a free port. */
export async function openInstance(
  options: { tls?: { key: string; cert: string } } = {},
): Promise<TestInstance> {
  const platform = createMemoryCore()
  const front = createFront({
    platform,
    switches: { basicAuthGate: true, passwordlessSignIn: true },
    oauthClients: [oauthClient],
    tokenLifetimeSeconds: 1800,
    secure: options.tls !== undefined,
    described: {},
    onError: (error) => {
      throw error
    },
  })
  const server =
    options.tls === undefined ? createPlainServer(front) : createSecureServer(options.tls, front)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  // A TCP server's address is an object once it listens.
  const { port } = server.address() as AddressInfo
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  return {
    url,
    platform,
    bearer: options.tls === undefined ? await bearerOf(url, oauthClient) : {},
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
