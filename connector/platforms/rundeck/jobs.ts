// Jobs of Rundeck: what they are, what they take, and which of a project's nodes a launch is for.
import { ConnectorError } from '../../errors.ts'
import type { JobDescription, LaunchRequest } from '../driver.ts'
import type { RundeckApi } from './api.ts'
import { isOurs } from './job-options.ts'
import { JobDefinitions, JobInfo, JobList, Nodes, ProjectList } from './wire.ts'
import type { JobDefinition, JobOption } from './wire.ts'

/** A job as a launch needs to know it. */
export interface RundeckJob {
  info: JobInfo
  definition: JobDefinition
}

/** The path of a job below the version. Throws platform_job_not_found for what is no id of a job. */
export function jobPath(job: string): string {
  if (/^[\w-][\w.-]{0,199}$/.test(job)) return `/job/${job}`
  const reason = `job ${job.slice(0, 100)} is no id of a Rundeck job; it is on the job's page`
  throw new ConnectorError('platform_job_not_found', reason)
}

/** Reads a job. Rejects with platform_job_not_found. */
export async function readJob(
  api: RundeckApi,
  job: string,
  signal: AbortSignal,
): Promise<RundeckJob> {
  const path = jobPath(job)
  // One after the other: the first may find out which version is spoken.
  const info = await api.read({ method: 'GET', path: `${path}/info`, signal }, JobInfo)
  const definitions = await api.document({ method: 'GET', path, signal }, JobDefinitions)
  const [definition] = definitions
  if (definition !== undefined) return { info, definition }
  throw new ConnectorError('platform_job_not_found', `Rundeck has no job ${job}`)
}

/** Descriptions of a job's steps, '' for those without. */
export function stepNamesOf(definition: JobDefinition): string[] {
  return (definition.sequence?.commands ?? []).map(({ description }) => description ?? '')
}

/** Names that mean nothing else in a node filter or in a regular expression but for the dot. */
const nodeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/

/**
 * The filter for exactly the nodes of these names, whatever their case; null = the job's own. Rejects with
 * parameters_invalid for a name that is no node's of the project: Rundeck would run on the others alone.
 */
export async function nodeFilter(
  api: RundeckApi,
  launch: { request: LaunchRequest; project: string },
  signal: AbortSignal,
): Promise<string | null> {
  const { request, project } = launch
  const { targets, job } = request
  if (targets.length === 0) return null
  const odd = targets.filter((target) => !nodeName.test(target))
  if (odd.length > 0) {
    const reason = `launch of ${job}: ${JSON.stringify(odd[0])} cannot be the name of a node`
    throw new ConnectorError('parameters_invalid', reason)
  }
  const names = targets.map((target) => target.replaceAll('.', '\\.')).join('|')
  const filter = `name: /(?i)(${names})/`
  const query = new URLSearchParams({ format: 'json', filter })
  const path = `/project/${encodeURIComponent(project)}/resources?${query.toString()}`
  const nodes = await api.read({ method: 'GET', path, signal }, Nodes)
  const known = new Set(Object.keys(nodes).map((name) => name.toLowerCase()))
  const missing = targets.filter((target) => !known.has(target.toLowerCase()))
  if (missing.length === 0) return filter
  const reason = `launch of ${job}: project ${project} has no node ${missing.slice(0, 10).join(', ')}`
  const hint = 'Add it to the node sources of the project, or allow the token to read it'
  throw new ConnectorError('parameters_invalid', `${reason}. ${hint}`)
}

/** Projects that the token may see. */
export async function readProjects(api: RundeckApi, signal: AbortSignal): Promise<string[]> {
  const projects = await api.read({ method: 'GET', path: '/projects', signal }, ProjectList)
  return projects.map(({ name }) => name)
}

/** Most jobs that are described. */
const maxJobs = 500

/** Jobs whose definitions are asked for at once. */
const exportSize = 40

/** The jobs that the token may see, by project; `search` is a part of their names. */
export async function describeJobs(
  api: RundeckApi,
  search: string | null,
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const described: JobDescription[] = []
  for (const project of await readProjects(api, signal)) {
    const home = `/project/${encodeURIComponent(project)}`
    const query = new URLSearchParams(search === null ? {} : { jobFilter: search })
    const path = `${home}/jobs?${query.toString()}`
    const ids = (await api.read({ method: 'GET', path, signal }, JobList)).map(({ id }) => id)
    for (let from = 0; from < ids.length && described.length < maxJobs; from += exportSize) {
      const idlist = ids.slice(from, from + exportSize).join(',')
      const exported = `${home}/jobs/export?idlist=${encodeURIComponent(idlist)}`
      const jobs = await api.document({ method: 'GET', path: exported, signal }, JobDefinitions)
      described.push(...jobs.flatMap((job) => descriptionOf(job)))
    }
  }
  return described.slice(0, maxJobs)
}

function descriptionOf(definition: JobDefinition): JobDescription[] {
  const { uuid, id, name, group, description, options } = definition
  const job = uuid ?? id ?? ''
  if (job === '') return []
  return [
    {
      job,
      title: (group ?? '') === '' ? name : `${group}/${name}`,
      description: description ?? '',
      parameters: options
        .filter((option) => !isOurs(option) && option.type !== 'file')
        .map((option) => parameterOf(option)),
    },
  ]
}

function parameterOf(option: JobOption): JobDescription['parameters'][number] {
  const { values, multivalued, delimiter } = option
  const isChoice = option.enforced === true && multivalued !== true && (values?.length ?? 0) > 0
  const type = isChoice ? 'choice' : 'string'
  const several = multivalued === true ? ` (several, separated by "${delimiter ?? ','}")` : ''
  return {
    name: option.name,
    type: option.secure === true ? 'secret' : type,
    required: option.required === true && (option.value ?? '') === '',
    label: `${(option.label ?? '') === '' ? option.name : option.label}${several}`,
    default: option.secure === true ? null : (option.value ?? null),
    choices: isChoice ? (values ?? []) : [],
  }
}
