// The preview: the decisions a click would lead to, made without any effect, with the form to confirm.
import type { PreviewReply, PreviewRequest } from '#shared/preview.ts'

import { makeChecks } from './checks/index.ts'
import type { Pool } from './db/pool.ts'
import { runsOfTickets } from './db/runs.ts'
import { decisionOf } from './receipt.ts'
import { explainRules } from './rules-of.ts'
import { factsOf, prefill } from './templates/parameters.ts'
import type { PublishedVersion, TemplateRegistry } from './templates/registry.ts'

type Entry = PreviewReply['templates'][number]

/** What a preview needs. */
interface PreviewDeps {
  pool: Pool
  templates: TemplateRegistry
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
  const entries = await Promise.all(
    startable.map((published) => entryOf(published, request, { ...deps, earlierRuns })),
  )
  return { templates: entries.toSorted(byFitAndPriority).map(({ entry }) => entry) }
}

async function entryOf(
  published: PublishedVersion,
  request: PreviewRequest,
  deps: PreviewDeps & { earlierRuns: Awaited<ReturnType<typeof runsOfTickets>> },
): Promise<{ entry: Entry; priority: number }> {
  const { template, version } = published
  const { ticket, actor, people } = request
  const rules = explainRules(published, { trigger: 'manual', data: request, now: deps.now })
  const checks = makeChecks({
    trigger: 'manual',
    ticket,
    actor,
    people,
    template,
    version,
    templateProblem: published.problem,
    requestedVersion: null,
    parameterProblems: null,
    earlierRuns: deps.earlierRuns,
  })
  const entry: Entry = {
    name: template.name,
    version,
    title: template.title,
    description: template.description,
    decision: decisionOf(published, rules, checks),
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
