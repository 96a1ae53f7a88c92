// Where launched jobs are, in the queue or built, and the state of many of them with few requests.
import { ConnectorError } from '../../errors.ts'
import { jobPath } from './api.ts'
import type { JenkinsApi } from './api.ts'
import { formatJobId } from './job-id.ts'
import type { JobId } from './job-id.ts'
import { longestSearch, pageSize, readPage } from './pages.ts'
import { Build, buildTree, itemTree, parameterOf, QueueItem } from './wire.ts'

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

/** From so many builds of one job on they are read together. */
const manyBuilds = 3

/** Build numbers that are remembered; a forgotten one costs a request or two. */
const maxRemembered = 10_000

/** Creates the store. `tokenParameter` = the parameter with our token, or null. */
export function createBuildStore(api: JenkinsApi, tokenParameter: string | null): BuildStore {
  const numbers = new Map<string, number>()

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

  /** The newest builds of those jobs of which many are asked for. */
  async function readTogether(
    ids: readonly JobId[],
    signal: AbortSignal,
  ): Promise<Map<string, Build[]>> {
    const known = ids.filter((id) => numbers.has(formatJobId(id)))
    const groups = [...Map.groupBy(known, ({ job }) => job)]
    const jobs = groups.filter(([, group]) => group.length >= manyBuilds).map(([job]) => job)
    const pages = await Promise.all(
      // What goes wrong with one job is told when its builds are read one by one.
      jobs.map((job) => readPage(api, { job, from: 0 }, signal).catch(() => null)),
    )
    return new Map(jobs.map((job, index) => [job, pages[index]?.builds ?? []]))
  }

  return {
    locate,
    read,
    async readAll(ids, signal) {
      const together = await readTogether(ids, signal)
      return await Promise.all(
        ids.map(async (id) => {
          const number = numbers.get(formatJobId(id))
          const build = together.get(id.job)?.find((one) => one.number === number)
          if (build !== undefined) return { is: 'built' as const, build }
          return await read(id, signal).catch(asConnectorError)
        }),
      )
    },
  }
}

/** Jenkins keeps items that left the queue for five minutes; after that only the build says which one it was. */
async function findPlace(
  api: JenkinsApi,
  { id, tokenParameter }: { id: JobId; tokenParameter: string | null },
  signal: AbortSignal,
): Promise<Place> {
  function isOurs(thing: Pick<Build, 'actions'>): boolean {
    return tokenParameter === null || parameterOf(thing, tokenParameter) === id.token
  }
  const path = `/queue/item/${id.queueId}`
  const item = await api.askIfThere({ path, tree: itemTree, schema: QueueItem, signal })
  if (item !== null && isOurs(item)) {
    if (item.executable) return { is: 'built', number: item.executable.number }
    return item.cancelled === true ? { is: 'cancelled', item } : { is: 'queued', item }
  }
  for (let from = 0; from < longestSearch; from += pageSize) {
    const { builds } = await readPage(api, { job: id.job, from }, signal)
    const build = builds.find((one) => one.queueId === id.queueId && isOurs(one))
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
