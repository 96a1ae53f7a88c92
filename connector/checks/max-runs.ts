// A template runs on a target only so often in a period, whoever starts it: what keeps coming back needs a
// person who looks for the cause. Applies to templates with max_runs.
import type { Check } from '#shared/decision.ts'

import { startOf } from '../change-facts.ts'
import { runsThatCount } from '../limit-history.ts'
import { durationMs } from '../processes/duration.ts'
import { utcTime } from '../utc-time.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function maxRuns(context: CheckContext): Check | null {
  const { template, targets, targetRuns, ticket } = context
  const limit = template.limits?.max_runs
  if (limit === undefined) return null
  const at = startOf(ticket, context.now)
  const periodMs = durationMs(limit.per)
  const [most] = targets
    .map((target) => {
      const counted = runsThatCount(targetRuns, { template, target, at })
      const inPeriod = counted.filter(({ since }) => since.getTime() > at.getTime() - periodMs)
      return { target, count: inPeriod.length, last: inPeriod[limit.count - 1]?.since }
    })
    .toSorted((a, b) => b.count - a.count)
  if (most === undefined) {
    return pass('max-runs', 'The ticket names no target, so no runs are counted.')
  }
  if (most.last === undefined) {
    return pass(
      'max-runs',
      `Run ${most.count + 1} of ${limit.count} in ${limit.per} on ${most.target}.`,
    )
  }
  const next = utcTime(new Date(Math.ceil((most.last.getTime() + periodMs) / 60_000) * 60_000))
  return fail('max-runs', {
    detail: `"${template.title}" has run ${most.count} times on ${most.target} within ${limit.per}, and ${limit.count} is the most; the next run is possible from ${next}.`,
    hint: `Look for the lasting cause on ${most.target} in place of another run.`,
  })
}
