// What the decide step changes in runs that workers may have in hand. One function per statement. Everything
// here happens under the run's row lock (lockRuns), in the transaction of the event that asks for it.
//
// A worker's save is fenced by the run's revision. A change that a worker must know of raises it, so that what
// the worker was about to do is refused and looked at anew. It is not raised while a launch is in doubt: the
// answer to that launch must not be refused, or nobody would know of the job.
import { carriableJson } from '#shared/text.ts'

import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'
import { splitKeys } from './runs.ts'
import type { RunRow } from './runs.ts'

/** A locked run. */
export interface LockedRun {
  run: RunRow
  /** A step of it has begun. */
  begun: boolean
  /** The answer to a launch is still to be stored. */
  launching: boolean
}

/** Locks the unfinished ones of the runs until the transaction ends, in the order of their keys. */
export async function lockRuns(db: Queryable, keys: readonly string[]): Promise<LockedRun[]> {
  if (keys.length === 0) return []
  const { instances, ids } = splitKeys(keys)
  const { rows: runs } = await db.query<RunRow>(
    prepared(
      `select run.* from run join unnest($1::text[], $2::text[]) as k (instance, id) using (instance, id)
     where run.finished_at is null order by run.instance collate "C", run.id collate "C" for update of run`,
      [instances, ids],
    ),
  )
  // A second statement: what the first one waited for must be seen.
  const { rows: begun } = await db.query<{ run_id: string; instance: string; launching: boolean }>(
    prepared(
      `select step.instance, step.run_id, bool_or(step.state = 'launching') as launching
     from step join unnest($1::text[], $2::text[]) as k (instance, run_id) using (instance, run_id)
     where step.state <> 'pending' group by step.instance, step.run_id`,
      [instances, ids],
    ),
  )
  return runs.map((run) => {
    const own = begun.find((row) => row.instance === run.instance && row.run_id === run.id)
    return { run, begun: own !== undefined, launching: own?.launching ?? false }
  })
}

/** Makes workers that have one of the runs in hand give up what they are about to store. */
export async function overtakeWorkers(db: Queryable, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const { instances, ids } = splitKeys(keys)
  await db.query(
    prepared(
      `update run set revision = revision + 1
     from unnest($1::text[], $2::text[]) as k (instance, id)
     where run.instance = k.instance and run.id = k.id`,
      [instances, ids],
    ),
  )
}

/** Puts runs on hold (a reason) or releases them (null); a released one is due at `now`. */
export async function changeHolds(
  db: Queryable,
  holds: readonly { instance: string; id: string; reason: string | null }[],
  now: Date,
): Promise<void> {
  if (holds.length === 0) return
  await db.query(
    prepared(
      `update run set hold_reason = h.reason, due_at = case when h.reason is null then $2 else run.due_at end
     from json_to_recordset($1) as h (instance text, id text, reason text)
     where run.instance = h.instance and run.id = h.id`,
      [carriableJson(holds), now],
    ),
  )
}

/** The run as it is planned anew; the rows of its old steps and targets go. */
export async function replaceRun(
  db: Queryable,
  run: Pick<RunRow, 'instance' | 'id' | 'event_seq'> & Partial<RunRow>,
): Promise<void> {
  await db.query(
    prepared(
      `with planned as materialized (
       select * from json_to_record($1) as r (instance text, id text, event_seq bigint, state text, message text,
         decision json, parameters json, targets json, window_start timestamptz, window_end timestamptz,
         plan_rules json, sequence int, due_at timestamptz, finished_at timestamptz)
     ), steps as (
       delete from step using planned p where step.instance = p.instance and step.run_id = p.id
     ), targets as (
       delete from run_target t using planned p where t.instance = p.instance and t.run_id = p.id
     )
     update run set first_event_seq = coalesce(run.first_event_seq, run.event_seq), event_seq = p.event_seq,
       state = p.state, message = p.message, decision = p.decision, parameters = p.parameters,
       targets = array(select json_array_elements_text(p.targets)), window_start = p.window_start,
       window_end = p.window_end, plan_rules = p.plan_rules, sequence = p.sequence, due_at = p.due_at,
       finished_at = p.finished_at, gate_passed_at = null, revision = run.revision + 1
     from planned p where run.instance = p.instance and run.id = p.id`,
      [carriableJson(run)],
    ),
  )
}

/** Notes the last event that each run was compared with. */
export async function markSeen(
  db: Queryable,
  seen: readonly { instance: string; id: string; seq: string }[],
): Promise<void> {
  if (seen.length === 0) return
  await db.query(
    prepared(
      `update run set seen_event_seq = s.seq
     from json_to_recordset($1) as s (instance text, id text, seq bigint)
     where run.instance = s.instance and run.id = s.id`,
      [carriableJson(seen)],
    ),
  )
}

/** Bodies of the events that a run knows its ticket from; null = the same event as the one it was decided by. */
interface KnownTickets {
  instance: string
  id: string
  /** Of the event that asked for the run. */
  first: string | null
  /** Of the event that it was decided by. */
  decided: string
  /** Of the last event that it was compared with. */
  seen: string | null
}

/** The events that unfinished runs know their tickets from. A body may have 1.75 MB: none comes twice for a run. */
export async function ticketsOfRuns(
  db: Queryable,
  keys: readonly string[],
): Promise<KnownTickets[]> {
  const { instances, ids } = splitKeys(keys)
  const result = await db.query<KnownTickets>(
    prepared(
      `select run.instance, run.id, decided.body as decided,
       case when first.seq <> decided.seq then first.body end as first,
       case when seen.seq <> decided.seq then seen.body end as seen
     from run join unnest($1::text[], $2::text[]) as k (instance, id) using (instance, id)
     join event decided on decided.seq = run.event_seq
     join event first on first.seq = coalesce(run.first_event_seq, run.event_seq)
     join event seen on seen.seq = greatest(run.seen_event_seq, run.event_seq)
     where run.finished_at is null`,
      [instances, ids],
    ),
  )
  return result.rows
}
