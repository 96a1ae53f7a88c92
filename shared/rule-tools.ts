// What admins ask about rules, and what they are told: is a rule right, why does it fit a ticket, how often would
// it have run, what would be decided today (POST /v1/rules/check, /v1/rules/explain, /v1/rules/backtest and
// /v1/decisions/again). None of it has side effects.
import { z } from 'zod'

import { Decision } from './decision.ts'
import { ParameterValue } from './job-steps.ts'
import { Trigger } from './job-template.ts'
import { PreviewRequest } from './preview.ts'
import { TableName } from './ticket-event.ts'

/** URL of the instance that asks; the key of the signature must belong to it. */
const source = PreviewRequest.shape.source

/** Request body of the check: one template as its file says it (as JSON), or one match rule. */
export const RuleCheckRequest = z
  .strictObject({
    source,
    template: z.record(z.string(), z.unknown()).optional(),
    rule: z.strictObject({ table: z.string().max(200), when: z.string().max(20_000) }).optional(),
  })
  .refine(({ template, rule }) => (template === undefined) !== (rule === undefined), {
    error: 'must have a template or a rule, exactly one of them',
  })
export type RuleCheckRequest = z.infer<typeof RuleCheckRequest>

/** One thing that is wrong, or looks wrong. */
export const RuleProblem = z.strictObject({
  /** JSON pointer into the template or rule, e.g. `/match/0/when`; empty = the whole. */
  pointer: z.string(),
  reason: z.string(),
  /** What to do about it. */
  hint: z.string(),
})
export type RuleProblem = z.infer<typeof RuleProblem>

/** Reply: no problems = it can be published. */
export const RuleCheckReply = z.strictObject({
  problems: z.array(RuleProblem),
  /** It can be published, but will probably not do what its author wants. */
  warnings: z.array(RuleProblem),
  /** True = the fields of the rules were looked up in the instance's dictionary. */
  fields_checked: z.boolean(),
})
export type RuleCheckReply = z.infer<typeof RuleCheckReply>

/** Request body of the explanation: a ticket as a preview has it. */
export const RuleExplainRequest = PreviewRequest.extend({
  /** Only this template. */
  template: z.string().min(1).max(100).optional(),
})
export type RuleExplainRequest = z.infer<typeof RuleExplainRequest>

/** The receipt of one template for one trigger. */
export const Receipt = z.strictObject({
  name: z.string(),
  version: z.int(),
  title: z.string(),
  priority: z.int(),
  trigger: Trigger,
  decision: Decision,
  /** Values the run would start with; secrets are never among them. */
  parameters: z.record(z.string(), ParameterValue),
  targets: z.array(z.string()),
})
export type Receipt = z.infer<typeof Receipt>

/** What a trigger would lead to. A new requested item is created and ordered at once: `created` stands for both. */
export const Verdict = z.strictObject({
  trigger: Trigger,
  /** `runs` = the one named; `tie` = those named fit with the same priority, so none; `offers` = a person may choose. */
  outcome: z.enum(['runs', 'tie', 'offers', 'nothing']),
  templates: z.array(z.string()),
})
export type Verdict = z.infer<typeof Verdict>

/** Reply: every template with a rule for the ticket's table, once per trigger. */
export const RuleExplainReply = z.strictObject({
  verdicts: z.array(Verdict),
  receipts: z.array(Receipt),
  /** What could not be looked at, in words. */
  notes: z.array(z.string()),
})
export type RuleExplainReply = z.infer<typeof RuleExplainReply>

/** Most days a backtest looks back. */
export const maxBacktestDays = 90

/** As which the tickets are judged: as they were when created, as far as that can be told, or as they are now. */
export const AsOf = z.enum(['created', 'now'])
export type AsOf = z.infer<typeof AsOf>

/** Request body of the backtest. */
export const BacktestRequest = z.strictObject({
  source,
  table: TableName,
  days: z.int().min(1).max(maxBacktestDays),
  /** Only this template. */
  template: z.string().min(1).max(100).optional(),
  as_of: AsOf.default('created'),
})
export type BacktestRequest = z.infer<typeof BacktestRequest>

