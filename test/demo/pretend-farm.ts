// The web farm and the place of shared folders on the pretend server: real files in its folder, and the part of
// settings.json that allows the jobs to work on them.
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The farm as it is prepared. */
export interface PretendFarm {
  servers: readonly string[]
  /** Patch level before anything is done. */
  level: string
  /** Patch level of each server now, in the order of `servers`. */
  levels(): string[]
  /** Where shared folders are made. */
  shares: string
  /** What settings.json says of both. */
  settings: object
}

const servers = ['web-01', 'web-02', 'web-03', 'web-04'] as const
const level = '2026-10'

/** The level with a bug, and who stops answering with it. */
const broken = { '2026-12': ['web-03'] } as const

/** Makes the farm and the place for folders. `root` is made anew by the caller. */
export async function preparePretendFarm(root: string): Promise<PretendFarm> {
  const folders = new Map(servers.map((name) => [name, join(root, 'farm', name)]))
  for (const folder of folders.values()) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'installed.json'), `${JSON.stringify({ level })}\n`)
  }
  const shares = join(root, 'shares')
  await mkdir(shares)
  return {
    servers,
    level,
    levels: () => [...folders.values()].map(levelOf),
    shares,
    settings: {
      farm: {
        servers: Object.fromEntries(folders),
        levels: { '2026-11': {}, '2026-12': {} },
        broken,
      },
      shares: { path: shares },
    },
  }
}

function levelOf(folder: string): string {
  // Written above and by the jobs.
  const { level: found } = JSON.parse(readFileSync(join(folder, 'installed.json'), 'utf8')) as {
    level: string
  }
  return found
}
