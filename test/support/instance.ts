// A local instance in a process of its own, for tests and the demonstration. The app's outgoing calls block the
// instance's thread, so a connector in the same process could never answer them.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { Agent, fetch } from 'undici'

import type { PlatformOptions } from '../instance/platform/options.ts'
import type { ConnectionSeed } from '../instance/start.ts'
import type { FaultKind, JournalEntry, StoredRecord } from '../instance/types.ts'

/** Longest wait for the ready line, in milliseconds: loading the app on a busy machine. */
const readyMs = 60_000
/** Time to end by itself after SIGTERM, in milliseconds. */
const graceMs = 10_000

const mainFile = fileURLToPath(new URL('../instance/main.ts', import.meta.url))

/** The folder that `npm run build:app` fills. */
export const builtApp = fileURLToPath(new URL('../../now-app/dist/app', import.meta.url))

/** Options of spawnInstance. */
export interface SpawnOptions {
  port?: number
  /** Folder of the built app; null = bare base system. Default: builtApp. */
  app?: string | null
  /** Options of the core. */
  platform?: Omit<PlatformOptions, 'appDir' | 'instanceUrl'>
  connection?: ConnectionSeed
  oauth?: { clientId: string; clientSecret: string; userName?: string }
  tokenLifetimeSeconds?: number
  basicAuthGate?: boolean
  /** Files with the key and certificate in PEM. */
  tls?: { keyFile: string; certFile: string }
}

/** A fault for the next requests. */
interface FaultRequest {
  kind: FaultKind
  count?: number
  path?: string
  when?: 'before' | 'after'
  retry_after_seconds?: number
}

/** A running instance and what tests may ask of it. `await using` stops it. */
export interface SpawnedInstance extends AsyncDisposable {
  url: string
  pid: number
  failNext(fault: FaultRequest): Promise<void>
  clearFaults(): Promise<void>
  /** Resolves when no async rule, event or due job is left. */
  settle(): Promise<void>
  /** Moves a virtual clock. */
  advance(milliseconds: number): Promise<void>
  log(): Promise<readonly { level: string; source: string; message: string; at: string }[]>
  record(
    table: string,
    sysId: string,
  ): Promise<{ record: StoredRecord; journal: readonly JournalEntry[] }>
  records(table: string, query?: string): Promise<readonly StoredRecord[]>
  stop(): Promise<void>
}

/** Starts an instance. Throws with its error output when it does not come up within a minute. */
export async function spawnInstance(options: SpawnOptions = {}): Promise<SpawnedInstance> {
  const folder = await mkdtemp(join(tmpdir(), 'local-instance-'))
  const child = spawn(process.execPath, [mainFile, ...(await flags(options, folder))], {
    // Ctrl-C in a terminal reaches a whole process group: the parent decides in which order things stop.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: process.env,
  })
  try {
    const url = await ready(child)
    const ca = options.tls === undefined ? null : await readFile(options.tls.certFile, 'utf8')
    return control(child, { url, folder, agent: new Agent(ca === null ? {} : { connect: { ca } }) })
  } catch (error) {
    await end(child, folder)
    throw error
  }
}

async function flags(options: SpawnOptions, folder: string): Promise<string[]> {
  const { connection, oauth, tls } = options
  const app = options.app === undefined ? builtApp : options.app
  const list = [
    '--exit-with-parent',
    `--port=${options.port ?? 0}`,
    `--platform=${JSON.stringify(options.platform ?? {})}`,
    `--token-lifetime=${options.tokenLifetimeSeconds ?? 1800}`,
    `--basic-auth-gate=${options.basicAuthGate === false ? 'off' : 'on'}`,
  ]
  if (app !== null) list.push(`--app=${app}`)
  if (connection !== undefined) {
    list.push(
      `--connector-url=${connection.url}`,
      `--audience=${connection.audience}`,
      `--key-id=${connection.keyId}`,
      // Other users of the machine can read a process's arguments, so secrets go through files.
      `--secret-file=${await secretFile(folder, 'signing', connection.secret)}`,
    )
    if (connection.issuer !== undefined) list.push(`--issuer=${connection.issuer}`)
  }
  if (oauth !== undefined) {
    list.push(
      `--oauth-client=${oauth.clientId}`,
      `--oauth-secret-file=${await secretFile(folder, 'oauth', oauth.clientSecret)}`,
    )
    if (oauth.userName !== undefined) list.push(`--oauth-user=${oauth.userName}`)
  }
  if (tls !== undefined) list.push(`--tls-key=${tls.keyFile}`, `--tls-cert=${tls.certFile}`)
  return list
}

async function secretFile(folder: string, name: string, secret: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, secret, { mode: 0o600 })
  return file
}

function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let errors = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-8000)
    })
    const timer = setTimeout(() => reject(new Error(`instance not ready: ${errors}`)), readyMs)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`instance ended with ${code}: ${errors}`))
    })
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer)
      // The ready line of main.ts.
      const { url } = JSON.parse(line) as { url: string }
      resolve(url)
    })
  })
}

function control(
  child: ChildProcess,
  at: { url: string; folder: string; agent: Agent },
): SpawnedInstance {
  async function ask<T>(command: string, input: unknown): Promise<T> {
    const response = await fetch(`${at.url}/__local/${command}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
      dispatcher: at.agent,
      signal: AbortSignal.timeout(readyMs),
    })
    if (!response.ok) throw new Error(`${command}: ${response.status} ${await response.text()}`)
    // The shapes of control.ts, of the same repository.
    return (await response.json()) as T
  }
  async function stop(): Promise<void> {
    await end(child, at.folder)
    await at.agent.destroy()
  }
  return {
    url: at.url,
    pid: child.pid ?? 0,
    failNext: (fault) => ask('fail-next', fault),
    clearFaults: () => ask('clear-faults', {}),
    settle: () => ask('settle', {}),
    advance: (milliseconds) => ask('advance', { milliseconds }),
    log: async () =>
      (await ask<{ log: Awaited<ReturnType<SpawnedInstance['log']>> }>('log', {})).log,
    record: (table, sysId) => ask('record', { table, sys_id: sysId }),
    records: async (table, query = '') =>
      (await ask<{ records: StoredRecord[] }>('records', { table, query })).records,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }
  await rm(folder, { recursive: true, force: true })
}
