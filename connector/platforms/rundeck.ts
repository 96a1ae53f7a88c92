// Rundeck (`type: rundeck`): runs jobs by their id with options and a node filter. Our token travels as an option that no
// job has to declare and that Rundeck keeps with the execution, so that a launch whose answer got lost is found again.
// A folder because options, states, logs and searching each have rules of their own.
import { z } from 'zod'

import { ConnectorError } from '../errors.ts'
import type {
  CancelResult,
  DeclaredParameter,
  Driver,
  JobStatus,
  LaunchedJob,
  LaunchInDoubt,
  LaunchRequest,
  TemplateProblem,
} from './driver.ts'
import { guardCall } from './guarded-call.ts'
import { createPlatformHttp } from './http.ts'
import type { PlatformHttp } from './http.ts'
import { createRundeckApi } from './rundeck/api.ts'
import type { RundeckApi } from './rundeck/api.ts'
import { createExecutions, isExecutionId } from './rundeck/executions.ts'
import type { Executions } from './rundeck/executions.ts'
import { rundeckFacts } from './rundeck/facts.ts'
import { findExecution } from './rundeck/find.ts'
import { optionProblems } from './rundeck/job-options.ts'
import { hasEnded, statusOf } from './rundeck/job-status.ts'
import { describeJobs, jobPath, readJob } from './rundeck/jobs.ts'
import type { RundeckJob } from './rundeck/jobs.ts'
import { launchedJob, launchJob } from './rundeck/launch.ts'
import { readLog } from './rundeck/log.ts'
import { createDetailsReader } from './rundeck/step-details.ts'
import type { DetailsReader } from './rundeck/step-details.ts'
import { readNotification } from './rundeck/webhook.ts'
import type { WebhookProof } from './rundeck/webhook.ts'
import { Abort } from './rundeck/wire.ts'
import { paceOptions, parseSettings, PlatformUrl, secretReader, SecretSource } from './settings.ts'
import type { SettingsDeps } from './settings.ts'

const Options = z.strictObject({
  /** Address of Rundeck, with its context path when it has one. */
  url: PlatformUrl,
  /** API token. */
  token: SecretSource,
  /** Version of the API to begin with; a server that does not speak it names its own. */
  api_version: z.int().min(18).max(99).default(46),
  /** Log level of executions; left out = the job's. */
  log_level: z.enum(['DEBUG', 'VERBOSE', 'INFO', 'WARN', 'ERROR']).optional(),
  /** What status texts that jobs set themselves mean. */
  custom_status: z
    .record(z.string().min(1), z.enum(['succeeded', 'failed', 'cancelled']))
    .default({}),
  /** Proof of webhook notifications: Rundeck's webhookSecurityKey and the address in the jobs' notifications. */
  webhook: z.strictObject({ url: z.url(), key: SecretSource }).optional(),
  ...paceOptions,
})

interface Rundeck {
  settings: z.infer<typeof Options>
  http: PlatformHttp
  api: RundeckApi
  executions: Executions
  proof: WebhookProof | null
  secrets: () => readonly string[]
  details: DetailsReader
}

/** The driver of one platform of type rundeck; the job id is the number of the execution. Throws config_invalid. */
export function createRundeckDriver(options: unknown, deps: SettingsDeps): Driver {
  const rundeck = createRundeck(options, deps)
  const { api } = rundeck

  function guarded<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return guardCall({ what: `rundeck ${what}`, signal, secrets: rundeck.secrets() }, work)
  }

  return {
    type: 'rundeck',
    capabilities: {
      find: true,
      cancel: true,
      progress: true,
      output: true,
      describe: true,
      targets: true,
      callback: rundeck.proof === null ? 'hint' : 'signed',
    },
    check: (request, signal) => guarded('check', signal, () => check(rundeck, request, signal)),
    launch: (request, signal) =>
      guardCall(
        { what: 'rundeck launch', signal, secrets: [...rundeck.secrets(), ...secretsOf(request)] },
        () => launchJob({ api, logLevel: rundeck.settings.log_level }, request, signal),
      ),
    find: (token, signal, inDoubt) =>
      guarded('find', signal, () => find(rundeck, { token, inDoubt }, signal)),
    status: (jobId, signal) => guarded('status', signal, () => status(rundeck, jobId, signal)),
    output: (jobId, cursor, signal) =>
      guarded('output', signal, () => readLog(api, { id: jobId, cursor }, signal)),
    cancel: (jobId, signal) => guarded('cancel', signal, () => cancel(rundeck, jobId, signal)),
    describe: (search, signal) =>
      guarded('describe', signal, () => describeJobs(api, search, signal)),
    facts: (signal) =>
      guarded('facts', signal, () => rundeckFacts(api, rundeck.settings.url, signal)),
    callback: (request) => readNotification(request, rundeck.proof),
    pollDelayMs,
    close: () => rundeck.http.close(),
  }
}

