// What admins see of GitHub: which workflows can be dispatched, and whether the connector can get at them.
import { messageOf } from '../../errors.ts'
import { excerpt } from '../../http-client.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { clockFact } from '../clock-fact.ts'
import type { JobDescription, PlatformFact } from '../driver.ts'
import { ask, readReference, Workflows } from './client.ts'
import type { Github } from './client.ts'
import { asParameters, readWorkflow } from './workflow.ts'

/** As Driver.describe: the workflows of the configured repositories that can be dispatched. */
export async function describe(
  github: Github,
  search: string | null,
  signal: AbortSignal,
): Promise<JobDescription[]> {
  const wanted = (search ?? '').toLowerCase()
  const found: JobDescription[] = []
  for (const repository of github.settings.repositories) {
    const path = `/repos/${repository}/actions/workflows?per_page=100`
    const { workflows } = await ask(github, Workflows, { method: 'GET', path, signal })
    for (const { name, path: file, state } of workflows) {
      const job = `${repository}/${file.split('/').at(-1) ?? ''}`
      const reference = readReference(job, github.settings)
      if (state !== 'active' || reference === null) continue
      if (!`${job} ${name}`.toLowerCase().includes(wanted)) continue
      const workflow = await readWorkflow(github, reference, signal)
      if (workflow?.inputs == null) continue
      const parameters = asParameters(workflow, github.settings.token_input)
      found.push({ job, title: name, description: '', parameters })
    }
  }
  return found
}

/** As Driver.facts. */
export async function facts(
  { http, settings }: Github,
  signal: AbortSignal,
): Promise<PlatformFact[]> {
  let answer: HttpAnswer
  try {
    answer = await http.send({ method: 'GET', path: '/rate_limit', signal })
  } catch (error) {
    const fix = `Check url (${settings.url}), the network and the certificate`
    return [{ what: 'reachable', passed: false, detail: excerpt(messageOf(error)), fix }]
  }
  const { status, headers } = answer
  // A server without limits answers 404.
  const isThere =
    status === 200 || status === 401 || status === 403 || 'x-github-request-id' in headers
  const reachable = { what: 'reachable', passed: isThere, detail: `answered ${status}` } as const
  if (!isThere) return [{ ...reachable, fix: 'Check url; of a server it ends in /api/v3' }]
  if (status === 401 || status === 403) {
    const fix = 'Put a valid token with Actions: write where token in connector.yaml points to'
    const detail = `refused with ${status}`
    return [reachable, { what: 'credentials', passed: false, detail, fix }]
  }
  const version = headers['x-github-enterprise-version'] ?? 'github.com'
  const left = headers['x-ratelimit-remaining']
  const detail = `accepted${left === undefined ? '' : `, ${left} requests left in this hour`}`
  return [
    reachable,
    { what: 'version', passed: true, detail: excerpt(version) },
    { what: 'credentials', passed: true, detail },
    ...clockFact(answer),
  ]
}
