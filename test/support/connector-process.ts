// The connector as a process of its own, started as an admin starts it: by its settings in file and environment.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Longest wait for the listening line, in milliseconds: a new database on a busy machine. */
const listenMs = 90_000
/** The connector drains for at most 28 s. */
const stopMs = 35_000

const program = fileURLToPath(new URL('../../connector/main.ts', import.meta.url))
const leash = fileURLToPath(new URL('end-with-parent.ts', import.meta.url))

/** How a connector is started. */
export interface ConnectorOptions {
  configFile: string
  dataDir: string
  /** 0 = a free one. */
  port: number
  /** Its log lines are added to this file. */
  logFile: string
  /** Absent = the embedded database under dataDir. */
  databaseUrl?: string
}

/** A running connector. `await using` stops it. */
export interface ConnectorProcess extends AsyncDisposable {
  url: string
  pid: number
  /** Resolves with the exit code, or null when a signal ended it. */
  ended: Promise<number | null>
  /** Drains and stops. Gives the exit code. */
  stop(): Promise<number | null>
  /** kill -9. */
  kill(): Promise<void>
}

/** Starts it in a process group of its own. Throws with its error output when it does not come up. */
export async function startConnector(options: ConnectorOptions): Promise<ConnectorProcess> {
  const child = spawn(process.execPath, ['--import', leash, program], {
    // Ctrl-C in a terminal reaches a whole process group: it must not reach the connector before its parent says so.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(options),
  })
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null))
  const url = await listening(child, options.logFile)

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
    try {
      return await ended
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    stop: () => end('SIGTERM'),
    async kill() {
      await end('SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      await end('SIGTERM')
    },
  }
}

function environment(options: ConnectorOptions): Record<string, string> {
  const { configFile, dataDir, port, databaseUrl } = options
  return {
    PATH: process.env['PATH'] ?? '',
    CONFIG_FILE: configFile,
    DATA_DIR: dataDir,
    PORT: String(port),
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  }
}

/** Its address, from its own log. */
async function listening(child: ChildProcess, logFile: string): Promise<string> {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-8000)
    log.write(chunk)
  })
  const lines = child.stdout === null ? null : createInterface({ input: child.stdout })
  lines?.on('line', (line) => {
    log.write(`${line}\n`)
    const url = /"url":"([^"]+)".*"msg":"listening"/.exec(line)?.[1]
    if (url !== undefined) resolve(url)
  })
  const timer = setTimeout(() => reject(new Error(`connector not up: ${errors}`)), listenMs)
  child.once('close', (code) => {
    log.end()
    reject(new Error(`the connector ended with ${code}: ${errors} (its log: ${logFile})`))
  })
  try {
    return await promise
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(timer)
  }
}
