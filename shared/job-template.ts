// The job template: what may be run, when it matches, with which parameters and under which conditions.
// Written as YAML by a platform admin; `npm run schema` turns this schema into JSON Schema for editors.
import { z } from 'zod'

import { keysOf } from './choice.ts'
import {
  BlastRadius,
  CatalogBinding,
  Environment,
  Limits,
  OnTicket,
  Rollout,
} from './job-conditions.ts'
import {
  Duration,
  jobKeys,
  ParameterName,
  ParameterValue,
  PlatformName,
  Step,
  Targets,
} from './job-steps.ts'
import { TableName } from './ticket-event.ts'
import { changeTypes, parameterTypes, ticketTransitions, triggerChoices } from './vocabulary.ts'

/** What makes a rule fire. */
export const Trigger = z.enum(keysOf(triggerChoices))
export type Trigger = z.infer<typeof Trigger>

/** One match rule: it matches when the trigger happened on that table and the encoded query is true. */
export const MatchRule = z.strictObject({
  table: TableName.describe('Table of the ticket, e.g. incident'),
  when: z
    .string()
    .min(1)
    .describe(
      'ServiceNow encoded query, as "Copy query" in any list gives it. An invalid one disables the rule.',
    ),
  trigger: z.array(Trigger).min(1).describe('manual | created | updated | ordered'),
})
export type MatchRule = z.infer<typeof MatchRule>

/** One parameter of a template: its type, its limits, its label, and where its value comes from. */
export const Parameter = z.strictObject({
  name: ParameterName,
  type: z.enum(parameterTypes),
  label: z.string().min(1).max(100),
  help: z.string().max(500).optional().describe('Shown below the field'),
  required: z.boolean().default(false),
  default: ParameterValue.optional(),
  from: z
    .string()
    .min(1)
    .optional()
    .describe(
      'JSONata over {ticket, fields, display, variables, actor, people}; gives the prefilled value',
    ),
  editable: z
    .boolean()
    .default(true)
    .describe('false = the person sees the value but cannot change it'),
  choices: z
    .array(z.strictObject({ value: z.string(), label: z.string() }))
    .min(1)
    .optional()
    .describe('Needed for type choice'),
  pattern: z
    .string()
    .optional()
    .describe('Regular expression (ECMAScript, unicode mode) for the whole value'),
  min: z.number().optional().describe('Smallest number'),
  max: z.number().optional().describe('Largest number'),
  min_length: z.int().min(0).optional(),
  max_length: z.int().min(1).optional(),
})
export type Parameter = z.infer<typeof Parameter>

/** Who may start the template by hand; one match of any list is enough, all empty = every agent. */
export const Permissions = z.strictObject({
  roles: z.array(z.string().min(1)).default([]),
  groups: z.array(z.string().min(1)).default([]),
  users: z.array(z.string().min(1)).default([]).describe('user_name values'),
})
export type Permissions = z.infer<typeof Permissions>

/** What the ticket should become when a run ends in a given way. */
export const Outcome = z.strictObject({
  transition: z.enum(ticketTransitions).optional().describe('Leave out to change no state'),
  close_code: z.string().min(1).optional().describe("Overrides the instance's setting"),
  note: z
    .string()
    .min(1)
    .optional()
    .describe('JSONata over {run, job, parameters, output}; added to the work note'),
})
export type Outcome = z.infer<typeof Outcome>

/** A job template as written in YAML. Unknown keys are refused. */
export const JobTemplate = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be kebab-case, e.g. free-disk-space'),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(2000),
  version_note: z.string().max(500).optional().describe('What changed; stored with the version'),
  platform: PlatformName.describe('Name of a platform in connector.yaml'),
  job: jobKeys.job.optional().describe('The one job of this template; several stand in steps'),
  names: jobKeys.names.describe('As in a step, for the one job'),
  pre_checks: z.array(Step).max(20).default([]).describe('Must succeed before anything is changed'),
  steps: z.array(Step).max(50).default([]).describe('The jobs in their order, in place of job'),
  post_checks: z.array(Step).max(20).default([]).describe('Verify the result; a failure undoes it'),
  targets: Targets.optional(),
  on_cancel: z
    .enum(['roll_back', 'leave'])
    .default('roll_back')
    .describe('What becomes of steps already done when the run is cancelled'),
  match: z.array(MatchRule).min(1),
  parameters: z.array(Parameter).default([]),
  permissions: Permissions.prefault({}),
  instances: z
    .array(z.string().min(1))
    .default([])
    .describe('Instances of connector.yaml whose tickets may start it; empty = all'),
  verify: z
    .boolean()
    .default(false)
    .describe('Read the ticket again by Table API before the launch and compare'),
  environment: Environment.optional(),
  approval: z
    .enum(['required', 'as_ticket'])
    .default('as_ticket')
    .describe('required = the ticket must be approved; as_ticket = it must not wait for approval'),
  limits: Limits.optional(),
  rollout: Rollout.prefault({}),
  blast_radius: BlastRadius.optional(),
  when_busy: z
    .enum(['wait', 'refuse'])
    .default('wait')
    .describe('When another run works on the same target'),
  on_ticket: OnTicket.prefault({}),
  change: z
    .strictObject({
      types: z
        .array(z.enum(changeTypes))
        .min(1)
        .default([...changeTypes]),
      overrun: z
        .enum(['finish', 'stop', 'roll_back'])
        .default('roll_back')
        .describe('When the window ends before the plan does; a running job is never cut off'),
    })
    .prefault({}),
  catalog: CatalogBinding.optional(),
  incident_types: z
    .array(z.string().min(1))
    .default([])
    .describe('Types of the keyword classifier this template is suggested for'),
  progress_notes: z
    .boolean()
    .default(false)
    .describe('true = a work note for every step that ended, not only start and end'),
  priority: z
    .int()
    .min(0)
    .max(1000)
    .default(100)
    .describe('When several fit without a person: the highest wins'),
  timeout: Duration.default('30m').describe(
    'After that the job is cancelled and the run has failed',
  ),
  outcome: z
    .strictObject({
      succeeded: Outcome.prefault({}),
      failed: Outcome.prefault({}),
      cancelled: Outcome.prefault({}),
      rolled_back: Outcome.prefault({}),
    })
    .prefault({}),
})
export type JobTemplate = z.infer<typeof JobTemplate>

/** A template as it is published: immutable, numbered, with the digest of its content. */
export const PublishedTemplate = z.strictObject({
  name: z.string(),
  version: z.int().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  title: z.string(),
  description: z.string(),
  version_note: z.string().optional(),
  platform: z.string(),
  priority: z.int(),
  tables: z.array(z.string()),
  match: z.array(MatchRule),
  parameters: z.array(Parameter),
  /** Reason why the template cannot run now (a broken rule, an unknown platform); absent = fine. */
  problem: z.string().optional(),
})
export type PublishedTemplate = z.infer<typeof PublishedTemplate>

/** Reply of GET /v1/templates. */
export const TemplateList = z.strictObject({ templates: z.array(PublishedTemplate) })
export type TemplateList = z.infer<typeof TemplateList>
