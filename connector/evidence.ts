// What is kept of a step as evidence: which job, when, how it ended, and a digest of what it printed.
import { createHash } from 'node:crypto'

import type { StepEvidence } from '#shared/status-update.ts'

import type { StepRow } from './db/runs.ts'
import { startOf } from './processes/cut.ts'

/** Longest message of a step in an update. */
const maxMessage = 500

/** The evidence of one step. The digest is over the output kept of it (its end), secrets masked. Pure. */
export function evidenceOf(step: StepRow): StepEvidence {
  return {
    position: step.position,
    phase: step.phase,
    name: step.name,
    state: step.state,
    platform: step.platform,
    job: step.job,
    job_id: step.job_id,
    job_url: step.job_url,
    batch: step.batch,
    targets: step.targets,
    started_at: step.started_at?.toISOString() ?? null,
    finished_at: step.finished_at?.toISOString() ?? null,
    message: startOf(step.message, maxMessage).toWellFormed(),
    output_sha256: step.finished_at === null ? null : (step.output_sha256 ?? digestOf(step)),
  }
}

/** Digest of the output kept of the step; null = there is none. */
export function digestOf({ output_tail: text }: Pick<StepRow, 'output_tail'>): string | null {
  return text === '' ? null : createHash('sha256').update(text).digest('hex')
}
