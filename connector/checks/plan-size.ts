// The plan is not larger than a run can carry: a list of targets may make too many steps in small batches, name
// something too long to be looked up, or fill every step's evidence. Applies only to templates that take their
// targets from a parameter; all others are bounded by the template's own limits.
import type { Check } from '#shared/decision.ts'
import { maxSteps } from '#shared/status-update.ts'

import { executeSteps, stepCount } from '../processes/steps.ts'
import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

const name = 'plan-size'

/** Longest name of a target: a DNS name has 253, and an index of PostgreSQL does not hold much more than 2700 bytes. */
const maxName = 255

/** Characters of all targets in all steps: an update carries them every time, and the app's column holds 4 million. */
const maxCharacters = 500_000

export function planSize({ template, targets }: CheckContext): Check | null {
  if (template.targets?.parameter === undefined) return null
  const long = targets.find((target) => target.length > maxName)
  if (long !== undefined) {
    return fail(name, {
      detail: `"${long.slice(0, 40).toWellFormed()}…" is too long for the name of a target: ${long.length} characters, ${maxName} at most.`,
      hint: 'Separate the targets with commas, spaces or lines.',
    })
  }
  const size = stepCount(template, targets.length)
  const { first, each } = template.targets
  const batches = first === undefined && each === undefined ? '' : ' in batches'
  const detail = `${targets.length} targets${batches} make a plan of ${size} steps`
  const hint = 'Name fewer targets, or ask a platform admin for larger batches (targets.each).'
  if (size > maxSteps) {
    return fail(name, { detail: `${detail}; a run carries at most ${maxSteps}.`, hint })
  }
  if (charactersIn(template, targets) > maxCharacters) {
    return fail(name, {
      detail: `${detail}, and their names are longer than a run can carry.`,
      hint: 'Name fewer targets; start several runs, one after the other.',
    })
  }
  return pass(name, `${detail}.`)
}

/** Each check and each job, with what undoes it, names every target once, whatever the batches. */
function charactersIn(template: CheckContext['template'], targets: readonly string[]): number {
  const steps = executeSteps(template)
  const undone = steps.filter(({ rollback }) => rollback !== undefined)
  const jobs =
    template.pre_checks.length + template.post_checks.length + steps.length + undone.length
  return jobs * targets.reduce((sum, target) => sum + target.length, 0)
}
