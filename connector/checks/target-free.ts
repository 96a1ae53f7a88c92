// Nobody else is at work on the same target. Where the template says so, the run waits for the other one; the
// target itself is taken at the gate, right before the first launch.
import type { Check } from '#shared/decision.ts'
import { isFinal } from '#shared/status-update.ts'

import { isChange } from '../change-facts.ts'
import { fail, pass } from './check.ts'
import type { CheckContext, TargetRun } from './check.ts'

/** Other runs that are named; more are counted. */
const namedRuns = 3

export function targetFree({ targets, targetRuns, template, ticket }: CheckContext): Check | null {
  if (targets.length === 0) return null
  const open = targetRuns.filter((run) => targets.includes(run.target) && !isFinal(run.state))
  if (open.length === 0) {
    return pass('target-free', `No other run works on ${listed(targets, targets.length)}.`)
  }
  const others = [...Map.groupBy(open, ({ id }) => id).values()].map(describe)
  const list = listed(others.slice(0, namedRuns), others.length)
  const conflict = isChange(ticket) && open.some(({ ticketTable }) => ticketTable === ticket.table)
  const what = conflict ? 'Conflict with another change' : 'Another run is not finished yet'
  if (template.when_busy === 'wait') {
    return pass('target-free', `${what}: this one will wait for ${list}.`)
  }
  return fail('target-free', {
    detail: `${what}: ${list}.`,
    hint: 'Wait for that run to end, or cancel it first.',
  })
}

/** `CHG0030002 (patch-hosts) on web-01, web-02` */
function describe(runs: readonly TargetRun[]): string {
  const [run] = runs
  const places = [...new Set(runs.map(({ target }) => target))]
  return `${run?.ticketNumber ?? ''} (${run?.template ?? ''}) on ${listed(places.slice(0, namedRuns), places.length)}`
}

function listed(names: readonly string[], total: number): string {
  const more = total - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
