// Parts of a job template that say what runs: steps, what undoes them, and the targets they work on.
import { z } from 'zod'

/** Value of a parameter. `null` = none. */
export const ParameterValue = z.union([z.string(), z.number(), z.boolean(), z.null()])
export type ParameterValue = z.infer<typeof ParameterValue>

/** Name of a parameter. */
export const ParameterName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower case letters, digits and _')

/** Duration such as 30s, 10m, 2h or 7d. Six digits, so that a moment so far away is still a date. */
export const Duration = z
  .string()
  .regex(/^[1-9][0-9]{0,5}(s|m|h|d)$/, 'must be a duration such as 30s, 10m, 2h or 7d')

/** Name of a platform in connector.yaml. */
export const PlatformName = z.string().regex(/^[a-z][a-z0-9-]*$/)

/** What every job of a template has. */
export const jobKeys = {
  platform: PlatformName.optional().describe("Default: the template's platform"),
  job: z
    .string()
    .min(1)
    .max(400)
    .describe("The platform's own reference: a file name, an id, a path"),
  timeout: Duration.optional().describe("Default: the template's timeout"),
  parameters: z
    .array(ParameterName)
    .optional()
    .describe("Names of the template's parameters this job gets; left out = all of them"),
  set: z
    .record(ParameterName, ParameterValue)
    .default({})
    .describe('Further parameters of this job with fixed values, e.g. {mode: check}'),
  names: z
    .record(ParameterName, z.string().min(1).max(200))
    .optional()
    .describe(
      "The platform's own names of parameters, where they differ, e.g. {hosts: TARGET_HOSTS}",
    ),
}

/** The job that undoes a step. */
export const Rollback = z.strictObject({
  ...jobKeys,
  platform: PlatformName.optional().describe("Default: the step's platform"),
  timeout: Duration.optional().describe("Default: the step's timeout"),
  parameters: z
    .array(ParameterName)
    .optional()
    .describe("Names of the template's parameters this job gets; left out = those of the step"),
})
export type Rollback = z.infer<typeof Rollback>

/** One step of a plan as the template describes it. */
export const Step = z.strictObject({
  name: z.string().min(1).max(100),
  ...jobKeys,
  critical: z
    .boolean()
    .default(true)
    .describe('false = an emergency change goes on when this step fails'),
  rollback: Rollback.optional().describe('The job that undoes this step, with the same parameters'),
})
export type Step = z.infer<typeof Step>

/** What a run works on, and in which batches. */
export const Targets = z.strictObject({
  parameter: ParameterName.optional().describe(
    "Parameter that holds the targets, separated by commas or white space; left out = the ticket's configuration item",
  ),
  first: z.int().min(1).optional().describe('Size of the first batch; left out = as `each`'),
  each: z.int().min(1).optional().describe('Size of the further batches; left out = all the rest'),
  limit: z
    .boolean()
    .default(false)
    .describe(
      "Limit the job to the targets by the platform's own means (AWX limit, Rundeck filter)",
    ),
  lookup: z
    .boolean()
    .default(false)
    .describe(
      'Look the targets up in the CMDB before the start: unknown ones, and ones in an environment that is not allowed, refuse',
    ),
  max_failed: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of all targets that may be in failed batches before the run stops; 0 = none'),
})
export type Targets = z.infer<typeof Targets>
