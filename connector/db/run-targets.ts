// What runs work on, and who holds it now: no two runs at once. One function per statement.
import { carriableJson } from '#shared/text.ts'

import type { TargetRun } from '../checks/check.ts'
import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'
import { runKey } from './runs.ts'
import type { RunRow } from './runs.ts'

/** Runs on one target that are looked at; limits count far fewer. */
const historyLimit = 200

/** Notes what new runs will work on; nothing is held yet. */
export async function insertRunTargets(
  db: Queryable,
  runs: readonly Pick<RunRow, 'instance' | 'id' | 'template' | 'targets'>[],
): Promise<void> {
  const rows = runs.flatMap(({ instance, id, template, targets }) =>
    targets.map((target) => ({ instance, run_id: id, template, target })),
  )
  if (rows.length === 0) return
  await db.query(
    prepared(
      `insert into run_target (instance, run_id, target, template)
     select t.instance, t.run_id, t.target, t.template
     from json_to_recordset($1) as t (instance text, run_id text, target text, template text)
     on conflict do nothing`,
      [carriableJson(rows)],
    ),
  )
}

/** Runs of an instance on any of the targets, newest first, at most 200 per target. Refused ones left none. */
export async function runsOnTargets(
  db: Queryable,
  instance: string,
  targets: readonly string[],
): Promise<TargetRun[]> {
  if (targets.length === 0) return []
  const result = await db.query<TargetRun>(
    prepared(
      `select t.target, run.id, run.template, run.ticket_table as "ticketTable",
       run.ticket_number as "ticketNumber", run.state, run.created_at as "createdAt",
       run.gate_passed_at as "startedAt", run.window_start as "windowStart",
       run.finished_at as "finishedAt"
     from unnest($2::text[]) as wanted (target)
     cross join lateral (
       select run_id, target from run_target
       where instance = $1 and run_target.target = wanted.target order by created_at desc limit ${historyLimit}
     ) t
     join run on run.instance = $1 and run.id = t.run_id
     order by run.created_at desc`,
      [instance, targets],
    ),
  )
  return result.rows
}

/** A target that another run holds. */
export interface HeldTarget {
  target: string
  runId: string
  ticketNumber: string
  template: string
  /** That run has ended: it was overtaken while it took hold, and nobody else will let go. */
  ended: boolean
}

/** SQLSTATE: somebody took one of them first; somebody took several in another order. */
const takenStates = new Set(['23505', '40P01'])

/**
 * Takes hold of all targets of a run, or of none: false = somebody has one, or another worker has gone on with
 * the run. May be repeated. The run's row is locked meanwhile, so that a worker that was overtaken cannot take
 * hold for a run that has ended; targets are taken in their order, so that two runs do not wait for each other.
 * It does not wait for the disk: the launch intent comes after it in the same log and does, and a hold that a
 * crash of the server undoes before that has led to nothing.
 */
export async function holdTargets(
  db: Queryable,
  run: Pick<RunRow, 'instance' | 'id' | 'revision'>,
): Promise<boolean> {
  try {
    const { rows } = await db.query<{ done: boolean }>(
      prepared(
        `with own as materialized (
         select instance, id, template, targets, set_config('synchronous_commit', 'off', true) from run
         where instance = $1 and id = $2 and revision = $3 and finished_at is null
         for share
       ), wanted as materialized (
         select distinct own.instance, own.id, own.template, t.target
         from own cross join unnest(own.targets) as t (target)
         where not exists (
           select from run_target other
           where other.instance = own.instance and other.target = any(own.targets) and other.held
             and other.run_id <> own.id)
       ), taken as (
         insert into run_target (instance, run_id, target, template, held)
         select instance, id, target, template, true from wanted order by target
         on conflict (instance, run_id, target) do update set held = true
         returning 1
       )
       select count(*) > 0 as done from taken`,
        [run.instance, run.id, run.revision],
      ),
    )
    return rows[0]?.done === true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (takenStates.has(code)) return false
    throw error
  }
}

/** Those of a run's targets that other runs hold, in their order. */
export async function targetsHeldByOthers(
  db: Queryable,
  run: Pick<RunRow, 'instance' | 'id' | 'targets'>,
): Promise<HeldTarget[]> {
  const result = await db.query<HeldTarget>(
    prepared(
      `select t.target, run.id as "runId", run.ticket_number as "ticketNumber", run.template,
       run.finished_at is not null as ended
     from run_target t join run on run.instance = t.instance and run.id = t.run_id
     where t.instance = $1 and t.target = any($3) and t.held and t.run_id <> $2
     order by t.target`,
      [run.instance, run.id, run.targets],
    ),
  )
  return result.rows
}

/** Runs that one target's release wakes: one of them gets it, and a few more may wait for other targets, too. */
const wokenPerTarget = 10

/**
 * Lets go of what the runs hold, and makes the runs that have waited longest for it due at `now`. Returns the keys
 * of those, oldest first: they are to be woken. The others look again by themselves: of a thousand runs of one
 * alarm, all of them at every release would come to half a million looks.
 */
export async function releaseTargets(
  db: Queryable,
  runs: readonly Pick<RunRow, 'instance' | 'id'>[],
  now: Date,
): Promise<string[]> {
  if (runs.length === 0) return []
  const result = await db.query<{ instance: string; id: string; created_at: Date }>(
    prepared(
      `with released as (
       update run_target t set held = false
       from unnest($1::text[], $2::text[]) as ended (instance, run_id)
       where t.instance = ended.instance and t.run_id = ended.run_id and t.held
       returning t.instance, t.target
     )
     update run set due_at = $3
     from (
       select distinct instance, id from (
         select waiting.instance, waiting.id, row_number() over (
           partition by t.instance, t.target order by waiting.created_at, waiting.id) as place
         from run waiting
         join run_target t on t.instance = waiting.instance and t.run_id = waiting.id
         join released on released.instance = t.instance and released.target = t.target
         where waiting.state = 'waiting' and waiting.gate_passed_at is null and waiting.finished_at is null
           and waiting.hold_reason is null and coalesce(waiting.window_start, $3) <= $3
       ) ranked
       where place <= ${wokenPerTarget}
     ) w
     where run.instance = w.instance and run.id = w.id and run.state = 'waiting'
       and run.gate_passed_at is null and run.finished_at is null and run.due_at > $3
     returning run.instance, run.id, run.created_at`,
      [runs.map(({ instance }) => instance), runs.map(({ id }) => id), now],
    ),
  )
  const oldestFirst = result.rows.toSorted(
    (a, b) => a.created_at.getTime() - b.created_at.getTime(),
  )
  return oldestFirst.map(runKey)
}
