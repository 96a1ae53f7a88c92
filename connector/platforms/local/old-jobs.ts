// Takes away the directories of jobs that ended long ago. While a directory exists its token cannot run
// again, so the retention must be far longer than anybody may still ask for a launch.
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { readLocalJob } from './job-state.ts'

/** Milliseconds between removals. */
const everyMs = 6 * 3_600_000

/** Removes old jobs from time to time. */
export interface OldJobRemoval {
  /** Begins with a removal now; does nothing when it has begun already. */
  start(): void
  stop(): void
}

/** A removal for one work directory; `keepMs` = how long ended jobs are kept. */
export function createOldJobRemoval(workDir: string, keepMs: number): OldJobRemoval {
  let timer: NodeJS.Timeout | null = null

  function removeNow(): void {
    // Loose on purpose: nobody waits for it, and what fails is tried again the next time.
    void removeOldJobs(workDir, new Date(Date.now() - keepMs)).catch(ignore)
  }

  function start(): void {
    if (timer !== null) return
    timer = setInterval(removeNow, everyMs).unref()
    removeNow()
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer)
  }
  return { start, stop }
}

/** Removes what ended before `before`. What cannot be removed stays for the next time. */
export async function removeOldJobs(workDir: string, before: Date): Promise<void> {
  for (const name of await namesIn(workDir)) {
    const path = join(workDir, name)
    if (name.startsWith('.old-')) await remove(path)
    else if (name.startsWith('.new-')) await removeIfOlder(path, before)
    else if (!name.startsWith('.') && (await endedBefore(workDir, name, before))) {
      // Renamed first: a directory that is half gone must not look like a job.
      const away = join(workDir, `.old-${name}`)
      await rename(path, away).then(() => remove(away), ignore)
    }
  }
  for (const name of await namesIn(join(workDir, '.cancel'))) {
    await removeIfOlder(join(workDir, '.cancel', name), before)
  }
  for (const name of await namesIn(join(workDir, '.waiting'))) {
    const job = await readLocalJob(workDir, name.replace(/\.json$/, ''))
    if (job.is !== 'waiting') await removeIfOlder(join(workDir, '.waiting', name), before)
  }
}

async function endedBefore(workDir: string, token: string, before: Date): Promise<boolean> {
  const job = await readLocalJob(workDir, token)
  if (job.is === 'ended') return new Date(job.end.finishedAt) < before
  return job.is === 'lost' && (await isOlder(join(workDir, token), before))
}

async function namesIn(path: string): Promise<string[]> {
  // Nothing was launched yet.
  return readdir(path).catch(() => [])
}

async function isOlder(path: string, before: Date): Promise<boolean> {
  return stat(path).then(
    ({ mtime }) => mtime < before,
    () => false,
  )
}

async function removeIfOlder(path: string, before: Date): Promise<void> {
  if (await isOlder(path, before)) await remove(path)
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(ignore)
}

function ignore(): void {
  // Another connector was faster, or the job left files that we may not touch: the next time tries again.
}
