// The plan of a ticket that has no window of its own: its steps may start at any time, and a failed step ends
// the plan. Pure.
import type { Plan, PlanInput } from './process.ts'
import { planSteps } from './steps.ts'

/** Plans the template's steps for the targets. */
export function windowlessPlan(input: PlanInput): Plan {
  const { targets, on_cancel: onCancel } = input.template
  return {
    steps: planSteps(input),
    window: { start: null, end: null },
    rules: {
      goOnAfterNonCritical: false,
      maxFailedShare: targets?.max_failed ?? 0,
      overrun: 'finish',
      onCancel,
    },
  }
}
