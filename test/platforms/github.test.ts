// GitHub Actions: the suites for all drivers, then titles, older servers, limits and webhooks.
import { createHmac } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, LaunchedJob } from '../../connector/platforms/driver.ts'
import { createGithubDriver } from '../../connector/platforms/github.ts'
import { testHttpDriver } from './conformance-http.ts'
import type { HttpPlatform } from './conformance-http.ts'
import { codeOf, testDriver, untilEnded } from './conformance.ts'
import { accessToken, startStandIn } from './github/stand-in.ts'
import type { StandIn } from './github/stand-in.ts'
import { declared, launchOf, soon } from './launch.ts'

const deps = { baseDir: '/nowhere', environment: { TOKEN: accessToken, HOOK: 'hook-canary' } }

function open(url: string, changes: Record<string, unknown> = {}): Driver {
  const token = { env: 'TOKEN' }
  const repositories = ['ops/jobs']
  const options = { url, token, repositories, requests_per_second: 1000, ...changes }
  return createGithubDriver(options, deps)
}

const everything = {
  find: true,
  cancel: true,
  progress: true,
  output: false,
  describe: true,
  targets: false,
  callback: 'none',
} as const

/** Inputs are texts; these were something else. */
const typed: Record<string, unknown> = { count: 42, ratio: -0.5, yes: true, no: false }

async function createPlatform(): Promise<HttpPlatform> {
  const standIn = await startStandIn()
  const { server, runs } = standIn
  const driver = open(server.url)
  function inputsOf(job: LaunchedJob): [string, unknown][] {
    const { inputs = {} } = runs.find(({ id }) => job.id === `ops/jobs/${id}`) ?? {}
    return Object.entries(inputs).filter(([name]) => name !== 'ticket_run')
  }
  return {
    driver,
    jobs: {
      succeed: 'ops/jobs/succeed.yml',
      fail: 'ops/jobs/fail.yml',
      wait: 'ops/jobs/wait.yml',
      progress: 'ops/jobs/progress.yml',
      lines: 'ops/jobs/succeed.yml',
      echo: 'ops/jobs/echo.yml',
      missing: 'ops/jobs/missing.yml',
    },
    release: async (job) => {
      standIn.release(job.id)
      await Promise.resolve()
    },
    received: (job) =>
      Promise.resolve(
        Object.fromEntries(
          inputsOf(job).map(([name, text]) => {
            const value = typed[name]
            return [name, String(value) === text ? value : text]
          }),
        ),
      ),
    began: (token) =>
      Promise.resolve(runs.filter(({ inputs }) => inputs['ticket_run'] === token).length),
    reopen: (url = server.url) => open(url),
    close: async () => {
      await driver.close()
      await server.close()
    },
    server,
    credentials: [accessToken],
    launched: () => runs.length,
    ignored: {
      job: 'ops/jobs/closed.yml',
      parameter: 'user',
      setting: /workflow_dispatch\.inputs/,
    },
  }
}

testDriver('github', everything, createPlatform)
testHttpDriver('github', { capabilities: everything }, createPlatform)

