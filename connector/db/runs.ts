// Runs, and steps as they are planned. One function per statement; writes take many rows, because the road
// commits in groups.
import type { Decision } from '#shared/decision.ts'
import type { Trigger } from '#shared/job-template.ts'
import type { Phase, RunState } from '#shared/status-update.ts'
import { carriableJson } from '#shared/text.ts'

import type { PlanRules, StepState } from '../next.ts'
import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'

/** A parameter value as it is stored. */
export type StoredParameters = Record<string, string | number | boolean | null>

/** One run. */
export interface RunRow {
  instance: string
  id: string
  event_seq: string
  ticket_key: string
  ticket_table: string
  ticket_sys_id: string
  ticket_number: string
  template: string
  version: number
  trigger: Trigger
  requested_by: string
  state: RunState
  message: string
  decision: Decision | null
  parameters: StoredParameters
  sequence: number
  revision: number
  cancel_requested_at: Date | null
  cancel_reason: string | null
  due_at: Date | null
  window_start: Date | null
  window_end: Date | null
  gate_passed_at: Date | null
  hold_reason: string | null
  targets: string[]
  /** Null = a run without a plan, or one planned by an older connector. */
  plan_rules: PlanRules | null
  created_at: Date
  finished_at: Date | null
}

/** One step. Its id is the client token of the launch. */
export interface StepRow {
  id: string
  instance: string
  run_id: string
  position: number
  phase: Phase
  name: string
  platform: string
  job: string
  parameters: StoredParameters
  secrets: string[]
  timeout_ms: number
  /** Number of its batch, from 1; null = it runs once for all targets. */
  batch: number | null
  targets: string[]
  critical: boolean
  /** Position of the step that this one undoes. */
  undoes: number | null
  state: StepState
  launch_at: Date | null
  job_id: string | null
  job_url: string | null
  progress: number
  message: string
  output_tail: string
  output_omitted: number
  output_cursor: string | null
  /** Digest of output_tail, of a job that has ended; null = it printed nothing, or its end was never seen. */
  output_sha256: string | null
  exit_code: number | null
  failures: number
  started_at: Date | null
  finished_at: Date | null
}

/** The key under which a run is woken up. Instance names hold no slash. */
export function runKey(run: { instance: string; id: string }): string {
  return `${run.instance}/${run.id}`
}

/** Stores new runs; a run that exists already (same instance and id) is left alone. Returns the stored keys. */
export async function insertRuns(db: Queryable, runs: readonly RunRow[]): Promise<Set<string>> {
  if (runs.length === 0) return new Set()
  const result = await db.query<{ instance: string; id: string }>(
    prepared(
      `insert into run (instance, id, event_seq, ticket_key, ticket_table, ticket_sys_id, ticket_number, template,
       version, trigger, requested_by, state, message, decision, parameters, sequence, finished_at, window_start,
       window_end, targets, plan_rules)
     select r.instance, r.id, r.event_seq, r.ticket_key, r.ticket_table, r.ticket_sys_id, r.ticket_number, r.template,
       r.version, r.trigger, r.requested_by, r.state, r.message, r.decision, r.parameters, r.sequence, r.finished_at,
       r.window_start, r.window_end, array(select json_array_elements_text(r.targets)), r.plan_rules
     from json_to_recordset($1) as r (instance text, id text, event_seq bigint, ticket_key text, ticket_table text,
       ticket_sys_id text, ticket_number text, template text, version int, trigger text, requested_by text, state text,
       message text, decision json, parameters json, sequence int, finished_at timestamptz, window_start timestamptz,
       window_end timestamptz, targets json, plan_rules json)
     on conflict do nothing
     returning instance, id`,
      [carriableJson(runs)],
    ),
  )
  return new Set(result.rows.map(runKey))
}

/** Stores the steps of new runs. */
export async function insertSteps(db: Queryable, steps: readonly StepRow[]): Promise<void> {
  if (steps.length === 0) return
  await db.query(
    prepared(
      `insert into step (id, instance, run_id, position, phase, name, platform, job, parameters, secrets, timeout_ms,
       batch, targets, critical, undoes)
     select s.id, s.instance, s.run_id, s.position, s.phase, s.name, s.platform, s.job, s.parameters,
       array(select json_array_elements_text(s.secrets)), s.timeout_ms,
       s.batch, array(select json_array_elements_text(s.targets)), s.critical, s.undoes
     from json_to_recordset($1) as s (id uuid, instance text, run_id text, position int, phase text, name text,
       platform text, job text, parameters json, secrets json, timeout_ms bigint, batch int, targets json, critical boolean,
       undoes int)`,
      [carriableJson(steps)],
    ),
  )
}

/** Loads runs by key. */
export async function loadRuns(db: Queryable, keys: readonly string[]): Promise<RunRow[]> {
  const { instances, ids } = splitKeys(keys)
  const result = await db.query<RunRow>(
    prepared(
      `select run.* from run join unnest($1::text[], $2::text[]) as k (instance, id) using (instance, id)`,
      [instances, ids],
    ),
  )
  return result.rows
}

