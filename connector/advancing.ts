// The workers that advance runs: they load what has been woken, hand it to advance.ts and look at a run as soon
// as its driver says that the job has ended.
import { advance } from './advance.ts'
import { wakeRunOf } from './callbacks.ts'
import type { Pool } from './db/pool.ts'
import type { Queue, QueueJob } from './db/queue.ts'
import { loadRuns, runKey } from './db/runs.ts'
import type { RunRow } from './db/runs.ts'
import { loadSteps } from './db/steps.ts'
import { ConnectorError } from './errors.ts'
import { createFlightStore } from './flight.ts'
import type { Flight } from './flight.ts'
import type { ItsmAdapter } from './itsm/adapter.ts'
import type { Log } from './log.ts'
import type { AdvanceDeps } from './platform-call.ts'
import type { Driver } from './platforms/driver.ts'
import type { Policy } from './policy.ts'
import type { PublishedVersion, TemplateRegistry } from './templates/registry.ts'

/** What advancing takes. */
interface AdvancingDeps {
  pool: Pool
  queue: Queue
  log: Log
  metrics: AdvanceDeps['metrics']
  drivers: ReadonlyMap<string, Driver>
  adapters: ReadonlyMap<string, ItsmAdapter>
  templates: TemplateRegistry
  policy: Policy
  now: () => Date
}

/** How many keys one worker takes at once, and how many workers there are. Slow platforms hold up a batch. */
const work = { batchSize: 25, workers: 6 } as const

/** Starts the workers. Rejects when the queue cannot be reached. */
export async function startAdvancing(deps: AdvancingDeps): Promise<void> {
  const { pool, queue, log, drivers, adapters, policy, metrics, now } = deps
  const advanceDeps: AdvanceDeps = {
    drivers,
    store: createFlightStore({ pool, queue, log, policy, now }),
    gate: { pool, adapters, policy, now },
    now,
    metrics,
  }
  await queue.work<object>('advance', work, (jobs) => advanceAll(jobs, { ...deps, advanceDeps }))
  watchJobEnds(drivers, deps)
}

/** Advances a batch of runs; each one succeeds or fails for itself. */
async function advanceAll(
  jobs: readonly QueueJob<object>[],
  deps: AdvancingDeps & { advanceDeps: AdvanceDeps },
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
  deps: Pick<AdvancingDeps, 'pool' | 'queue' | 'log' | 'now'>,
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
