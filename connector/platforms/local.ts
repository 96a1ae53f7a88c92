// The built-in runner (`type: local`): runs files of a jobs folder on the connector's own machine. A job is
// begun by a supervisor process in a session of its own, so it goes on when the connector ends or is killed,
// and any later connector on the machine finds it again by its token. What is on disk, which states follow
// and why a token runs at most once: local/layout.ts. A folder because it has two programs, this one and
// local/supervisor.ts, which share some of the files.
// Not for Windows, which has no process groups; nor for a work_dir that several machines or containers share,
// because only its own machine can tell whether a process is alive: `home` says which one that is.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { z } from 'zod'

import { Duration } from '#shared/job-steps.ts'

import { ConnectorError, messageOf } from '../errors.ts'
import { durationMs } from '../processes/duration.ts'
import type {
  CancelResult,
  DeclaredParameter,
  Driver,
  JobOutput,
  JobStatus,
  LaunchedJob,
  LaunchRequest,
  TemplateProblem,
} from './driver.ts'
import { createEndWatch } from './local/end-watch.ts'
import type { EndWatch } from './local/end-watch.ts'
import { readHome } from './local/home.ts'
import { findJobFile } from './local/job-file.ts'
import { clashingNames, jobInput } from './local/job-input.ts'
import { readOutput } from './local/job-output.ts'
import { readLocalJob, signalOrphan } from './local/job-state.ts'
import type { LocalJob } from './local/job-state.ts'
import { createStatusReader, isFinal } from './local/job-status.ts'
import type { StatusReader } from './local/job-status.ts'
import { cancelMark, jobDirectory } from './local/layout.ts'
import { createOldJobRemoval } from './local/old-jobs.ts'
import type { OldJobRemoval } from './local/old-jobs.ts'
import type { LaunchMessage, LaunchReply } from './local/records.ts'
import { createSupervisorLink } from './local/supervisor-link.ts'
import type { SupervisorLink } from './local/supervisor-link.ts'

const Options = z.strictObject({
  /** Folder of the executable files; relative to the configuration file. */
  jobs_dir: z.string().min(1),
  /** Folder for working directories, output and records of jobs; of one machine. */
  work_dir: z.string().min(1).optional(),
  /** Names of the connector's environment variables that jobs get as well. */
  environment: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name'))
    .default([]),
  /** Between asking a job to end (SIGTERM) and ending it (SIGKILL). */
  kill_grace: Duration.default('10s'),
  /** Bytes of output kept per job; the rest is dropped and named. */
  output_cap: z.int().min(1000).max(1_000_000_000).default(5_000_000),
  /** Jobs that run at once per connector; more wait in order. */
  max_running: z.int().min(1).max(10_000).default(20),
  /** How long records and output of ended jobs are kept. */
  keep: Duration.default('168h'),
})

/** What the driver is given besides its options. */
export interface LocalDeps {
  /** Absolute path; jobs/ inside it is the default work_dir. */
  dataDir: string
  /** Where relative paths of the options start. */
  baseDir: string
  /** The connector's environment; only the variables that `environment` names are passed on. */
  environment: Readonly<Record<string, string | undefined>>
}

interface Runner {
  settings: z.infer<typeof Options>
  jobsDir: string
  workDir: string
  passedOn: Record<string, string>
  link: SupervisorLink
  statuses: StatusReader
  watch: EndWatch
  removal: OldJobRemoval
}

/** The driver of one platform of type local; the job id is the token. Throws config_invalid. */
export function createLocalDriver(options: unknown, deps: LocalDeps): Driver {
  const runner = createRunner(options, deps)
  return {
    type: 'local',
    capabilities: {
      find: true,
      cancel: true,
      progress: true,
      output: true,
      describe: false,
      targets: false,
      callback: 'none',
    },
    check: (request, signal) => guarded('check', signal, () => check(runner, request)),
    launch: (request, signal) =>
      guarded(`launch of ${request.job}`, signal, () => launch(runner, request, signal)),
    find: (token, signal) => guarded('find', signal, () => find(runner, token)),
    status: (jobId, signal) => guarded('status', signal, () => status(runner, jobId)),
    output: (jobId, cursor, signal) =>
      guarded('output', signal, () => output(runner, jobId, cursor)),
    cancel: (jobId, signal) => guarded('cancel', signal, () => cancel(runner, jobId)),
    home: () => readHome(runner.workDir),
    pollDelayMs,
    onFinished: (listener) => runner.watch.onEnd(listener),
    close: () => close(runner),
  }
}

