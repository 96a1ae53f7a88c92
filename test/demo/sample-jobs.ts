// The sample jobs in a temporary folder, started by the built-in runner.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Driver, JobStatus } from '../../connector/platforms/driver.ts'
import { createLocalDriver } from '../../connector/platforms/local.ts'
import { allOutput, untilEnded } from '../platforms/conformance.ts'
import { launchOf, soon } from '../platforms/launch.ts'

/** The jobs and a place for what they work on. */
export interface SampleJobs {
  dir: string
  driver: Driver
  /** Writes the settings that an admin writes beside the jobs. */
  settings(values: object): void
  /** Runs a job to its end. */
  run(
    job: string,
    parameters: Record<string, string | number | boolean | null>,
  ): Promise<{ status: JobStatus; text: string }>
  close(): Promise<void>
}

/** A copy of the sample jobs, without settings. */
export function createSampleJobs(): SampleJobs {
  const dir = mkdtempSync(join(tmpdir(), 'ticket-automation-jobs-'))
  cpSync(fileURLToPath(new URL('jobs', import.meta.url)), join(dir, 'jobs'), { recursive: true })
  const deps = { dataDir: join(dir, 'data'), baseDir: dir, environment: {} }
  const driver = createLocalDriver({ jobs_dir: 'jobs' }, deps)
  return {
    dir,
    driver,
    settings(values) {
      writeFileSync(join(dir, 'jobs', 'settings.json'), JSON.stringify(values))
    },
    async run(job, parameters) {
      const launched = await driver.launch(launchOf(job, { parameters, timeoutMs: 30_000 }), soon())
      const status = await untilEnded(driver, launched)
      return { status, text: (await allOutput(driver, launched.id)).text }
    },
    async close() {
      await driver.close()
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
