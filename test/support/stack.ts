// Both halves wired together in one folder: a connector and a local instance with the built app, each a process of
// its own, with fresh random secrets that only files of this folder hold.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { freePort } from '../../connector/db/engine-cluster.ts'
import { createSecret } from '../../connector/secret.ts'
import type { Secret } from '../../connector/secret.ts'
import type { PlatformOptions } from '../instance/platform/options.ts'
import { ensureAppBuilt } from './app-build.ts'
import { startConnector } from './connector-process.ts'
import type { ConnectorOptions, ConnectorProcess } from './connector-process.ts'
import { spawnInstance } from './instance.ts'
import type { SpawnedInstance } from './instance.ts'

/** How the halves are set up. */
export interface StackOptions {
  /** Gets connector.yaml, the secrets, logs and the connector's data. Made when there is none. */
  folder: string
  templatesDir: string
  jobsDir: string
  /** Default: free ones. */
  ports?: { connector: number; instance: number }
  /** Options of the instance's core. */
  platform?: Omit<PlatformOptions, 'appDir' | 'instanceUrl'>
  /** Absent = the embedded database in the folder. */
  databaseUrl?: string
  /** Section `policy` of connector.yaml. */
  policy?: Record<string, unknown>
  /** How the connector comes up. Default: as a process of its own. */
  start?: (options: ConnectorOptions) => Promise<ConnectorProcess>
  /** Told when a part is up. */
  onUp?: (part: 'app' | 'connector' | 'instance') => void
}

/** Both halves running. `await using` stops them. */
export interface Stack extends AsyncDisposable {
  instance: SpawnedInstance
  /** The connector of the moment. */
  connector(): ConnectorProcess
  /** Starts the connector again, on the same port, after it was stopped or killed. */
  restartConnector(): Promise<void>
  /** What both halves know: names, key (Base64) and OAuth client. */
  audience: string
  keyId: string
  secret: string
  oauth: { clientId: string; clientSecret: Secret }
  logFile: string
  stop(): Promise<void>
}

const audience = 'ticket-automation'
const keyId = 'local-1'
const clientId = 'ticket-automation-connector'

/** Starts both halves at the same time. Throws when one does not come up; then the other is stopped. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, onUp } = options
  const ports = options.ports ?? { connector: await freePort(), instance: await freePort() }
  const secrets = {
    key: randomBytes(32).toString('base64'),
    oauth: randomBytes(24).toString('hex'),
  }
  const logFile = join(folder, 'connector.log')
  const configFile = await writeConfig(options, ports.instance, secrets)

  async function connect(): Promise<ConnectorProcess> {
    const { databaseUrl, start = startConnector } = options
    const started = await start({
      configFile,
      dataDir: join(folder, 'data'),
      port: ports.connector,
      logFile,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    })
    onUp?.('connector')
    return started
  }
  const [connected, opened] = await Promise.allSettled([
    connect(),
    openInstance(options, ports, secrets),
  ])
  if (connected.status === 'rejected' || opened.status === 'rejected') {
    if (connected.status === 'fulfilled') await connected.value.stop()
    if (opened.status === 'fulfilled') await opened.value.stop()
    throw connected.status === 'rejected' ? connected.reason : rejection(opened)
  }
  let connector = connected.value
  const instance = opened.value

  async function stop(): Promise<void> {
    // Its last reports still find the instance.
    await connector.stop()
    await instance.stop()
  }
  return {
    instance,
    connector: () => connector,
    async restartConnector() {
      connector = await connect()
    },
    audience,
    keyId,
    secret: secrets.key,
    oauth: { clientId, clientSecret: createSecret(secrets.oauth) },
    logFile,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function rejection(result: PromiseSettledResult<unknown>): unknown {
  return result.status === 'rejected' ? result.reason : undefined
}

async function openInstance(
  options: StackOptions,
  ports: { connector: number; instance: number },
  secrets: { key: string; oauth: string },
): Promise<SpawnedInstance> {
  await ensureAppBuilt()
  options.onUp?.('app')
  const instance = await spawnInstance({
    port: ports.instance,
    platform: options.platform ?? {},
    connection: {
      url: `http://127.0.0.1:${ports.connector}`,
      audience,
      keyId,
      secret: secrets.key,
    },
    oauth: { clientId, clientSecret: secrets.oauth },
  })
  options.onUp?.('instance')
  return instance
}

/** Writes connector.yaml and what it refers to; nobody else on the machine may read them. */
async function writeConfig(
  options: StackOptions,
  instancePort: number,
  secrets: { key: string; oauth: string },
): Promise<string> {
  const { folder, templatesDir, jobsDir } = options
  const dataDir = join(folder, 'data')
  await mkdir(dataDir, { recursive: true })
  // PostgreSQL may run as a user of its own, who must be able to enter.
  for (const path of [folder, dataDir]) await chmod(path, 0o711)
  const url = `http://127.0.0.1:${instancePort}`
  const instance = {
    name: 'local',
    issuer: url,
    url,
    keys: [{ kid: keyId, alg: 'HS256', secret: { file: 'signing-key' } }],
    oauth: { client_id: clientId, client_secret: { file: 'oauth-secret' } },
  }
  const config = {
    audience,
    instances: [instance],
    platforms: { local: { type: 'local', jobs_dir: jobsDir } },
    templates_dir: templatesDir,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  }
  await writePrivate(join(folder, 'signing-key'), secrets.key)
  await writePrivate(join(folder, 'oauth-secret'), secrets.oauth)
  const configFile = join(folder, 'connector.yaml')
  await writePrivate(configFile, stringify(config))
  return configFile
}

async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 })
  // An existing file keeps its mode.
  await chmod(path, 0o600)
}