/** What a save tells of a run: its number, and what others have asked of it by then. */
export type SavedRun = Pick<
  RunRow,
  'sequence' | 'cancel_requested_at' | 'cancel_reason' | 'hold_reason'
>

/**
 * Saves runs whose revision is still the one they were loaded with, and gives those with `numbered` the next
 * sequence number; the receipt is stored only of those with `decided`. Returns the runs that were saved by key.
 * Rows are locked in the order of their keys, as lockRuns does.
 */
export async function saveRuns(
  db: Queryable,
  saves: readonly { run: RunRow; numbered: boolean; decided: boolean }[],
): Promise<Map<string, SavedRun>> {
  if (saves.length === 0) return new Map()
  const result = await db.query<SavedRun & { instance: string; id: string }>(
    prepared(
      `update run set state = r.state, message = r.message, sequence = run.sequence + r.step,
       revision = run.revision + 1, due_at = r.due_at, finished_at = r.finished_at,
       gate_passed_at = r.gate_passed_at, decision = coalesce(r.decision, run.decision)
     from json_to_recordset($1) as r (instance text, id text, state text, message text, step int, revision int,
       due_at timestamptz, finished_at timestamptz, gate_passed_at timestamptz, decision json)
     where run.instance = r.instance and run.id = r.id and run.revision = r.revision
     returning run.instance, run.id, run.sequence, run.cancel_requested_at, run.cancel_reason, run.hold_reason`,
      [
        carriableJson(
          saves.toSorted(byKey).map(({ run, numbered, decided }) => ({
            ...savedPart(run),
            step: numbered ? 1 : 0,
            // The receipt is long and changes once at most.
            ...(decided ? { decision: run.decision } : {}),
          })),
        ),
      ],
    ),
  )
  return new Map(result.rows.map((row) => [runKey(row), row]))
}

function byKey(a: { run: RunRow }, b: { run: RunRow }): number {
  const [first, second] = [runKey(a.run), runKey(b.run)]
  if (first === second) return 0
  return first < second ? -1 : 1
}

function savedPart(run: RunRow): Partial<RunRow> {
  const { instance, id, state, message, revision, due_at, finished_at, gate_passed_at } = run
  return { instance, id, state, message, revision, due_at, finished_at, gate_passed_at }
}

/** Asks runs to cancel; only the first request counts. Returns the keys of unfinished runs that were asked. */
export async function requestCancel(
  db: Queryable,
  requests: readonly { instance: string; id: string; reason: string }[],
): Promise<string[]> {
  if (requests.length === 0) return []
  const result = await db.query<{ instance: string; id: string }>(
    prepared(
      `update run set cancel_requested_at = clock_timestamp(), cancel_reason = c.reason
     from json_to_recordset($1) as c (instance text, id text, reason text)
     where run.instance = c.instance and run.id = c.id and run.cancel_requested_at is null and run.finished_at is null
     returning run.instance, run.id`,
      [carriableJson(requests)],
    ),
  )
  return result.rows.map(runKey)
}

/** All runs the given tickets ever had, oldest first. */
export async function runsOfTickets(
  db: Queryable,
  ticketKeys: readonly string[],
): Promise<Pick<RunRow, 'instance' | 'id' | 'ticket_key' | 'template' | 'trigger' | 'state'>[]> {
  const result = await db.query<
    Pick<RunRow, 'instance' | 'id' | 'ticket_key' | 'template' | 'trigger' | 'state'>
  >(
    prepared(
      `select instance, id, ticket_key, template, trigger, state from run
     where ticket_key = any($1) order by created_at`,
      [ticketKeys],
    ),
  )
  return result.rows
}

/** Makes the unfinished runs of a job due at `now`. Returns their keys. */
export async function pullForward(
  db: Queryable,
  job: { platform: string; jobId: string },
  now: Date,
): Promise<string[]> {
  const result = await db.query<{ instance: string; id: string }>(
    prepared(
      `update run set due_at = least(run.due_at, $3)
     from step
     where step.platform = $1 and step.job_id = $2 and step.finished_at is null
       and run.instance = step.instance and run.id = step.run_id and run.finished_at is null
     returning run.instance, run.id`,
      [job.platform, job.jobId, now],
    ),
  )
  return result.rows.map(runKey)
}

/**
 * Keys of unfinished runs that should have moved before `before` and did not. A run on hold is due at no time; it
 * counts since it was created, because it looks at its limits every hour and so always has a wake-up.
 */
export async function overdueRuns(db: Queryable, before: Date, limit: number): Promise<string[]> {
  const result = await db.query<{ instance: string; id: string }>(
    prepared(
      `select instance, id from run
     where finished_at is null and coalesce(due_at, created_at) < $1
     order by coalesce(due_at, created_at) limit $2`,
      [before, limit],
    ),
  )
  return result.rows.map(runKey)
}

/** Instances and ids of run keys, for unnest. */
export function splitKeys(keys: readonly string[]): { instances: string[]; ids: string[] } {
  const parts = keys.map((key) => key.split('/'))
  return { instances: parts.map((part) => part[0] ?? ''), ids: parts.map((part) => part[1] ?? '') }
}
