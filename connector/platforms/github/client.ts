// Requests to GitHub's REST API, what its answers must look like, and what its words mean.
import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { JobState } from '../driver.ts'
import { jsonOf, targetOf } from '../http.ts'
import type { PlatformHttp, PlatformRequest } from '../http.ts'
import { paceOptions, PlatformUrl, SecretSource } from '../settings.ts'

/** The schema of the options. */
export const Options = z.strictObject({
  /** Address of the API; https://host/api/v3 for GitHub Enterprise Server. */
  url: PlatformUrl.default('https://api.github.com'),
  ...paceOptions,
  /** A fine-grained token with Actions: write and Contents: read. */
  token: SecretSource,
  /** Branch or tag of jobs that name none. */
  ref: z.string().min(1).max(200).default('main'),
  /** The input that takes our token; run-name of the workflow repeats it, so that a run can be found. */
  token_input: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'must be the name of an input')
    .default('ticket_run'),
  /** false for servers that do not say which run a dispatch made (GitHub Enterprise Server up to 3.19). */
  run_details: z.boolean().default(true),
  /** Whose workflows `platforms jobs` lists. */
  repositories: z
    .array(z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'must be owner/name'))
    .default([]),
  callback: z.strictObject({ secret: SecretSource }).optional(),
})
export type GithubSettings = z.infer<typeof Options>

/** One GitHub. */
export interface Github {
  settings: GithubSettings
  http: PlatformHttp
}

/** https://docs.github.com/rest/actions/workflow-runs */
export const Run = z.object({
  id: z.int(),
  status: z.string().nullable(),
  conclusion: z.string().nullish(),
  display_title: z.string().nullish(),
  html_url: z.string().nullish(),
  run_started_at: z.string().nullish(),
  updated_at: z.string().nullish(),
})
export type Run = z.infer<typeof Run>

export const Runs = z.object({ total_count: z.int(), workflow_runs: z.array(Run) })

export const Dispatched = z.object({
  workflow_run_id: z.int(),
  html_url: z.string().nullish(),
})

const Step = z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullish() })

export const Jobs = z.object({
  jobs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullish(),
      steps: z.array(Step).nullish(),
    }),
  ),
})
export type RunJobs = z.infer<typeof Jobs>['jobs']

export const Workflows = z.object({
  workflows: z.array(z.object({ name: z.string(), path: z.string(), state: z.string() })),
})

/** What a finished run's conclusion means. */
const conclusions: Record<string, JobState> = {
  success: 'succeeded',
  neutral: 'succeeded',
  failure: 'failed',
  timed_out: 'failed',
  startup_failure: 'failed',
  stale: 'failed',
  cancelled: 'cancelled',
  skipped: 'cancelled',
  // A person has to do something about it.
  action_required: 'running',
}

const states: Record<string, JobState> = {
  queued: 'pending',
  requested: 'pending',
  waiting: 'pending',
  pending: 'pending',
  in_progress: 'running',
}

/** The state of a run. */
export function stateOf({ status, conclusion }: Run): JobState {
  const word = status === 'completed' ? (conclusion ?? '') : (status ?? '')
  const known = status === 'completed' ? conclusions : states
  return Object.hasOwn(known, word) ? (known[word] ?? 'unknown') : 'unknown'
}

/**
 * Asks and reads the answer. Rejects as PlatformHttp.json, with platform_bad_answer for another shape, and with
 * platform_rate_limited for the 403 that means so.
 */
export async function ask<Schema extends z.ZodType>(
  { http }: Github,
  schema: Schema,
  request: PlatformRequest,
): Promise<z.infer<Schema>> {
  const answer = await http.send(request)
  const { status, headers } = answer
  const isLimit = headers['x-ratelimit-remaining'] === '0' || 'retry-after' in headers
  const meant = status === 403 && isLimit ? { ...answer, status: 429 } : answer
  const parsed = schema.safeParse(jsonOf(meant, targetOf(request), request.secrets))
  if (parsed.success) return parsed.data
  const text = `${targetOf(request)}: not an answer of GitHub`
  throw new ConnectorError('platform_bad_answer', text, { retryable: true })
}

/** A job reference: `owner/name/workflow.yml`, or `owner/name/workflow.yml@branch`. */
export interface JobReference {
  /** owner/name */
  repository: string
  workflow: string
  ref: string
}

const reference =
  /^(?<repository>[A-Za-z0-9-]+\/[A-Za-z0-9._-]+)\/(?<workflow>[A-Za-z0-9._-]+\.ya?ml)(?:@(?<ref>[^\s~^:?*[\\]+))?$/

/** Reads a reference; null when it is none. */
export function readReference(job: string, settings: GithubSettings): JobReference | null {
  const { repository, workflow, ref = settings.ref } = reference.exec(job)?.groups ?? {}
  if (repository === undefined || workflow === undefined || repository.endsWith('/..')) return null
  return { repository, workflow, ref }
}

/** Reads a job id of ours, `owner/name/run`, as the path of the run; null for any other text. */
export function runPath(jobId: string): string | null {
  const match = /^(?<owner>[A-Za-z0-9-]+)\/(?<name>[A-Za-z0-9._-]+)\/(?<run>\d{1,18})$/.exec(jobId)
  const { owner, name, run } = match?.groups ?? {}
  if (name === undefined || /^\.{1,2}$/.test(name)) return null
  return `/repos/${owner}/${name}/actions/runs/${run}`
}
