// Requests to one GitLab, with what its answers must look like.
import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { PlatformHttp, PlatformRequest } from '../http.ts'
import { targetOf } from '../http.ts'
import { paceOptions, PlatformUrl, SecretSource } from '../settings.ts'

/** The schema of the options. */
export const Options = z.strictObject({
  /** Address of GitLab, without /api/v4. */
  url: PlatformUrl,
  ...paceOptions,
  /** A personal, group or project access token with the scope api. */
  token: SecretSource,
  /** A pipeline trigger token: launches go through it, and `token` needs only read_api. */
  trigger_token: SecretSource.optional(),
  /** Branch or tag of jobs that name none. */
  ref: z.string().min(1).max(200).default('main'),
  /** How parameters reach a pipeline: its declared inputs (GitLab 17.11 and later), or variables. */
  parameters: z.enum(['inputs', 'variables']).default('inputs'),
  /** Put before the name of a parameter, in capitals, to make its variable. */
  variable_prefix: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'must be capitals, digits and _')
    .default('PARAM_'),
  /** Where our token stands: in a variable, or in the input ticket_run that workflow:name repeats. */
  token_in: z.enum(['variable', 'name']).default('variable'),
  callback: z
    .strictObject({
      /** The webhook's secret token. */
      token: SecretSource.optional(),
      /** The webhook's signing token (whsec_…). */
      signing: SecretSource.optional(),
    })
    .refine(({ token, signing }) => (token === undefined) !== (signing === undefined), {
      error: 'must have token or signing, one of them',
    })
    .optional(),
})
export type GitlabSettings = z.infer<typeof Options>

/** One GitLab. */
export interface Gitlab {
  settings: GitlabSettings
  http: PlatformHttp
  /** Gives the trigger token; null = launches go by the access token. */
  triggerToken: (() => string) | null
}

/** Asks and reads the answer. Rejects as PlatformHttp.json, and with platform_bad_answer for another shape. */
export async function ask<Schema extends z.ZodType>(
  { http }: Gitlab,
  schema: Schema,
  request: PlatformRequest,
): Promise<z.infer<Schema>> {
  const answer = await http.json({ ...request, path: `/api/v4${request.path}` })
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const text = `${targetOf(request)}: not an answer of GitLab`
  throw new ConnectorError('platform_bad_answer', text, { retryable: true })
}

/** A job reference: `group/project`, or `group/project@branch`. */
export interface JobReference {
  /** Ready for a path. */
  project: string
  ref: string
}

/** Reads a reference; null when it is none. */
export function readReference(job: string, { ref }: GitlabSettings): JobReference | null {
  const match = /^(?<project>[A-Za-z0-9_][A-Za-z0-9_./+-]*)(?:@(?<ref>[^\s~^:?*[\\]+))?$/.exec(job)
  const project = match?.groups?.['project']
  if (project === undefined || project.split('/').includes('..')) return null
  return { project: encodeURIComponent(project), ref: match?.groups?.['ref'] ?? ref }
}

/** Reads a job id of ours; throws job_lost for any other text. */
export function readJobId(jobId: string): { project: number; pipeline: number } {
  const [, project, pipeline] = /^(\d{1,15}):(\d{1,15})$/.exec(jobId) ?? []
  if (project === undefined || pipeline === undefined) throw lost(jobId)
  return { project: Number(project), pipeline: Number(pipeline) }
}

/** GitLab does not know the pipeline. */
export function lost(jobId: string): ConnectorError {
  return new ConnectorError('job_lost', `GitLab has no pipeline ${jobId}`)
}
