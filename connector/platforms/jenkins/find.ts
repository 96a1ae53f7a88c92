// Whether a launch whose answer got lost arrived at Jenkins.
import { ConnectorError } from '../../errors.ts'
import type { LaunchInDoubt } from '../driver.ts'
import type { JenkinsApi } from './api.ts'
import { longestSearch, pageSize, readPage } from './pages.ts'
import { itemTree, parameterOf, Queue } from './wire.ts'
import type { Build } from './wire.ts'

/** Between our reading of a clock and theirs, in milliseconds. */
const clockSlackMs = 5_000

/** The same, when the answer does not tell the time by Jenkins' clock. */
const unknownClockMs = 600_000

/** What is looked for. */
export interface Lost extends LaunchInDoubt {
  token: string
  /** The parameter that carries it. */
  tokenParameter: string
}

/**
 * The id of the queue item; null = certainly none. Rejects with platform_error when builds are gone that may have been
 * ours.
 */
export async function findQueueId(
  api: JenkinsApi,
  lost: Lost,
  signal: AbortSignal,
): Promise<number | null> {
  // First the queue: what leaves it between the two requests is among the builds.
  const tree = `items[${itemTree}]`
  const queue = await api.ask({ path: '/queue', tree, schema: Queue, signal })
  const item = (queue.items ?? []).find((one) => isOurs(one, lost))
  return item === undefined ? await findBuilt(api, lost, signal) : item.id
}

async function findBuilt(api: JenkinsApi, lost: Lost, signal: AbortSignal): Promise<number | null> {
  const newer: Build[] = []
  for (let from = 0; from < longestSearch; from += pageSize) {
    const askedAt = new Date()
    const { builds, at } = await readPage(api, { job: lost.job, from }, signal)
    const found = builds.find((one) => isOurs(one, lost))
    if (found?.queueId != null) return found.queueId
    const since = launchedAt(lost.at, { ours: askedAt, theirs: at })
    const older = builds.find(({ timestamp }) => timestamp < since)
    newer.push(...builds.filter(({ timestamp }) => timestamp >= since))
    if (older === undefined && builds.length === pageSize) continue
    if (isComplete(newer, older?.number ?? 0)) return null
    break
  }
  const text = `${lost.job}: builds since the launch were deleted or are too many, ours may be one of them`
  throw new ConnectorError('platform_error', text, { retryable: true })
}

function isOurs(thing: Pick<Build, 'actions'>, { token, tokenParameter }: Lost): boolean {
  return parameterOf(thing, tokenParameter) === token
}

/** The earliest moment of the launch by Jenkins' clock, which may be wrong. */
function launchedAt(at: Date, clocks: { ours: Date; theirs: Date | null }): number {
  if (clocks.theirs === null) return at.getTime() - unknownClockMs
  const agoMs = clocks.ours.getTime() - at.getTime()
  return clocks.theirs.getTime() - agoMs - clockSlackMs
}

/** False when builds between these and the one before them are gone: Jenkins deletes old ones. */
function isComplete(newer: readonly Build[], before: number): boolean {
  const numbers = new Set(newer.map(({ number }) => number))
  return Math.max(before, ...numbers) - before === numbers.size
}
