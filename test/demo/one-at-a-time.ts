// The demonstration's own folder belongs to one demonstration at a time. One that was killed leaves its mark behind;
// its parts end by themselves and are waited for.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { identityOf, isAlive } from '../../connector/platforms/local/process-identity.ts'
import type { ProcessIdentity } from '../../connector/platforms/local/process-identity.ts'
import { until } from '../support/until.ts'

/** The mark of the owner. */
export interface Ownership {
  /** Notes the parts, so that the next owner can wait for them. */
  hold(pids: readonly number[]): Promise<void>
  /** Call it once nothing runs any more. */
  release(): Promise<void>
}

interface Mark {
  owner: ProcessIdentity
  parts: readonly ProcessIdentity[]
}

/** Parts of a killed demonstration drain for at most half a minute. */
const partsEndMs = 40_000

/** Takes the folder. Throws with what to do when another demonstration has it. */
export async function ownFolder(folder: string): Promise<Ownership> {
  const path = join(folder, 'demo.json')
  const owner = identityOf(process.pid) ?? { pid: process.pid, start: '' }
  const found = await readMark(path)
  if (found !== null) {
    if (isAlive(found.owner)) {
      throw new Error(
        `a demonstration is running already (process ${found.owner.pid}); stop it there with Ctrl-C, or use --folder for a second one`,
      )
    }
    await until(
      'the parts of a killed demonstration to end',
      () => !found.parts.some(isAlive),
      partsEndMs,
    )
    await rm(path, { force: true })
  }
  await write({ owner, parts: [] }, 'wx')

  async function write(mark: Mark, flag: 'w' | 'wx'): Promise<void> {
    await writeFile(path, `${JSON.stringify(mark)}\n`, { flag, mode: 0o600 })
  }
  return {
    async hold(pids) {
      const parts = pids.flatMap((pid) => identityOf(pid) ?? [])
      await write({ owner, parts }, 'w')
    },
    release: () => rm(path, { force: true }),
  }
}

async function readMark(path: string): Promise<Mark | null> {
  try {
    // Written below, by this program.
    return JSON.parse(await readFile(path, 'utf8')) as Mark
  } catch {
    // None, or one that was cut short while it was written: its owner is gone.
    return null
  }
}
