// The preview: the decisions a click would lead to, made without any effect, with the form to confirm.
import type { PreviewReply, PreviewRequest } from '#shared/preview.ts'

import type { Pool } from './db/pool.ts'
import { runsOnTargets } from './db/run-targets.ts'
import { runsOfTickets } from './db/runs.ts'
import { bindingByHand } from './matching/catalog.ts'
import { guessesFor, suggestionOf } from './matching/suggest.ts'
import type { Guesses, Learned } from './matching/suggest.ts'
import type { Policy } from './policy.ts'
import { explainRules } from './rules-of.ts'
import { factsOf, prefill } from './templates/parameters.ts'
import type { PublishedVersion, TemplateRegistry } from './templates/registry.ts'
import { weigh } from './weigh.ts'
import type { WeighFacts } from './weigh.ts'

type Entry = PreviewReply['templates'][number]

/** What a preview needs. */
interface PreviewDeps {
  pool: Pool
  templates: TemplateRegistry
  /** Name of the instance in connector.yaml. */
  instance: string
  policy: Policy
  now: Date
  /** Which template helped with similar tickets; absent = nothing is learned. */
  learned?: Learned
}

/** An entry with what it is ordered by. */
interface Ranked {
  entry: Entry
  priority: number
}

/**
 * Decides every template that a person could start on the ticket's table. Those that fit come first, then those
 * worth a look, then by priority: a suggestion never comes before what fits.
 */
export async function previewTicket(
  request: PreviewRequest,
  deps: PreviewDeps,
): Promise<PreviewReply> {
  const { ticket } = request
  const startable = deps.templates
    .current()
    .filter(({ template }) =>
      template.match.some((rule) => rule.table === ticket.table && rule.trigger.includes('manual')),
    )
  const earlierRuns = await runsOfTickets(deps.pool, [
    `${request.source}|${ticket.table}|${ticket.sys_id}`,
  ])
  const { instance, policy, now } = deps
  const facts: WeighFacts = {
    instance,
    earlierRuns,
    targetRuns: (targets) => runsOnTargets(deps.pool, instance, targets),
    policy,
    now,
  }
  const guesses = guessesFor(ticket, deps)
  const entries = await Promise.all(
    startable.map((published) => entryOf(published, { request, guesses }, facts)),
  )
  return {
    templates: entries.toSorted(byRank).map(({ entry }) => entry),
    classification: guesses.keywords ?? learnedOf(guesses, entries),
  }
}

/** What was learned may be about a template that is published no more. */
function learnedOf({ learned }: Guesses, entries: readonly Ranked[]): Guesses['learned'] {
  const known = entries.some(({ entry }) => entry.name === learned?.label)
  return known ? learned : null
}

async function entryOf(
  published: PublishedVersion,
  { request, guesses }: { request: PreviewRequest; guesses: Guesses },
  facts: WeighFacts,
): Promise<Ranked> {
  const { template, version } = published
  const { ticket, actor, people } = request
  const trigger = 'manual'
  const rules = explainRules(published, { trigger, data: request, now: facts.now })
  const { decision } = await weigh(
    {
      published,
      rules,
      trigger,
      data: { ticket, actor, people },
      origin: null,
      subject: null,
      requestedVersion: null,
      given: 'preview',
      binding: bindingByHand(template, ticket),
    },
    facts,
  )
  const suggestion = published.problem === null ? suggestionOf(template, ticket, guesses) : null
  const entry: Entry = {
    name: template.name,
    version,
    title: template.title,
    description: template.description,
    decision,
    parameters: await prefill(template, factsOf(request)),
    ...(suggestion === null ? {} : { suggestion }),
  }
  return { entry, priority: template.priority }
}

function byRank(a: Ranked, b: Ranked): number {
  return (
    Number(b.entry.decision.fits) - Number(a.entry.decision.fits) ||
    Number(b.entry.suggestion !== undefined) - Number(a.entry.suggestion !== undefined) ||
    b.priority - a.priority ||
    a.entry.title.localeCompare(b.entry.title)
  )
}
