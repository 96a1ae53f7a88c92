// The plan is not longer than a run can carry: a list of targets in small batches may make too many steps.
// Applies only to templates with batches; all others are bounded by the template's own limits.
import type { Check } from '#shared/decision.ts'
import { maxSteps } from '#shared/status-update.ts'

import { stepCount } from '../processes/steps.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function planSize({ template, targets }: CheckContext): Check | null {
  if (template.targets?.first === undefined && template.targets?.each === undefined) return null
  const size = stepCount(template, targets.length)
  const detail = `${targets.length} targets in batches make a plan of ${size} steps`
  if (size <= maxSteps) return pass('plan-size', `${detail}.`)
  return fail('plan-size', {
    detail: `${detail}; a run carries at most ${maxSteps}.`,
    hint: 'Name fewer targets, or ask a platform admin for larger batches (targets.each).',
  })
}
