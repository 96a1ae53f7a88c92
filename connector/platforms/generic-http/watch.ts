// Reading and ending jobs of a platform that is described in connector.yaml.
import { ConnectorError } from '../../errors.ts'
import type { CancelResult, JobOutput, JobStatus } from '../driver.ts'
import { targetOf } from '../http.ts'
import { readWholeLog, sinceCursor } from '../whole-log.ts'
import { answerFacts, badAnswer, readStatus, readText } from './answer.ts'
import { ask, jobFacts, lost, open, refuseStatus } from './ask.ts'
import type { DescribedPlatform } from './ask.ts'
import { makeRequest } from './request.ts'

/** As Driver.status. */
export async function status(
  { settings, http, atLeast }: DescribedPlatform,
  jobId: string,
  signal: AbortSignal,
): Promise<JobStatus> {
  const call = settings.status
  const facts = jobFacts(jobId)
  const { answer, target } = await ask(http, { name: 'status', call, facts: open(facts) }, signal)
  if (call.missing.includes(answer.status)) throw lost(jobId)
  refuseStatus(call, answer, target)
  const seen = { ...facts, ...answerFacts(answer, { format: call.answer, target }) }
  const read = await readStatus(call, seen)
  return { ...read, progress: atLeast(jobId, read.progress) }
}

/** As Driver.output. */
export async function output(
  { settings, http }: DescribedPlatform,
  { jobId, cursor }: { jobId: string; cursor: string | null },
  signal: AbortSignal,
): Promise<JobOutput> {
  const { output: call } = settings
  if (call === undefined) throw badAnswer('connector.yaml has no output for this platform')
  const facts = { ...jobFacts(jobId), cursor: cursor ?? '' }
  const isWhole = call.next === undefined
  const request = await makeRequest('output', call, open(facts))
  if (isWhole && call.answer === 'text' && call.text === 'answer') {
    return await readWholeLog(http, { ...request, signal }, cursor).catch((error: unknown) => {
      const isMissing = error instanceof ConnectorError && error.code === 'platform_job_not_found'
      throw isMissing ? lost(jobId) : error
    })
  }
  const answer = await http.send({ ...request, signal })
  if (call.missing.includes(answer.status)) throw lost(jobId)
  const target = targetOf(call)
  refuseStatus(call, answer, target)
  const seen = { ...facts, ...answerFacts(answer, { format: call.answer, target }) }
  const text = (await readText('output.text', call.text, seen)) ?? ''
  if (isWhole) return sinceCursor(text, cursor)
  const next = (await readText('output.next', call.next, seen)) ?? cursor ?? ''
  return { ...sinceCursor(text, null), cursor: next }
}

/** As Driver.cancel. */
export async function cancel(
  platform: DescribedPlatform,
  jobId: string,
  signal: AbortSignal,
): Promise<CancelResult> {
  const { settings, http } = platform
  const { cancel: call } = settings
  if (call === undefined) throw badAnswer('connector.yaml has no cancel for this platform')
  const before = await statusOrNull(platform, jobId, signal)
  if (before === null) return 'not_found'
  // Many platforms answer a cancel with success whatever the state.
  if (before.state !== 'pending' && before.state !== 'running') return 'already_finished'
  const facts = jobFacts(jobId)
  const { answer, target } = await ask(http, { name: 'cancel', call, facts: open(facts) }, signal)
  if (call.missing.includes(answer.status)) return 'not_found'
  if (call.finished.includes(answer.status)) return 'already_finished'
  refuseStatus(call, answer, target)
  if (call.result === undefined) return 'requested'
  const seen = { ...facts, ...answerFacts(answer, { format: call.answer, target }) }
  const word = await readText('cancel.result', call.result, seen)
  const known = cancelResults.find((result) => result === word)
  if (known !== undefined) return known
  throw badAnswer(`cancel.result gives none of ${cancelResults.join(', ')}`)
}

const cancelResults = ['cancelled', 'requested', 'already_finished', 'not_found'] as const

async function statusOrNull(
  platform: DescribedPlatform,
  jobId: string,
  signal: AbortSignal,
): Promise<JobStatus | null> {
  try {
    return await status(platform, jobId, signal)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'job_lost') return null
    throw error
  }
}
