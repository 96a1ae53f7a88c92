// GitHub Actions (`type: github`): a job is a workflow that can be dispatched, `owner/name/workflow.yml` or
// `owner/name/workflow.yml@branch`. Its logs lie on another host, to which nothing is followed: no output.
import type { Driver } from './driver.ts'
import { describe, facts } from './github/administration.ts'
import { readCallback } from './github/callback.ts'
import { Options } from './github/client.ts'
import type { Github } from './github/client.ts'
import { check, find, launch } from './github/launch.ts'
import { cancel, status } from './github/watch.ts'
import { guardCall } from './guarded-call.ts'
import { createPlatformHttp } from './http.ts'
import { createProgressMemory } from './progress-memory.ts'
import { parseSettings, secretReader } from './settings.ts'
import type { SettingsDeps } from './settings.ts'

/** The driver of one platform of type github. Throws config_invalid. */
export function createGithubDriver(options: unknown, deps: SettingsDeps): Driver {
  const settings = parseSettings('github', Options, options)
  const token = secretReader('token', settings.token, deps)
  const { callback } = settings
  const secret = callback && secretReader('callback.secret', callback.secret, deps)
  const http = createPlatformHttp({
    baseUrl: settings.url,
    headers: () => ({
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token()}`,
      'x-github-api-version': '2022-11-28',
      // GitHub refuses requests without one.
      'user-agent': 'ticket-automation',
    }),
    secrets: () => [token()],
    requestsPerSecond: settings.requests_per_second,
    connections: settings.connections,
  })
  const github: Github = { settings, http }
  const atLeast = createProgressMemory()

  function guarded<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return guardCall({ what: `github ${what}`, signal, secrets: [token()] }, work)
  }

  return {
    type: 'github',
    capabilities: {
      find: true,
      cancel: true,
      progress: true,
      output: false,
      describe: settings.repositories.length > 0,
      targets: false,
      callback: secret === undefined ? 'none' : 'signed',
    },
    check: (request, signal) => guarded('check', signal, () => check(github, request, signal)),
    launch: (request, signal) =>
      guarded(`launch of ${request.job}`, signal, () => launch(github, request, signal)),
    find: (launchToken, signal, doubt) =>
      guarded('find', signal, () => find(github, { token: launchToken, doubt }, signal)),
    status: (jobId, signal) =>
      guarded('status', signal, async () => {
        const read = await status(github, jobId, signal)
        // Jobs that are made while the run goes on make the share of those done smaller.
        return { ...read, progress: atLeast(jobId, read.progress) }
      }),
    output: (_jobId, cursor) => Promise.resolve({ text: '', omitted: 0, cursor: cursor ?? '' }),
    cancel: (jobId, signal) => guarded('cancel', signal, () => cancel(github, jobId, signal)),
    describe: (search, signal) =>
      guarded('describe', signal, () => describe(github, search, signal)),
    facts: (signal) => facts(github, signal),
    ...(secret === undefined ? {} : { callback: (request) => readCallback(request, secret()) }),
    pollDelayMs,
    close: () => http.close(),
  }
}

/** 5,000 requests in an hour are all there are, and each read is two. */
function pollDelayMs(runningForMs: number): number {
  if (runningForMs < 30_000) return 3000
  return runningForMs < 300_000 ? 10_000 : 30_000
}
