// What the queue looks up in pg-boss's table of jobs itself, by key. A job that was sent for a next try has
// `tries` above 0 in its data (see queue.ts).
import type { PgBoss } from 'pg-boss'

import type { Queryable } from './pool.ts'
import type { QueueName } from './queue-settings.ts'

/**
 * Deletes the other wake-ups of keys in hand that the handler, which reads the state after this, covers: those
 * that are due (a ticket with 500 events would take 500 fetches and hold up every ticket queued behind it,
 * because a fetch takes one job per key out of the oldest few) and next tries, due or not (each would go on
 * beside the one of this job). Returns how often each key had been tried by those.
 */
export async function dropRepeats(
  boss: PgBoss,
  queue: QueueName,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await boss.getDb().executeSql(
    `delete from pgboss.job where name = $1 and id in (
       select id from pgboss.job
       where name = $1 and singleton_key = any($2) and state < 'active'
         and (state = 'retry' or start_after <= now() or (data->>'tries')::int > 0)
       for update skip locked)
     returning singleton_key as key,
       (data->>'tries')::int + case when state = 'retry' then retry_count + 1 else 0 end as tries`,
    [queue, keys],
  )
  const tried = new Map<string, number>()
  for (const { key, tries } of rows as { key: string; tries: number }[]) {
    tried.set(key, Math.max(tries, tried.get(key) ?? 0))
  }
  return tried
}

/** Those of the keys that have no job: neither waiting, nor to be tried again, nor in hand. */
export async function withoutJob(
  db: Queryable,
  queue: QueueName,
  keys: readonly string[],
): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `select key from unnest($2::text[]) as k (key) where not exists (
       select from pgboss.job
       where name = $1 and singleton_key = key and state in ('created', 'retry', 'active'))`,
    [queue, keys],
  )
  return rows.map(({ key }) => key)
}
