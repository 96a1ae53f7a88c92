// What the schema cannot say about the plan of a template: jobs, steps, targets and conditions that do not fit
// together.
import type { JobTemplate } from '#shared/job-template.ts'

import type { TemplateMistake } from './semantics.ts'

/** All mistakes of the plan; empty = it can be published. */
export function planMistakes(template: JobTemplate): TemplateMistake[] {
  if (template.job !== undefined || template.steps.length > 0) return []
  return [
    {
      path: ['job'],
      reason: 'job is missing, and there are no steps either: the template would do nothing',
      hint: "Give the platform's own reference of the one job, or list several in steps.",
    },
  ]
}
