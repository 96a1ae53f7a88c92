// What the schema cannot say about `names`: what a platform calls the parameters of a job.
import type { Step } from '#shared/job-steps.ts'
import type { JobTemplate } from '#shared/job-template.ts'

import type { TemplateMistake } from './semantics.ts'

/** Names of parameters that do not exist, and two parameters that would reach the platform as one. */
export function platformNameMistakes(
  { names, set }: Pick<Step, 'names' | 'set'>,
  path: readonly PropertyKey[],
  template: JobTemplate,
): TemplateMistake[] {
  if (names === undefined) return []
  const known = [...template.parameters.map(({ name }) => name), ...Object.keys(set)]
  const reached = known.map((name) => names[name] ?? name)
  return Object.entries(names).flatMap(([name, platformName]): TemplateMistake[] => {
    const place = [...path, 'names', name]
    if (!known.includes(name)) {
      const reason = `there is no parameter "${name}" that the platform could call "${platformName}"`
      return [{ path: place, reason, hint: 'Correct the name, or remove the line.' }]
    }
    if (reached.filter((one) => one === platformName).length < 2) return []
    const reason = `two parameters would reach the platform as "${platformName}"`
    return [{ path: place, reason, hint: 'Give each a name of its own.' }]
  })
}
