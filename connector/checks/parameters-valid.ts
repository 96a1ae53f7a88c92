// The confirmed values fit the template's parameters, and a list of targets names at least one. Does not apply to a
// preview.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function parametersValid(context: CheckContext): Check | null {
  const { parameterProblems: problems, template } = context
  if (problems === null) return null
  if (problems.length === 0) {
    const empty = emptyList(context)
    if (empty !== null) return empty
    return pass('parameters-valid', `All ${template.parameters.length} parameters are valid.`)
  }
  return fail('parameters-valid', {
    detail: problems.map((problem) => problem.message).join(' '),
    hint: `Correct ${problems.map((problem) => `"${problem.parameter}"`).join(', ')} and run it again.`,
  })
}

/** Many a tool takes an empty list of machines for all of them, and nothing could be held or counted. */
function emptyList({ template, targets }: CheckContext): Check | null {
  const holder = template.targets?.parameter
  if (holder === undefined || targets.length > 0) return null
  const label = template.parameters.find(({ name }) => name === holder)?.label ?? holder
  return fail('parameters-valid', {
    detail: `"${label}" names no target to work on.`,
    hint: `Enter at least one name in "${label}" and run it again.`,
  })
}
