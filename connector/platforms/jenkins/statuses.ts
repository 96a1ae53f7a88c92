// The states of many Jenkins jobs with as few requests as Jenkins allows.
import { ConnectorError } from '../../errors.ts'
import type { JobStatus } from '../driver.ts'
import { jobPath } from './api.ts'
import type { JenkinsApi } from './api.ts'
import type { BuildStore, Found } from './builds.ts'
import { parseJobId } from './job-id.ts'
import { isPipeline, statusOf } from './status.ts'
import type { ResultRules } from './status.ts'
import { Stages } from './wire.ts'

/** Stages cost a request per build: with more builds at once they are left out. */
const fewBuilds = 20

/** Reads them; what went wrong with one is told instead of it. */
export async function readStatuses(
  jenkins: { api: JenkinsApi; builds: BuildStore; settings: ResultRules },
  jobIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, JobStatus | ConnectorError>> {
  const { api, builds, settings } = jenkins
  const all = await builds.readAll(jobIds.map(parseJobId), signal)
  const withStages = jobIds.length <= fewBuilds
  const statuses = await Promise.all(
    all.map(async (found, index) => {
      if (found instanceof ConnectorError) return found
      const job = parseJobId(jobIds[index] ?? '').job
      const stages = withStages ? await stagesOf(api, { job, found }, signal) : null
      return statusOf(found, stages, settings)
    }),
  )
  return new Map(jobIds.flatMap((id, index) => entryOf(id, statuses[index])))
}

function entryOf<T>(id: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[id, value]]
}

/** Stages of a pipeline; null where there are none to be had. They only add to the message. */
async function stagesOf(
  api: JenkinsApi,
  { job, found }: { job: string; found: Found },
  signal: AbortSignal,
): Promise<Stages | null> {
  if (found.is !== 'built' || !isPipeline(found.build)) return null
  try {
    const answer = await api.get(`${jobPath(job)}/${found.build.number}/wfapi/describe`, signal)
    return answer.status === 200 ? Stages.parse(JSON.parse(answer.text)) : null
  } catch {
    // Without the plugin of the stages, or while it is busy, the state of the build says enough.
    return null
  }
}
