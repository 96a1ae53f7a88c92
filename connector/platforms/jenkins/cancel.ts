// Ending a Jenkins job: taken out of the queue, or stopped as a build.
import { ConnectorError } from '../../errors.ts'
import type { CancelResult } from '../driver.ts'
import { platformError } from '../http.ts'
import { jobPath } from './api.ts'
import type { JenkinsApi } from './api.ts'
import { lostIfGone } from './builds.ts'
import type { BuildStore } from './builds.ts'
import type { JobId } from './job-id.ts'
import { isRunning } from './status.ts'

/** Cancels it and says what that achieved. Throws job_lost, or platform_forbidden without Job/Cancel. */
export async function cancelBuild(
  { api, builds }: { api: JenkinsApi; builds: BuildStore },
  id: JobId,
  signal: AbortSignal,
): Promise<CancelResult> {
  const before = await builds.read(id, signal)
  if (before.is === 'cancelled') return 'already_finished'
  if (before.is === 'queued') {
    await cancelItem(api, id, signal)
    // It may have become a build in between.
    const after = await builds.read(id, signal)
    if (after.is === 'cancelled') return 'cancelled'
    if (after.is === 'queued') return 'requested'
    return await stop({ api, builds }, { id, number: after.build.number }, signal)
  }
  if (!isRunning(before.build)) return 'already_finished'
  return await stop({ api, builds }, { id, number: before.build.number }, signal)
}

async function cancelItem(api: JenkinsApi, { queueId }: JobId, signal: AbortSignal): Promise<void> {
  const answer = await api.post('/queue/cancelItem', { id: String(queueId) }, signal)
  // 404: it left the queue; 302 and 204: done.
  if (answer.status === 204 || answer.status === 302 || answer.status === 404) return
  if (answer.status === 422) {
    const text = `queue item ${queueId} may not be cancelled by us: give the user Job/Cancel`
    throw new ConnectorError('platform_forbidden', text, { retryable: true })
  }
  throw platformError(answer, 'POST /queue/cancelItem')
}

async function stop(
  { api, builds }: { api: JenkinsApi; builds: BuildStore },
  { id, number }: { id: JobId; number: number },
  signal: AbortSignal,
): Promise<CancelResult> {
  const path = `${jobPath(id.job)}/${number}/stop`
  const answer = await api.post(path, {}, signal)
  // Jenkins answers with a redirect to the build's page; whether it helped is read below.
  const isDone = (answer.status >= 200 && answer.status <= 299) || answer.status === 302
  if (!isDone) await lostIfGone(id, Promise.reject(platformError(answer, `POST ${path}`)))
  const after = await builds.read(id, signal)
  if (after.is !== 'built' || isRunning(after.build)) return 'requested'
  return after.build.result === 'ABORTED' ? 'cancelled' : 'already_finished'
}
