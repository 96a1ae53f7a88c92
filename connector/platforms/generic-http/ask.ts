// One request of a platform that is described in connector.yaml, and what of it is not as described.
import { ConnectorError } from '../../errors.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { platformError, targetOf } from '../http.ts'
import type { PlatformHttp } from '../http.ts'
import { isJobId } from './answer.ts'
import type { Call, HttpSettings } from './options.ts'
import type { Carried } from './parameters.ts'
import { makeRequest } from './request.ts'
import type { Facts, RequestFacts } from './request.ts'

/** A platform that is described in connector.yaml. */
export interface DescribedPlatform {
  settings: HttpSettings
  http: PlatformHttp
  carried: Carried
  /** The percentage, never lower than one seen before of the same job. */
  atLeast: (jobId: string, percent: number | null) => number | null
}

/** Sends a call as it is described. `target` names it in messages, without what fills its places. */
export async function ask(
  http: PlatformHttp,
  { name, call, facts }: { name: string; call: Call; facts: RequestFacts },
  signal: AbortSignal,
): Promise<{ answer: HttpAnswer; target: string }> {
  const request = await makeRequest(name, call, facts)
  return { answer: await http.send({ ...request, signal }), target: targetOf(call) }
}

/** Throws what the status means, unless it is one of a success. */
export function refuseStatus(call: Call, answer: HttpAnswer, target: string): void {
  const { status } = answer
  if (call.accepted?.includes(status) ?? (status >= 200 && status < 300)) return
  throw platformError(answer, target)
}

/** Facts with no secrets among them. */
export function open(facts: Facts): RequestFacts {
  return { open: facts, all: facts }
}

/** What expressions about a job see. Throws job_lost for an id that cannot be one of ours. */
export function jobFacts(jobId: string): { job_id: string } {
  if (!isJobId(jobId)) throw lost(jobId)
  return { job_id: jobId }
}

/** The platform does not know the job. */
export function lost(jobId: string): ConnectorError {
  return new ConnectorError('job_lost', `the platform has no job ${jobId}`)
}
