// A platform that is described in connector.yaml (`type: http`): requests and answers of any JSON API as data and
// JSONata expressions, for platforms that have no driver of their own. What each option means: generic-http/options.ts.
import { ConnectorError } from '../errors.ts'
import { expressionProblem } from '../templates/expressions.ts'
import type { Driver, JobDescription, LaunchRequest } from './driver.ts'
import type { DescribedPlatform } from './generic-http/ask.ts'
import { check, find, launch } from './generic-http/begin.ts'
import { createCallback } from './generic-http/callback.ts'
import { readFacts } from './generic-http/health.ts'
import { allExpressions, Options } from './generic-http/options.ts'
import type { HttpSettings } from './generic-http/options.ts'
import { carriedBy } from './generic-http/parameters.ts'
import { cancel, output, status } from './generic-http/watch.ts'
import { guardCall } from './guarded-call.ts'
import { createPlatformHttp } from './http.ts'
import { createProgressMemory } from './progress-memory.ts'
import { parseSettings, secretReader } from './settings.ts'
import type { SettingsDeps } from './settings.ts'

/** The driver of one platform of type http. Throws config_invalid. */
export function createGenericHttpDriver(options: unknown, deps: SettingsDeps): Driver {
  const settings = parseSettings('http', Options, options)
  refuseMistakes(settings)
  const { headers, secrets } = readAuth(settings.auth, deps)
  const http = createPlatformHttp({
    baseUrl: settings.url,
    headers,
    secrets,
    requestsPerSecond: settings.requests_per_second,
    connections: settings.connections,
  })
  const carried = carriedBy(settings.launch)
  const platform: DescribedPlatform = { settings, http, carried, atLeast: createProgressMemory() }
  const callback = settings.callback && createCallback(settings.callback, deps)

  function guarded<T>(
    call: { what: string; signal: AbortSignal; secrets?: readonly string[] },
    work: () => Promise<T>,
  ): Promise<T> {
    const hidden = [...secrets(), ...(call.secrets ?? [])]
    return guardCall({ ...call, what: `http ${call.what}`, secrets: hidden }, work)
  }

  return {
    type: 'http',
    capabilities: {
      find: settings.find !== undefined,
      cancel: settings.cancel !== undefined,
      progress: settings.status.progress !== undefined,
      output: settings.output !== undefined,
      describe: settings.jobs !== undefined,
      targets: carried.targets,
      callback: callbackKind(settings.callback),
    },
    check: (request, signal) =>
      guarded({ what: 'check', signal }, () => check(platform, request, signal)),
    launch: (request, signal) =>
      guarded({ what: `launch of ${request.job}`, signal, secrets: secretsOf(request) }, () =>
        launch(platform, request, signal),
      ),
    find: (token, signal, doubt) =>
      guarded({ what: 'find', signal }, () => find(platform, { token, doubt }, signal)),
    status: (jobId, signal) =>
      guarded({ what: 'status', signal }, () => status(platform, jobId, signal)),
    output: (jobId, cursor, signal) =>
      guarded({ what: 'output', signal }, () => output(platform, { jobId, cursor }, signal)),
    cancel: (jobId, signal) =>
      guarded({ what: 'cancel', signal }, () => cancel(platform, jobId, signal)),
    ...(settings.jobs === undefined
      ? {}
      : { describe: (search) => Promise.resolve(describe(settings, search)) }),
    facts: (signal) => readFacts(http, settings, signal),
    ...(callback === undefined ? {} : { callback }),
    pollDelayMs,
    close: () => http.close(),
  }
}

function callbackKind(callback: HttpSettings['callback']): 'signed' | 'hint' | 'none' {
  if (callback === undefined) return 'none'
  return callback.hmac === undefined ? 'hint' : 'signed'
}

function refuseMistakes(settings: HttpSettings): void {
  for (const { place, expression, roots } of allExpressions(settings)) {
    const problem = expressionProblem(expression, roots)
    if (problem === null) continue
    throw new ConnectorError('config_invalid', `type http: ${place}: ${problem}`)
  }
}

function readAuth(
  auth: HttpSettings['auth'],
  deps: SettingsDeps,
): { headers: () => Record<string, string>; secrets: () => string[] } {
  if (auth === undefined) return { headers: () => ({}), secrets: () => [] }
  if ('bearer' in auth) {
    const token = secretReader('auth.bearer', auth.bearer, deps)
    return { headers: () => ({ authorization: `Bearer ${token()}` }), secrets: () => [token()] }
  }
  if ('header' in auth) {
    const value = secretReader('auth.header.value', auth.header.value, deps)
    return { headers: () => ({ [auth.header.name]: value() }), secrets: () => [value()] }
  }
  const password = secretReader('auth.basic.password', auth.basic.password, deps)
  const { user } = auth.basic
  function pair(): string {
    return Buffer.from(`${user}:${password()}`).toString('base64')
  }
  return {
    headers: () => ({ authorization: `Basic ${pair()}` }),
    secrets: () => [password(), pair()],
  }
}

function secretsOf({ secrets, parameters }: LaunchRequest): string[] {
  return secrets.map((name) => String(parameters[name] ?? ''))
}

function describe({ jobs = {} }: HttpSettings, search: string | null): JobDescription[] {
  const described = Object.entries(jobs).map(([job, { title, description, parameters = [] }]) => ({
    job,
    title: title ?? job,
    description,
    parameters: parameters.map((parameter) => ({
      ...parameter,
      label: parameter.label ?? parameter.name,
      default: parameter.default ?? null,
    })),
  }))
  const wanted = (search ?? '').toLowerCase()
  return described.filter(({ job, title }) => `${job} ${title}`.toLowerCase().includes(wanted))
}

/** What a platform of any kind can bear: often at first, when most jobs end. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 10_000) return 1000
  if (runningForMs < 60_000) return 2000
  return runningForMs < 600_000 ? 5000 : 15_000
}
