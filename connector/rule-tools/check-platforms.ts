// What job platforms say of a template before anybody runs it: is the job there, would it take every parameter?
import type { Rollback, Step } from '#shared/job-steps.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { RuleProblem } from '#shared/rule-tools.ts'

import { messageOf } from '../errors.ts'
import type { DeclaredParameter, Driver, TemplateProblem } from '../platforms/driver.ts'
import { executeSteps, nameIn } from '../processes/steps.ts'

/** One question may take this long. */
const askTimeoutMs = 20_000

/** A job of the template and where it stands. */
interface Job {
  pointer: string
  platform: string
  step: Step | Rollback
}

/** Asks the platform of every job of the template. A platform that cannot be asked is a problem, too. Never rejects. */
export async function checkOnPlatforms(
  template: JobTemplate,
  drivers: ReadonlyMap<string, Driver>,
): Promise<RuleProblem[]> {
  const problems: RuleProblem[] = []
  for (const job of jobsOf(template)) {
    const driver = drivers.get(job.platform)
    // That a platform is not configured is said elsewhere.
    if (driver !== undefined) problems.push(...(await ask(job, driver, template)))
  }
  return problems
}

async function ask(job: Job, driver: Driver, template: JobTemplate): Promise<RuleProblem[]> {
  const parameters = declaredFor(job.step, template)
  const request = { job: job.step.job, parameters: parameters.map(({ declared }) => declared) }
  try {
    const found = await driver.check(request, AbortSignal.timeout(askTimeoutMs))
    return found.map((problem) => placed(problem, job, parameters))
  } catch (error) {
    return [
      {
        pointer: job.pointer,
        reason: `the platform ${job.platform} could not be asked: ${messageOf(error)}`,
        hint: `Run platforms check ${job.platform}, then check again.`,
      },
    ]
  }
}

function jobsOf(template: JobTemplate): Job[] {
  const { platform } = template
  const [only] = executeSteps(template)
  if (template.job !== undefined && only !== undefined) {
    const own: Job = { pointer: '', platform, step: only }
    return [own, ...checksOf(template)]
  }
  return [...stepsOf('steps', template), ...checksOf(template)]
}

function checksOf(template: JobTemplate): Job[] {
  return [...stepsOf('pre_checks', template), ...stepsOf('post_checks', template)]
}

function stepsOf(list: 'pre_checks' | 'steps' | 'post_checks', template: JobTemplate): Job[] {
  return template[list].flatMap((step, index): Job[] => {
    const pointer = `/${list}/${index}`
    const platform = step.platform ?? template.platform
    const { rollback } = step
    if (rollback === undefined) return [{ pointer, platform, step }]
    const undo = { ...step, ...rollback }
    return [
      { pointer, platform, step },
      {
        pointer: `${pointer}/rollback`,
        platform: rollback.platform ?? platform,
        step: undo,
      },
    ]
  })
}

/** A parameter of a job, with its place in the template. */
interface Placed {
  declared: DeclaredParameter
  pointer: string | null
}

function declaredFor(step: Step | Rollback, template: JobTemplate): Placed[] {
  const wanted = step.parameters
  const own = template.parameters.flatMap(({ name, type, required }, index): Placed[] => {
    if (wanted !== undefined && !wanted.includes(name)) return []
    const declared = { name: nameIn(step, name), type, required }
    return [{ declared, pointer: `/parameters/${index}` }]
  })
  const fixed = Object.entries(step.set).map(([name, value]): Placed => {
    const declared = { name: nameIn(step, name), type: typeOf(value), required: true }
    return { declared, pointer: null }
  })
  return [...own, ...fixed]
}

function typeOf(value: Step['set'][string]): DeclaredParameter['type'] {
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'boolean' : 'string'
}

function placed(
  { field, reason, hint }: TemplateProblem,
  job: Job,
  parameters: readonly Placed[],
): RuleProblem {
  const name = field.startsWith('parameters.') ? field.slice('parameters.'.length) : null
  const parameter = parameters.find(({ declared }) => declared.name === name)
  const pointer = parameter?.pointer ?? (field === 'job' ? `${job.pointer}/job` : job.pointer)
  return { pointer, reason: `${job.platform}, job ${job.step.job}: ${reason}`, hint }
}
