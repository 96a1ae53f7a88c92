// A lock between processes of this machine: a folder with the pid of its owner. One whose owner has died is removed.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { until } from './until.ts'

/** Does the work while nobody else holds the lock. Rejects when it is not had within the limit. */
export async function oneAtATime<T>(
  lock: string,
  limitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await until(`the lock ${lock}`, () => takeLock(lock), limitMs)
  try {
    return await work()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

async function takeLock(lock: string): Promise<boolean> {
  const owner = join(lock, 'pid')
  try {
    await mkdir(lock)
    await writeFile(owner, String(process.pid))
    return true
  } catch {
    // Somebody has it; the question is whether they still live.
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''))
    if (pid > 0 && !isAlive(pid)) await rm(lock, { recursive: true, force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}
