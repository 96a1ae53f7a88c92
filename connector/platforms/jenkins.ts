// Jenkins (`type: jenkins`): builds of jobs and pipelines, also in folders. A launch puts an item into Jenkins' queue,
// which becomes a build later; the job id names the item and stays valid (jenkins/job-id.ts). A folder because its parts
// (addresses and credentials, parameters, builds, log) can each be read and tested alone.
import { z } from 'zod'

import { ConnectorError } from '../errors.ts'
import { createBatch } from './batch.ts'
import type { Asker } from './batch.ts'
import type {
  CallbackHint,
  CallbackRequest,
  CancelResult,
  DeclaredParameter,
  Driver,
  JobDescription,
  JobOutput,
  JobStatus,
  LaunchedJob,
  LaunchInDoubt,
  LaunchRequest,
  TemplateProblem,
} from './driver.ts'
import { guardCall } from './guarded-call.ts'
import { createJenkinsApi, jobPath } from './jenkins/api.ts'
import type { JenkinsApi } from './jenkins/api.ts'
import { createBuildStore, lostIfGone } from './jenkins/builds.ts'
import type { BuildStore } from './jenkins/builds.ts'
import { cancelBuild } from './jenkins/cancel.ts'
import { readFacts } from './jenkins/facts.ts'
import { findQueueId } from './jenkins/find.ts'
import { formatJobId, parseJobId } from './jenkins/job-id.ts'
import { jobOf, listJobs } from './jenkins/jobs.ts'
import { launchBuild, readJob } from './jenkins/launch.ts'
import { logPart, outputOf, startOf } from './jenkins/log.ts'
import { declaredProblems, describeJob, tokenProblem } from './jenkins/parameters.ts'
import { readStatuses } from './jenkins/statuses.ts'
import { Notification } from './jenkins/wire.ts'
import { paceOptions, parseSettings, PlatformUrl, secretReader, SecretSource } from './settings.ts'
import type { SettingsDeps } from './settings.ts'

const Options = z
  .strictObject({
    /** Address of Jenkins, with the prefix it runs under. */
    url: PlatformUrl,
    user: z.string().min(1),
    /** The user's API token; to be preferred, it can be withdrawn alone. */
    api_token: SecretSource.optional(),
    password: SecretSource.optional(),
    /** String Parameter that jobs declare for our token; false = a lost launch cannot be found. */
    token_parameter: z
      .union([z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.literal(false)])
      .default('TICKET_AUTOMATION_TOKEN'),
    /** What the result UNSTABLE means. */
    unstable: z.enum(['failed', 'succeeded']).default('failed'),
    /** What the result NOT_BUILT means. */
    not_built: z.enum(['failed', 'cancelled']).default('failed'),
    ...paceOptions,
  })
  .refine(({ api_token, password }) => (api_token === undefined) !== (password === undefined), {
    error: 'needs api_token or password, exactly one of them',
    path: ['api_token'],
  })

interface Jenkins {
  settings: z.infer<typeof Options>
  /** Null = jobs carry no token. */
  tokenParameter: string | null
  secret: () => string
  api: JenkinsApi
  builds: BuildStore
  statuses: Asker<JobStatus | ConnectorError>
}

/** Questions about states that come within this time share their requests, in milliseconds. */
const gatherMs = 20
const batchTimeoutMs = 9_000
const mostTogether = 200

/** The driver of one platform of type jenkins. Throws config_invalid. */
export function createJenkinsDriver(options: unknown, deps: SettingsDeps): Driver {
  const jenkins = createJenkins(options, deps)
  function guarded<T>(
    call: { what: string; signal: AbortSignal; secrets?: readonly string[] },
    work: () => Promise<T>,
  ): Promise<T> {
    const secrets = [jenkins.secret(), ...(call.secrets ?? [])]
    return guardCall({ what: `jenkins ${call.what}`, signal: call.signal, secrets }, work)
  }
  return {
    type: 'jenkins',
    capabilities: {
      find: jenkins.tokenParameter !== null,
      cancel: true,
      progress: false,
      output: true,
      describe: true,
      targets: false,
      callback: 'hint',
    },
    check: (request, signal) =>
      guarded({ what: 'check', signal }, () => check(jenkins, request, signal)),
    launch: (request, signal) =>
      guarded({ what: `launch of ${request.job}`, signal, secrets: valuesOf(request) }, () =>
        launch(jenkins, request, signal),
      ),
    find: (token, signal, inDoubt) =>
      guarded({ what: 'find', signal }, () => find(jenkins, { token, inDoubt }, signal)),
    status: (jobId, signal) =>
      guarded({ what: 'status', signal }, () => status(jenkins, jobId, signal)),
    output: (jobId, cursor, signal) =>
      guarded({ what: 'output', signal }, () => output(jenkins, { jobId, cursor }, signal)),
    cancel: (jobId, signal) =>
      guarded({ what: 'cancel', signal }, () => cancel(jenkins, jobId, signal)),
    describe: (search, signal) =>
      guarded({ what: 'describe', signal }, () => describe(jenkins, search, signal)),
    facts: (signal) => readFacts(jenkins.api, jenkins.secret, signal),
    callback: (request) => callback(jenkins, request),
    pollDelayMs,
    close: () => jenkins.api.close(),
  }
}

