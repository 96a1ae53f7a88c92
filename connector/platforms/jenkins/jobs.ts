// The jobs of a Jenkins, also those in folders.
import { z } from 'zod'

import type { JenkinsApi } from './api.ts'
import { Job, jobTree } from './wire.ts'

/** Folders in folders that are looked into. */
const depth = 6

/** A job, a folder with what is in it, or something that is neither. */
interface Item extends Job {
  jobs?: Item[] | null | undefined
}

const Item: z.ZodType<Item> = z.lazy(() => Job.extend({ jobs: z.array(Item).nullish() }))

const Root = z.object({ jobs: z.array(Item).nullish() })

const tree = Array.from({ length: depth }).reduce<string>(
  (inner) => `jobs[${jobTree}${inner === '' ? '' : `,${inner}`}]`,
  '',
)

/** Those jobs that are not disabled and whose full name contains `search`, by name. */
export async function listJobs(
  api: JenkinsApi,
  search: string | null,
  signal: AbortSignal,
): Promise<Job[]> {
  const root = await api.ask({ path: '', tree, schema: Root, signal })
  const wanted = search?.toLowerCase() ?? ''
  return jobsIn(root.jobs ?? [])
    .filter(({ buildable }) => buildable === true)
    .filter(({ fullName = '' }) => fullName.toLowerCase().includes(wanted))
    .toSorted((a, b) => ((a.fullName ?? '') < (b.fullName ?? '') ? -1 : 1))
}

/** With the folders themselves, which nobody can build. */
function jobsIn(items: readonly Item[]): Job[] {
  return items.flatMap((item) => [item, ...jobsIn(item.jobs ?? [])])
}

/** The full name in an address of a job (`job/folder/job/name/`), or null. */
export function jobOf(address: string): string | null {
  const parts = address.split('/').filter((part) => part !== '')
  const begin = parts.indexOf('job')
  const names = parts.slice(begin).filter((_part, index) => index % 2 === 1)
  try {
    return begin < 0 || names.length === 0 ? null : names.map(decodeURIComponent).join('/')
  } catch {
    // No address that Jenkins would send.
    return null
  }
}
