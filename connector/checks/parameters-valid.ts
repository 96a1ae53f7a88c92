// The confirmed values fit the template's parameters. Does not apply to a preview.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function parametersValid(context: CheckContext): Check | null {
  const { parameterProblems: problems, template } = context
  if (problems === null) return null
  if (problems.length === 0) {
    return pass('parameters-valid', `All ${template.parameters.length} parameters are valid.`)
  }
  return fail('parameters-valid', {
    detail: problems.map((problem) => problem.message).join(' '),
    hint: `Correct ${problems.map((problem) => `"${problem.parameter}"`).join(', ')} and run it again.`,
  })
}
