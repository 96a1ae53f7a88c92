// The template may be started from this instance: a test instance does not reach what belongs to production.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function sourceAllowed({ template, instance }: CheckContext): Check {
  const { instances } = template
  if (instances.length === 0) {
    return pass(
      'source-allowed',
      `The template takes tickets of every instance; this one is ${instance}.`,
    )
  }
  if (instances.includes(instance)) {
    return pass('source-allowed', `The template takes tickets of ${instance}.`)
  }
  return fail('source-allowed', {
    detail: `The ticket is of the instance ${instance}; the template takes tickets of ${instances.join(', ')} only.`,
    hint: `Run it on ${instances.join(' or ')}, or ask a platform admin to add ${instance} to the template's instances.`,
  })
}
