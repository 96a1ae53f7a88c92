// The job template: what may be run, when it matches, with which parameters and under which conditions.
// Written as YAML by a platform admin; `npm run schema` turns this schema into JSON Schema for editors.
import { z } from 'zod'

import { keysOf } from './choice.ts'
import { TableName } from './ticket-event.ts'
import { parameterTypes, ticketTransitions, triggerChoices } from './vocabulary.ts'

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

/** Value of a parameter. `null` = none. */
export const ParameterValue = z.union([z.string(), z.number(), z.boolean(), z.null()])
export type ParameterValue = z.infer<typeof ParameterValue>

/** One parameter of a template: its type, its limits, its label, and where its value comes from. */
export const Parameter = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower case letters, digits and _'),
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

/** Duration such as 30s, 10m or 2h. */
export const Duration = z
  .string()
  .regex(/^[1-9][0-9]*(s|m|h)$/, 'must be a duration such as 30s, 10m or 2h')

/** A job template as written in YAML. Unknown keys are refused. */
export const JobTemplate = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be kebab-case, e.g. free-disk-space'),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(2000),
  version_note: z.string().max(500).optional().describe('What changed; stored with the version'),
  platform: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .describe('Name of a platform in connector.yaml'),
  job: z
    .string()
    .min(1)
    .max(400)
    .describe("The platform's own reference: a file name, an id, a path"),
  match: z.array(MatchRule).min(1),
  parameters: z.array(Parameter).default([]),
  permissions: Permissions.prefault({}),
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
