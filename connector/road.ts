import type { TemplateList } from '#shared/job-template.ts'
// Puts the road together: templates, drivers, adapters, and the workers of the three queues between them.
// The steps themselves are decide.ts, plan.ts, advance.ts and report.ts.
import type { PreviewReply, PreviewRequest } from '#shared/preview.ts'

import { startAdvancing } from './advancing.ts'
import { takeCallback } from './callbacks.ts'
import type { Config } from './config.ts'
import { createDrivers } from './configured-drivers.ts'
import type { Pool } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import { decideTickets } from './decide.ts'
import type { DecideDeps } from './decide.ts'
import type { ItsmAdapter } from './itsm/adapter.ts'
import { createAdapters } from './itsm/index.ts'
import { startLearnedStore } from './learned-store.ts'
import type { Log } from './log.ts'
import type { RuleIndex } from './matching/rules.ts'
import type { Metrics } from './metrics.ts'
import { claimPlatforms } from './platform-claims.ts'
import type { CallbackRequest, Driver } from './platforms/driver.ts'
import { previewTicket } from './preview.ts'
import { createReporter } from './report.ts'
import { createRuleTools } from './rule-tools/rule-tools.ts'
import type { RuleTools } from './rule-tools/rule-tools.ts'
import { indexTemplates } from './rules-of.ts'
import { startSweep } from './sweep.ts'
import { createTemplateRegistry } from './templates/registry.ts'
import type { PublishedVersion, TemplateRegistry } from './templates/registry.ts'

/** What the road needs. */
export interface RoadDeps {
  config: Config
  pool: Pool
  queue: Queue
  log: Log
  metrics: Metrics
  /** Drivers and adapters in place of the configured ones (benchmarks, other front ends). */
  drivers?: ReadonlyMap<string, Driver>
  adapters?: ReadonlyMap<string, ItsmAdapter>
  /** The time for decisions, windows and plans (tests move it). Signatures keep to the real one. */
  now?: () => Date
}

/** The running road. */
export interface Road {
  preview(request: PreviewRequest, instanceName: string): Promise<PreviewReply>
  templates(): TemplateList
  tools: RuleTools
  /** Takes a call of a platform; see callbacks.ts. */
  callback(platform: string, request: CallbackRequest): Promise<void>
  stop(): Promise<void>
}

/** How many keys one worker takes at once, and how many workers a queue has. Slow platforms hold up a batch. */
const work = {
  decide: { batchSize: 100, workers: 2 },
  report: { batchSize: 50, workers: 4 },
} as const

/** Starts the road. Rejects when the templates folder or a platform's settings are wrong. */
export async function startRoad(deps: RoadDeps): Promise<Road> {
  const { config, pool, queue, log, metrics, now = () => new Date() } = deps
  const drivers = await claimPlatforms(pool, deps.drivers ?? createDrivers(config))
  const adapters = deps.adapters ?? createAdapters(config)
  const platforms = new Set([...Object.keys(config.platforms), ...drivers.keys()])
  const templates = await createTemplateRegistry({ dir: config.templatesDir, pool, log, platforms })
  const rules = createRules(templates)
  const learned = startLearnedStore({ pool, log, policy: config.policy })

  const decideDeps: DecideDeps = {
    pool,
    queue,
    log,
    instanceOf: (source) => config.instances.find(({ url }) => url === source)?.name ?? null,
    facts: () => ({
      find: (name) => templates.find(name),
      index: rules.index(),
      policy: config.policy,
      learned: learned.suggest,
      now: now(),
    }),
    version: (name, version) => templates.version(name, version),
    metrics,
  }
  await workByKey(queue, 'decide', (keys) => decideTickets(keys, decideDeps))
  const reporter = createReporter({ pool, queue, log, adapters, metrics })
  await workByKey(queue, 'report', (keys) => reporter.report(keys))

  const { policy } = config
  await startAdvancing({ pool, queue, log, metrics, drivers, adapters, templates, policy, now })
  const sweep = startSweep({ pool, queue, log })

  return {
    preview: (request, instance) =>
      previewTicket(request, {
        pool,
        templates,
        instance,
        policy: config.policy,
        learned: learned.suggest,
        now: now(),
      }),
    templates: () => templates.list(),
    tools: createRuleTools({ ...deps, ...config, templates, adapters, now }),
    callback: (platform, request) => takeCallback(platform, request, { pool, queue, drivers, now }),
    async stop() {
      sweep.stop()
      templates.close()
      await learned.stop()
      await Promise.all([...drivers.values(), ...adapters.values()].map((part) => part.close()))
    },
  }
}

/** Works on a queue with one call per batch, which answers with the error of each key that is to be tried again. */
async function workByKey(
  queue: Queue,
  name: 'decide' | 'report',
  run: (keys: readonly string[]) => Promise<ReadonlyMap<string, Error>>,
): Promise<void> {
  await queue.work(name, work[name], async (jobs) => {
    const errors = await run(jobs.map(({ key }) => key))
    return jobs.map(({ key }) => errors.get(key) ?? null)
  })
}

/** Keeps the rule index in step with the published templates. */
function createRules(templates: TemplateRegistry): { index: () => RuleIndex<PublishedVersion> } {
  let index = indexTemplates(templates.current())
  templates.onChange(() => {
    index = indexTemplates(templates.current())
  })
  return { index: () => index }
}
