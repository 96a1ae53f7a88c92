// StackStorm (`type: stackstorm`): executions of actions and workflows. A launch carries our token as the tag of its
// trace, by which StackStorm finds it. A folder because its parts can each be read and tested alone.
import { z } from 'zod'

import { ConnectorError } from '../errors.ts'
import { createBatch } from './batch.ts'
import type { Asker } from './batch.ts'
import type {
  CallbackHint,
  CallbackRequest,
  CancelResult,
  Driver,
  JobOutput,
  JobStatus,
  LaunchedJob,
  LaunchRequest,
} from './driver.ts'
import { guardCall } from './guarded-call.ts'
import { platformError } from './http.ts'
import { paceOptions, parseSettings, PlatformUrl, secretReader, SecretSource } from './settings.ts'
import type { SettingsDeps } from './settings.ts'
import { checkAction, listActions, readAction } from './stackstorm/actions.ts'
import { createStackstormApi } from './stackstorm/api.ts'
import type { StackstormApi } from './stackstorm/api.ts'
import {
  checkId,
  detailsOf,
  findExecution,
  isId,
  lost,
  lostIfGone,
  pageSize,
  readExecutions,
} from './stackstorm/executions.ts'
import { readFacts } from './stackstorm/facts.ts'
import { literal, valueProblems } from './stackstorm/parameters.ts'
import { statusOf } from './stackstorm/status.ts'
import { Execution, Fault, Notice } from './stackstorm/wire.ts'
import { readWholeLog } from './whole-log.ts'

const Options = z.strictObject({
  /** Address of the API, up to and with `/api`. */
  url: PlatformUrl,
  api_key: SecretSource,
  ...paceOptions,
})

interface Stackstorm {
  api: StackstormApi
  executions: Asker<Execution | ConnectorError>
  /** Where the pages for people are. */
  origin: string
}

/** Questions about states that come within this time share their requests, in milliseconds. */
const gatherMs = 20
const batchTimeoutMs = 9_000

/** The driver of one platform of type stackstorm; the job id is the execution's. Throws config_invalid. */
export function createStackstormDriver(options: unknown, deps: SettingsDeps): Driver {
  const settings = parseSettings('stackstorm', Options, options)
  const apiKey = secretReader('type stackstorm: api_key', settings.api_key, deps)
  const { requests_per_second: requestsPerSecond, connections } = settings
  const api = createStackstormApi({ baseUrl: settings.url, apiKey, requestsPerSecond, connections })
  const executions = createBatch({
    most: pageSize,
    gatherMs,
    timeoutMs: batchTimeoutMs,
    load: (ids, signal) => readExecutions(api, ids, signal),
  })
  const stackstorm = { api, executions, origin: new URL(settings.url).origin }
  function guarded<T>(
    call: { what: string; signal: AbortSignal; secrets?: readonly string[] },
    work: () => Promise<T>,
  ): Promise<T> {
    const secrets = [apiKey(), ...(call.secrets ?? [])]
    return guardCall({ what: `stackstorm ${call.what}`, signal: call.signal, secrets }, work)
  }
  return {
    type: 'stackstorm',
    capabilities: {
      find: true,
      cancel: true,
      progress: false,
      output: true,
      describe: true,
      targets: false,
      callback: 'hint',
    },
    check: (request, signal) =>
      guarded({ what: 'check', signal }, () => checkAction(api, request, signal)),
    launch(request, signal) {
      const secrets = request.secrets.map((name) => String(request.parameters[name] ?? ''))
      return guarded({ what: `launch of ${request.job}`, signal, secrets }, () =>
        launch(stackstorm, request, signal),
      )
    },
    find: (token, signal) =>
      guarded({ what: 'find', signal }, () => find(stackstorm, token, signal)),
    status: (id, signal) =>
      guarded({ what: 'status', signal }, () => status(stackstorm, id, signal)),
    output: (id, cursor, signal) =>
      guarded({ what: 'output', signal }, () => output(api, { id, cursor }, signal)),
    cancel: (id, signal) => guarded({ what: 'cancel', signal }, () => cancel(api, id, signal)),
    describe: (search, signal) =>
      guarded({ what: 'describe', signal }, () => listActions(api, search, signal)),
    facts: (signal) => readFacts(api, apiKey, signal),
    callback,
    pollDelayMs,
    close: () => api.http.close(),
  }
}

