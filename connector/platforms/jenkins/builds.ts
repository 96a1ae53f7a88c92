// Where launched jobs are, in the queue or built, and the state of many of them with few requests.
import { ConnectorError } from '../../errors.ts'
import { jobPath } from './api.ts'
import type { JenkinsApi } from './api.ts'
import { formatJobId } from './job-id.ts'
import type { JobId } from './job-id.ts'
import { longestSearch, pageSize, readPage } from './pages.ts'
import { Build, buildTree, itemTree, parameterOf, Queue, QueueItem } from './wire.ts'

/** Where a launched job is. */
export type Place =
  | { is: 'queued'; item: QueueItem }
  | { is: 'cancelled'; item: QueueItem }
  | { is: 'built'; number: number }

/** Where a launched job is, with its build as it is now. */
export type Found = Exclude<Place, { is: 'built' }> | { is: 'built'; build: Build }

/** Launched jobs of one Jenkins. Everything rejects with job_lost for what is neither in the queue nor built. */
export interface BuildStore {
  locate(id: JobId, signal: AbortSignal): Promise<Place>
  read(id: JobId, signal: AbortSignal): Promise<Found>
  /** Reads many at once; what went wrong with one is given instead of it. */
  readAll(ids: readonly JobId[], signal: AbortSignal): Promise<(Found | ConnectorError)[]>
}

/** From so many builds of one job, or items of the queue, on they are read together. */
const manyBuilds = 3

/** Build numbers that are remembered; a forgotten one costs a request or two. */
const maxRemembered = 10_000

/** Creates the store. `tokenParameter` = the parameter with our token, or null. */
export function createBuildStore(api: JenkinsApi, tokenParameter: string | null): BuildStore {
  const numbers = new Map<string, number>()

  /** -1 = not known yet. */
  function numberOf(id: JobId): number {
    return numbers.get(formatJobId(id)) ?? -1
  }

  function remember(id: JobId, number: number): void {
    const [oldest] = numbers.keys()
    if (numbers.size >= maxRemembered && oldest !== undefined) numbers.delete(oldest)
    numbers.set(formatJobId(id), number)
  }

  async function locate(id: JobId, signal: AbortSignal): Promise<Place> {
    const known = numbers.get(formatJobId(id))
    if (known !== undefined) return { is: 'built', number: known }
    const place = await lostIfGone(id, findPlace(api, { id, tokenParameter }, signal))
    if (place.is === 'built') remember(id, place.number)
    return place
  }

  async function read(id: JobId, signal: AbortSignal): Promise<Found> {
    const place = await locate(id, signal)
    if (place.is !== 'built') return place
    const path = `${jobPath(id.job)}/${place.number}`
    const build = await lostIfGone(id, api.ask({ path, tree: buildTree, schema: Build, signal }))
    return { is: 'built', build }
  }

  return {
    locate,
    read,
    async readAll(ids, signal) {
      const known = ids.filter((id) => numbers.has(formatJobId(id)))
      const builds = await readTogether(
        api,
        known.map((id) => ({ job: id.job, number: numberOf(id) })),
        signal,
      )
      const waiting = await readQueue(api, ids.length - known.length, signal)
      return await Promise.all(
        ids.map(async (id) => {
          const build = builds.get(id.job)?.get(numberOf(id))
          if (build !== undefined) return { is: 'built' as const, build }
          const item = waiting.get(id.queueId)
          if (item !== undefined && carries(item, { id, tokenParameter })) {
            return { is: 'queued' as const, item }
          }
          return await read(id, signal).catch(asConnectorError)
        }),
      )
    },
  }
}

/** The builds of those jobs of which many are asked for, by job and number: as many pages as it takes. */
async function readTogether(
  api: JenkinsApi,
  wanted: readonly { job: string; number: number }[],
  signal: AbortSignal,
): Promise<Map<string, Map<number, Build>>> {
  const groups = [...Map.groupBy(wanted, ({ job }) => job)]
  const many = groups.filter(([, group]) => group.length >= manyBuilds)
  const read = many.map(async ([job, group]): Promise<[string, Map<number, Build>]> => {
    const oldest = Math.min(...group.map(({ number }) => number))
    const builds = new Map<number, Build>()
    for (let from = 0; from < longestSearch; from += pageSize) {
      // What goes wrong with one job is told when its builds are read one by one.
      const page = await readPage(api, { job, from }, signal).catch(() => null)
      for (const build of page?.builds ?? []) builds.set(build.number, build)
      const last = page?.builds.at(-1)
      if (last === undefined || last.number <= oldest || page?.builds.length !== pageSize) break
    }
    return [job, builds]
  })
  return new Map(await Promise.all(read))
}

/** What waits in the queue, by id, when many of those asked for may wait there. */
async function readQueue(
  api: JenkinsApi,
  count: number,
  signal: AbortSignal,
): Promise<Map<number, QueueItem>> {
  if (count < manyBuilds) return new Map()
  const question = { path: '/queue', tree: `items[${itemTree}]`, schema: Queue, signal }
  // Without it each item is asked for, which tells what is wrong.
  const queue = await api.ask(question).catch(() => null)
  return new Map((queue?.items ?? []).map((item) => [item.id, item]))
}

/** True when a build or an item has the token of the id, where there are tokens. */
function carries(
  thing: Pick<Build, 'actions'>,
  { id, tokenParameter }: { id: JobId; tokenParameter: string | null },
): boolean {
  return tokenParameter === null || parameterOf(thing, tokenParameter) === id.token
}

/** Jenkins keeps items that left the queue for five minutes; after that only the build says which one it was. */
async function findPlace(
  api: JenkinsApi,
  own: { id: JobId; tokenParameter: string | null },
  signal: AbortSignal,
): Promise<Place> {
  const { id } = own
  const path = `/queue/item/${id.queueId}`
  const item = await api.askIfThere({ path, tree: itemTree, schema: QueueItem, signal })
  if (item !== null && carries(item, own)) {
    if (item.executable) return { is: 'built', number: item.executable.number }
    return item.cancelled === true ? { is: 'cancelled', item } : { is: 'queued', item }
  }
  for (let from = 0; from < longestSearch; from += pageSize) {
    const { builds } = await readPage(api, { job: id.job, from }, signal)
    const build = builds.find((one) => one.queueId === id.queueId && carries(one, own))
    if (build !== undefined) return { is: 'built', number: build.number }
    if (builds.length < pageSize) break
  }
  throw lost(id, 'it is neither in the queue nor among the builds')
}

/** A job or build that Jenkins does not know any more is lost, not one that never was: job_lost. */
export async function lostIfGone<T>(id: JobId, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'platform_job_not_found') {
      throw lost(id, 'Jenkins does not know it any more')
    }
    throw error
  }
}

function lost(id: JobId, why: string): ConnectorError {
  return new ConnectorError('job_lost', `${id.job}, queue item ${id.queueId}: ${why}`)
}

function asConnectorError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new ConnectorError('platform_error', text, { retryable: true })
}
