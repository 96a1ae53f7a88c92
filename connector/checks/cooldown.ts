// A target rests between two runs of a template, whoever starts them. Applies to templates with a cooldown.
import type { Check } from '#shared/decision.ts'
import { isFinal } from '#shared/status-update.ts'

import { startOf } from '../change-facts.ts'
import { runsThatCount } from '../limit-history.ts'
import { durationMs } from '../processes/duration.ts'
import { utcTime } from '../utc-time.ts'
import { fail, pass } from './check.ts'
import type { LimitContext } from './check.ts'

export function cooldown(context: LimitContext): Check | null {
  const { template, targets, targetRuns, ticket } = context
  const rest = template.limits?.cooldown
  if (rest === undefined) return null
  if (targets.length === 0) {
    return pass('cooldown', 'The ticket names no target, so nothing has to rest.')
  }
  const at = startOf(ticket, context.now)
  const counted = targets.flatMap((target) => runsThatCount(targetRuns, { template, target, at }))
  const open = counted.find(({ run }) => !isFinal(run.state))?.run
  if (open !== undefined) {
    return fail('cooldown', {
      detail: `"${template.title}" is ${open.state} on ${open.target} for ${open.ticketNumber}; after its end the target rests ${rest}.`,
      hint: `Look at ${open.ticketNumber} first: that run may help here, too.`,
    })
  }
  const [latest] = counted
    .map(({ run, since }) => ({
      run,
      freeAt: (run.finishedAt ?? since).getTime() + durationMs(rest),
    }))
    .toSorted((a, b) => b.freeAt - a.freeAt)
  if (latest === undefined || latest.freeAt <= at.getTime()) {
    return pass(
      'cooldown',
      `No run of "${template.title}" on ${targets.join(', ')} in the last ${rest}.`,
    )
  }
  const { run, freeAt } = latest
  const next = utcTime(roundedUp(freeAt))
  return fail('cooldown', {
    detail: `"${template.title}" ran on ${run.target} for ${run.ticketNumber}, and the target rests ${rest}; the next run is possible from ${next}.`,
    hint: `Run it again after ${next}.`,
  })
}

/** To the whole minute in which it is certainly over, because only minutes are shown. */
function roundedUp(at: number): Date {
  return new Date(Math.ceil(at / 60_000) * 60_000)
}
