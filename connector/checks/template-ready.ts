// The template itself can run: its rules compile and its platform is configured.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function templateReady(context: CheckContext): Check {
  if (context.templateProblem === null) {
    return pass(
      'template-ready',
      `Version ${context.version} of ${context.template.name} is published.`,
    )
  }
  return fail('template-ready', {
    detail: context.templateProblem,
    hint: 'Ask a platform admin to correct the job template.',
  })
}