function createRunner(options: unknown, deps: LocalDeps): Runner {
  if (process.platform === 'win32') {
    throw new ConnectorError('config_invalid', 'type local: runs on Linux and macOS only')
  }
  const parsed = Options.safeParse(options)
  if (!parsed.success) {
    const reason = z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')
    throw new ConnectorError('config_invalid', `type local: ${reason}`)
  }
  const settings = parsed.data
  const workDir = resolve(deps.baseDir, settings.work_dir ?? join(deps.dataDir, 'jobs'))
  const passedOn = settings.environment.flatMap((name) => {
    const value = deps.environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const watch = createEndWatch(workDir)
  return {
    settings,
    jobsDir: resolve(deps.baseDir, settings.jobs_dir),
    workDir,
    passedOn: Object.fromEntries(passedOn),
    link: createSupervisorLink(workDir, (token) => watch.end(token)),
    statuses: createStatusReader(workDir, settings.output_cap),
    watch,
    removal: createOldJobRemoval(workDir, durationMs(settings.keep)),
  }
}

async function check(
  runner: Runner,
  request: { job: string; parameters: readonly DeclaredParameter[] },
): Promise<TemplateProblem[]> {
  const problems = clashingNames(request.parameters.map(({ name }) => name)).map((name) => ({
    field: `parameters.${name}`,
    reason: `${name} and ${name}_file need the same environment variable`,
    hint: 'Rename one of them',
  }))
  const file = await findJobFile(runner.jobsDir, request.job)
  if ('command' in file) return problems
  return [{ field: 'job', reason: file.reason, hint: file.hint }, ...problems]
}

async function launch(
  runner: Runner,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const { token, job, ticket, timeoutMs } = request
  if (!isToken(token)) {
    throw new ConnectorError('parameters_invalid', `launch of ${job}: the token is no file name`)
  }
  const file = await findJobFile(runner.jobsDir, job)
  if (!('command' in file)) {
    throw new ConnectorError(file.code, `launch of ${job}: ${file.reason}. ${file.hint}`)
  }
  runner.removal.start()
  const { settings, workDir } = runner
  const message = {
    ...jobInput(request, jobDirectory(workDir, token), runner.passedOn),
    token,
    job,
    ticket: ticket.number,
    command: file.command,
    timeoutMs,
    killGraceMs: durationMs(settings.kill_grace),
    outputCap: settings.output_cap,
    maxRunning: settings.max_running,
  }
  runner.watch.add(token)
  const reply = await send(runner, message, signal)
  if (reply.outcome !== 'failed') return { id: token, url: null }
  runner.watch.drop(token)
  const reason = `launch of ${job}: ${reply.reason}`
  if (reply.began) throw new ConnectorError('job_start_failed', reason)
  // The disk refused before anything began; it may have room again later.
  throw new ConnectorError('platform_unreachable', reason, { retryable: true })
}

/** A supervisor that was killed takes no launches; the files say whether it began this one. */
async function send(
  runner: Runner,
  message: Omit<LaunchMessage, 'id'>,
  signal: AbortSignal,
): Promise<LaunchReply> {
  try {
    return await runner.link.launch(message, signal)
  } catch (error) {
    if (signal.aborted) throw error
    const job = await readLocalJob(runner.workDir, message.token)
    if (isLaunched(job)) return { id: 0, outcome: 'exists' }
    return runner.link.launch(message, signal)
  }
}

async function find(runner: Runner, token: string): Promise<LaunchedJob | null> {
  if (!isToken(token)) return null
  const job = await readLocalJob(runner.workDir, token)
  return isLaunched(job) ? { id: token, url: null } : null
}

async function status(runner: Runner, jobId: string): Promise<JobStatus> {
  const job = await readKnown(runner, jobId)
  if (!isFinal(job)) runner.watch.add(jobId)
  return runner.statuses.statusOf(jobId, job)
}

async function output(runner: Runner, jobId: string, cursor: string | null): Promise<JobOutput> {
  const job = await readKnown(runner, jobId)
  const offset = Number(cursor ?? 0)
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new ConnectorError('internal_error', `output of ${jobId}: ${cursor} is no cursor of ours`)
  }
  return readOutput(runner.statuses.outputOf(jobId, job), offset)
}

async function cancel(runner: Runner, jobId: string): Promise<CancelResult> {
  if (!isToken(jobId)) return 'not_found'
  const job = await readLocalJob(runner.workDir, jobId)
  if (job.is === 'none') return 'not_found'
  if (isFinal(job)) return 'already_finished'
  // The supervisor looks for this mark; it may belong to an earlier connector.
  await writeFile(cancelMark(runner.workDir, jobId), '', { flag: 'a', mode: 0o600 })
  if (job.is === 'orphaned') signalOrphan(job.running, 'SIGTERM')
  return 'requested'
}

/** Reading the state costs two small files, and ends are told at once: this is for progress to be fresh. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 10_000) return 500
  return runningForMs < 60_000 ? 1000 : 3000
}

async function close(runner: Runner): Promise<void> {
  runner.watch.close()
  runner.removal.stop()
  await runner.link.close()
}

async function readKnown(
  runner: Runner,
  jobId: string,
): Promise<Exclude<LocalJob, { is: 'none' }>> {
  const job = isToken(jobId) ? await readLocalJob(runner.workDir, jobId) : { is: 'none' as const }
  if (job.is !== 'none') return job
  throw new ConnectorError('job_lost', `job ${jobId} is not in ${runner.workDir}`)
}

function isLaunched(job: LocalJob): boolean {
  return job.is !== 'none' && job.is !== 'never_began'
}

/** Tokens name directories. */
function isToken(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(text)
}

/** Every failure leaves as a ConnectorError. */
async function guarded<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    if (error instanceof ConnectorError) throw error
    const code = signal.aborted ? 'platform_timeout' : 'platform_error'
    const reason = `local ${what}: ${messageOf(error)}`
    throw new ConnectorError(code, reason, { retryable: true, cause: error })
  }
}
