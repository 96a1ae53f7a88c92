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

/**
 * Stores new updates. Earlier droppable ones of their runs that still wait are superseded and emptied at once,
 * so that an outage leaves one picture per run to send and not hundreds of 20 kB. One that a reporter has in
 * hand is left to it (skip locked): waiting for it here, with the run locked, could deadlock.
 */
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
      `with fresh as materialized (
       select * from json_to_recordset($1) as u (instance text, run_id text, sequence int, body text,
         droppable boolean)
     ), passed as materialized (
       select old.instance, old.run_id, old.sequence
       from status_update old
       join (select instance, run_id, max(sequence) as newest from fresh group by instance, run_id) n
         using (instance, run_id)
       where old.state = 'pending' and old.droppable and old.sequence < n.newest
       for update of old skip locked
     ), superseded as (
       update status_update u set state = 'superseded', body = '' from passed p
       where u.instance = p.instance and u.run_id = p.run_id and u.sequence = p.sequence
     )
     insert into status_update (instance, run_id, sequence, body, droppable)
     select instance, run_id, sequence, body, droppable from fresh`,
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

/**
 * Stores what became of updates that are still pending. A superseded one needs its body no more, nor does a picture
 * of progress that arrived before this one: a long job has thousands, of 400 kB with all its steps.
 */
export async function saveUpdateResults(
  db: Queryable,
  results: readonly UpdateResult[],
): Promise<void> {
  if (results.length === 0) return
  await db.query(
    prepared(
      `with result as materialized (
       select * from json_to_recordset($1) as r (instance text, run_id text, sequence int, state text, attempts int,
         problem text, reply json)
     ), overtaken as (
       update status_update u set body = '' from result r
       where r.state = 'acknowledged' and u.instance = r.instance and u.run_id = r.run_id
         and u.sequence < r.sequence and u.state = 'acknowledged' and u.droppable and u.body <> ''
     )
     update status_update u set state = r.state, attempts = r.attempts, problem = r.problem, reply = r.reply,
       body = case when r.state = 'superseded' then '' else u.body end,
       acknowledged_at = case when r.state = 'acknowledged' then clock_timestamp() end
     from result r
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

/** The newest update of a run, whatever became of it. Call it with the run's row locked (takeSequence). */
export async function newestUpdate(
  db: Queryable,
  run: { instance: string; id: string },
): Promise<StatusUpdate | null> {
  const result = await db.query<{ body: string }>(
    prepared(
      `select body from status_update where instance = $1 and run_id = $2 and body <> ''
     order by sequence desc limit 1`,
      [run.instance, run.id],
    ),
  )
  const body = result.rows[0]?.body
  // Written by ourselves through the same type.
  return body === undefined ? null : (JSON.parse(body) as StatusUpdate)
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
