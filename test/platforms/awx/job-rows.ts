// Templates and jobs of the stand-in, and how AWX shows a job in a list and on its own page.
import { readFileSync } from 'node:fs'

import type { Question } from './survey.ts'

/** A template of the stand-in. */
export interface StandInTemplate {
  id: number
  kind: 'job' | 'workflow'
  name: string
  /** Fields that prompt on launch, e.g. `variables`, `limit`, `labels`. */
  ask: readonly string[]
  survey?: readonly Question[]
  organization?: number | null
  inventory?: number | null
  /** Other fields of the launch form. */
  form?: Record<string, unknown>
  /** AWX runs it in slices, which makes it a workflow job. */
  sliced?: boolean
  behaviour: Behaviour
}

/** What a job does. */
export type Behaviour = 'succeed' | 'fail' | 'wait' | 'lines' | 'large'

/** A job of the stand-in. */
export interface StandInJob {
  id: number
  template: StandInTemplate
  type: 'job' | 'workflow_job'
  launchType: 'manual' | 'workflow'
  status: string
  created: Date
  started: Date | null
  finished: Date | null
  extraVars: Record<string, unknown>
  limit: string
  timeout: number
  labels: number[]
  stdout: string
  /** AWX has not stored all events yet. */
  storing: boolean
  explanation: string
}

/** A recorded answer. */
export function recorded(name: string): Record<string, unknown> {
  const path = new URL(`recorded/${name}.json`, import.meta.url)
  // The files hold objects (job-events a list, read by its own name).
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
}

/** A row of unified_jobs. */
export function listRow(job: StandInJob): Record<string, unknown> {
  const { job_args: _args, job_cwd: _cwd, job_env: _env, ...row } = detailRow(job)
  for (const name of ['result_traceback', 'event_processing_finished']) delete row[name]
  for (const name of ['host_status_counts', 'playbook_counts', 'custom_virtualenv'])
    delete row[name]
  return row
}

/** While a job is one of these, AWX says that its events are not all stored (ACTIVE_STATES). */
const active = new Set(['new', 'pending', 'waiting', 'running', 'canceling'])

/** The page of a job. */
export function detailRow(job: StandInJob): Record<string, unknown> {
  const { id, type, status, limit, launchType, template } = job
  const isOver = job.finished !== null
  const shape = recorded(type === 'job' ? 'job' : 'workflow-job')
  return {
    ...shape,
    related: linksTo(shape, `${type}s/${id}`),
    id,
    type,
    url: `/api/v2/${type}s/${id}/`,
    created: job.created.toISOString(),
    started: job.started?.toISOString() ?? null,
    finished: job.finished?.toISOString() ?? null,
    status: status === 'canceling' ? 'running' : status,
    failed: status === 'failed',
    limit,
    launch_type: launchType,
    job_explanation: job.explanation,
    extra_vars: JSON.stringify(shown(template, job.extraVars)),
    event_processing_finished: !active.has(status) && !job.storing,
    ...(type === 'job' ? { host_status_counts: isOver ? countsOf(status) : {} } : {}),
  }
}

function countsOf(status: string): Record<string, number> {
  return status === 'failed' ? { ok: 1, failures: 1, dark: 1 } : { ok: 2, changed: 1 }
}

/** Answers to questions of type password are encrypted. */
function shown(
  { survey = [] }: StandInTemplate,
  vars: Record<string, unknown>,
): Record<string, unknown> {
  const passwords = survey.filter(({ type }) => type === 'password').map(({ variable }) => variable)
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [
      name,
      passwords.includes(name) ? '$encrypted$' : value,
    ]),
  )
}

/** The recorded links, for the thing at this path. */
export function linksTo(shape: Record<string, unknown>, path: string): Record<string, unknown> {
  const own = new RegExp(`/${path.split('/')[0]}/\\d+/`, 'g')
  // Links are an object of paths.
  return JSON.parse(JSON.stringify(shape['related'] ?? {}).replaceAll(own, `/${path}/`)) as Record<
    string,
    unknown
  >
}

/** The start of a task and the end of one. */
export function recordedEvents(): Record<string, unknown>[] {
  const list: unknown = recorded('job-events')
  // The file holds a list of objects.
  return list as Record<string, unknown>[]
}
