// What the rules of today would have done with the tickets of the past. Counts only: no ticket is kept, nothing
// is read or written besides the stream it is given.
import type { AsOf, BacktestReport } from '#shared/rule-tools.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { choose } from '../choice.ts'
import { systemPerson } from '../itsm/people.ts'
import { peopleOf } from '../itsm/tickets.ts'
import { bindingOf } from '../matching/catalog.ts'
import type { RuleIndex } from '../matching/rules.ts'
import type { Policy } from '../policy.ts'
import { creationTriggers, indexTemplates, matchOnce } from '../rules-of.ts'
import type { PublishedVersion } from '../templates/registry.ts'
import { weigh } from '../weigh.ts'
import type { Weighed } from '../weigh.ts'
import { asCreated, createdAt } from './as-created.ts'
import { createTally } from './backtest-tally.ts'

/** How tickets are judged. */
export interface BacktestOptions {
  /** Name of the instance in connector.yaml. */
  instance: string
  policy: Policy
  asOf: AsOf
  /** The clock for tickets that are judged as they are now. */
  now: Date
  /** Looked at before every ticket: true = the report ends here and says that it is not complete. */
  stop?: () => boolean
}

/** The part of the report that comes from tickets and templates alone. */
export type BacktestCounts = Pick<
  BacktestReport,
  'tickets' | 'complete' | 'unmatched' | 'templates' | 'overlaps'
> & { lastCreated: Date | null }

/**
 * Runs every ticket once through the rules that fire on creation, and what matches through all checks. Memory does
 * not grow with the number of tickets. Rejects when the stream does.
 */
export async function backtest(
  tickets: AsyncIterable<Ticket>,
  templates: readonly PublishedVersion[],
  options: BacktestOptions,
): Promise<BacktestCounts> {
  const index = indexTemplates(templates)
  const tally = createTally(templates)
  let complete = true
  let lastCreated: Date | null = null
  for await (const ticket of tickets) {
    if (options.stop?.() === true) {
      complete = false
      break
    }
    const created = createdAt(ticket)
    lastCreated = created ?? lastCreated
    const weighed = await weighOne(ticket, index, options)
    tally.add(ticket, weighed, choose(weighed))
  }
  return { ...tally.report(), complete, lastCreated }
}

async function weighOne(
  given: Ticket,
  index: RuleIndex<PublishedVersion>,
  { asOf, now, instance, policy }: BacktestOptions,
): Promise<Weighed[]> {
  const ticket = asOf === 'created' ? asCreated(given) : given
  const clock = asOf === 'created' ? (createdAt(given) ?? now) : now
  const data = { ticket, actor: systemPerson, people: peopleOf(ticket) }
  const weighed: Weighed[] = []
  const occasion = { data, now: clock }
  for (const matched of matchOnce(index, creationTriggers(ticket.table), occasion)) {
    const question = {
      ...matched,
      data,
      origin: null,
      subject: null,
      requestedVersion: null,
      given: null,
      binding: bindingOf(matched.published.template, ticket),
    }
    weighed.push(
      await weigh(question, {
        instance,
        policy,
        now: clock,
        earlierRuns: [],
        targetRuns: noRuns,
      }),
    )
  }
  return weighed
}

/** Runs of the past are not those that today's rules would have started. */
function noRuns(): Promise<[]> {
  return Promise.resolve([])
}
