// What must hold after a soak, whatever happened in it.
import type pg from 'pg'

import { readLedger } from '../../connector/db/ledger.ts'
import type { Ledger } from '../../connector/db/ledger.ts'
import type { RecordingInstance } from '../support/recording-instance.ts'
import type { Order, Site } from '../support/site.ts'

/** A requested run and what was done with it. */
export interface Requested {
  order: Order
  cancelAsked: boolean
}

/** What the check looks at. */
export interface Evidence {
  requested: readonly Requested[]
  instance: RecordingInstance
  site: Site
  pool: pg.Pool
}

/** What the check found. */
export interface Findings {
  ledger: Ledger
  /** How many runs ended in which state. */
  states: Record<string, number>
  /** One line each; empty = all well. */
  violations: string[]
}

interface StoredRun {
  id: string
  state: string
  token: string | null
  sequences: number[]
  untold: number
}

/** Compares what the database, the jobs and the instance say of every run. */
export async function check(evidence: Evidence): Promise<Findings> {
  const { pool, requested, instance } = evidence
  const ledger = await readLedger(pool)
  const runs = new Map((await storedRuns(pool)).map((run) => [run.id, run]))
  const violations = [...instance.violations]
  for (const name of ['missing', 'dead'] as const) {
    if (ledger[name] > 0) violations.push(`the ledger says ${name}: ${ledger[name]}`)
  }
  if (runs.size !== requested.length) {
    violations.push(`${runs.size} runs are stored, ${requested.length} were asked for`)
  }
  const states: Record<string, number> = {}
  for (const one of requested) {
    const run = runs.get(one.order.runId)
    const problems = run === undefined ? ['it is not stored'] : problemsOf(one, run, evidence)
    states[run?.state ?? 'none'] = (states[run?.state ?? 'none'] ?? 0) + 1
    violations.push(...problems.map((problem) => `run ${one.order.runId}: ${problem}`))
  }
  return { ledger, states, violations }
}

async function storedRuns(pool: pg.Pool): Promise<StoredRun[]> {
  const { rows } = await pool.query<StoredRun>(
    `select run.id, run.state, step.id as token,
       array(select sequence from status_update u where u.run_id = run.id order by sequence) as sequences,
       (select count(*)::int from status_update u where u.run_id = run.id and state in ('pending', 'dead')) as untold
     from run left join step on step.run_id = run.id`,
  )
  return rows
}

function problemsOf(
  { order, cancelAsked }: Requested,
  run: StoredRun,
  evidence: Evidence,
): string[] {
  const { site, instance } = evidence
  const told = instance.runs.get(run.id)
  const launches = site.launches(order)
  const problems: string[] = []
  const ends = cancelAsked ? ['succeeded', 'cancelled'] : ['succeeded']
  if (!ends.includes(run.state)) problems.push(`it is ${run.state}`)
  // A run that is cancelled in time is not launched at all.
  const least = run.state === 'cancelled' ? 0 : 1
  if (launches.length < least || launches.length > 1) problems.push(`${launches.length} launches`)
  if (launches.some((token) => token !== run.token)) problems.push('launched with a foreign token')
  if (run.untold > 0) problems.push(`${run.untold} updates were not told`)
  if (run.sequences.some((sequence, index) => sequence !== index + 1)) {
    problems.push(`its updates are numbered ${run.sequences.join(', ')}`)
  }
  if (told === undefined) return [...problems, 'the instance never heard of it']
  if (told.state !== run.state) problems.push(`the instance says ${told.state}`)
  if (told.sequence !== run.sequences.at(-1)) problems.push('the instance has not the last update')
  const resolved = told.changes.filter(({ transition }) => transition === 'resolved').length
  if (resolved !== (run.state === 'succeeded' ? 1 : 0)) problems.push(`resolved ${resolved} times`)
  const notes = told.notes.filter(({ key }) => key === `${run.id}:end`).length
  if (notes !== 1) problems.push(`${notes} notes of its end`)
  for (const [key, texts] of told.noteTexts) {
    if (texts.size > 1) problems.push(`${texts.size} texts for the note ${key}`)
  }
  return problems
}
