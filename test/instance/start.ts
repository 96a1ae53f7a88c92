// Starts a local instance: platform core, HTTP front, and the records that join it to a connector.
import { createServer as createPlainServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { systemSession } from './http/context.ts'
import { isLoopback } from './http/control.ts'
import { createFront } from './http/server.ts'
import type { OauthClient } from './http/tokens.ts'
import { createPlatform } from './platform/create-platform.ts'
import { settingsOf } from './platform/options.ts'
import type { PlatformOptions } from './platform/options.ts'
import type { Platform } from './types.ts'

/** The connector that the app's connection record names. */
export interface ConnectionSeed {
  url: string
  /** Name of this instance in the connector's configuration. Default: the URL of the instance. */
  issuer?: string
  /** Name of the connector. */
  audience: string
  keyId: string
  /** Base64 of the shared key. */
  secret: string
}

/** Options of startInstance; everything has a default. */
export interface InstanceOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string
  /** Port, 0 = a free one. Default 0. */
  port?: number
  /** PEM key and certificate: answer HTTPS. */
  tls?: { key: string; cert: string } | null
  /** The core's options; `instanceUrl` is set from the address. */
  platform?: PlatformOptions
  connection?: ConnectionSeed | null
  oauthClients?: readonly OauthClient[]
  /** Lifetime of access tokens in seconds. Default 1800, the platform's. */
  tokenLifetimeSeconds?: number
  /** Refuse basic authentication of interactive users. Default true. */
  basicAuthGate?: boolean
  /** Sign in by picking a user; refused on other addresses than loopback. Default true on loopback. */
  passwordlessSignIn?: boolean
  /** Told about errors nobody expected. Default: standard error. */
  onError?: (error: unknown) => void
}

/** A running instance. */
export interface RunningInstance {
  url: string
  platform: Platform
  stop(): Promise<void>
}

const connectionTable = 'x_snc_ticket_auto_connection'

/**
 * Starts an instance in this process. Scripts of the app that call out (RESTMessageV2) block this thread, so what they
 * call must run in another process. Throws when the address is taken, the app cannot be loaded or the connection record
 * is refused.
 */
export async function startInstance(options: InstanceOptions = {}): Promise<RunningInstance> {
  const host = options.host ?? '127.0.0.1'
  const tls = options.tls ?? null
  let front: RequestListener | null = null
  // Listening comes first: the core wants to know its own address, and port 0 tells it only then.
  function listener(request: IncomingMessage, response: ServerResponse): void {
    if (front === null) response.writeHead(503, { 'Retry-After': '1' }).end('starting')
    else front(request, response)
  }
  const server = tls === null ? createPlainServer(listener) : createSecureServer(tls, listener)
  const url = await listen(server, { host, port: options.port ?? 0, secure: tls !== null })
  try {
    const coreOptions = { ...options.platform, instanceUrl: url }
    const platform = await createPlatform(coreOptions)
    front = createFrontOf(options, { platform, host, described: describe(coreOptions) })
    if (options.connection) seedConnection(platform, options.connection, url)
    return { url, platform, stop: () => stop(server, platform) }
  } catch (error) {
    await close(server)
    throw error
  }
}

function createFrontOf(
  options: InstanceOptions,
  made: { platform: Platform; host: string; described: Record<string, string> },
): RequestListener {
  return createFront({
    platform: made.platform,
    switches: {
      basicAuthGate: options.basicAuthGate ?? true,
      passwordlessSignIn: isLoopback(made.host) && (options.passwordlessSignIn ?? true),
    },
    oauthClients: options.oauthClients ?? [],
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 1800,
    secure: (options.tls ?? null) !== null,
    described: made.described,
    onError: options.onError ?? report,
  })
}

/** Writes the app's connection record; the key goes in as a display value, as Password2 requires. */
function seedConnection(platform: Platform, seed: ConnectionSeed, url: string): void {
  const written = platform.insert(
    systemSession,
    connectionTable,
    {
      name: 'Connector',
      active: 'true',
      url: seed.url,
      issuer: seed.issuer ?? url,
      audience: seed.audience,
      key_id: seed.keyId,
      signing_secret: seed.secret,
    },
    true,
  )
  if (!written.ok) {
    throw new Error(`connection record: ${written.message} ${written.detail ?? ''}`.trim())
  }
}

function describe(options: PlatformOptions): Record<string, string> {
  const { appDir, users, properties, ...settings } = settingsOf(options)
  return {
    app: appDir ?? 'none',
    extraUsers: String(users.length),
    propertiesSet: Object.keys(properties).join(', ') || 'none',
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  }
}

function listen(
  server: Server,
  address: { host: string; port: number; secure: boolean },
): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, () => {
      server.off('error', reject)
      // A TCP server's address is an object once it listens.
      const { port } = server.address() as AddressInfo
      const name = address.host.includes(':') ? `[${address.host}]` : address.host
      resolve(`${address.secure ? 'https' : 'http'}://${name}:${port}`)
    })
  })
}

async function stop(server: Server, platform: Platform): Promise<void> {
  await close(server)
  await platform.close()
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Requests left hanging by an injected timeout would keep it open.
    server.closeAllConnections()
  })
}

function report(error: unknown): void {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
}
