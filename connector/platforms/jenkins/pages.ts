// The builds of a Jenkins job, newest first, a page at a time.
import { jobPath } from './api.ts'
import type { JenkinsApi } from './api.ts'
import { Builds, buildsTree } from './wire.ts'
import type { Build } from './wire.ts'

/** Builds read at once, and how far back a search goes: Jenkins reads each from its disk. */
export const pageSize = 100
export const longestSearch = 1_000

/** The builds from this place on, with the time by Jenkins' clock or null. */
export async function readPage(
  api: JenkinsApi,
  { job, from }: { job: string; from: number },
  signal: AbortSignal,
): Promise<{ builds: Build[]; at: Date | null }> {
  const tree = buildsTree(from, from + pageSize)
  const { value, at } = await api.askDated({ path: jobPath(job), tree, schema: Builds, signal })
  return { builds: value.allBuilds ?? [], at }
}
