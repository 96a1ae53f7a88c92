// Limits at the start: tickets that were decided at the same moment did not see each other's runs. Asked with the
// targets in hand, so that those who come later see this one.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate } from '#shared/job-template.ts'

import type { LimitContext } from './checks/check.ts'
import { cooldown } from './checks/cooldown.ts'
import { maxRuns } from './checks/max-runs.ts'
import type { Queryable } from './db/pool.ts'
import { runsOnTargets } from './db/run-targets.ts'
import type { RunRow } from './db/runs.ts'

/**
 * The limits that other runs have used up since the decision. Empty = none; a limit that still holds adds nothing to
 * the receipt, which has its check from the decision. Rejects when the database does.
 */
export async function limitsReached(
  db: Queryable,
  { run, template }: { run: RunRow; template: JobTemplate },
  now: Date,
): Promise<Check[]> {
  if (template.limits === undefined) return []
  const runs = await runsOnTargets(db, run.instance, run.targets)
  const context: LimitContext = {
    now,
    template,
    targets: run.targets,
    targetRuns: runs.filter(({ id, startedAt }) => id !== run.id && startedAt !== null),
    // The planned start, the one thing that limits read of a ticket, has come.
    ticket: {
      table: run.ticket_table,
      sys_id: run.ticket_sys_id,
      number: run.ticket_number,
      fields: {},
    },
  }
  return [cooldown(context), maxRuns(context)].filter(
    (check): check is Check => check !== null && !check.passed,
  )
}
