// The id of a launched Jenkins job: it is known before there is a build, and stays valid when the queue has forgotten it.
import { ConnectorError } from '../../errors.ts'

/** What an id says: a queue item becomes a build of its job, which says which item it was. */
export interface JobId {
  /** Full name of the job. */
  job: string
  queueId: number
  /** Our token, because queue ids may begin anew when Jenkins is set up again. */
  token: string
}

/** Written as `folder/job#1234:token`. */
export function formatJobId({ job, queueId, token }: JobId): string {
  return `${job}#${queueId}:${token}`
}

/** Throws job_lost for what is no id of ours. */
export function parseJobId(id: string): JobId {
  const match = /^([^#?]+)#(\d{1,15}):([A-Za-z0-9_-]{1,100})$/.exec(id)
  const [, job, queueId, token] = match ?? []
  if (job !== undefined && queueId !== undefined && token !== undefined) {
    return { job, queueId: Number(queueId), token }
  }
  throw new ConnectorError('job_lost', `${id.slice(0, 200)} is no job of Jenkins`)
}
