// What GitLab's REST API (v4) answers, as far as it is used, and what its words mean.
import { z } from 'zod'

import type { JobState } from '../driver.ts'

/** A pipeline; lists leave out the moments. `name` is there from GitLab 16.3 on, when workflow:name gives one. */
export const Pipeline = z.object({
  id: z.int(),
  project_id: z.int(),
  status: z.string(),
  name: z.string().nullish(),
  web_url: z.string().nullish(),
  updated_at: z.string().nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  yaml_errors: z.string().nullish(),
})
export type Pipeline = z.infer<typeof Pipeline>

export const Pipelines = z.array(Pipeline)

/** A job of a pipeline. */
export const PipelineJob = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  failure_reason: z.string().nullish(),
  allow_failure: z.boolean().nullish(),
})
export type PipelineJob = z.infer<typeof PipelineJob>

export const PipelineJobs = z.array(PipelineJob)

export const PipelineVariables = z.array(z.object({ key: z.string(), value: z.string().nullish() }))

export const Project = z.object({
  id: z.int(),
  path_with_namespace: z.string(),
  description: z.string().nullish(),
  default_branch: z.string().nullish(),
  ci_config_path: z.string().nullish(),
  /** Who may give pipelines variables. */
  ci_pipeline_variables_minimum_override_role: z.string().nullish(),
})
export type Project = z.infer<typeof Project>

export const Projects = z.array(Project)

export const Version = z.object({ version: z.string() })

export const OwnToken = z.object({
  scopes: z.array(z.string()),
  expires_at: z.string().nullish(),
})

/** https://docs.gitlab.com/api/pipelines: a pipeline that waits for a person still runs. */
const states: Record<string, JobState> = {
  created: 'pending',
  waiting_for_resource: 'pending',
  preparing: 'pending',
  waiting_for_callback: 'pending',
  pending: 'pending',
  scheduled: 'pending',
  running: 'running',
  manual: 'running',
  canceling: 'running',
  success: 'succeeded',
  failed: 'failed',
  canceled: 'cancelled',
  skipped: 'cancelled',
}

/** The state that a word means. */
export function stateOf(word: string): JobState {
  return Object.hasOwn(states, word) ? (states[word] ?? 'unknown') : 'unknown'
}

/** True when nothing happens in a job of this status any more. */
export function isOver(word: string): boolean {
  const state = stateOf(word)
  return state !== 'pending' && state !== 'running'
}
