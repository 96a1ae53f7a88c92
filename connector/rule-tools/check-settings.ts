// Whether what a template names of connector.yaml stands there: platforms, instances, types of incidents. Pure.
import type { JobTemplate } from '#shared/job-template.ts'
import type { RuleProblem } from '#shared/rule-tools.ts'

import type { ConfigFile } from '../config-file.ts'

/** Everything of a template that connector.yaml does not have. */
export function checkSettings(template: JobTemplate, file: ConfigFile): RuleProblem[] {
  const platforms = Object.keys(file.platforms)
  const instances = file.instances.map(({ name }) => name)
  const types = file.policy.classification.types.map(({ type }) => type)
  return [
    ...jobsOf(template).flatMap(({ pointer, platform }) =>
      missing({ pointer, name: platform, known: platforms, what: 'platform' }),
    ),
    ...template.instances.flatMap((name, index) =>
      missing({ pointer: `/instances/${index}`, name, known: instances, what: 'instance' }),
    ),
    ...template.incident_types.flatMap((name, index) =>
      missing({ pointer: `/incident_types/${index}`, name, known: types, what: 'incident type' }),
    ),
  ]
}

interface NamedJob {
  pointer: string
  platform: string
}

function jobsOf(template: JobTemplate): NamedJob[] {
  const jobs: NamedJob[] = [{ pointer: '/platform', platform: template.platform }]
  for (const list of ['pre_checks', 'steps', 'post_checks'] as const) {
    for (const [index, { platform, rollback }] of template[list].entries()) {
      const pointer = `/${list}/${index}`
      if (platform !== undefined) jobs.push({ pointer: `${pointer}/platform`, platform })
      if (rollback?.platform === undefined) continue
      jobs.push({ pointer: `${pointer}/rollback/platform`, platform: rollback.platform })
    }
  }
  return jobs
}

function missing(asked: {
  pointer: string
  name: string
  known: readonly string[]
  what: string
}): RuleProblem[] {
  const { pointer, name, known, what } = asked
  if (known.includes(name)) return []
  const there = known.length === 0 ? 'there is none' : `there are: ${known.join(', ')}`
  return [
    {
      pointer,
      reason: `the ${what} "${name}" is not in connector.yaml (${there})`,
      hint: `Correct the name, or add the ${what} to connector.yaml.`,
    },
  ]
}
