// The steps of a template, the same for every kind of ticket: which jobs in which phase, with which parameters,
// for which batch of targets, and what undoes them. Pure.
import type { Step } from '#shared/job-steps.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { Phase } from '#shared/status-update.ts'

import { durationMs } from './duration.ts'
import type { PlanInput, PlannedStep } from './process.ts'

/** The steps that change something: `steps`, or the template's one job. */
export function executeSteps(template: JobTemplate): Step[] {
  if (template.job === undefined) return template.steps
  return [{ name: template.title, job: template.job, set: {}, critical: true }, ...template.steps]
}

/** The steps of the plan in the order in which they run; rollback steps come last, latest first. */
export function planSteps(input: PlanInput): PlannedStep[] {
  const { template } = input
  return executeSteps(template).map((step) => plannedStep(step, 'execute', input))
}

function plannedStep(step: Step, phase: Phase, input: PlanInput): PlannedStep {
  const { template, parameters, targets } = input
  const secrets = template.parameters.filter((parameter) => parameter.type === 'secret')
  return {
    phase,
    name: step.name,
    platform: step.platform ?? template.platform,
    job: step.job,
    parameters,
    secrets: secrets.map((parameter) => parameter.name),
    timeoutMs: durationMs(step.timeout ?? template.timeout),
    batch: null,
    targets,
    critical: step.critical,
    undoes: null,
  }
}
