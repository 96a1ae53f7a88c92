// The decision: all rules tried and all checks made for one event and one template. It is the receipt
// that explains why something ran, or did not.
import { z } from 'zod'

/** One yes/no condition. `hint` is the one next step a person can take when it did not pass. */
export const Check = z.strictObject({
  /** Stable name of the check, e.g. `template-permission`. */
  check: z.string().regex(/^[a-z][a-z0-9-]*$/),
  passed: z.boolean(),
  detail: z.string(),
  hint: z.string().optional(),
})
export type Check = z.infer<typeof Check>

/** One match rule as it was tried. `invalid` = the rule itself is broken and therefore disabled. */
export const RuleResult = z.strictObject({
  table: z.string(),
  trigger: z.string(),
  when: z.string(),
  outcome: z.enum(['matched', 'not_matched', 'invalid']),
  reason: z.string(),
})
export type RuleResult = z.infer<typeof RuleResult>

/** The receipt for one template. `fits` = a rule matched and every check passed. */
export const Decision = z.strictObject({
  template: z.string(),
  version: z.int(),
  fits: z.boolean(),
  /** One sentence a person can read, e.g. "Refused: you are not in the group Unix Admins." */
  summary: z.string(),
  rules: z.array(RuleResult),
  checks: z.array(Check),
})
export type Decision = z.infer<typeof Decision>
