// The driver's end of the channel to its supervisor: starts it when it is needed, sends launches, hears ends.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { ConnectorError } from '../../errors.ts'
import type { EndedMessage, LaunchMessage, LaunchReply } from './records.ts'

/** How long `close` waits for a supervisor without jobs to leave. */
const closeMs = 2000

const program = fileURLToPath(new URL('./supervisor.ts', import.meta.url))

/** Launches through the supervisor. */
export interface SupervisorLink {
  /**
   * Sends one launch. When the supervisor goes away before it answers, or the signal fires, this rejects
   * and the job may or may not have begun: the files say.
   */
  launch(message: Omit<LaunchMessage, 'id'>, signal: AbortSignal): Promise<LaunchReply>
  /** Lets go of the supervisor, which stays until its jobs have ended. */
  close(): Promise<void>
}

interface Waiter {
  resolve(reply: LaunchReply): void
  reject(error: Error): void
}

/** A supervisor process and what was asked of it. */
interface Supervisor {
  child: ChildProcess
  gone: boolean
  waiters: Map<number, Waiter>
  /** Launched and not heard of since: it stays for them. */
  unfinished: Set<string>
}

/** A link for one work directory. Nothing is started before the first launch. */
export function createSupervisorLink(
  workDir: string,
  onEnded: (token: string) => void,
): SupervisorLink {
  let supervisor: Supervisor | null = null
  let lastId = 0

  function launch(message: Omit<LaunchMessage, 'id'>, signal: AbortSignal): Promise<LaunchReply> {
    if (supervisor === null || supervisor.gone) supervisor = startSupervisor(workDir, onEnded)
    return ask(supervisor, { ...message, id: ++lastId }, signal)
  }

  async function close(): Promise<void> {
    if (supervisor !== null && !supervisor.gone) await letGo(supervisor)
  }
  return { launch, close }
}

function startSupervisor(workDir: string, onEnded: (token: string) => void): Supervisor {
  mkdirSync(workDir, { recursive: true, mode: 0o700 })
  const log = openSync(join(workDir, '.supervisor.log'), 'a', 0o600)
  const child = spawn(process.execPath, [program, workDir], {
    // Nothing of the connector's own environment, which may hold secrets.
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', log, 'ipc'],
    cwd: workDir,
    detached: true,
  })
  closeSync(log)
  const supervisor: Supervisor = { child, gone: false, waiters: new Map(), unfinished: new Set() }
  child.on('message', (message) => {
    // Only our own program holds the other end of this channel.
    const heard = message as LaunchReply | EndedMessage
    if ('ended' in heard) {
      supervisor.unfinished.delete(heard.ended)
      onEnded(heard.ended)
    } else supervisor.waiters.get(heard.id)?.resolve(heard)
  })
  child.once('error', (error) => giveUp(supervisor, error.message))
  child.once('exit', (code, signal) => giveUp(supervisor, `exit ${code ?? signal}`))
  // The connector must not stay alive for it, except while a launch waits for its answer.
  child.unref()
  child.channel?.unref()
  return supervisor
}

async function ask(
  supervisor: Supervisor,
  message: LaunchMessage,
  signal: AbortSignal,
): Promise<LaunchReply> {
  signal.throwIfAborted()
  const { child, waiters, unfinished } = supervisor
  const { promise, resolve, reject } = Promise.withResolvers<LaunchReply>()
  function abort(): void {
    reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  }
  waiters.set(message.id, { resolve, reject })
  unfinished.add(message.token)
  child.channel?.ref()
  signal.addEventListener('abort', abort, { once: true })
  if (child.connected) {
    child.send(message, (error) => {
      if (error !== null) giveUp(supervisor, error.message)
    })
  } else giveUp(supervisor, 'it is not connected')
  try {
    const reply = await promise
    if (reply.outcome === 'exists') unfinished.delete(message.token)
    return reply
  } finally {
    signal.removeEventListener('abort', abort)
    waiters.delete(message.id)
    if (waiters.size === 0) child.channel?.unref()
  }
}

function giveUp(supervisor: Supervisor, how: string): void {
  supervisor.gone = true
  const reason = `the supervisor of the built-in runner went away (${how})`
  for (const waiter of supervisor.waiters.values()) {
    waiter.reject(new ConnectorError('platform_error', reason, { retryable: true }))
  }
}

async function letGo({ child, unfinished }: Supervisor): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  if (child.connected) child.disconnect()
  if (unfinished.size > 0) return
  const limit = new AbortController()
  const timeout = delay(closeMs, undefined, { signal: limit.signal }).catch(() => {})
  await Promise.race([gone, timeout])
  limit.abort()
}
