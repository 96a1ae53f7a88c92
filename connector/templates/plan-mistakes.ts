// What the schema cannot say about the plan of a template: jobs, steps and targets that do not fit together.
// What it says about conditions is condition-mistakes.ts's part.
import type { Rollback, Step } from '#shared/job-steps.ts'
import type { JobTemplate } from '#shared/job-template.ts'

import { platformNameMistakes } from './platform-name-mistakes.ts'
import type { TemplateMistake } from './semantics.ts'

/** All mistakes of the plan; empty = it can be published. */
export function planMistakes(template: JobTemplate): TemplateMistake[] {
  return [
    ...jobMistakes(template),
    ...lists.flatMap((list) => listMistakes(list, template)),
    ...targetMistakes(template),
    ...batchMistakes(template),
    ...cancelMistakes(template),
    ...ownNameMistakes(template),
  ]
}

/** Beside the one job; steps say it for themselves. */
function ownNameMistakes(template: JobTemplate): TemplateMistake[] {
  const { job, names } = template
  if (job !== undefined) return platformNameMistakes({ names, set: {} }, [], template)
  if (names === undefined) return []
  const reason = 'names beside steps say nothing: each step has its own'
  return [{ path: ['names'], reason, hint: 'Move it into the steps it is meant for.' }]
}

const lists = ['pre_checks', 'steps', 'post_checks'] as const
type List = (typeof lists)[number]

function jobMistakes({ job, steps }: JobTemplate): TemplateMistake[] {
  if (job !== undefined && steps.length > 0) {
    return [
      {
        path: ['job'],
        reason: 'job and steps are both given, so nobody can see which comes first',
        hint: 'Make the job the first of the steps, or remove the steps.',
      },
    ]
  }
  if (job !== undefined || steps.length > 0) return []
  return [
    {
      path: ['job'],
      reason: 'job is missing, and there are no steps either: the template would do nothing',
      hint: "Give the platform's own reference of the one job, or list several in steps.",
    },
  ]
}

function listMistakes(list: List, template: JobTemplate): TemplateMistake[] {
  const names = template[list].map(({ name }) => name)
  return template[list].flatMap((step, index) => {
    const path = [list, index]
    return [
      ...nameMistakes(step, { path, taken: names.indexOf(step.name) < index }),
      ...(list === 'steps' ? [] : checkMistakes(step, path)),
      ...jobParameterMistakes(step, path, template),
      ...rollbackMistakes(step, path, template),
    ]
  })
}

function nameMistakes(
  { name }: Step,
  { path, taken }: { path: readonly PropertyKey[]; taken: boolean },
): TemplateMistake[] {
  if (!taken) return []
  const reason = `a second step "${name}", which nobody could tell from the first`
  return [{ path: [...path, 'name'], reason, hint: 'Give it a name of its own.' }]
}

/** A check changes nothing and always counts. */
function checkMistakes(
  { rollback, critical }: Step,
  path: readonly PropertyKey[],
): TemplateMistake[] {
  const mistakes: TemplateMistake[] = []
  if (rollback !== undefined) {
    mistakes.push({
      path: [...path, 'rollback'],
      reason: 'a check has nothing to roll back, so this would never run',
      hint: 'Remove it, or move the job into steps.',
    })
  }
  if (!critical) {
    mistakes.push({
      path: [...path, 'critical'],
      reason: 'a check always counts: a plan does not go on past one that failed',
      hint: 'Remove critical, or move the job into steps.',
    })
  }
  return mistakes
}

/** The rollback gets the parameters of its step unless it names its own. */
function rollbackMistakes(
  { rollback, parameters }: Step,
  path: readonly PropertyKey[],
  template: JobTemplate,
): TemplateMistake[] {
  if (rollback === undefined) return []
  const own = [...path, 'rollback']
  if (rollback.parameters !== undefined) return jobParameterMistakes(rollback, own, template)
  return [
    ...clashMistakes(rollback.set, { path: own, got: parameters }, template),
    ...platformNameMistakes(rollback, own, template),
  ]
}

