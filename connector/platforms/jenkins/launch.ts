// Launching a Jenkins job: its parameters are looked at first, because Jenkins drops what it does not declare; then its
// queue item is read from the answer.
import { ConnectorError } from '../../errors.ts'
import type { HttpAnswer } from '../../http-client.ts'
import type { LaunchRequest } from '../driver.ts'
import { platformError } from '../http.ts'
import { jobPath, notSent } from './api.ts'
import type { JenkinsApi } from './api.ts'
import { definitionsOf, tokenProblem, valueProblems } from './parameters.ts'
import { Job, jobTree } from './wire.ts'

/**
 * Launches once and gives the id of the queue item. `tokenParameter` = the parameter that takes our token, or null.
 * Throws parameters_invalid for what Jenkins would drop, and platform_unreachable when certainly nothing was launched.
 */
export async function launchBuild(
  { api, tokenParameter }: { api: JenkinsApi; tokenParameter: string | null },
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<number> {
  const job = await notSent(() => readJob(api, request.job, signal))
  const values = Object.entries(request.parameters).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value, isSecret: request.secrets.includes(name) }],
  )
  const token = tokenProblem(job, tokenParameter)
  const problems = valueProblems(job, values, tokenParameter)
  const [problem] = token === null ? problems : [token, ...problems]
  if (problem !== undefined) {
    throw new ConnectorError('parameters_invalid', `${problem.reason}. ${problem.hint}`)
  }
  const form = Object.fromEntries(values.map(({ name, value }) => [name, String(value)]))
  const action = definitionsOf(job).length === 0 ? 'build' : 'buildWithParameters'
  const path = `${jobPath(request.job)}/${action}?delay=0sec`
  const own = tokenParameter === null ? {} : { [tokenParameter]: request.token }
  const answer = await api.post(path, { ...form, ...own }, signal)
  return queueIdOf(answer, { path, shares: tokenParameter === null })
}

/** The queue item that Jenkins' answer to a launch names. Nothing of its text is shown: it may repeat a value. */
function queueIdOf(answer: HttpAnswer, call: { path: string; shares: boolean }): number {
  const { status, headers } = answer
  const location = headers['location'] ?? ''
  const item = /\/queue\/item\/(\d{1,15})\/?$/.exec(location)?.[1]
  if (item !== undefined && status === 201) return Number(item)
  if (item !== undefined && status === 303) {
    // Our token makes every launch one of its own: the item that is there already is ours.
    if (!call.shares) return Number(item)
    const text = 'the same job with the same parameters is waiting in the queue already'
    throw new ConnectorError('platform_rate_limited', text, { retryable: true })
  }
  if (status === 302 && location !== '' && isOwnPage(location, call.path)) {
    const text =
      'Jenkins did not take the build into its queue: a plugin refused it, or Jenkins is shutting down'
    throw new ConnectorError('platform_rejected', text)
  }
  if (status < 200 || status > 299) {
    throw platformError({ ...answer, text: '' }, `POST ${call.path.split('?')[0]}`)
  }
  const text = `POST ${call.path.split('?')[0]}: ${status} without the item of the queue`
  throw new ConnectorError('platform_bad_answer', text, { retryable: true })
}

/** True when a redirect leads back to the page of what was asked, e.g. from /job/a/build to /job/a/. */
function isOwnPage(location: string, path: string): boolean {
  if (location === '.') return true
  const parent = path.split('?')[0]?.replace(/[^/]*$/, '') ?? ''
  return URL.canParse(location, 'http://jenkins')
    ? new URL(location, 'http://jenkins').pathname.endsWith(parent)
    : false
}

/** The job of this name. Throws platform_job_not_found, also for a folder. */
export async function readJob(api: JenkinsApi, name: string, signal: AbortSignal): Promise<Job> {
  const job = await api.ask({ path: jobPath(name), tree: jobTree, schema: Job, signal })
  if (job.buildable !== undefined) return job
  throw new ConnectorError('platform_job_not_found', `${name} is no job but a folder`)
}
