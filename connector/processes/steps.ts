// The steps of a template, the same for every kind of ticket: which jobs in which phase, with which parameters,
// for which batch of targets, and what undoes them. Pure.
import type { ParameterValue, Step } from '#shared/job-steps.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { Phase } from '#shared/status-update.ts'

import { durationMs } from './duration.ts'
import type { PlanInput, PlannedStep } from './process.ts'

/** The steps that change something: `steps`, or the template's one job. */
export function executeSteps(template: JobTemplate): Step[] {
  if (template.job === undefined) return template.steps
  const { title: name, job, names } = template
  return [{ name, job, set: {}, critical: true, ...(names === undefined ? {} : { names }) }]
}

/**
 * The steps of the plan in the order in which they run: pre-checks once, the execute steps batch by batch,
 * post-checks once; then what undoes the execute steps, latest first. `undoes` counts from 1 in this order.
 */
export function planSteps(input: PlanInput): PlannedStep[] {
  const { template, targets } = input
  const whole: Pass = { batch: null, targets, parameters: input.parameters }
  const execute = passesOf(input).flatMap((pass) =>
    executeSteps(template).map((step) => ({ step, pass })),
  )
  const forward = [
    ...template.pre_checks.map((step) => plannedStep('pre_check', { step, pass: whole }, template)),
    ...execute.map((part) => plannedStep('execute', part, template)),
    ...template.post_checks.map((step) =>
      plannedStep('post_check', { step, pass: whole }, template),
    ),
  ]
  const rollback = execute.flatMap((part, index) => {
    const undoes = template.pre_checks.length + index + 1
    return rollbackStep(part, undoes, template)
  })
  return [...forward, ...rollback.toReversed()]
}

/** How many steps `planSteps` makes of a template for so many targets. */
export function stepCount(template: JobTemplate, targetCount: number): number {
  const steps = executeSteps(template)
  const undone = steps.filter(({ rollback }) => rollback !== undefined)
  const passes = Math.max(1, batchSizes(template, targetCount).length)
  const checks = template.pre_checks.length + template.post_checks.length
  return checks + passes * (steps.length + undone.length)
}

/** One time through the execute steps. */
interface Pass {
  batch: number | null
  targets: readonly string[]
  parameters: PlannedStep['parameters']
}

/** One pass for each batch, or one for all targets when the template speaks of no batches. */
function passesOf({ template, targets, parameters }: PlanInput): Pass[] {
  const holder = template.targets?.parameter
  const sizes = batchSizes(template, targets.length)
  if (holder === undefined || sizes.length === 0) return [{ batch: null, targets, parameters }]
  const spelling = spellingsOf(parameters[holder])
  let taken = 0
  return sizes.map((size, index) => {
    const own = targets.slice(taken, taken + size)
    taken += size
    const list = own.map((target) => spelling.get(target) ?? target).join(',')
    return { batch: index + 1, targets: own, parameters: { ...parameters, [holder]: list } }
  })
}

/** Sizes of the batches in their order; empty = there are none. */
function batchSizes({ targets }: JobTemplate, count: number): number[] {
  if (targets?.parameter === undefined || count === 0) return []
  const { first, each } = targets
  if (first === undefined && each === undefined) return []
  const further = each ?? count
  const sizes = [Math.min(first ?? further, count)]
  for (let left = count - (sizes[0] ?? 0); left > 0; left -= further) {
    sizes.push(Math.min(further, left))
  }
  return sizes
}

/** Targets are compared in lower case, but a job gets them as they were written: some inventories care. */
function spellingsOf(value: ParameterValue | undefined): Map<string, string> {
  const names = String(value ?? '').split(/[\s,;]+/)
  return new Map(names.toReversed().map((name) => [name.toLowerCase(), name]))
}

/** A step of the template in one pass. */
interface Part {
  step: Step
  pass: Pass
}

function plannedStep(phase: Phase, { step, pass }: Part, template: JobTemplate): PlannedStep {
  return {
    phase,
    name: step.name,
    platform: step.platform ?? template.platform,
    job: step.job,
    ...parametersOf(step, pass, template),
    timeoutMs: durationMs(step.timeout ?? template.timeout),
    batch: pass.batch,
    targets: pass.targets,
    critical: step.critical,
    undoes: null,
  }
}

/** What undoes a step; it runs where and with what the step ran unless it says otherwise. */
function rollbackStep(part: Part, undoes: number, template: JobTemplate): PlannedStep[] {
  const { rollback, ...step } = part.step
  if (rollback === undefined) return []
  const undo: Step = { ...step, critical: true, ...rollback }
  return [{ ...plannedStep('rollback', { ...part, step: undo }, template), undoes }]
}

/** What the job gets, and which of it is secret. */
function parametersOf(
  step: Step,
  pass: Pass,
  template: JobTemplate,
): Pick<PlannedStep, 'parameters' | 'secrets'> {
  const wanted = step.parameters
  const own = Object.entries(pass.parameters).filter(
    ([name]) => wanted === undefined || wanted.includes(name),
  )
  const secret = template.parameters.filter(({ type }) => type === 'secret')
  const parameters = { ...Object.fromEntries(own), ...step.set }
  const hidden = secret
    .map(({ name }) => name)
    .filter((name) => !Object.hasOwn(step.set, name) && Object.hasOwn(parameters, name))
  const named: PlannedStep['parameters'] = {}
  for (const [name, value] of Object.entries(parameters)) named[nameIn(step, name)] = value
  return {
    parameters: named,
    secrets: hidden.map((name) => nameIn(step, name)),
  }
}

/** What the platform calls a parameter in a step that was planned from the template. */
export function platformName(
  template: JobTemplate,
  planned: { phase: Phase; name: string },
  parameter: string,
): string {
  const lists = { pre_check: template.pre_checks, post_check: template.post_checks }
  const { phase } = planned
  const list = phase === 'execute' || phase === 'rollback' ? executeSteps(template) : lists[phase]
  const step = list.find(({ name }) => name === planned.name)
  if (step === undefined) return parameter
  return nameIn(phase === 'rollback' ? { ...step, ...step.rollback } : step, parameter)
}

/** What the platform calls a parameter of this job. */
export function nameIn({ names }: Pick<Step, 'names'>, name: string): string {
  return names !== undefined && Object.hasOwn(names, name) ? (names[name] ?? name) : name
}