describe('a GitHub workflow', () => {
  let standIn: StandIn
  let url: string
  beforeAll(async () => {
    standIn = await startStandIn()
    url = standIn.server.url
  })
  afterAll(async () => {
    await standIn.server.close()
  })

  async function withDriver<T>(
    changes: Record<string, unknown>,
    work: (driver: Driver) => Promise<T>,
  ): Promise<T> {
    const driver = open(url, changes)
    try {
      return await work(driver)
    } finally {
      await driver.close()
    }
  }

  it('is searched for by its title where a dispatch does not say which run it made', async () => {
    const request = launchOf('ops/jobs/succeed.yml@main')
    standIn.hideRuns(1)

    const job = await withDriver({ run_details: false }, (driver) => driver.launch(request, soon()))

    const run = standIn.runs.find(({ inputs }) => inputs['ticket_run'] === request.token)
    expect(job).toEqual({
      id: `ops/jobs/${run?.id}`,
      url: `https://github.com/ops/jobs/actions/runs/${run?.id}`,
    })
  })

  it('is not said to be missing when its title does not tell the launch', async () => {
    const job = 'ops/jobs/untitled.yml'

    const { problems, codes } = await withDriver({}, async (driver) => ({
      problems: await driver.check({ job, parameters: [] }, soon()),
      codes: [
        await codeOf(driver.find('some-token', soon(), { job, at: new Date() })),
        await codeOf(driver.find('some-token', soon())),
      ],
    }))

    expect(problems).toMatchObject([{ field: 'job', hint: expect.stringMatching(/run-name/) }])
    expect(codes).toEqual(['platform_bad_answer', 'platform_bad_answer'])
  })

  it.each([
    ['ops/jobs/push.yml', [], [/cannot be dispatched/]],
    ['ops/jobs/strange.yml', ['user'], [/no input user/, /needs the input path/]],
    ['ops/jobs/succeed.yml@gone', [], [/no workflow/]],
    ['ops/../succeed.yml', [], [/no workflow/]],
    ['succeed.yml', [], [/no workflow/]],
  ])('%s with %j is refused before a template is published', async (job, parameters, reasons) => {
    const problems = await withDriver({}, (driver) =>
      driver.check({ job, parameters: declared(...parameters) }, soon()),
    )

    expect(problems.map(({ reason }) => reason)).toEqual(
      reasons.map((reason) => expect.stringMatching(reason)),
    )
  })

  it('is not launched with targets, which it could not be limited to', async () => {
    const request = launchOf('ops/jobs/succeed.yml', { targets: ['db01'] })

    const code = await withDriver({}, (driver) => codeOf(driver.launch(request, soon())))

    expect(code).toBe('parameters_invalid')
  })

  it('shows its inputs as parameters', async () => {
    const described = await withDriver({}, async (driver) => driver.describe?.('strange', soon()))

    expect(described).toEqual([
      {
        job: 'ops/jobs/strange.yml',
        title: 'Workflow strange',
        description: '',
        parameters: [
          expect.objectContaining({ name: 'path', label: 'Folder', required: true }),
          expect.objectContaining({ name: 'deep', type: 'boolean', default: false }),
          expect.objectContaining({
            name: 'mode',
            type: 'choice',
            required: false,
            choices: ['dry', 'wet'],
          }),
        ],
      },
    ])
  })

  it('that failed names the job and the step', async () => {
    const status = await withDriver({}, async (driver) => {
      const job = await driver.launch(launchOf('ops/jobs/fail.yml'), soon())
      return await untilEnded(driver, job)
    })

    expect(status.message).toBe('Failed: build > Step 1.')
  })

  it('takes the 403 of a used up limit for the limit that it is', async () => {
    const code = await withDriver({}, async (driver) => {
      const job = await driver.launch(launchOf('ops/jobs/wait.yml'), soon())
      const headers = { 'x-ratelimit-remaining': '0', 'retry-after': '60' }
      standIn.server.fail('status', { kind: 'answer', reply: { status: 403, headers, body: {} } })
      return await codeOf(driver.status(job.id, soon()))
    })

    expect(code).toBe('platform_rate_limited')
  })

  it.each([
    [{ status: 'waiting', conclusion: null }, 'pending'],
    [{ status: 'completed', conclusion: 'timed_out' }, 'failed'],
    [{ status: 'completed', conclusion: 'action_required' }, 'running'],
    [{ status: 'completed', conclusion: 'skipped' }, 'cancelled'],
    [{ status: 'completed', conclusion: 'constructor' }, 'unknown'],
    [{ status: 'new word', conclusion: null }, 'unknown'],
  ])('that is %j is %s', async (words, state) => {
    const status = await withDriver({}, async (driver) => {
      const job = await driver.launch(launchOf('ops/jobs/wait.yml'), soon())
      Object.assign(standIn.runs.at(-1) ?? {}, words)
      return await driver.status(job.id, soon())
    })

    expect(status.state).toBe(state)
    expect(status.message).not.toBe('')
  })
})

describe('a webhook of GitHub', () => {
  const driver = open('http://127.0.0.1:1', { callback: { secret: { env: 'HOOK' } } })
  const body = Buffer.from(
    JSON.stringify({
      action: 'completed',
      workflow_job: { id: 2_832_853_555, run_id: 940_463_255 },
      repository: { full_name: 'Codertocat/Hello-World' },
    }),
  )

  function signed(text: Uint8Array): Record<string, string> {
    const signature = createHmac('sha256', 'hook-canary').update(text).digest('hex')
    return { 'x-hub-signature-256': `sha256=${signature}` }
  }

  it('is proved by its signature and names the run', () => {
    const run = Buffer.from(
      JSON.stringify({
        workflow_run: { id: 289_782_451 },
        repository: { full_name: 'Codertocat/Hello-World' },
      }),
    )

    expect(driver.capabilities.callback).toBe('signed')
    expect(driver.callback?.({ headers: signed(body), body })).toEqual({
      jobId: 'Codertocat/Hello-World/940463255',
    })
    expect(driver.callback?.({ headers: signed(run), body: run })).toEqual({
      jobId: 'Codertocat/Hello-World/289782451',
    })
    const ping = Buffer.from('{"zen": "Keep it logically awesome."}')
    expect(driver.callback?.({ headers: signed(ping), body: ping })).toEqual({ jobId: null })
  })

  it('is refused with a signature of something else', () => {
    for (const headers of [signed(Buffer.from('{}')), {}, { 'x-hub-signature-256': 'sha256=é' }]) {
      expect(() => driver.callback?.({ headers, body })).toThrow(
        expect.objectContaining({ code: 'platform_auth' }),
      )
    }
  })
})
