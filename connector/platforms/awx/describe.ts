// What can be launched: job templates and workflows with the questions of their surveys.
import type { JobDescription } from '../driver.ts'
import { getOne, getPage } from './client.ts'
import type { AwxClient } from './client.ts'
import { linesOf } from './extra-vars.ts'
import { referenceOf } from './reference.ts'
import type { Kind } from './reference.ts'
import { Survey, TemplateRow } from './wire.ts'
import type { Question } from './wire.ts'

const lists = { job: '/job_templates', workflow: '/workflow_job_templates' } as const

/** Templates per kind that are listed; the search narrows it down. */
const mostListed = 200

/** Lists what these credentials may start. */
export async function describeJobs(
  client: AwxClient,
  search: string | null,
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const jobs = await templatesOf(client, { kind: 'job', search }, signal)
  return [...jobs, ...(await templatesOf(client, { kind: 'workflow', search }, signal))]
}

async function templatesOf(
  client: AwxClient,
  wanted: { kind: Kind; search: string | null },
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const { kind, search } = wanted
  const query = {
    order_by: 'name',
    page_size: String(mostListed),
    ...(search === null ? {} : { name__icontains: search }),
  }
  const { rows } = await getPage(client, { path: lists[kind], query, signal }, TemplateRow)
  const startable = rows.filter((row) => row.summary_fields.user_capabilities.start !== false)
  return await Promise.all(
    startable.map(async (row) => {
      const path = `${lists[kind]}/${row.id}/survey_spec`
      const survey = row.survey_enabled
        ? await getOne(client, { path, signal }, Survey)
        : { spec: [] }
      return {
        job: referenceOf(kind, row.id),
        title: row.name,
        description: row.description,
        parameters: survey.spec.map(parameterOf),
      }
    }),
  )
}

const types: Readonly<Record<string, JobDescription['parameters'][number]['type']>> = {
  text: 'string',
  textarea: 'text',
  password: 'secret',
  integer: 'integer',
  float: 'number',
  multiplechoice: 'choice',
  // Several choices, one a line.
  multiselect: 'text',
}

function parameterOf(question: Question): JobDescription['parameters'][number] {
  const { variable, required, question_name: label } = question
  const type = types[question.type] ?? 'string'
  const choices = listOf(question.choices)
  return {
    name: variable,
    type,
    required,
    label: label === '' ? variable : label,
    default: defaultOf(question),
    choices: type === 'choice' ? choices : [],
  }
}

function defaultOf({ type, default: value }: Question): string | number | boolean | null {
  // The default of a password is not told.
  if (type === 'password' || value === undefined || value === null || value === '') return null
  return Array.isArray(value) ? value.join('\n') : value
}

function listOf(choices: Question['choices']): readonly string[] {
  if (typeof choices === 'string') return linesOf(choices)
  return choices ?? []
}
