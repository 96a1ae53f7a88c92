// The connector as a process of its own, started as an admin starts it: by its settings in file and environment.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { until } from './until.ts'

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

/** Starts it in a process group of its own. Throws with its log when it does not come up. */
export async function startConnector(options: ConnectorOptions): Promise<ConnectorProcess> {
  // Straight into the file: what it says last is there even when this process has been killed.
  const log = openSync(options.logFile, 'a', 0o600)
  const from = fstatSync(log).size
  const child = spawn(process.execPath, ['--import', leash, program], {
    // Ctrl-C in a terminal reaches a whole process group: it must not reach the connector before its parent says so.
    detached: true,
    stdio: ['pipe', log, log],
    env: environment(options),
  })
  closeSync(log)
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null))
  const url = await listening(child, { path: options.logFile, from })

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

/** Its address, from its own log. Throws when it ends before. */
async function listening(
  child: ChildProcess,
  log: { path: string; from: number },
): Promise<string> {
  function probe(): string | undefined {
    const written = readFileSync(log.path, 'utf8').slice(log.from)
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the connector ended: ${written.slice(-4000)}`)
    }
    return /"url":"([^"]+)".*"msg":"listening"/.exec(written)?.[1]
  }
  try {
    return await until(`the connector to listen (its log: ${log.path})`, probe, listenMs)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}