function createJenkins(options: unknown, deps: SettingsDeps): Jenkins {
  const settings = parseSettings('jenkins', Options, options)
  const isPassword = settings.password !== undefined
  const option = isPassword ? 'password' : 'api_token'
  // The schema has made sure that one of them is there.
  const source = settings.password ?? settings.api_token ?? {}
  const secret = secretReader(`type jenkins: ${option}`, source, deps)
  const api = createJenkinsApi({
    url: settings.url,
    user: settings.user,
    secret,
    isPassword,
    requestsPerSecond: settings.requests_per_second,
    connections: settings.connections,
  })
  const tokenParameter = settings.token_parameter === false ? null : settings.token_parameter
  const builds = createBuildStore(api, tokenParameter)
  const statuses = createBatch({
    most: mostTogether,
    gatherMs,
    timeoutMs: batchTimeoutMs,
    load: (jobIds, signal) => readStatuses({ api, builds, settings }, jobIds, signal),
  })
  return { settings, tokenParameter, secret, api, builds, statuses }
}

async function check(
  { api, tokenParameter }: Jenkins,
  request: { job: string; parameters: readonly DeclaredParameter[] },
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  try {
    const job = await readJob(api, request.job, signal)
    const problems = declaredProblems(job, request.parameters, tokenParameter)
    if (job.buildable === false) problems.unshift(disabled)
    const token = tokenProblem(job, tokenParameter)
    return token === null ? problems : [token, ...problems]
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'platform_job_not_found') throw error
    const hint = 'Write the full name as in the address without /job/, e.g. folder/job'
    return [{ field: 'job', reason: `Jenkins has no job ${request.job} that we may see`, hint }]
  }
}

const disabled: TemplateProblem = {
  field: 'job',
  reason: 'the job is disabled',
  hint: 'Enable it in Jenkins',
}

async function launch(
  jenkins: Jenkins,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const { job, token } = request
  const queueId = await launchBuild(jenkins, request, signal)
  return launchedJob(jenkins, { job, queueId, token })
}

/** Before there is a build, the page of the job is the one to look at. */
function launchedJob(
  { api }: Jenkins,
  id: { job: string; queueId: number; token: string },
): LaunchedJob {
  return { id: formatJobId(id), url: `${api.url}${jobPath(id.job)}/` }
}

async function find(
  jenkins: Jenkins,
  launched: { token: string; inDoubt: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  const { token, inDoubt } = launched
  const { tokenParameter } = jenkins
  if (tokenParameter === null || inDoubt === undefined) {
    const text =
      'a launch can be found only by the token in its parameters and with the name of its job'
    throw new ConnectorError('internal_error', text)
  }
  const lost = { ...inDoubt, token, tokenParameter }
  const queueId = await findQueueId(jenkins.api, lost, signal)
  return queueId === null ? null : launchedJob(jenkins, { job: inDoubt.job, queueId, token })
}

async function status(
  { statuses }: Jenkins,
  jobId: string,
  signal: AbortSignal,
): Promise<JobStatus> {
  parseJobId(jobId)
  const answer = await statuses(jobId, signal)
  if (answer !== null && !(answer instanceof ConnectorError)) return answer
  throw answer ?? new ConnectorError('job_lost', `${jobId} is not known`)
}

async function output(
  { api, builds }: Jenkins,
  { jobId, cursor }: { jobId: string; cursor: string | null },
  signal: AbortSignal,
): Promise<JobOutput> {
  const start = startOf(cursor)
  const id = parseJobId(jobId)
  const place = await builds.locate(id, signal)
  if (place.is !== 'built') return { text: '', omitted: 0, cursor: String(start) }
  const path = `${jobPath(id.job)}/${place.number}/logText/progressiveText?start=${start}`
  return outputOf(await lostIfGone(id, api.text(path, logPart, signal)), start)
}

async function cancel(
  { api, builds }: Jenkins,
  jobId: string,
  signal: AbortSignal,
): Promise<CancelResult> {
  try {
    return await cancelBuild({ api, builds }, parseJobId(jobId), signal)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'job_lost') return 'not_found'
    throw error
  }
}

async function describe(
  { api, tokenParameter }: Jenkins,
  search: string | null,
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const jobs = await listJobs(api, search, signal)
  return jobs.map((job) => describeJob(job, tokenParameter))
}

/**
 * What the Notification plugin sends at the phases of a build. Nobody signs it, so it only makes us look; without our
 * token in it, it is about a build that we did not start.
 */
function callback({ tokenParameter }: Jenkins, { body }: CallbackRequest): CallbackHint {
  const sent = Notification.safeParse(parseJson(Buffer.from(body).toString('utf8')))
  const token = tokenParameter === null ? null : sent.data?.build.parameters?.[tokenParameter]
  const job = jobOf(sent.data?.url ?? '')
  if (!sent.success || typeof token !== 'string' || job === null) return { jobId: null }
  return { jobId: formatJobId({ job, queueId: sent.data.build.queue_id, token }) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Anybody may send anything; this is not about a build.
    return null
  }
}

/** Reading a state costs Jenkins little, a log more; nothing is told before the next look. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 10_000) return 1000
  if (runningForMs < 60_000) return 2000
  return runningForMs < 600_000 ? 5000 : 15_000
}

/** Jenkins repeats values when it refuses them. */
function valuesOf({ parameters, secrets }: LaunchRequest): string[] {
  return secrets.map((name) => String(parameters[name] ?? ''))
}
