// The port to job platforms. A driver is the code for one platform: it launches, looks up, watches and
// cancels jobs, and never sees the database, the configuration file or another driver.
import type { jobStates, parameterTypes } from '#shared/vocabulary.ts'

/** State of a job as the driver translates it. */
export type JobState = (typeof jobStates)[number]

/** What a driver can do; shown to admins and used by the road (a lost launch needs `find`). */
export interface Capabilities {
  /** `find` can tell for certain whether a job with our token exists. */
  find: boolean
  /** Jobs can be cancelled. */
  cancel: boolean
  /** `status` carries a percentage. */
  progress: boolean
  /** `output` returns what the job printed. */
  output: boolean
  /** `describe` lists what can be launched, with its parameters. */
  describe: boolean
  /** `targets` of a launch limit the job to them by the platform's own means (limit, node filter). */
  targets: boolean
  /** Calls of the platform: `signed` ones are proved, others (`hint`) only make us look. */
  callback: 'signed' | 'hint' | 'none'
}

/** Everything a launch needs. */
export interface LaunchRequest {
  /** Our step id: unique per launch, put where the platform lets us find it again. */
  token: string
  /** The template's job reference. */
  job: string
  parameters: Record<string, string | number | boolean | null>
  /** Names of parameters whose values must not be shown anywhere. */
  secrets: readonly string[]
  /** Milliseconds after which the job should be ended. */
  timeoutMs: number
  /** What the job is to work on; empty = what the platform's job itself says. */
  targets: readonly string[]
  /** Facts for the job's own log and for platforms that record a cause. */
  ticket: { table: string; sysId: string; number: string }
  requestedBy: string
}

/** What is known of a launch whose answer got lost. Platforms that keep their runs job by job look there. */
export interface LaunchInDoubt {
  /** The template's job reference. */
  job: string
  /** When the launch was about to be sent, by our clock. */
  at: Date
}

/** A launched job. */
export interface LaunchedJob {
  id: string
  /** Page a person can open, or null. */
  url: string | null
}

/** State of a job at one moment. */
export interface JobStatus {
  state: JobState
  /** Percent, or null when the platform does not say. */
  progress: number | null
  /** What the job is doing or why it ended, in one line. */
  message: string
  startedAt: Date | null
  finishedAt: Date | null
  exitCode: number | null
}

/** A piece of output. Ask again with `cursor` for what came after. */
export interface JobOutput {
  /** What was printed since the cursor (the end of it when it is longer than the cap). */
  text: string
  /** Characters left out before `text`. */
  omitted: number
  cursor: string
}

/** What a cancel achieved. */
export type CancelResult = 'cancelled' | 'requested' | 'already_finished' | 'not_found'

/** The result of checking a template before it is published. */
export interface TemplateProblem {
  /** The template field that is wrong, e.g. `job` or `parameters.path`. */
  field: string
  reason: string
  hint: string
}

/** A parameter as a template declares it, or as a platform's job takes it. */
export interface DeclaredParameter {
  name: string
  type: (typeof parameterTypes)[number]
  required: boolean
}

/** Something a platform can run. */
export interface JobDescription {
  /** What a template writes in `job`. */
  job: string
  title: string
  description: string
  parameters: readonly (DeclaredParameter & {
    label: string
    default: string | number | boolean | null
    /** Values of type choice. */
    choices: readonly string[]
  })[]
}

/** A request that a platform sent us. */
export interface CallbackRequest {
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

/** What a callback told. `jobId` null = nothing about a job. */
export interface CallbackHint {
  jobId: string | null
}

/** What the connector asks a platform about itself (`platforms check`). */
export interface PlatformFact {
  what: 'reachable' | 'version' | 'credentials' | 'permissions' | 'clock'
  passed: boolean
  detail: string
  /** What to do when it did not pass. */
  fix?: string
}

/** The one place from which the jobs of a platform can be found. */
export interface JobHome {
  /** The same for every connector there, and nowhere else. */
  id: string
  /** The place for people, e.g. a folder and its host. */
  place: string
}

/** One job platform. Every method rejects with ConnectorError and honours `signal`. */
export interface Driver {
  readonly type: string
  readonly capabilities: Capabilities
  /** Finds what would make a launch fail or drop a parameter. Empty = fine. */
  check(
    request: { job: string; parameters: readonly DeclaredParameter[] },
    signal: AbortSignal,
  ): Promise<TemplateProblem[]>
  /** Starts the job once. On a retryable error the job may or may not exist: call `find` before trying again. */
  launch(request: LaunchRequest, signal: AbortSignal): Promise<LaunchedJob>
  /** Looks for a job that carries our token; null = certainly none. Only meaningful with `capabilities.find`. */
  find(token: string, signal: AbortSignal, launch?: LaunchInDoubt): Promise<LaunchedJob | null>
  status(jobId: string, signal: AbortSignal): Promise<JobStatus>
  output(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobOutput>
  cancel(jobId: string, signal: AbortSignal): Promise<CancelResult>
  /** Lists what can be launched; `search` narrows it down. Present with `capabilities.describe`. */
  describe?(search: string | null, signal: AbortSignal): Promise<JobDescription[]>
  /** Looks at the platform itself; never rejects for what is wrong with it. */
  facts?(signal: AbortSignal): Promise<PlatformFact[]>
  /**
   * Reads what the platform sent. It only ever pulls a status read forward. Throws platform_auth when a signature or
   * secret is wrong. Present unless `capabilities.callback` is none.
   */
  callback?(request: CallbackRequest): CallbackHint
  /**
   * Present when jobs of this platform can be found only from one place: connectors elsewhere must not touch
   * them. Asked once, at the start. Throws config_invalid.
   */
  home?(): Promise<JobHome>
  /** Milliseconds to wait before the next status read, given how long the job has run. */
  pollDelayMs(runningForMs: number): number
  /** Calls back when a job ended sooner than the next poll would notice; optional. */
  onFinished?(listener: (jobId: string) => void): void
  close(): Promise<void>
}
