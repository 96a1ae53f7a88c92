import type { Pool } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
// Whether this process can do its work: the database answers and the workers reach it.
import { messageOf } from './errors.ts'

/** Answer of GET /readyz. */
export interface Readiness {
  ready: boolean
  checks: readonly { name: string; ok: boolean; reason: string }[]
}

const databaseLimitMs = 3_000

/** Looks at everything this process depends on. Never rejects. */
export async function readReadiness(deps: { pool: Pool; queue: Queue }): Promise<Readiness> {
  const workers = deps.queue.health(new Date()).map(({ queue, ok, reason }) => {
    return { name: `workers ${queue}`, ok, reason }
  })
  const checks = [await checkDatabase(deps.pool), ...workers]
  return { ready: checks.every((check) => check.ok), checks }
}

async function checkDatabase(pool: Pool): Promise<Readiness['checks'][number]> {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    limit.reject(new Error(`no answer within ${databaseLimitMs} ms`))
  }, databaseLimitMs)
  try {
    await Promise.race([pool.query('select 1'), limit.promise])
    return { name: 'database', ok: true, reason: 'answers' }
  } catch (error) {
    return { name: 'database', ok: false, reason: messageOf(error) }
  } finally {
    clearTimeout(timer)
  }
}