function jobParameterMistakes(
  job: Step | Rollback,
  path: readonly PropertyKey[],
  template: JobTemplate,
): TemplateMistake[] {
  const { parameters, set } = job
  const known = template.parameters.map(({ name }) => name)
  const mistakes = (parameters ?? []).flatMap((name, index): TemplateMistake[] => {
    const place = [...path, 'parameters', index]
    if (!known.includes(name)) {
      const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
      const reason = `the template has no parameter "${name}" (${list})`
      return [{ path: place, reason, hint: 'Correct the name, or give a fixed value in set.' }]
    }
    if (parameters?.indexOf(name) === index) return []
    return [{ path: place, reason: `"${name}" stands here twice`, hint: 'Remove one of the two.' }]
  })
  return [
    ...mistakes,
    ...clashMistakes(set, { path, got: parameters }, template),
    ...platformNameMistakes(job, path, template),
  ]
}

/** A fixed value never replaces one that a person has entered and confirmed, and is never secret. */
function clashMistakes(
  set: Step['set'],
  job: { path: readonly PropertyKey[]; got: readonly string[] | undefined },
  template: JobTemplate,
): TemplateMistake[] {
  return template.parameters.flatMap(({ name, type }): TemplateMistake[] => {
    if (!Object.hasOwn(set, name)) return []
    const path = [...job.path, 'set', name]
    if (type === 'secret') {
      const reason = `"${name}" is a secret parameter, and a secret may not stand in a file`
      return [{ path, reason, hint: 'Remove it, or give the fixed value another name.' }]
    }
    if (job.got !== undefined && !job.got.includes(name)) return []
    const reason = `"${name}" is a parameter this job gets anyway; the fixed value would replace what was confirmed`
    const hint = `Give it another name, or list the wanted parameters without "${name}" in parameters.`
    return [{ path, reason, hint }]
  })
}

function targetMistakes({ targets, parameters }: JobTemplate): TemplateMistake[] {
  if (targets?.parameter === undefined) {
    if (targets?.lookup !== true) return []
    const reason = 'lookup asks for listed targets, but no parameter is named that holds them'
    const hint = "Add targets.parameter, or remove lookup: the ticket's own item is checked anyway."
    return [{ path: ['targets', 'lookup'], reason, hint }]
  }
  const path = ['targets', 'parameter']
  const holder = parameters.find(({ name }) => name === targets.parameter)
  if (holder === undefined) {
    const reason = `the template has no parameter "${targets.parameter}"`
    return [{ path, reason, hint: "Name one of its parameters; left out = the ticket's own item." }]
  }
  if (holder.type === 'string' || holder.type === 'text') return []
  const reason =
    holder.type === 'secret'
      ? `"${holder.name}" is secret, but targets are shown and compared`
      : `"${holder.name}" is of type ${holder.type}, which cannot hold a list of names`
  return [{ path, reason, hint: 'Name a parameter of type string or text.' }]
}

function batchMistakes(template: JobTemplate): TemplateMistake[] {
  const { targets } = template
  if (targets === undefined) return []
  const sizes = (['first', 'each'] as const).filter((key) => targets[key] !== undefined)
  if (sizes.length === 0) {
    if (targets.max_failed === 0) return []
    const reason = 'max_failed counts failed batches, but there are no batches'
    return [{ path: ['targets', 'max_failed'], reason, hint: 'Add first or each, or remove it.' }]
  }
  const { parameter } = targets
  if (parameter === undefined) {
    return sizes.map((key) => ({
      path: ['targets', key],
      reason: 'batches need a list of targets, but no parameter is named that holds it',
      hint: 'Add targets.parameter, or remove the sizes.',
    }))
  }
  return jobsOf(template).flatMap(({ path, parameters }) => {
    if (parameters === undefined || parameters.includes(parameter)) return []
    const reason = `the job runs once for each batch, but does not get "${parameter}" and so never knows which`
    return [{ path: [...path, 'parameters'], reason, hint: `Add ${parameter}.` }]
  })
}

/** The jobs that run batch by batch, with the parameters that each names. */
function jobsOf({
  steps,
}: JobTemplate): { path: PropertyKey[]; parameters: readonly string[] | undefined }[] {
  return steps.flatMap(({ parameters, rollback }, index) => [
    { path: ['steps', index], parameters },
    ...(rollback?.parameters === undefined
      ? []
      : [{ path: ['steps', index, 'rollback'], parameters: rollback.parameters }]),
  ])
}

function cancelMistakes({ on_cancel: onCancel, steps }: JobTemplate): TemplateMistake[] {
  if (onCancel !== 'leave' || steps.some(({ rollback }) => rollback !== undefined)) return []
  const reason = 'on_cancel says that nothing is rolled back, but no step has a rollback anyway'
  return [{ path: ['on_cancel'], reason, hint: 'Remove it, or give the steps a rollback.' }]
}
