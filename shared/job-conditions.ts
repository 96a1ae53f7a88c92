// Parts of a job template that say under which conditions it runs, and what it does when its ticket changes.
import { z } from 'zod'

import { Duration } from './job-steps.ts'

/** Where a ticket's environment stands, and who may run the template there. */
export const Environment = z.strictObject({
  field: z
    .string()
    .regex(/^[a-z][a-z0-9_.]{0,159}$/)
    .default('cmdb_ci.environment')
    .describe('A field people do not type into the ticket, e.g. cmdb_ci.environment'),
  map: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("The instance's words (any case) to yours, e.g. {prod: production}"),
  allow: z
    .record(
      z.string().min(1),
      z.strictObject({
        roles: z.array(z.string().min(1)).default([]).describe('One is enough; empty = everybody'),
        automatic: z
          .boolean()
          .optional()
          .describe('Rules may start it without a person; default: not in production'),
      }),
    )
    .optional()
    .describe('Environments it may run in; left out = all but production'),
})
export type Environment = z.infer<typeof Environment>

/** How often a target may be worked on. */
export const Limits = z.strictObject({
  cooldown: Duration.optional().describe('Rest between two runs of this template on a target'),
  max_runs: z
    .strictObject({ count: z.int().min(1), per: Duration })
    .optional()
    .describe('Most runs of this template on a target in a period'),
  escalate: z
    .strictObject({
      problem: z.boolean().default(false).describe('Open a problem record'),
      assignment_group: z.string().min(1).optional().describe('Hand the ticket to this group'),
    })
    .optional()
    .describe('What happens besides the note when max_runs is reached'),
})
export type Limits = z.infer<typeof Limits>

/** How far rules that fire by themselves are trusted yet. */
export const Rollout = z.strictObject({
  mode: z.enum(['live', 'shadow', 'canary']).default('live'),
  percent: z.int().min(0).max(100).optional().describe('canary: share of tickets, by their sys_id'),
  groups: z
    .array(z.string().min(1))
    .optional()
    .describe('canary: tickets of these assignment groups'),
})
export type Rollout = z.infer<typeof Rollout>

const Threshold = z.strictObject({
  approve_above: z.int().min(0).optional().describe('More than so many need an approved ticket'),
  refuse_above: z.int().min(0).optional().describe('More than so many are refused'),
})

/** How much may be affected. */
export const BlastRadius = z.strictObject({
  cis: Threshold.optional(),
  services: Threshold.optional(),
  source: z
    .enum(['event', 'cmdb'])
    .default('event')
    .describe('event = affected CIs of the ticket; cmdb = what depends on its CI, by Table API'),
})
export type BlastRadius = z.infer<typeof BlastRadius>

/** What a run does when its ticket changes while it waits or runs. */
export const OnTicket = z.strictObject({
  closed: z.enum(['cancel', 'note', 'ignore']).default('cancel'),
  on_hold: z.enum(['hold', 'cancel', 'note', 'ignore']).default('hold'),
  reopened: z.enum(['note', 'cancel', 'ignore']).default('note'),
  reassigned: z.enum(['note', 'cancel', 'ignore']).default('ignore'),
  changed: z
    .enum(['redecide', 'note', 'cancel', 'ignore'])
    .default('redecide')
    .describe('Inputs of the decision changed; once a job has been launched redecide is a note'),
})
export type OnTicket = z.infer<typeof OnTicket>

/** Which ordered items a template fulfils. Any of the three; an item binds stronger than a title. */
export const CatalogBinding = z.strictObject({
  items: z.array(z.string().min(1)).default([]).describe('Names or sys_ids of catalog items'),
  categories: z.array(z.string().min(1)).default([]).describe('Titles or sys_ids of categories'),
  titles: z.array(z.string().min(1)).default([]).describe('Words to compare item names with'),
})
export type CatalogBinding = z.infer<typeof CatalogBinding>
