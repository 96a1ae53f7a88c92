// The built-in runner in a temporary folder, with the jobs of jobs/ and a ledger of what really ran.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Driver, LaunchedJob } from '../../../connector/platforms/driver.ts'
import { createLocalDriver } from '../../../connector/platforms/local.ts'
import type { LocalDeps } from '../../../connector/platforms/local.ts'
import { isAlive, signalGroup } from '../../../connector/platforms/local/process-identity.ts'
import type { ProcessIdentity } from '../../../connector/platforms/local/process-identity.ts'
import { until } from '../../support/until.ts'
import type { Platform } from '../conformance.ts'

/** The built-in runner with a view behind the scenes. */
export interface LocalPlatform extends Platform {
  dir: string
  jobsDir: string
  workDir: string
  /** Another driver over the same folders, with other options. Closed with the platform. */
  open(options?: Record<string, unknown>): Driver
  /** A file in the job's working directory. */
  read(job: LaunchedJob, name: string): string
  readJson(job: LaunchedJob, name: string): Record<string, unknown>
  /** Pid of the supervisor that holds the job. */
  supervisorOf(job: LaunchedJob): number
  /** Pid and process group of the job. */
  pidOf(job: LaunchedJob): number
}

const jobs = {
  succeed: 'succeed.sh',
  fail: 'fail.sh',
  wait: 'wait.sh',
  progress: 'progress.sh',
  lines: 'lines.sh',
  echo: 'echo.mjs',
  missing: 'no-such-job.sh',
}

/** A platform of its own for one test file. Call `close` at the end: it ends what still runs. */
export function createLocalPlatform(options: Record<string, unknown> = {}): LocalPlatform {
  const dir = mkdtempSync(join(tmpdir(), 'ticket-automation-local-'))
  const jobsDir = join(dir, 'jobs')
  const workDir = join(dir, 'data', 'jobs')
  cpSync(fileURLToPath(new URL('jobs', import.meta.url)), jobsDir, { recursive: true })
  const settings = localSettings(dir)
  const drivers: Driver[] = []

  function open(others: Record<string, unknown> = {}): Driver {
    const driver = createLocalDriver({ ...settings.options, ...options, ...others }, settings.deps)
    drivers.push(driver)
    return driver
  }
  function read(job: LaunchedJob, name: string): string {
    return readFileSync(join(workDir, job.id, 'cwd', name), 'utf8')
  }
  function readJson(job: LaunchedJob, name: string): Record<string, unknown> {
    return JSON.parse(read(job, name))
  }
  return {
    driver: open(),
    jobs,
    dir,
    jobsDir,
    workDir,
    open,
    read,
    readJson,
    supervisorOf: (job) => recordOf(workDir, job, 'job.json').supervisor.pid,
    pidOf: (job) => recordOf(workDir, job, 'running.json').process.pid,
    release: async (job) => writeFileSync(join(workDir, job.id, 'cwd', 'release'), ''),
    received: async (job) => readJson(job, 'stdin.json')['parameters'] as Record<string, unknown>,
    began: async (token) => ledger(dir).filter((line) => line === token).length,
    reopen: () => open(),
    async close() {
      endJobs(workDir)
      await Promise.all(drivers.map((driver) => driver.close()))
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Options and surroundings of a local driver in `dir`. */
export function localSettings(dir: string): { options: Record<string, unknown>; deps: LocalDeps } {
  return {
    options: { jobs_dir: 'jobs', environment: ['LEDGER'], kill_grace: '1s' },
    deps: {
      dataDir: join(dir, 'data'),
      baseDir: dir,
      environment: { ...process.env, LEDGER: join(dir, 'ledger'), CANARY_SECRET: 'must not leak' },
    },
  }
}

/** True while there is a process with that pid that is more than an entry in the process table. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (!existsSync('/proc/self/stat')) return true
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Ends one process at once and waits until it is gone. */
export async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await until(`process ${pid} to be gone`, () => !runs(pid))
}

/** Ends what a failed test left running. */
function endJobs(workDir: string): void {
  if (!existsSync(workDir)) return
  for (const token of readdirSync(workDir).filter((name) => !name.startsWith('.'))) {
    const path = join(workDir, token, 'running.json')
    if (!existsSync(path)) continue
    const { process: job }: { process: ProcessIdentity } = JSON.parse(readFileSync(path, 'utf8'))
    if (isAlive(job)) signalGroup(job.pid, 'SIGKILL')
  }
}

interface Records {
  supervisor: { pid: number }
  process: { pid: number }
}

function recordOf(workDir: string, job: LaunchedJob, name: string): Records {
  return JSON.parse(readFileSync(join(workDir, job.id, name), 'utf8'))
}

function ledger(dir: string): string[] {
  const path = join(dir, 'ledger')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
}
