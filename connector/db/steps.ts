// Steps of runs as advancing reads and writes them. Only what changed is written: a plan has many steps, and one
// save touches one or two of them.
import { carriableJson } from '#shared/text.ts'

import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'
import { splitKeys } from './runs.ts'
import type { StepRow } from './runs.ts'

/** What each step was last loaded or saved with. */
const known = new WeakMap<StepRow, { state: string; tail: string; wiped: boolean }>()

/**
 * Loads the steps of runs by run key, in order of position. Output is read of the last two steps that have begun, of
 * the last that did its work and the last that went wrong (an end tells these, processes/what-ran.ts), and where there
 * is no digest of it: nobody looks at the rest, and hundreds of steps have 20 kB each.
 */
export async function loadSteps(db: Queryable, keys: readonly string[]): Promise<StepRow[]> {
  const { instances, ids } = splitKeys(keys)
  const result = await db.query<
    StepRow & { timeout_ms: string | number; output_omitted: string | number }
  >(
    prepared(
      `select id, instance, run_id, position, phase, name, platform, job, parameters, secrets, timeout_ms, batch,
       targets, critical, undoes, state, launch_at, job_id, job_url, progress, message, output_omitted, output_cursor,
       output_sha256, exit_code, failures, started_at, finished_at,
       case when output_sha256 is null or begun_later < 2
         or (done_later = 0 and phase = 'execute' and state = 'succeeded')
         or (failed_later = 0 and phase <> 'rollback' and state = 'failed')
         then output_tail else '' end as output_tail
     from (
       select step.*, count(*) filter (where state not in ('pending', 'skipped')) over later as begun_later,
         count(*) filter (where phase = 'execute' and state = 'succeeded') over later as done_later,
         count(*) filter (where phase <> 'rollback' and state = 'failed') over later as failed_later
       from step join unnest($1::text[], $2::text[]) as k (instance, run_id) using (instance, run_id)
       window later as (partition by instance, run_id order by position desc
         rows between unbounded preceding and 1 preceding)
     ) step order by position`,
      [instances, ids],
    ),
  )
  // bigint arrives as text from pg; both fit a double by far.
  const steps = result.rows.map((row) => ({
    ...row,
    timeout_ms: Number(row.timeout_ms),
    output_omitted: Number(row.output_omitted),
  }))
  stepsSaved(steps)
  return steps
}

/**
 * Saves what has changed of steps since they were loaded or saved. Call it only for runs whose save succeeded
 * in the same transaction, and stepsSaved once that is committed.
 */
export async function saveSteps(db: Queryable, steps: readonly StepRow[]): Promise<void> {
  const changed = steps.flatMap(changedPart)
  if (changed.length === 0) return
  await db.query(
    prepared(
      `update step set state = s.state, launch_at = s.launch_at, job_id = s.job_id, job_url = s.job_url,
       progress = s.progress, message = s.message, output_tail = coalesce(s.output_tail, step.output_tail),
       output_omitted = s.output_omitted,
       output_cursor = s.output_cursor, output_sha256 = s.output_sha256, exit_code = s.exit_code, failures = s.failures, started_at = s.started_at,
       finished_at = s.finished_at, parameters = coalesce(s.parameters, step.parameters)
     from json_to_recordset($1) as s (id uuid, state text, launch_at timestamptz, job_id text, job_url text,
       progress int, message text, output_tail text, output_omitted bigint, output_cursor text, output_sha256 text,
       exit_code int,
       failures int, started_at timestamptz, finished_at timestamptz, parameters json)
     where step.id = s.id`,
      [carriableJson(changed)],
    ),
  )
}

/** Remembers that the steps are stored as they are now. */
export function stepsSaved(steps: readonly StepRow[]): void {
  for (const step of steps) {
    known.set(step, {
      state: JSON.stringify(smallPart(step)),
      tail: step.output_tail,
      wiped: isWiped(step),
    })
  }
}

/** Large texts only when they changed; parameters only when their secrets have been wiped. */
function changedPart(step: StepRow): object[] {
  const before = known.get(step)
  const small = smallPart(step)
  const sameTail = before?.tail === step.output_tail
  const sameParameters = before?.wiped === isWiped(step)
  if (sameTail && sameParameters && before?.state === JSON.stringify(small)) return []
  return [
    {
      ...small,
      ...(sameTail ? {} : { output_tail: step.output_tail }),
      ...(sameParameters ? {} : { parameters: step.parameters }),
    },
  ]
}

function smallPart(step: StepRow): Partial<StepRow> {
  const { id, state, launch_at, job_id, job_url, progress, message } = step
  const {
    output_omitted,
    output_cursor,
    output_sha256,
    exit_code,
    failures,
    started_at,
    finished_at,
  } = step
  return {
    id,
    state,
    launch_at,
    job_id,
    job_url,
    progress,
    message,
    output_omitted,
    output_cursor,
    output_sha256,
    exit_code,
    failures,
    started_at,
    finished_at,
  }
}

/** Takes the secret values of a step away. Nothing can be launched with it any more. */
export function wipeSecrets(step: StepRow): void {
  for (const name of step.secrets) step.parameters[name] = null
}

function isWiped({ secrets, parameters }: StepRow): boolean {
  return secrets.every((name) => parameters[name] == null)
}