function createRundeck(options: unknown, deps: SettingsDeps): Rundeck {
  const settings = parseSettings('rundeck', Options, options)
  const token = secretReader('token', settings.token, deps)
  const { webhook } = settings
  const proof =
    webhook === undefined
      ? null
      : { url: webhook.url, key: secretReader('webhook.key', webhook.key, deps) }
  function secrets(): string[] {
    return [token(), ...(proof === null ? [] : [proof.key()])]
  }
  const http = createPlatformHttp({
    baseUrl: settings.url,
    headers: () => ({ 'x-rundeck-auth-token': token() }),
    secrets,
    requestsPerSecond: settings.requests_per_second,
    connections: settings.connections,
  })
  const api = createRundeckApi(http, settings.api_version, secrets)
  const executions = createExecutions(api)
  return { settings, http, api, executions, details: createDetailsReader(api), proof, secrets }
}

function secretsOf({ parameters, secrets }: LaunchRequest): string[] {
  return secrets.map((name) => String(parameters[name] ?? ''))
}

async function check(
  { api }: Rundeck,
  request: { job: string; parameters: readonly DeclaredParameter[] },
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  let job: RundeckJob
  try {
    job = await readJob(api, request.job, signal)
    // What a lost launch is found by: refused now or never.
    const path = `${jobPath(request.job)}/executions?max=1`
    await api.read({ method: 'GET', path, signal }, z.unknown())
  } catch (error) {
    const problem = jobProblem(error)
    if (problem === null) throw error
    return [problem]
  }
  const problems = optionProblems(job.definition.options, request.parameters)
  if (job.info.enabled !== false) return problems
  const hint = 'Enable executions in the actions of the job in Rundeck'
  return [{ field: 'job', reason: 'executions of the job are disabled', hint }, ...problems]
}

function jobProblem(error: unknown): TemplateProblem | null {
  if (!(error instanceof ConnectorError)) return null
  if (error.code === 'platform_job_not_found') {
    const hint = 'Write the UUID of the job, which is on its page in Rundeck'
    return { field: 'job', reason: error.message, hint }
  }
  if (error.code !== 'platform_forbidden') return null
  const hint = "Allow the token's role to read, view, run and kill the job, and to read events"
  return { field: 'job', reason: error.message, hint }
}

async function find(
  { api }: Rundeck,
  { token, inDoubt }: { token: string; inDoubt: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  if (inDoubt === undefined) {
    throw new ConnectorError('internal_error', 'executions can only be found by their job')
  }
  const found = await findExecution(api, { token, launch: inDoubt }, signal)
  return found === null ? null : launchedJob(found)
}

async function status(rundeck: Rundeck, jobId: string, signal: AbortSignal): Promise<JobStatus> {
  const latest = await rundeck.executions.latest(jobId, signal)
  const { execution, awaitsRetry } = latest
  const details = await rundeck.details(latest, signal)
  return statusOf({ execution, awaitsRetry, ...details }, rundeck.settings.custom_status)
}

async function cancel(
  { api, executions }: Rundeck,
  jobId: string,
  signal: AbortSignal,
): Promise<CancelResult> {
  if (!isExecutionId(jobId)) return 'not_found'
  try {
    const { execution, awaitsRetry } = await executions.latest(jobId, signal)
    if (hasEnded(execution) && !awaitsRetry) return 'already_finished'
    const path = `/execution/${execution.id}/abort`
    const { abort } = await api.read({ method: 'POST', path, body: {}, signal }, Abort)
    if (abort.status === 'aborted') return 'cancelled'
    if (abort.status === 'pending') return 'requested'
    // 200, but nothing was aborted: it may have ended meanwhile.
    const after = await executions.latest(jobId, signal)
    if (hasEnded(after.execution) && !after.awaitsRetry) return 'already_finished'
    const reason = `Rundeck did not abort execution ${execution.id}: ${abort.reason ?? 'no reason'}`
    throw new ConnectorError('platform_error', reason, { retryable: true })
  } catch (error) {
    const code = error instanceof ConnectorError ? error.code : ''
    if (code === 'job_lost' || code === 'platform_job_not_found') return 'not_found'
    throw error
  }
}

/** A status of one job is two requests; the end is told by a notification, when the job has one. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 10_000) return 1_000
  if (runningForMs < 60_000) return 2_000
  return runningForMs < 600_000 ? 5_000 : 15_000
}
