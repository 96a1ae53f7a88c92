// The connector as a process of its own, to be killed at any moment: started from source as an admin starts it.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { until } from './until.ts'

const program = join(import.meta.dirname, '../../connector/main.ts')

/**
 * Compiled code of the connector. Halves the time of a start, and tests start many; Node knows by content when
 * an entry is out of date.
 */
const compileCache = join(
  import.meta.dirname,
  '../../node_modules/.cache/ticket-automation/compile',
)

/** Longest start: a new embedded database on a busy machine. */
const startLimitMs = 60_000

/** What the process is started with. */
export interface ConnectorOptions {
  configFile: string
  dataDir: string
  /** Absent = the embedded database below dataDir. */
  databaseUrl?: string
  env?: Record<string, string>
}

/** A connector process. */
export interface ConnectorProcess {
  pid: number
  /** Its address, once it listens. Rejects when it ends before. */
  listening(): Promise<string>
  /** Everything it has written, log lines and errors. */
  output(): string
  /** Ends it as a power failure would; resolves when it is gone. */
  kill9(): Promise<void>
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>
}

const running = new Set<ChildProcess>()
process.once('exit', () => killLeftovers())

/** Kills every connector that is still running; for the end of a test file. */
export function killLeftovers(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Fills the cache of compiled code, which killed processes never do: a start that ends at its settings. */
export function warmUp(): void {
  const env = { NODE_COMPILE_CACHE: compileCache, CONFIG_FILE: join(compileCache, 'none.yaml') }
  spawnSync(process.execPath, [program], { env, stdio: 'ignore' })
}

/** Starts a connector on a free port. */
export function startConnector(options: ConnectorOptions): ConnectorProcess {
  const { configFile, dataDir, databaseUrl, env } = options
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: compileCache,
      PORT: '0',
      CONFIG_FILE: configFile,
      DATA_DIR: dataDir,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const exit = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    child.kill(signal)
    return await exit
  }

  return {
    pid: child.pid ?? 0,
    output: () => output,
    listening: () => until('the connector to listen', () => addressIn(child, output), startLimitMs),
    kill9: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}

/** Starts a connector and waits until it listens. */
export async function spawnConnector(
  options: ConnectorOptions,
): Promise<ConnectorProcess & { url: string }> {
  const connector = startConnector(options)
  return { ...connector, url: await connector.listening() }
}

function addressIn(child: ChildProcess, output: string): string | null {
  const line = output.split('\n').find((text) => text.includes('"msg":"listening"'))
  if (line !== undefined) return String((JSON.parse(line) as { url: unknown }).url)
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Error(`the connector ended before it listened: ${output}`)
  }
  return null
}
