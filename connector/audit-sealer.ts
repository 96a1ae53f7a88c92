// Seals the audit entries of the last moments into the chain, and writes the head of the chain to the log now and
// then: a log kept elsewhere proves that the chain was not cut or written anew.
import { sealAudit } from './db/audit.ts'
import { isDatabaseUnavailable } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import type { Log } from './log.ts'

/** How long an entry may wait for its seal. */
const sealEveryMs = 1_000

/** How often the head is logged while the chain grows. */
const headEveryMs = 600_000

/** Starts sealing; replicas may seal at the same time, one of them does it. */
export function startAuditSealer(deps: { pool: Pool; log: Log }): { stop(): Promise<void> } {
  const { pool, log } = deps
  let stopped = false
  let loggedAt = 0
  let sealing: Promise<void> = Promise.resolve()
  let timer = setTimeout(next, sealEveryMs)
  timer.unref()

  async function seal(): Promise<void> {
    try {
      let head = await sealAudit(pool)
      // What a stop leaves, the next start seals.
      while (head?.more === true && !stopped) head = await sealAudit(pool)
      if (head === null || Date.now() - loggedAt < headEveryMs) return
      loggedAt = Date.now()
      log.info({ position: head.position, hash: head.hash }, 'audit chain head')
    } catch (error) {
      if (!isDatabaseUnavailable(error)) log.error({ err: error }, 'audit entries not sealed')
    }
  }

  function next(): void {
    sealing = seal().then(() => {
      if (stopped) return
      timer = setTimeout(next, sealEveryMs)
      timer.unref()
    })
  }

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await sealing
      await seal()
    },
  }
}
