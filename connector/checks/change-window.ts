// A change starts in its planned window: the dates are there where its type needs them, make sense, and the end
// lies ahead. A start that lies ahead is fine, the run waits for it. Applies to changes only.
import type { Check } from '#shared/decision.ts'

import { changeRulesOf, isChange, windowOf } from '../change-facts.ts'
import { utcTime } from '../utc-time.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

const name = 'change-window'

export function changeWindow({ ticket, policy, now }: CheckContext): Check | null {
  if (!isChange(ticket)) return null
  const { start, end, problem } = windowOf(ticket)
  if (problem !== null) {
    return fail(name, {
      detail: `The window of ${ticket.number} makes no sense. ${problem}`,
      hint: 'Correct the planned start and end of the change.',
    })
  }
  const missing = [start === null ? 'start' : '', end === null ? 'end' : ''].filter(
    (part) => part !== '',
  )
  if (missing.length > 0 && changeRulesOf(ticket, policy).window === 'required') {
    return fail(name, {
      detail: `${ticket.number} has no planned ${missing.join(' and no planned ')}.`,
      hint: `Set the planned ${missing.join(' and ')} date of the change.`,
    })
  }
  if (end !== null && end <= now) {
    return fail(name, {
      detail: `The window of ${ticket.number} ended at ${utcTime(end)}.`,
      hint: 'Plan a new window, with an end that lies ahead.',
    })
  }
  return pass(name, windowText(start, end, now))
}

function windowText(start: Date | null, end: Date | null, now: Date): string {
  const until = end === null ? '' : ` and has until ${utcTime(end)}`
  if (start !== null && start > now) return `The run starts at ${utcTime(start)}${until}.`
  if (start === null && end === null) return 'The change has no window, so the run starts now.'
  return `The window is open: the run starts now${until}.`
}
