// Between events and the rule index: which templates' rules match a ticket, in the words of the receipt.
import type { RuleResult } from '#shared/decision.ts'
import type { Trigger } from '#shared/job-template.ts'
import type { Person, Ticket } from '#shared/ticket-event.ts'

import { createRuleIndex } from './matching/rules.ts'
import type { RuleIndex, RuleVerdict, TicketFacts } from './matching/rules.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** What happened to which ticket. */
export interface Occasion {
  trigger: Trigger
  data: { ticket: Ticket; actor: Person }
  now: Date
}

/** A template of which at least one rule matched or is broken. */
export interface MatchedTemplate {
  published: PublishedVersion
  rules: RuleResult[]
}

/** Tries the rules of all templates through the index. */
export function matchTemplates(
  index: RuleIndex<PublishedVersion>,
  occasion: Occasion,
): MatchedTemplate[] {
  const hits = Map.groupBy(index.match(factsOf(occasion)), (hit) => hit.value)
  return [...hits].map(([published, own]) => ({ published, rules: resultsOf(own, occasion) }))
}

/** What a new ticket of a table is asked for by itself: an ordered item is new and ordered. */
export function creationTriggers(table: string): readonly Trigger[] {
  return table === 'sc_req_item' ? ['ordered', 'created'] : ['created']
}

/** A matched template with the trigger whose rules are told. */
export type TriggeredTemplate = MatchedTemplate & { trigger: Trigger }

/** Tries the rules of all templates on several triggers; each template comes once, with the first that matched. */
export function matchOnce(
  index: RuleIndex<PublishedVersion>,
  triggers: readonly Trigger[],
  occasion: Omit<Occasion, 'trigger'>,
): TriggeredTemplate[] {
  const found = new Map<PublishedVersion, TriggeredTemplate>()
  for (const trigger of triggers) {
    for (const one of matchTemplates(index, { ...occasion, trigger })) {
      const known = found.get(one.published)
      // A broken rule on one trigger does not stand in the way of a good one on the other.
      if (known === undefined || (!hasMatch(known) && hasMatch(one))) {
        found.set(one.published, { ...one, trigger })
      }
    }
  }
  return [...found.values()]
}

function hasMatch({ rules }: MatchedTemplate): boolean {
  return rules.some(({ outcome }) => outcome === 'matched')
}

/** Tries every rule of one template and says why each one matched or not. */
export function explainRules(published: PublishedVersion, occasion: Occasion): RuleResult[] {
  return resultsOf(indexOf(published).explain(factsOf(occasion)), occasion)
}

/** The index over all rules of the given templates. */
export function indexTemplates(
  templates: readonly PublishedVersion[],
): RuleIndex<PublishedVersion> {
  return createRuleIndex(
    templates.flatMap((published) =>
      published.template.match.map((rule) => ({ ...rule, value: published })),
    ),
  )
}

const indexes = new WeakMap<PublishedVersion, RuleIndex<PublishedVersion>>()

function indexOf(published: PublishedVersion): RuleIndex<PublishedVersion> {
  const known = indexes.get(published)
  if (known !== undefined) return known
  const index = indexTemplates([published])
  indexes.set(published, index)
  return index
}

function factsOf({ trigger, data, now }: Occasion): TicketFacts {
  const { ticket, actor } = data
  // Events carry UTC; a rule that speaks of days means days in UTC.
  const context = { now, tz: 'UTC', user: actor.sys_id }
  return { table: ticket.table, trigger, fields: ticket.fields, context }
}

function resultsOf(
  verdicts: readonly RuleVerdict<PublishedVersion>[],
  { trigger }: Occasion,
): RuleResult[] {
  return verdicts.map(({ rule, outcome, reason }) => ({
    table: rule.table,
    trigger,
    when: rule.when,
    outcome,
    reason,
  }))
}
