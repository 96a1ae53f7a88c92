// The ticket is not already being worked on by the same automation, and a rule that fires by itself runs a
// template once per ticket: an updated ticket does not run its job again.
import type { Check } from '#shared/decision.ts'
import { isFinal } from '#shared/status-update.ts'

import { fail, pass, startedByPerson } from './check.ts'
import type { CheckContext } from './check.ts'

export function noOtherRun(context: CheckContext): Check {
  const { earlierRuns, template, ticket, trigger } = context
  const same = earlierRuns.filter(
    (run) => run.template === template.name && run.state !== 'refused',
  )
  const open = same.find((run) => !isFinal(run.state))
  if (open !== undefined) {
    return fail('no-other-run', {
      detail: `"${template.title}" is already ${open.state} for ${ticket.number}.`,
      hint: 'Wait for it to end, or cancel it first.',
    })
  }
  if (!startedByPerson(trigger) && same.length > 0) {
    return fail('no-other-run', {
      detail: `"${template.title}" has already run for ${ticket.number}; a rule starts it once per ticket.`,
      hint: 'Run it by hand if it should run again.',
    })
  }
  return pass('no-other-run', `No other run of "${template.title}" is open for ${ticket.number}.`)
}
