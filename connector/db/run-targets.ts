// What runs work on. One function per statement.
import { carriableJson } from '#shared/text.ts'

import type { TargetRun } from '../checks/check.ts'
import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'
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