/** Codes that say that something may have been done, which it was not before the launch itself. */
const doubtful = new Set(['platform_timeout', 'platform_error', 'platform_bad_answer'])

async function launch(
  { api, origin }: Stackstorm,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const { parameters: declared } = await readAction(api, request.job, signal).catch((error) => {
    if (!(error instanceof ConnectorError) || !doubtful.has(error.code)) throw error
    const options = { retryable: true, cause: error }
    throw new ConnectorError('platform_unreachable', error.message, options)
  })
  const values = Object.entries(request.parameters).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  )
  const [problem] = valueProblems(declared, Object.fromEntries(values), request.secrets)
  if (problem !== undefined) {
    throw new ConnectorError('parameters_invalid', `${problem.reason}. ${problem.hint}`)
  }
  const body = {
    action: request.job,
    parameters: Object.fromEntries(values.map(([name, value]) => [name, literal(value)])),
    context: { trace_context: { trace_tag: request.token } },
  }
  const answer = await api.http.send({ method: 'POST', path: '/v1/executions', body, signal })
  // Nothing of a refusal's text is shown: it may repeat a value.
  if (answer.status > 299) throw platformError({ ...answer, text: '' }, 'POST /v1/executions')
  return launchedJob(origin, api.read({ ...answer }, 'POST /v1/executions', Execution).id)
}

function launchedJob(origin: string, id: string): LaunchedJob {
  return { id, url: `${origin}/#/history/${id}/general` }
}

async function find(
  { api, origin }: Stackstorm,
  token: string,
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  const execution = await findExecution(api, token, signal)
  return execution === null ? null : launchedJob(origin, execution.id)
}

async function status(
  { api, executions }: Stackstorm,
  id: string,
  signal: AbortSignal,
): Promise<JobStatus> {
  checkId(id)
  const execution = await executions(id, signal)
  if (execution === null) throw lost(id)
  if (execution instanceof ConnectorError) throw execution
  return statusOf(execution, await detailsOf(api, execution, signal))
}

async function output(
  { http }: StackstormApi,
  { id, cursor }: { id: string; cursor: string | null },
  signal: AbortSignal,
): Promise<JobOutput> {
  checkId(id)
  const request = { method: 'GET' as const, path: `/v1/executions/${id}/output`, signal }
  const headers = { accept: 'text/plain' }
  return await lostIfGone(id, readWholeLog(http, { ...request, headers }, cursor))
}

async function cancel(api: StackstormApi, id: string, signal: AbortSignal): Promise<CancelResult> {
  if (!isId(id)) return 'not_found'
  const target = `/v1/executions/${id}`
  const answer = await api.http.send({ method: 'DELETE', path: target, signal })
  if (answer.status === 404) return 'not_found'
  const told = api.read(answer, `DELETE ${target}`, z.union([Execution, Fault]))
  // A finished one is refused with a 200.
  if ('faultstring' in told) return 'already_finished'
  return told.status === 'canceled' ? 'cancelled' : 'requested'
}

/** What a rule on core.st2.generic.actiontrigger posts. Nobody signs it, so it only makes us look. */
function callback({ body }: CallbackRequest): CallbackHint {
  try {
    const notice = Notice.safeParse(JSON.parse(Buffer.from(body).toString('utf8')))
    return { jobId: notice.data?.execution_id ?? null }
  } catch {
    // Anybody may send anything; this is not about an execution.
    return { jobId: null }
  }
}

function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 10_000) return 1000
  if (runningForMs < 60_000) return 2000
  return runningForMs < 600_000 ? 5000 : 15_000
}
