import type { TemplateList } from '#shared/job-template.ts'
// Puts the road together: templates, drivers, adapters, and the workers of the three queues between them.
// The steps themselves are decide.ts, plan.ts, advance.ts and report.ts.
import type { PreviewReply, PreviewRequest } from '#shared/preview.ts'

import { advance } from './advance.ts'
import type { Config } from './config.ts'
import type { Pool } from './db/pool.ts'
import type { Queue, QueueJob } from './db/queue.ts'
import { loadRuns, pullForward, runKey } from './db/runs.ts'
import type { RunRow } from './db/runs.ts'
import { loadSteps } from './db/steps.ts'
import { decideTickets } from './decide.ts'
import type { DecideDeps } from './decide.ts'
import { ConnectorError, messageOf } from './errors.ts'
import { createFlightStore } from './flight.ts'
import type { Flight } from './flight.ts'
import type { ItsmAdapter } from './itsm/adapter.ts'
import { createAdapters } from './itsm/index.ts'
import type { Log } from './log.ts'
import type { RuleIndex } from './matching/rules.ts'
import type { Metrics } from './metrics.ts'
import type { AdvanceDeps } from './platform-call.ts'
import { claimPlatforms } from './platform-claims.ts'
import type { Driver } from './platforms/driver.ts'
import { createDriver } from './platforms/index.ts'
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
  stop(): Promise<void>
}

/** How many keys one worker takes at once, and how many workers a queue has. Slow platforms hold up a batch. */
const work = {
  decide: { batchSize: 100, workers: 2 },
  advance: { batchSize: 25, workers: 6 },
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

  const decideDeps: DecideDeps = {
    pool,
    queue,
    log,
    instanceOf: (source) => config.instances.find(({ url }) => url === source)?.name ?? null,
    facts: () => ({
      find: (name) => templates.find(name),
      index: rules.index(),
      policy: config.policy,
      now: now(),
    }),
    version: (name, version) => templates.version(name, version),
    metrics,
  }
  await queue.work('decide', work.decide, async (jobs) => {
    const errors = await decideTickets(
      jobs.map(({ key }) => key),
      decideDeps,
    )
    return jobs.map(({ key }) => errors.get(key) ?? null)
  })

  const reporter = createReporter({ pool, queue, log, adapters, metrics })
  await queue.work('report', work.report, async (jobs) => {
    const errors = await reporter.report(jobs.map(({ key }) => key))
    return jobs.map(({ key }) => errors.get(key) ?? null)
  })

  const advanceDeps: AdvanceDeps = {
    drivers,
    store: createFlightStore({ pool, queue, policy: config.policy, now }),
    gate: { pool, adapters, policy: config.policy, now },
    now,
    metrics,
  }
  await queue.work<object>('advance', work.advance, (jobs) =>
    advanceAll(jobs, { ...deps, templates, advanceDeps }),
  )
  watchJobEnds(drivers, { pool, queue, log, now })
  const sweep = startSweep({ pool, queue, log })

  return {
    preview: (request, instance) =>
      previewTicket(request, { pool, templates, instance, policy: config.policy, now: now() }),
    templates: () => templates.list(),
    tools: createRuleTools({ ...deps, ...config, templates, adapters, now }),
    async stop() {
      sweep.stop()
      templates.close()
      await Promise.all([...drivers.values(), ...adapters.values()].map((part) => part.close()))
    },
  }
}

/** The drivers of all configured platforms. Throws config_invalid that names the place in connector.yaml. */
function createDrivers(config: Config): Map<string, Driver> {
  const platforms = Object.entries(config.platforms)
  return new Map(
    platforms.map(([name, settings]) => {
      try {
        const { baseDir, dataDir, environment } = config
        return [name, createDriver(settings, { baseDir, dataDir, environment })]
      } catch (error) {
        const place = config.locate(['platforms', name])
        throw new ConnectorError('config_invalid', `${place}: ${messageOf(error)}`, {
          cause: error,
        })
      }
    }),
  )
}

/** Keeps the rule index in step with the published templates. */
function createRules(templates: TemplateRegistry): { index: () => RuleIndex<PublishedVersion> } {
  let index = indexTemplates(templates.current())
  templates.onChange(() => {
    index = indexTemplates(templates.current())
  })
  return { index: () => index }
}

/** Advances a batch of runs; each one succeeds or fails for itself. */
async function advanceAll(
  jobs: readonly QueueJob<object>[],
  deps: RoadDeps & { templates: TemplateRegistry; advanceDeps: AdvanceDeps },
): Promise<(Error | null)[]> {
  const keys = jobs.map(({ key }) => key)
  // Runs before steps: when another worker stores in between, the revision is the old one and our save is refused.
  const runs = await loadRuns(deps.pool, keys)
  const steps = Map.groupBy(
    await loadSteps(deps.pool, keys),
    (step) => `${step.instance}/${step.run_id}`,
  )
  const byKey = new Map(runs.map((run) => [runKey(run), run]))
  return await Promise.all(
    keys.map(async (key) => {
      const run = byKey.get(key)
      if (run === undefined) return null
      try {
        const published = await publishedOf(run, deps.templates)
        const flight: Flight = { run, steps: steps.get(key) ?? [], published }
        await advance(flight, deps.advanceDeps)
        return null
      } catch (error) {
        deps.log.warn({ runId: run.id, err: error }, 'run could not be advanced')
        return error instanceof Error ? error : new Error(String(error))
      }
    }),
  )
}

async function publishedOf(run: RunRow, templates: TemplateRegistry): Promise<PublishedVersion> {
  const published = await templates.version(run.template, run.version)
  if (published !== null) return published
  throw new ConnectorError(
    'template_unknown',
    `version ${run.version} of template ${run.template} is not stored`,
  )
}

/** Looks at a run as soon as its driver says that the job has ended. */
function watchJobEnds(
  drivers: ReadonlyMap<string, Driver>,
  deps: Pick<RoadDeps, 'pool' | 'queue' | 'log'> & { now: () => Date },
): void {
  const { pool, queue, log, now } = deps
  for (const [platform, driver] of drivers) {
    driver.onFinished?.((jobId) => {
      // A lost hint costs one poll interval, no more.
      void wakeRunOf({ platform, jobId }, { pool, queue, now: now() }).catch((error: unknown) => {
        log.warn({ platform, err: error }, 'could not pull a status read forward')
      })
    })
  }
}

async function wakeRunOf(
  job: { platform: string; jobId: string },
  deps: { pool: Pool; queue: Queue; now: Date },
): Promise<void> {
  const keys = await pullForward(deps.pool, job, deps.now)
  await deps.queue.send(
    deps.pool,
    'advance',
    keys.map((key) => ({ key, data: {} })),
  )
  deps.queue.kick('advance')
}
