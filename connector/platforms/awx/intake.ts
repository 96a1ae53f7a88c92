// What a template of AWX takes at its launch, and what about it would keep a launch from being what we mean.
import { ConnectorError } from '../../errors.ts'
import type { DeclaredParameter, TemplateProblem } from '../driver.ts'
import { getOne } from './client.ts'
import type { AwxClient } from './client.ts'
import { parameterProblem, unanswered } from './extra-vars.ts'
import type { Intake } from './extra-vars.ts'
import { templateOf } from './reference.ts'
import type { Kind } from './reference.ts'
import { LaunchForm, Survey } from './wire.ts'

/** A template and what it takes. */
export interface Template extends Intake {
  kind: Kind
  /** Its path, by the name the template of ours uses. */
  path: string
}

/** Reads what the template takes. Rejects with platform_job_not_found when there is none. */
export async function readTemplate(
  client: AwxClient,
  job: string,
  signal: AbortSignal,
): Promise<Template> {
  const { kind, path } = templateOf(job)
  const form = await getOne(client, { path: `${path}/launch`, signal }, LaunchForm)
  if (!form.survey_enabled) return { kind, path, form, questions: [] }
  const survey = await getOne(client, { path: `${path}/survey_spec`, signal }, Survey)
  return { kind, path, form, questions: survey.spec }
}

/** Finds what would make a launch fail or drop something. */
export async function checkTemplate(
  client: AwxClient,
  request: { job: string; parameters: readonly DeclaredParameter[] },
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  let template: Template
  try {
    template = await readTemplate(client, request.job, signal)
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'platform_job_not_found') throw error
    return [
      {
        field: 'job',
        reason: `AWX has no template "${request.job}", or these credentials may not see it`,
        hint: 'Write its number or name++organization, after workflow: for a workflow; give the account the Execute role',
      },
    ]
  }
  const names = request.parameters.map(({ name }) => name)
  return [
    ...startProblems(template).map((problem) => ({ field: 'job', ...problem })),
    ...request.parameters.flatMap((parameter) => {
      const problem = parameterProblem(template, parameter)
      return problem === null ? [] : [{ field: `parameters.${parameter.name}`, ...problem }]
    }),
    ...unanswered(template, names).map(({ variable }) => ({
      field: `parameters.${variable}`,
      reason: `the survey requires ${variable}, which the template does not have`,
      hint: `Add a required parameter ${variable}, or untick Required on the question`,
    })),
  ]
}

/** What keeps the template from being started by a program at all. */
export function startProblems({ form }: Template): { reason: string; hint: string }[] {
  const problems: { reason: string; hint: string }[] = []
  if (!form.ask_variables_on_launch && !form.ask_labels_on_launch) {
    problems.push({
      reason: 'a launch could not carry our mark, so a launch in doubt could not be found again',
      hint: 'Tick "Prompt on launch" of Variables (ask_variables_on_launch) or of Labels (ask_labels_on_launch)',
    })
  }
  if (form.passwords_needed_to_start.length > 0) {
    problems.push({
      reason: `the launch asks for passwords: ${form.passwords_needed_to_start.join(', ')}`,
      hint: 'Store the passwords in the credential in place of "Prompt on launch"',
    })
  }
  if (form.inventory_needed_to_start) {
    problems.push({ reason: 'the template has no inventory', hint: 'Give the template one' })
  }
  if (form.credential_needed_to_start) {
    problems.push({ reason: 'the template has no credential', hint: 'Give the template one' })
  }
  if (form.node_templates_missing.length > 0) {
    problems.push({
      reason: 'nodes of the workflow have no template any more',
      hint: 'Mend the workflow in its visualizer',
    })
  }
  return problems
}
