// What Rundeck says of itself and of our token, for administrators.
import { ConnectorError, messageOf } from '../../errors.ts'
import type { PlatformFact } from '../driver.ts'
import type { RundeckApi } from './api.ts'
import { readProjects } from './jobs.ts'
import { ExecutionList, SystemInfo } from './wire.ts'

/** More than this and times of executions no longer fit those of tickets. In milliseconds. */
const maxClockMs = 120_000

/** What is known after asking; the first failure that explains the others comes first. */
export async function rundeckFacts(
  api: RundeckApi,
  url: string,
  signal: AbortSignal,
): Promise<PlatformFact[]> {
  const projects = await attempt(() => readProjects(api, signal))
  if ('error' in projects) return [...unreached(projects.error, url)]
  const reachable = { what: 'reachable', passed: true, detail: `${url} answers` } as const
  const credentials = { what: 'credentials', passed: true, detail: 'the token is valid' } as const
  const permissions = await permissionFact(api, projects.value, signal)
  const system = await attempt(() =>
    api.read({ method: 'GET', path: '/system/info', signal }, SystemInfo),
  )
  const about = 'error' in system ? [unknownVersion(api)] : systemFacts(system.value)
  return [reachable, credentials, ...about, permissions]
}

type Attempt<T> = { value: T } | { error: ConnectorError }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof ConnectorError) return { error }
    const reason = messageOf(error)
    return { error: new ConnectorError('platform_error', reason, { retryable: true }) }
  }
}

function unreached(error: ConnectorError, url: string): PlatformFact[] {
  const { code, message } = error
  if (code === 'platform_auth' || code === 'platform_forbidden') {
    const fix = 'Create a new API token in the profile of its user in Rundeck and set it as token'
    return [
      { what: 'reachable', passed: true, detail: `${url} answers` },
      { what: 'credentials', passed: false, detail: message, fix },
    ]
  }
  const fix = 'Check url, the network between both machines, and that Rundeck is up'
  return [{ what: 'reachable', passed: false, detail: message, fix }]
}

async function permissionFact(
  api: RundeckApi,
  projects: readonly string[],
  signal: AbortSignal,
): Promise<PlatformFact> {
  const what = 'permissions'
  const fix =
    'Let an ACL policy allow the role of the token: read of the project; read of events; read, view, run and kill of its jobs; read of nodes'
  if (projects.length === 0) {
    return { what, passed: false, detail: 'the token may see no project', fix }
  }
  const running = await attempt(() =>
    api.read(
      { method: 'GET', path: '/project/*/executions/running?max=1&offset=0', signal },
      ExecutionList,
    ),
  )
  if ('error' in running) return { what, passed: false, detail: running.error.message, fix }
  const named = projects.slice(0, 10).join(', ')
  const detail = `the token may see ${projects.length} project(s) and their executions: ${named}`
  return { what, passed: true, detail }
}

/** System information needs a right of its own, which nothing else needs. */
function unknownVersion(api: RundeckApi): PlatformFact {
  const detail = `version ${api.version()} of the API is spoken; the token may not read system information`
  return { what: 'version', passed: true, detail }
}

function systemFacts({ system }: SystemInfo): PlatformFact[] {
  const { rundeck, timestamp, executions } = system
  const version: PlatformFact = {
    what: 'version',
    passed: true,
    detail: `Rundeck ${rundeck.version}, API up to ${rundeck.apiversion}`,
  }
  const offMs = timestamp.epoch - Date.now()
  const seconds = Math.round(Math.abs(offMs) / 1000)
  const direction = offMs < 0 ? 'behind' : 'ahead'
  const clock: PlatformFact = {
    what: 'clock',
    passed: Math.abs(offMs) <= maxClockMs,
    detail: `Rundeck's clock is ${seconds} s ${direction}`,
    ...(Math.abs(offMs) <= maxClockMs ? {} : { fix: 'Set both clocks by NTP' }),
  }
  if (executions?.active !== false) return [version, clock]
  const passive: PlatformFact = {
    what: 'reachable',
    passed: false,
    detail: 'Rundeck is in passive mode: it runs nothing',
    fix: 'Set the execution mode to active in the system menu of Rundeck',
  }
  return [passive, version, clock]
}