const Count = z.int().min(0)

/** One match rule over all tickets. */
export const BacktestRule = z.strictObject({
  when: z.string(),
  trigger: z.array(Trigger),
  /** False = it does not fire when a ticket is created, so it was not tried. */
  tried: z.boolean(),
  matched: Count,
  /** Tickets for which the rule could not be decided. */
  invalid: Count,
  /** Why, for the first of them. */
  reason: z.string().nullable(),
})
export type BacktestRule = z.infer<typeof BacktestRule>

/** One template over all tickets. */
export const BacktestTemplate = z.strictObject({
  name: z.string(),
  version: z.int(),
  title: z.string(),
  priority: z.int(),
  /** Tickets one of its rules matched = would_run + outranked + tied + refused. */
  matched: Count,
  would_run: Count,
  /** It fitted, but another template of higher priority did, too. */
  outranked: Count,
  /** It fitted, but so did another one of the same priority. */
  tied: Count,
  /** A check did not pass. */
  refused: Count,
  /** Failed checks, most frequent first; one ticket may fail several. */
  refusals: z.array(
    z.strictObject({ check: z.string(), count: Count, ticket: z.string(), detail: z.string() }),
  ),
  /** What it would have run on, most frequent first. */
  targets: z.array(z.strictObject({ target: z.string(), count: Count })),
  /** False = there were more targets than are counted one by one; counts may be too high. */
  targets_exact: z.boolean(),
  /** Numbers of the first tickets it would have run for. */
  tickets: z.array(z.string()),
  rules: z.array(BacktestRule),
})
export type BacktestTemplate = z.infer<typeof BacktestTemplate>

/** What would have happened. */
export const BacktestReport = z.strictObject({
  table: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  as_of: AsOf,
  /** Tickets looked at. */
  tickets: Count,
  /** False = the time or number limit came first; `until` is the time of the last ticket looked at. */
  complete: z.boolean(),
  /** Tickets that no rule matched. */
  unmatched: Count,
  templates: z.array(BacktestTemplate),
  /** Pairs of templates that match the same tickets, most frequent first. */
  overlaps: z.array(
    z.strictObject({
      templates: z.tuple([z.string(), z.string()]),
      tickets: Count,
      /** Of these, tickets for which both fitted with the highest priority, so that neither would run. */
      ties: Count,
      example: z.string(),
    }),
  ),
  /** What the numbers do not say. */
  notes: z.array(z.string()),
})
export type BacktestReport = z.infer<typeof BacktestReport>

/** Request body of a repeated decision. */
export const DecideAgainRequest = z.strictObject({ source, event_id: z.string().min(1).max(64) })
export type DecideAgainRequest = z.infer<typeof DecideAgainRequest>

/** One difference between two receipts. */
export const ReceiptChange = z.strictObject({
  kind: z.enum(['check', 'rule']),
  /** Name of the check, or the rule's query. */
  what: z.string(),
  /** `passed`, `failed`, `matched`, `not_matched`, `invalid`; null = it was not there. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** What the receipt that has it says about it; the new one where both do. */
  detail: z.string(),
})
export type ReceiptChange = z.infer<typeof ReceiptChange>

/** One template then and now. */
export const DecisionDiff = z.strictObject({
  template: z.string(),
  status: z.enum(['same', 'changed', 'added', 'removed']),
  before: Decision.nullable(),
  after: Decision.nullable(),
  changes: z.array(ReceiptChange),
})
export type DecisionDiff = z.infer<typeof DecisionDiff>

/** Reply: the receipts of then beside those of today. */
export const DecideAgainReply = z.strictObject({
  event_id: z.string(),
  type: z.string(),
  ticket: z.string(),
  received_at: z.iso.datetime(),
  templates: z.array(DecisionDiff),
  /** Templates that would start a run now, and those that did then. */
  runs: z.strictObject({ before: z.array(z.string()), after: z.array(z.string()) }),
  notes: z.array(z.string()),
})
export type DecideAgainReply = z.infer<typeof DecideAgainReply>
