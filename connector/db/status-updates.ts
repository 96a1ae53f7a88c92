// The connector's own outbox: status updates on their way to the instance.
import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'
import { asciiJson, carriable, carriableJson } from '#shared/text.ts'

import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'

/** An update as it is written. */
export interface NewStatusUpdate {
  instance: string
  update: StatusUpdate
  /** A later update may take its place before it was sent. */
  droppable: boolean
}

/** An update that is still to be acknowledged. */
export interface PendingUpdate {
  instance: string
  run_id: string
  sequence: number
  body: string
  droppable: boolean
  attempts: number
  created_at: Date
}

/** What became of a pending update. */
export interface UpdateResult {
  instance: string
  run_id: string
  sequence: number
  state: 'pending' | 'acknowledged' | 'superseded' | 'dead'
  attempts: number
  problem: string | null
  reply: StatusReply | null
}

/** Stores new updates. */
export async function insertUpdates(
  db: Queryable,
  updates: readonly NewStatusUpdate[],
): Promise<void> {
  if (updates.length === 0) return
  const rows = updates.map(({ instance, update, droppable }) => ({
    instance,
    run_id: update.run_id,
    sequence: update.sequence,
    body: asciiJson(carriable(update)),
    droppable,
  }))
  await db.query(
    prepared(
      `insert into status_update (instance, run_id, sequence, body, droppable)
     select u.instance, u.run_id, u.sequence, u.body, u.droppable
     from json_to_recordset($1) as u (instance text, run_id text, sequence int, body text, droppable boolean)`,
      [carriableJson(rows)],
    ),
  )
}

/** Pending updates of runs, oldest first. Keys as runKey gives them. */
export async function pendingUpdates(
  db: Queryable,
  keys: readonly string[],
): Promise<PendingUpdate[]> {
  const parts = keys.map((key) => key.split('/'))
  const result = await db.query<PendingUpdate>(
    prepared(
      `select u.instance, u.run_id, u.sequence, u.body, u.droppable, u.attempts, u.created_at
     from status_update u
     join unnest($1::text[], $2::text[]) as k (instance, run_id) using (instance, run_id)
     where u.state = 'pending' order by u.instance, u.run_id, u.sequence`,
      [parts.map((part) => part[0] ?? ''), parts.map((part) => part[1] ?? '')],
    ),
  )
  return result.rows
}

/** Stores what became of updates. */
export async function saveUpdateResults(
  db: Queryable,
  results: readonly UpdateResult[],
): Promise<void> {
  if (results.length === 0) return
  await db.query(
    prepared(
      `update status_update u set state = r.state, attempts = r.attempts, problem = r.problem, reply = r.reply,
       acknowledged_at = case when r.state = 'acknowledged' then clock_timestamp() end
     from json_to_recordset($1) as r (instance text, run_id text, sequence int, state text, attempts int,
       problem text, reply json)
     where u.instance = r.instance and u.run_id = r.run_id and u.sequence = r.sequence and u.state = 'pending'`,
      [carriableJson(results)],
    ),
  )
}

/** Takes the next sequence number of a run, for an update that does not come from a save of the run. */
export async function takeSequence(
  db: Queryable,
  run: { instance: string; id: string },
): Promise<number | null> {
  const result = await db.query<{ sequence: number }>(
    prepared(
      `update run set sequence = sequence + 1 where instance = $1 and id = $2 returning sequence`,
      [run.instance, run.id],
    ),
  )
  return result.rows[0]?.sequence ?? null
}

/** Keys of runs whose updates have been pending since before `before`. */
export async function overdueUpdates(
  db: Queryable,
  before: Date,
  limit: number,
): Promise<string[]> {
  const result = await db.query<{ instance: string; run_id: string }>(
    prepared(
      `select distinct instance, run_id from status_update
     where state = 'pending' and created_at < $1 limit $2`,
      [before, limit],
    ),
  )
  return result.rows.map((row) => `${row.instance}/${row.run_id}`)
}
