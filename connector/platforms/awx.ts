// AWX and Ansible Automation Controller (`type: awx`): launches job templates and workflows through the REST API v2.
// A folder because it has several parts; what AWX answers is in awx/wire.ts, how a launch is kept from being another
// one than meant in awx/launch.ts. Contract: docs.ansible.com/automation-controller, source ansible/awx.
import { z } from 'zod'

import { redact } from '../templates/parameters.ts'
import { readCallback } from './awx/callback.ts'
import type { AwxClient } from './awx/client.ts'
import { describeJobs } from './awx/describe.ts'
import { platformFacts } from './awx/facts.ts'
import { checkTemplate } from './awx/intake.ts'
import { find, launch } from './awx/launch.ts'
import { createLookPace } from './awx/look-pace.ts'
import type { LookPace } from './awx/look-pace.ts'
import { readOutput } from './awx/output.ts'
import { jobKeyOf, jobPath } from './awx/reference.ts'
import type { JobKey } from './awx/reference.ts'
import { createStatusReader } from './awx/status.ts'
import type { StatusReader } from './awx/status.ts'
import type { CancelResult, Driver } from './driver.ts'
import { guardCall } from './guarded-call.ts'
import { createPlatformHttp, platformError } from './http.ts'
import { paceOptions, parseSettings, PlatformUrl, secretReader, SecretSource } from './settings.ts'
import type { SettingsDeps } from './settings.ts'

const gatewayPath = '/api/controller/v2'

const Options = z
  .strictObject({
    /** Address of AWX, or of the gateway of AAP 2.5 and later. */
    url: PlatformUrl,
    /** Where the API is below it: /api/v2, or /api/controller/v2 behind the gateway. */
    api_path: z
      .string()
      .regex(/^(\/[A-Za-z0-9_-]+)+$/, 'must be a path such as /api/v2')
      .default('/api/v2'),
    /** OAuth2 token with scope write. */
    token: SecretSource.optional(),
    /** In place of a token, where basic authentication is on. */
    username: z.string().min(1).optional(),
    password: SecretSource.optional(),
    /** What a notification must bring, as basic auth password or in X-Callback-Secret. */
    callback_secret: SecretSource.optional(),
    ...paceOptions,
  })
  .refine(({ token, username, password }) => {
    return (token === undefined) === (username !== undefined && password !== undefined)
  }, 'needs token, or username and password')

interface Awx {
  client: AwxClient
  statuses: StatusReader
  pace: LookPace
  callbackSecret: (() => string) | null
}

/** The driver of one platform of type awx. Throws config_invalid. */
export function createAwxDriver(options: unknown, deps: SettingsDeps): Driver {
  const settings = parseSettings('awx', Options, options)
  const credentials = credentialsOf(settings, deps)
  const { client, statuses, pace, callbackSecret } = createAwx(settings, credentials, deps)

  async function guarded<T>(
    call: { what: string; signal: AbortSignal; secrets?: readonly string[] },
    work: () => Promise<T>,
  ): Promise<T> {
    const secrets = [...credentials.secrets(), ...(call.secrets ?? [])]
    return await guardCall({ what: `awx ${call.what}`, signal: call.signal, secrets }, work)
  }

  return {
    type: 'awx',
    capabilities: {
      find: true,
      cancel: true,
      // Only workflows have one.
      progress: false,
      output: true,
      describe: true,
      targets: true,
      callback: 'hint',
    },
    check: (request, signal) =>
      guarded({ what: `check of ${request.job}`, signal }, () =>
        checkTemplate(client, request, signal),
      ),
    launch(request, signal) {
      const secrets = request.secrets.map((name) => String(request.parameters[name] ?? ''))
      return guarded({ what: `launch of ${request.job}`, signal, secrets }, () =>
        launch(client, request, signal),
      )
    },
    find: (token, signal, inDoubt) =>
      guarded({ what: 'find', signal }, () => find(client, { token, launch: inDoubt }, signal)),
    status: (jobId, signal) => guarded({ what: 'status', signal }, () => statuses(jobId, signal)),
    output: (jobId, cursor, signal) =>
      guarded({ what: 'output', signal }, () =>
        readOutput({ client, pace }, { jobId, cursor }, signal),
      ),
    cancel: (jobId, signal) =>
      guarded({ what: 'cancel', signal }, () => cancel(client, jobKeyOf(jobId), signal)),
    describe: (search, signal) =>
      guarded({ what: 'describe', signal }, () => describeJobs(client, search, signal)),
    async facts(signal) {
      const facts = await platformFacts(client, signal)
      const secrets = credentials.secrets()
      return facts.map((fact) => ({ ...fact, detail: redact(fact.detail, secrets) }))
    },
    callback: (request) => readCallback(request, callbackSecret?.() ?? null),
    pollDelayMs,
    close: () => client.http.close(),
  }
}

interface Credentials {
  header(): string
  secrets(): string[]
}

function credentialsOf(settings: z.infer<typeof Options>, deps: SettingsDeps): Credentials {
  const { token, username, password } = settings
  if (token !== undefined) {
    const read = secretReader('token', token, deps)
    return { header: () => `Bearer ${read()}`, secrets: () => [read()] }
  }
  const read = secretReader('password', password ?? {}, deps)
  function encoded(): string {
    return Buffer.from(`${username}:${read()}`).toString('base64')
  }
  return { header: () => `Basic ${encoded()}`, secrets: () => [read(), encoded()] }
}

function createAwx(
  settings: z.infer<typeof Options>,
  credentials: Credentials,
  deps: SettingsDeps,
): Awx {
  const { url, api_path: apiPath, callback_secret: callbackSecret } = settings
  const http = createPlatformHttp({
    baseUrl: `${url}${apiPath}`,
    headers: () => ({ authorization: credentials.header() }),
    secrets: () => credentials.secrets(),
    requestsPerSecond: settings.requests_per_second,
    connections: settings.connections,
  })
  const client = { http, jobUrl: (key: JobKey) => jobPage({ url, apiPath }, key) }
  const pace = createLookPace(settings.requests_per_second)
  return {
    client,
    pace,
    statuses: createStatusReader(client, pace),
    callbackSecret:
      callbackSecret === undefined ? null : secretReader('callback_secret', callbackSecret, deps),
  }
}

/** The pages of AWX (and AAP up to 2.4) and of the gateway. */
function jobPage({ url, apiPath }: { url: string; apiPath: string }, key: JobKey): string {
  const kind = key.kind === 'workflow' ? 'workflow' : 'playbook'
  if (apiPath === gatewayPath) return `${url}/execution/jobs/${kind}/${key.number}/output`
  return `${url}/#/jobs/${kind}/${key.number}`
}

/** AWX answers 202 and ends the job a little later; 405 when there is nothing to end any more. */
async function cancel(
  { http }: AwxClient,
  key: JobKey | null,
  signal: AbortSignal,
): Promise<CancelResult> {
  if (key === null) return 'not_found'
  const request = { method: 'POST', path: `${jobPath(key)}/cancel/`, signal } as const
  const answer = await http.send(request)
  if (answer.status === 202) return 'requested'
  if (answer.status === 405) return 'already_finished'
  if (answer.status === 404) return 'not_found'
  throw platformError(answer, `POST ${request.path}`)
}

/** States of many jobs share a request. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 30_000) return 2_000
  return runningForMs < 300_000 ? 5_000 : 15_000
}
