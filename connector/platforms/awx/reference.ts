// How a template names what AWX runs, how our job ids name a job of AWX, and where they are in the API.
import { ConnectorError } from '../../errors.ts'

/** A kind of thing that can be launched. */
export type Kind = 'job' | 'workflow'

const templatePaths = { job: '/job_templates', workflow: '/workflow_job_templates' } as const
const jobPaths = { job: '/jobs', workflow: '/workflow_jobs' } as const
const workflowMark = 'workflow:'

/**
 * The path of the template that `job` names: `7`, `Deploy++Default` (name++organization, AWX's named URL), and the
 * same after `workflow:` for a workflow. Throws platform_job_not_found for what can be no name.
 */
export function templateOf(job: string): { kind: Kind; path: string } {
  const kind = job.startsWith(workflowMark) ? 'workflow' : 'job'
  const name = kind === 'workflow' ? job.slice(workflowMark.length) : job
  if (name === '' || /^\.*$/.test(name) || name.includes('/')) {
    const text = `"${job}" names no job template: write its number, or name++organization`
    throw new ConnectorError('platform_job_not_found', text)
  }
  return { kind, path: `${templatePaths[kind]}/${encodeURIComponent(name)}` }
}

/** What a template writes in `job` for the template with this number. */
export function referenceOf(kind: Kind, id: number): string {
  return kind === 'workflow' ? `${workflowMark}${id}` : String(id)
}

/** A job of AWX. Jobs and workflow jobs share one sequence of numbers, but not one path. */
export interface JobKey {
  kind: Kind
  number: number
}

/** The id that the road keeps. */
export function jobIdOf({ kind, number }: JobKey): string {
  return kind === 'workflow' ? `workflow-${number}` : String(number)
}

/** What an id of ours names, or null. */
export function jobKeyOf(jobId: string): JobKey | null {
  const match = /^(workflow-)?([1-9]\d{0,14})$/.exec(jobId)
  if (match === null) return null
  return { kind: match[1] === undefined ? 'job' : 'workflow', number: Number(match[2]) }
}

/** Path of a job. */
export function jobPath({ kind, number }: JobKey): string {
  return `${jobPaths[kind]}/${number}`
}

/** The kind of a row of unified_jobs; null = not launched by us. */
export function kindOf(type: string): Kind | null {
  if (type === 'job') return 'job'
  return type === 'workflow_job' ? 'workflow' : null
}
