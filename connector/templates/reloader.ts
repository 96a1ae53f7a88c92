// Runs the loads of the registry: one at a time, the newest last, failed ones again.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'

/** Waits before a failed load is tried again, in milliseconds; the last one repeats. */
const retryDelaysMs = [500, 1_000, 2_000, 5_000, 10_000]

/** Loads now, or soon, or again. */
export interface Reloader {
  /** Loads; rejects with what the load rejected with, and tries again by itself. */
  reload: () => Promise<void>
  /** The same for callers who do not wait: a failure is logged. */
  reloadSoon: () => void
  close: () => void
}

/** Runs one load at a time; calls during a load share the one that follows it. Failures are tried again. */
export function createReloader(load: () => Promise<void>, log: Log): Reloader {
  let active: Promise<void> | null = null
  let queued: Promise<void> | null = null
  let retry: NodeJS.Timeout | undefined
  let failures = 0
  let closed = false

  async function attempt(): Promise<void> {
    clearTimeout(retry)
    try {
      await load()
      failures = 0
    } catch (error) {
      const delay = retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)]
      failures++
      if (!closed) retry = setTimeout(reloadSoon, delay).unref()
      throw error
    }
  }

  function reload(): Promise<void> {
    if (active === null) {
      active = attempt().finally(() => {
        active = null
      })
      return active
    }
    queued ??= active.catch(ignore).then(() => {
      queued = null
      return reload()
    })
    return queued
  }

  function reloadSoon(): void {
    if (closed) return
    reload().catch((error: unknown) => {
      if (closed) return
      log.warn({ reason: messageOf(error) }, 'templates not reloaded, the earlier ones stay')
    })
  }

  return {
    reload,
    reloadSoon,
    close() {
      closed = true
      clearTimeout(retry)
    },
  }
}

function ignore(): void {
  // The caller of that load hears of its failure.
}
