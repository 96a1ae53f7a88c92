// Why a job ended as it did, in one line for a ticket: its hosts, and the first tasks that failed.
import { ConnectorError } from '../../errors.ts'
import type { JobState } from '../driver.ts'
import { getOne, getPage, ofJob } from './client.ts'
import type { AwxClient } from './client.ts'
import { jobPath } from './reference.ts'
import type { JobKey } from './reference.ts'
import { nodeName, readNodes } from './step.ts'
import { JobDetail, JobEvent } from './wire.ts'
import type { Job } from './wire.ts'

/** What is told of an end. */
export interface End {
  message: string
  /** AWX has stored all output and events. */
  stored: boolean
}

/** Most failures that are named, and the most characters of each one's reason. */
const mostFailures = 5
const longestReason = 200

/** Codes after which the rest is told without what could not be read. */
const withoutIt = new Set(['platform_forbidden', 'platform_job_not_found', 'platform_rejected'])

/** Reads why the job ended. */
export async function endMessage(
  client: AwxClient,
  ended: { key: JobKey; job: Job; state: JobState },
  signal: AbortSignal,
): Promise<End> {
  const { key, state } = ended
  const get = { path: jobPath(key), signal }
  const detail = await ofJob(key, getOne(client, get, JobDetail))
  const what = state === 'succeeded' ? 'finished' : state
  const parts = [what, ...explanations(detail)]
  if (key.kind === 'workflow') {
    if (state !== 'succeeded') parts.push(...(await readable(failedNodes(client, key, signal))))
    return { message: oneLine(parts.join('; ')), stored: detail.event_processing_finished }
  }
  parts.push(...hostSummary(detail.host_status_counts ?? {}))
  if (state === 'failed') parts.push(...(await readable(failedTasks(client, key, signal))))
  return { message: oneLine(parts.join('; ')), stored: detail.event_processing_finished }
}

function explanations(detail: JobDetail): string[] {
  // "Previous Task Failed: {json}" names the project or inventory update that went wrong.
  const why = detail.job_explanation.trim()
  const last = detail.result_traceback.trim().split('\n').at(-1)?.trim() ?? ''
  return [why, last].filter((text) => text !== '').map(short)
}

/** Words of playbook_on_stats for people. */
const words: Readonly<Record<string, string>> = {
  ok: 'ok',
  changed: 'changed',
  failures: 'failed',
  dark: 'unreachable',
  skipped: 'skipped',
  rescued: 'rescued',
  ignored: 'with ignored errors',
}

function hostSummary(counts: Readonly<Record<string, number>>): string[] {
  const parts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${words[word] ?? word}`)
  return parts.length === 0 ? [] : [`hosts: ${parts.join(', ')}`]
}

/** `db01: Restart nginx: Unit not found` for each, those of `ignore_errors` left out. */
async function failedTasks(client: AwxClient, key: JobKey, signal: AbortSignal): Promise<string[]> {
  const query = {
    event__in: 'runner_on_failed,runner_on_unreachable',
    order_by: 'counter',
    page_size: '50',
  }
  const get = { path: `${jobPath(key)}/job_events`, query, signal }
  const { rows } = await getPage(client, get, JobEvent)
  const counted = rows.filter(({ event_data: data }) => data.ignore_errors !== true)
  return firstOf(counted.map((event) => failureOf(event)))
}

function failureOf({ host_name: host, task, event, event_data: data }: JobEvent): string {
  const message = data.res?.msg
  const reason = typeof message === 'string' ? message : JSON.stringify(message ?? '')
  const what = event === 'runner_on_unreachable' ? 'unreachable' : task
  return [host, what, short(reason === '""' ? '' : reason)].filter((part) => part !== '').join(': ')
}

async function failedNodes(client: AwxClient, key: JobKey, signal: AbortSignal): Promise<string[]> {
  const nodes = await readNodes(client, key, signal)
  return firstOf(
    nodes.flatMap((node) => {
      const status = node.summary_fields.job?.status
      return status === 'failed' || status === 'error' || status === 'canceled'
        ? [`${nodeName(node)}: ${status}`]
        : []
    }),
  )
}

function firstOf(failures: readonly string[]): string[] {
  const more = failures.length - mostFailures
  return [...failures.slice(0, mostFailures), ...(more > 0 ? [`and ${more} more`] : [])]
}

/** What could be read; the right to run a template does not include everything about it. */
async function readable(work: Promise<string[]>): Promise<string[]> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ConnectorError && withoutIt.has(error.code)) return []
    throw error
  }
}

function short(text: string): string {
  const line = oneLine(text)
  if (line.length <= longestReason) return line
  return `${line.slice(0, longestReason - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
