// What AWX answers, as far as it is used (ansible/awx 24, Ansible Automation Controller 4.5 and later; its published
// schema is wrong about several types, so these follow the serializers).
import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'

/** Job and workflow templates tell their prompts alike; a workflow has fewer. */
export const LaunchForm = z.object({
  ask_variables_on_launch: z.boolean(),
  ask_limit_on_launch: z.boolean(),
  ask_labels_on_launch: z.boolean().default(false),
  ask_timeout_on_launch: z.boolean().default(false),
  ask_credential_on_launch: z.boolean().default(false),
  survey_enabled: z.boolean(),
  passwords_needed_to_start: z.array(z.string()).default([]),
  inventory_needed_to_start: z.boolean().default(false),
  credential_needed_to_start: z.boolean().default(false),
  node_templates_missing: z.array(z.unknown()).default([]),
  defaults: z.object({
    inventory: z.object({ id: z.int().nullish() }).nullish(),
    labels: z.array(z.object({ id: z.int() })).default([]),
  }),
  job_template_data: z.object({ id: z.int(), name: z.string() }).optional(),
  workflow_job_template_data: z.object({ id: z.int(), name: z.string() }).optional(),
})
export type LaunchForm = z.infer<typeof LaunchForm>

/** A question of a survey. Choices and the default of multiselect are a list or lines of text. */
const Question = z.object({
  type: z.string(),
  question_name: z.string().default(''),
  question_description: z.string().default(''),
  variable: z.string(),
  required: z.boolean().default(false),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullish(),
  choices: z.union([z.string(), z.array(z.string())]).nullish(),
})
export type Question = z.infer<typeof Question>

/** A survey; an empty object when there is none. */
export const Survey = z.object({ spec: z.array(Question).default([]) })

/** What a launch answers, beside the job itself: a sliced job template gives a workflow job. */
export const Launched = z.object({
  job: z.int().optional(),
  workflow_job: z.int().optional(),
  ignored_fields: z.record(z.string(), z.unknown()).default({}),
})
export type Launched = z.infer<typeof Launched>

/** A row of unified_jobs. */
export const Job = z.object({
  id: z.int(),
  type: z.string(),
  status: z.string(),
  launch_type: z.string().default(''),
  started: z.string().nullable(),
  finished: z.string().nullable(),
  job_explanation: z.string().default(''),
  extra_vars: z.string().default(''),
})
export type Job = z.infer<typeof Job>

/** What only the job's own page says. */
export const JobDetail = Job.extend({
  result_traceback: z.string().default(''),
  event_processing_finished: z.boolean().default(true),
  host_status_counts: z.record(z.string(), z.number()).nullish(),
})

export type JobDetail = z.infer<typeof JobDetail>

/** An event of a playbook. */
export const JobEvent = z.object({
  host_name: z.string().default(''),
  task: z.string().default(''),
  event: z.string().default(''),
  event_data: z
    .object({
      ignore_errors: z.boolean().nullish(),
      res: z.object({ msg: z.unknown() }).nullish().catch(null),
    })
    .catch({}),
})
export type JobEvent = z.infer<typeof JobEvent>

/** A node of a workflow job. */
export const WorkflowNode = z.object({
  identifier: z.string().default(''),
  do_not_run: z.boolean(),
  summary_fields: z.object({
    job: z.object({ name: z.string(), status: z.string(), type: z.string() }).optional(),
    unified_job_template: z.object({ name: z.string() }).optional(),
  }),
})
export type WorkflowNode = z.infer<typeof WorkflowNode>

/** Lines of the output. */
export const OutputLines = z.object({
  range: z.object({ start: z.int(), end: z.int(), absolute_end: z.int() }),
  content: z.string(),
})
export type OutputLines = z.infer<typeof OutputLines>

/** A template in a list. */
export const TemplateRow = z.object({
  id: z.int(),
  name: z.string(),
  description: z.string().default(''),
  survey_enabled: z.boolean().default(false),
  organization: z.int().nullish(),
  summary_fields: z
    .object({ user_capabilities: z.object({ start: z.boolean() }).partial().default({}) })
    .default({ user_capabilities: {} }),
})

/** A host of an inventory. */
export const Host = z.object({ name: z.string(), enabled: z.boolean().default(true) })
export type Host = z.infer<typeof Host>

/** A label. */
export const Label = z.object({ id: z.int(), name: z.string() })

/** Who the credentials belong to. */
export const User = z.object({ username: z.string() })

/** The open page that says what this is. */
export const Ping = z.object({ version: z.string() })

/** A page of a list of these. */
export function pageOf<Row extends z.ZodType>(
  row: Row,
): z.ZodObject<{
  count: z.ZodDefault<z.ZodNumber>
  next: z.ZodDefault<z.ZodNullable<z.ZodString>>
  results: z.ZodArray<Row>
}> {
  return z.object({
    count: z.number().default(0),
    next: z.string().nullable().default(null),
    results: z.array(row),
  })
}

/** The answer as this type. Throws platform_bad_answer that names the first difference, without values. */
export function readAs<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`
  throw new ConnectorError('platform_bad_answer', `${what}: not what AWX answers (${place})`, {
    retryable: true,
  })
}
