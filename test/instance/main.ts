// Command line of the local instance: one instance in a process of its own, ready when it says so on standard output.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import type { PlatformOptions } from './platform/options.ts'
import { startInstance } from './start.ts'
import type { ConnectionSeed, InstanceOptions } from './start.ts'

const usage = `node test/instance/main.ts [options]
  --host ADDRESS            default 127.0.0.1
  --port PORT               default 4320; 0 = a free port
  --app FOLDER              built app, e.g. now-app/dist/app; without it a bare base system
  --platform JSON           options of the core, e.g. {"clock":"virtual","asyncOrder":"shuffled"}
  --connector-url URL       write the app's connection record, with
  --issuer NAME             name of this instance (default: its URL)
  --audience NAME           name of the connector
  --key-id NAME             key both sign with
  --secret-file FILE        Base64 of that key
  --oauth-client ID         let a client in with client credentials, with
  --oauth-secret-file FILE  its secret
  --oauth-user NAME         the user it acts as (default ticket.automation)
  --token-lifetime SECONDS  default 1800
  --basic-auth-gate on|off  default on
  --tls-key FILE --tls-cert FILE
  --exit-with-parent        stop when standard input ends
`

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    host: text,
    port: text,
    app: text,
    platform: text,
    'connector-url': text,
    issuer: text,
    audience: text,
    'key-id': text,
    'secret-file': text,
    'oauth-client': text,
    'oauth-secret-file': text,
    'oauth-user': text,
    'token-lifetime': text,
    'basic-auth-gate': text,
    'tls-key': text,
    'tls-cert': text,
    'exit-with-parent': { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
type Flags = typeof values

if (values.help === true) process.stdout.write(usage)
else await run(values)

async function run(flags: Flags): Promise<void> {
  const instance = await startInstance(optionsOf(flags))
  let stopping = false
  function stop(): void {
    if (stopping) return
    stopping = true
    // Nothing else keeps the process: it ends when the last connection is closed.
    void instance.stop().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  if (flags['exit-with-parent'] === true) {
    // The pipe from the parent ends with it, however it ended.
    process.stdin.once('close', stop).once('end', stop).resume()
  }
  process.stdout.write(`${JSON.stringify({ ready: true, url: instance.url })}\n`)
}

function optionsOf(flags: Flags): InstanceOptions {
  // The core checks its own options; JSON is all that is asked for here.
  const core = JSON.parse(flags.platform ?? '{}') as PlatformOptions
  const keyFile = flags['tls-key']
  return {
    host: flags.host ?? '127.0.0.1',
    port: numberOf(flags, 'port', 4320),
    platform: { ...core, appDir: flags.app ?? null },
    connection: connectionOf(flags),
    oauthClients: clientsOf(flags),
    tokenLifetimeSeconds: numberOf(flags, 'token-lifetime', 1800),
    basicAuthGate: flags['basic-auth-gate'] !== 'off',
    tls:
      keyFile === undefined
        ? null
        : {
            key: readFileSync(keyFile, 'utf8'),
            cert: readFileSync(needed(flags, 'tls-cert'), 'utf8'),
          },
  }
}

function connectionOf(flags: Flags): ConnectionSeed | null {
  const url = flags['connector-url']
  if (url === undefined) return null
  return {
    url,
    ...(flags.issuer === undefined ? {} : { issuer: flags.issuer }),
    audience: needed(flags, 'audience'),
    keyId: needed(flags, 'key-id'),
    secret: readFileSync(needed(flags, 'secret-file'), 'utf8').trim(),
  }
}

function clientsOf(flags: Flags): NonNullable<InstanceOptions['oauthClients']> {
  const clientId = flags['oauth-client']
  if (clientId === undefined) return []
  const clientSecret = readFileSync(needed(flags, 'oauth-secret-file'), 'utf8').trim()
  return [{ clientId, clientSecret, userName: flags['oauth-user'] ?? 'ticket.automation' }]
}

function needed(flags: Flags, name: keyof Flags): string {
  const value = flags[name]
  if (typeof value !== 'string') throw new Error(`--${name} is missing`)
  return value
}

function numberOf(flags: Flags, name: 'port' | 'token-lifetime', otherwise: number): number {
  const value = Number(flags[name] ?? otherwise)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number`)
  return value
}
