// What became of runs of several steps, by what the platform and the instance saw of them; and what of it must
// never be.
import { isFinal } from '#shared/status-update.ts'
import type { RunState, StatusUpdate } from '#shared/status-update.ts'

import type { Pool } from '../../connector/db/pool.ts'
import type { MemoryJob } from './memory-platform.ts'

/** A run as it is stored. */
export interface StoredPlan {
  id: string
  state: RunState
  finished: boolean
  /** Updates nobody acknowledged. */
  untold: number
  sequence: number
  held: number
  steps: { id: string; position: number; phase: string; state: string; undoes: number | null }[]
}

/** All runs of the database. */
export async function storedPlans(pool: Pool): Promise<StoredPlan[]> {
  const { rows } = await pool.query<StoredPlan>(
    `select run.id, run.state, run.finished_at is not null as finished, run.sequence,
       (select count(*)::int from status_update u
        where u.run_id = run.id and u.state in ('pending', 'dead')) as untold,
       (select count(*)::int from run_target t where t.run_id = run.id and t.held) as held,
       (select coalesce(json_agg(json_build_object('id', id, 'position', position, 'phase', phase,
          'state', state, 'undoes', undoes) order by position), '[]')
        from step where step.run_id = run.id) as steps
     from run`,
  )
  return rows
}

/** What must not be, one line each; empty = all well. `jobs` = everything the platform was asked to launch. */
export function violationsOf(
  plan: StoredPlan,
  seen: { jobs: readonly MemoryJob[]; last: StatusUpdate | undefined },
): string[] {
  const problems: string[] = []
  const launched = launchedSteps(plan, seen.jobs)
  const tokens = launched.map(({ id }) => id)
  if (!plan.finished) problems.push(`it is ${plan.state} and has not ended`)
  if (new Set(tokens).size !== tokens.length) problems.push('a step was launched twice')
  if (plan.held > 0) problems.push('it holds targets')
  if (plan.untold > 0) problems.push(`${plan.untold} updates were not told`)
  if (seen.last === undefined || !isFinal(seen.last.state)) problems.push('its end was not told')
  if (seen.last?.state !== plan.state) problems.push(`the instance says ${seen.last?.state}`)
  if (seen.last?.sequence !== plan.sequence) problems.push('the last update is missing')
  return [...problems, ...orderProblems(plan, launched)].map(
    (problem) => `run ${plan.id} (${plan.state}): ${problem}`,
  )
}

type Step = StoredPlan['steps'][number]

/** The steps in the order in which the platform got their jobs. */
function launchedSteps(plan: StoredPlan, jobs: readonly MemoryJob[]): Step[] {
  const byId = new Map(plan.steps.map((step) => [step.id, step]))
  return jobs.flatMap(({ request }) => byId.get(request.token) ?? [])
}

/** Forward steps by position, then what was executed backwards: all of it, or up to where it failed. */
function orderProblems({ state }: StoredPlan, launched: readonly Step[]): string[] {
  const forward = launched.filter(({ phase }) => phase !== 'rollback')
  const undone = launched.filter(({ phase }) => phase === 'rollback')
  const executed = forward
    .filter(({ phase }) => phase === 'execute')
    .map(({ position }) => position)
  const problems: string[] = []
  if (launched.slice(0, forward.length).some(({ phase }) => phase === 'rollback')) {
    problems.push('a step was launched after the rollback had begun')
  }
  if (!isSame(positions(forward), positions(forward).toSorted(byNumber))) {
    problems.push(`steps in the order ${positions(forward).join(', ')}`)
  }
  const expected = executed.toReversed()
  const got = undone.map(({ undoes }) => undoes ?? 0)
  const wanted = expectedUndone(state, expected, got.length)
  if (wanted !== null && !isSame(got, wanted)) {
    problems.push(`executed ${executed.join(', ')} but undone ${got.join(', ')}`)
  }
  return problems
}

/** Null = the state says nothing about it. */
function expectedUndone(
  state: RunState,
  expected: readonly number[],
  count: number,
): readonly number[] | null {
  switch (state) {
    case 'rolled_back':
      return expected
    case 'rollback_failed':
      return count === 0 ? null : expected.slice(0, count)
    default:
      return []
  }
}

function positions(steps: readonly Step[]): number[] {
  return steps.map(({ position }) => position)
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

function byNumber(a: number, b: number): number {
  return a - b
}
