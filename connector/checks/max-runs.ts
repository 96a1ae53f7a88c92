// A template runs on a target only so often in a period, whoever starts it: what keeps coming back needs a
// person who looks for the cause. Applies to templates with max_runs.
import type { Check } from '#shared/decision.ts'

import { startOf } from '../change-facts.ts'
import { runsThatCount } from '../limit-history.ts'
import { durationMs } from '../processes/duration.ts'
import { utcTime } from '../utc-time.ts'
import { fail, pass } from './check.ts'
import type { LimitContext } from './check.ts'

export function maxRuns(context: LimitContext): Check | null {
  const { template, targets, targetRuns, ticket } = context
  const limit = template.limits?.max_runs
  if (limit === undefined) return null
  const at = startOf(ticket, context.now)
  const periodMs = durationMs(limit.per)
  // What is at its limit longest comes first, then what was worked on most.
  const [most] = targets
    .map((target) => {
      const counted = runsThatCount(targetRuns, { template, target, at })
      const inPeriod = counted.filter(({ since }) => since.getTime() > at.getTime() - periodMs)
      const last = inPeriod[limit.count - 1]?.since.getTime()
      return { target, count: inPeriod.length, last: last ?? null }
    })
    .toSorted((a, b) => (b.last ?? 0) - (a.last ?? 0) || b.count - a.count)
  if (most === undefined) {
    return pass('max-runs', 'The ticket names no target, so no runs are counted.')
  }
  if (most.last === null) {
    return pass(
      'max-runs',
      `Run ${most.count + 1} of ${limit.count} in ${limit.per} on ${most.target}.`,
    )
  }
  const next = utcTime(new Date(Math.ceil((most.last + periodMs) / 60_000) * 60_000))
  return fail('max-runs', {
    detail: `"${template.title}" has run ${most.count} times on ${most.target} within ${limit.per}, and ${limit.count} is the most; the next run is possible from ${next}.`,
    hint: `Look for the lasting cause on ${most.target} in place of another run.`,
  })
}
