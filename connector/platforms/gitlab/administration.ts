import { ConnectorError, messageOf } from '../../errors.ts'
// What admins see of a GitLab: what can be run, and whether the connector can get at it.
import type { HttpAnswer } from '../../http-client.ts'
import { excerpt } from '../../http-client.ts'
import { clockFact } from '../clock-fact.ts'
import type { JobDescription, PlatformFact } from '../driver.ts'
import { ask, readReference } from './client.ts'
import type { Gitlab } from './client.ts'
import { asParameters, readInputs } from './inputs.ts'
import { OwnToken, Projects, Version } from './wire.ts'
import type { Project } from './wire.ts'

/** Projects that are listed: for each the CI file is read. */
const mostProjects = 20

/** 30 = Developer, the least that may run pipelines. */
const leastAccess = 30

/** As Driver.describe: projects in which pipelines can be run, with the inputs of their default branch. */
export async function describe(
  gitlab: Gitlab,
  search: string | null,
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const query = new URLSearchParams({
    membership: 'true',
    min_access_level: String(leastAccess),
    per_page: String(mostProjects),
    search_namespaces: 'true',
    ...(search === null ? {} : { search }),
  }).toString()
  const path = `/projects?${query}`
  const projects = await ask(gitlab, Projects, { method: 'GET', path, signal })
  return await Promise.all(projects.map((project) => describeProject(gitlab, project, signal)))
}

async function describeProject(
  gitlab: Gitlab,
  project: Project,
  signal: AbortSignal,
): Promise<JobDescription> {
  const { path_with_namespace: name, default_branch: branch } = project
  const { settings } = gitlab
  // A template that names no branch runs the one of the settings.
  const job = branch && branch !== settings.ref ? `${name}@${branch}` : name
  const reference = readReference(job, settings)
  const file = project.ci_config_path
  const inputs =
    reference === null || settings.parameters === 'variables'
      ? null
      : await readInputs(gitlab, { reference, file }, signal)
  const description = project.description ?? ''
  return { job, title: name, description, parameters: inputs === null ? [] : asParameters(inputs) }
}

/** As Driver.facts. */
export async function facts(gitlab: Gitlab, signal: AbortSignal): Promise<PlatformFact[]> {
  let answer: HttpAnswer
  try {
    answer = await gitlab.http.send({ method: 'GET', path: '/api/v4/version', signal })
  } catch (error) {
    const fix = `Check url (${gitlab.settings.url}), the network and the certificate`
    return [{ what: 'reachable', passed: false, detail: excerpt(messageOf(error)), fix }]
  }
  const { status } = answer
  if (status === 401 || status === 403) {
    const fix = 'Put a valid access token where token in connector.yaml points to'
    const detail = `refused with ${status}`
    return [reached(answer), { what: 'credentials', passed: false, detail, fix }]
  }
  return [
    reached(answer),
    ...versionOf(answer),
    { what: 'credentials', passed: true, detail: 'the token is accepted' },
    ...(await permissions(gitlab, signal)),
    ...clockFact(answer),
  ]
}

function reached({ status }: HttpAnswer): PlatformFact {
  const detail = `answered ${status}`
  if (status < 500 && status !== 404) return { what: 'reachable', passed: true, detail }
  const fix = 'Check that url is the address of GitLab, without /api/v4'
  return { what: 'reachable', passed: false, detail, fix }
}

function versionOf({ text }: HttpAnswer): PlatformFact[] {
  try {
    const { version } = Version.parse(JSON.parse(text))
    return [{ what: 'version', passed: true, detail: excerpt(version) }]
  } catch {
    const fix = 'Check that url is the address of GitLab, without /api/v4'
    return [{ what: 'version', passed: false, detail: 'no answer of GitLab', fix }]
  }
}

async function permissions(gitlab: Gitlab, signal: AbortSignal): Promise<PlatformFact[]> {
  const needed = gitlab.triggerToken === null ? 'api' : 'read_api'
  try {
    const path = '/personal_access_tokens/self'
    const { scopes, expires_at } = await ask(gitlab, OwnToken, { method: 'GET', path, signal })
    const passed = scopes.includes(needed) || scopes.includes('api')
    const until = expires_at ? `, valid until ${expires_at}` : ''
    const detail = excerpt(`scopes ${scopes.join(', ')}${until}`)
    if (passed) return [{ what: 'permissions', passed, detail }]
    const fix = `Make a token with the scope ${needed} and the role Developer in the projects`
    return [{ what: 'permissions', passed, detail, fix }]
  } catch (error) {
    // Job tokens and older versions cannot tell; that is nothing wrong.
    if (error instanceof ConnectorError && !error.retryable) return []
    const fix = 'Ask again in a moment'
    return [{ what: 'permissions', passed: false, detail: excerpt(messageOf(error)), fix }]
  }
}
