// The preview: the decisions a click would lead to, made without any effect, with the form to confirm.
import type { PreviewReply, PreviewRequest } from '#shared/preview.ts'

import type { Pool } from './db/pool.ts'
import { runsOnTargets } from './db/run-targets.ts'
import { runsOfTickets } from './db/runs.ts'
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
}

/** Decides every template that a person could start on the ticket's table; those that fit come first. */
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
  const entries = await Promise.all(
    startable.map((published) => entryOf(published, request, facts)),
  )
  return { templates: entries.toSorted(byFitAndPriority).map(({ entry }) => entry) }
}

async function entryOf(
  published: PublishedVersion,
  request: PreviewRequest,
  facts: WeighFacts,
): Promise<{ entry: Entry; priority: number }> {
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
      binding: null,
    },
    facts,
  )
  const entry: Entry = {
    name: template.name,
    version,
    title: template.title,
    description: template.description,
    decision,
    parameters: await prefill(template, factsOf(request)),
  }
  return { entry, priority: template.priority }
}

function byFitAndPriority(
  a: { entry: Entry; priority: number },
  b: { entry: Entry; priority: number },
): number {
  return (
    Number(b.entry.decision.fits) - Number(a.entry.decision.fits) ||
    b.priority - a.priority ||
    a.entry.title.localeCompare(b.entry.title)
  )
}
