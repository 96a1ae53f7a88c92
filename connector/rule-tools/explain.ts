// Why each template fits a ticket or not, for every trigger its rules have: the receipts that a click, a new
// ticket or an order would lead to. No effects.
import type { Trigger } from '#shared/job-template.ts'
import type { Receipt, RuleExplainReply, Verdict } from '#shared/rule-tools.ts'
import type { People, Person, Ticket } from '#shared/ticket-event.ts'

import { choose } from '../choice.ts'
import { bindingByHand, bindingOf } from '../matching/catalog.ts'
import { creationTriggers, explainRules } from '../rules-of.ts'
import { maskSecrets } from '../templates/parameters.ts'
import type { PublishedVersion } from '../templates/registry.ts'
import { weigh } from '../weigh.ts'
import type { Weighed, WeighFacts } from '../weigh.ts'

/** The ticket and who acts on it. */
export interface Situation {
  ticket: Ticket
  actor: Person
  people: People
}

/** What a trigger's rules say about the ticket. */
interface Weighing {
  trigger: Trigger
  weighed: Weighed
}

const triggers: readonly Trigger[] = ['manual', 'created', 'updated', 'ordered']

/** Weighs every template that has a rule for the ticket's table, once per trigger; what fits comes first. */
export async function explainTicket(
  situation: Situation,
  templates: readonly PublishedVersion[],
  facts: WeighFacts,
): Promise<Omit<RuleExplainReply, 'notes'>> {
  const weighings: Weighing[] = []
  for (const published of templates) {
    for (const trigger of triggersOf(published, situation.ticket.table)) {
      const weighed = await weighFor(published, { trigger, situation }, facts)
      weighings.push({ trigger, weighed })
    }
  }
  return {
    verdicts: occasionsOf(situation.ticket.table).flatMap((one) => verdictOf(one, weighings) ?? []),
    receipts: weighings.map(receiptOf).toSorted(byFit),
  }
}

function triggersOf({ template }: PublishedVersion, table: string): Trigger[] {
  const own = template.match.filter((rule) => rule.table === table)
  return triggers.filter((name) => own.some(({ trigger }) => trigger.includes(name)))
}

function weighFor(
  published: PublishedVersion,
  { trigger, situation }: { trigger: Trigger; situation: Situation },
  facts: WeighFacts,
): Promise<Weighed> {
  const { template } = published
  const byHand = trigger === 'manual'
  return weigh(
    {
      published,
      rules: explainRules(published, { trigger, data: situation, now: facts.now }),
      trigger,
      data: situation,
      origin: null,
      subject: null,
      requestedVersion: null,
      given: byHand ? 'preview' : null,
      binding: (byHand ? bindingByHand : bindingOf)(template, situation.ticket),
    },
    facts,
  )
}

/** What can happen to a ticket: triggers that fire together compete with each other. The first one names it. */
function occasionsOf(table: string): (readonly Trigger[])[] {
  return [['manual'], [...new Set(['created' as const, ...creationTriggers(table)])], ['updated']]
}

function verdictOf(occasion: readonly Trigger[], weighings: readonly Weighing[]): Verdict | null {
  const [trigger] = occasion
  const own = weighings.filter((one) => occasion.includes(one.trigger))
  if (trigger === undefined || own.length === 0) return null
  const weighed = own.map((one) => one.weighed)
  if (trigger === 'manual') {
    const fitting = weighed.filter(({ decision }) => decision.fits).map(nameOf)
    return { trigger, outcome: fitting.length === 0 ? 'nothing' : 'offers', templates: fitting }
  }
  // A template that fits on two triggers of the occasion runs once.
  const templates = [...new Set(choose(weighed).best.map(nameOf))]
  if (templates.length === 0) return { trigger, outcome: 'nothing', templates }
  return { trigger, outcome: templates.length === 1 ? 'runs' : 'tie', templates }
}

function nameOf({ published }: Weighed): string {
  return published.template.name
}

function receiptOf({ trigger, weighed }: Weighing): Receipt {
  const { published, decision, values, targets } = weighed
  const { name, title, priority } = published.template
  return {
    name,
    version: published.version,
    title,
    priority,
    trigger,
    decision,
    parameters: maskSecrets(published.template, values),
    targets,
  }
}

function byFit(a: Receipt, b: Receipt): number {
  return (
    Number(b.decision.fits) - Number(a.decision.fits) ||
    b.priority - a.priority ||
    (a.name < b.name ? -1 : Number(a.name > b.name))
  )
}
