// GitLab (`type: gitlab`): a job is a pipeline of a project, `group/project` or `group/project@branch`. Parameters are
// the pipeline's declared inputs, or variables. REST API v4, https://docs.gitlab.com/api/pipelines.
import type { Driver } from './driver.ts'
import { describe, facts } from './gitlab/administration.ts'
import { createCallback } from './gitlab/callback.ts'
import { Options } from './gitlab/client.ts'
import type { Gitlab } from './gitlab/client.ts'
import { check, find, launch } from './gitlab/launch.ts'
import { cancel, output, status } from './gitlab/watch.ts'
import { guardCall } from './guarded-call.ts'
import { createPlatformHttp } from './http.ts'
import { createProgressMemory } from './progress-memory.ts'
import { parseSettings, secretReader } from './settings.ts'
import type { SettingsDeps } from './settings.ts'

/** The driver of one platform of type gitlab. Throws config_invalid. */
export function createGitlabDriver(options: unknown, deps: SettingsDeps): Driver {
  const settings = parseSettings('gitlab', Options, options)
  const token = secretReader('token', settings.token, deps)
  const triggerToken =
    settings.trigger_token && secretReader('trigger_token', settings.trigger_token, deps)
  const callback = settings.callback && createCallback(settings.callback, deps)

  const http = createPlatformHttp({
    baseUrl: settings.url,
    // Takes personal, group, project and OAuth access tokens alike.
    headers: () => ({ authorization: `Bearer ${token()}` }),
    secrets,
    requestsPerSecond: settings.requests_per_second,
    connections: settings.connections,
  })
  const gitlab: Gitlab = { settings, http, triggerToken: triggerToken ?? null }
  const atLeast = createProgressMemory()

  function secrets(): string[] {
    return [token(), ...(triggerToken === undefined ? [] : [triggerToken()])]
  }

  function guarded<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return guardCall({ what: `gitlab ${what}`, signal, secrets: secrets() }, work)
  }

  return {
    type: 'gitlab',
    capabilities: {
      find: true,
      cancel: true,
      progress: true,
      output: true,
      describe: true,
      targets: false,
      callback: callbackKind(settings.callback),
    },
    check: (request, signal) => guarded('check', signal, () => check(gitlab, request, signal)),
    launch: (request, signal) =>
      guarded(`launch of ${request.job}`, signal, () => launch(gitlab, request, signal)),
    find: (launchToken, signal, doubt) =>
      guarded('find', signal, () => find(gitlab, { token: launchToken, doubt }, signal)),
    status: (jobId, signal) =>
      guarded('status', signal, async () => {
        const read = await status(gitlab, jobId, signal)
        // Jobs that are made while the pipeline runs make the share of those done smaller.
        return { ...read, progress: atLeast(jobId, read.progress) }
      }),
    output: (jobId, cursor, signal) =>
      guarded('output', signal, () => output(gitlab, { jobId, cursor }, signal)),
    cancel: (jobId, signal) => guarded('cancel', signal, () => cancel(gitlab, jobId, signal)),
    describe: (search, signal) =>
      guarded('describe', signal, () => describe(gitlab, search, signal)),
    facts: (signal) => facts(gitlab, signal),
    ...(callback === undefined ? {} : { callback }),
    pollDelayMs,
    close: () => http.close(),
  }
}

function callbackKind(callback: Gitlab['settings']['callback']): 'signed' | 'hint' | 'none' {
  if (callback === undefined) return 'none'
  return callback.signing === undefined ? 'hint' : 'signed'
}

/** A pipeline takes longer than a script, and each read is two requests. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 30_000) return 2000
  return runningForMs < 300_000 ? 5000 : 15_000
}
