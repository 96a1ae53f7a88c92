// GitLab pipelines: the suites for all drivers, then inputs, variables, token kinds, several jobs and webhooks.
import { createHmac } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, LaunchedJob } from '../../connector/platforms/driver.ts'
import { createGitlabDriver } from '../../connector/platforms/gitlab.ts'
import { testHttpDriver } from './conformance-http.ts'
import type { HttpPlatform } from './conformance-http.ts'
import { allOutput, codeOf, testDriver, untilEnded } from './conformance.ts'
import { accessToken, startStandIn, triggerToken } from './gitlab/stand-in.ts'
import type { StandIn } from './gitlab/stand-in.ts'
import { declared, launchOf, soon } from './launch.ts'

const hookToken = 'hook-canary'
const signing = `whsec_${Buffer.from('a signing key of 24 byte').toString('base64')}`
const deps = {
  baseDir: '/nowhere',
  environment: { TOKEN: accessToken, TRIGGER: triggerToken, HOOK: hookToken, SIGNING: signing },
}

function open(url: string, changes: Record<string, unknown> = {}): Driver {
  const token = { env: 'TOKEN' }
  return createGitlabDriver({ url, token, requests_per_second: 1000, ...changes }, deps)
}

const everything = {
  find: true,
  cancel: true,
  progress: true,
  output: true,
  describe: true,
  targets: false,
  callback: 'none',
} as const

async function createPlatform(): Promise<HttpPlatform> {
  const standIn = await startStandIn()
  const { server, pipelines } = standIn
  const driver = open(server.url)
  function byId(job: LaunchedJob) {
    return pipelines.find(({ id, projectId }) => job.id === `${projectId}:${id}`)
  }
  return {
    driver,
    jobs: {
      succeed: 'ops/succeed',
      fail: 'ops/fail',
      wait: 'ops/wait',
      progress: 'ops/progress',
      lines: 'ops/lines',
      echo: 'ops/echo',
      missing: 'ops/missing',
    },
    release: async (job) => {
      standIn.release(job.id)
      await Promise.resolve()
    },
    received: (job) => Promise.resolve(byId(job)?.inputs ?? {}),
    began: (token) => {
      const ours = pipelines.filter(({ variables }) => variables['TICKET_RUN_TOKEN'] === token)
      return Promise.resolve(ours.length)
    },
    reopen: (url = server.url) => open(url),
    close: async () => {
      await driver.close()
      await server.close()
    },
    server,
    credentials: [accessToken],
    launched: () => pipelines.length,
    ignored: { job: 'ops/closed', parameter: 'user', setting: /spec:inputs/ },
  }
}

testDriver('gitlab', everything, createPlatform)
testHttpDriver('gitlab', { capabilities: everything }, createPlatform)

describe('a GitLab pipeline', () => {
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

  it('gets parameters as variables where a project has no inputs', async () => {
    const parameters = { path: '/var/log 你好', count: 3, deep: false, none: null }
    const request = launchOf('ops/echo@main', { parameters })

    await withDriver({ parameters: 'variables' }, (driver) => driver.launch(request, soon()))

    expect(standIn.pipelines.at(-1)?.variables).toEqual({
      TICKET_RUN_TOKEN: request.token,
      TICKET_NUMBER: 'INC0010001',
      REQUESTED_BY: 'beth.anglin',
      PARAM_PATH: '/var/log 你好',
      PARAM_COUNT: '3',
      PARAM_DEEP: 'false',
    })
    expect(standIn.pipelines.at(-1)?.inputs).toEqual({})
  })

  it.each(['$CI_JOB_TOKEN', 'a ${SECRET} b', 'cost: $5', '%CI_JOB_TOKEN%'])(
    'is not launched with the variable %j, which GitLab would replace by others',
    async (path) => {
      const before = standIn.pipelines.length
      const request = launchOf('ops/echo', { parameters: { path } })

      const code = await withDriver({ parameters: 'variables' }, (driver) =>
        codeOf(driver.launch(request, soon())),
      )

      expect(code).toBe('parameters_invalid')
      expect(standIn.pipelines.length).toBe(before)
    },
  )

  it('takes variables by the names that a template chose, but none of GitLab or ours', async () => {
    const launches = [{ parameters: { HOSTS: 'db01' } }, { parameters: { CI_JOB_TOKEN: 'x' } }]

    const codes = await withDriver({ parameters: 'variables' }, async (driver) =>
      Promise.all(
        [...launches, { targets: ['db01'] }].map((changes) =>
          codeOf(driver.launch(launchOf('ops/echo', changes), soon())),
        ),
      ),
    )

    expect(codes).toEqual(['no error', 'parameters_invalid', 'parameters_invalid'])
    expect(standIn.pipelines.at(-1)?.variables).toMatchObject({ HOSTS: 'db01' })
  })

  it('is launched by a trigger token, and found again', async () => {
    const request = launchOf('ops/succeed')
    const doubt = { job: request.job, at: new Date() }

    const [job, found] = await withDriver(
      { trigger_token: { env: 'TRIGGER' }, parameters: 'variables' },
      async (driver) => [
        await driver.launch(request, soon()),
        await driver.find(request.token, soon(), doubt),
      ],
    )

    expect(standIn.pipelines.at(-1)).toMatchObject({ source: 'trigger' })
    expect(found).toEqual(job)
  })

  it('is found by its name where nobody may set variables', async () => {
    const request = launchOf('ops/strict', { parameters: { path: '/tmp' } })
    const doubt = { job: request.job, at: new Date() }

    const [job, found, other] = await withDriver({ token_in: 'name' }, async (driver) => [
      await driver.launch(request, soon()),
      await driver.find(request.token, soon(), doubt),
      await driver.find('another-token', soon(), doubt),
    ])

    expect(standIn.pipelines.at(-1)).toMatchObject({
      variables: {},
      inputs: { path: '/tmp', ticket_run: request.token },
    })
    expect(found).toEqual(job)
    expect(other).toBeNull()
  })

  it('is not said to be missing when pipelines have no name to tell', async () => {
    const request = launchOf('ops/succeed')
    const doubt = { job: request.job, at: new Date() }

    const codes = await withDriver({ token_in: 'name' }, async (driver) => {
      await driver.launch(request, soon())
      return [
        await codeOf(driver.find(request.token, soon(), doubt)),
        await codeOf(driver.find(request.token, soon())),
      ]
    })

    expect(codes).toEqual(['platform_bad_answer', 'platform_bad_answer'])
  })

  it('is compared with the inputs of its CI file before a template is published', async () => {
    const problems = await withDriver({}, (driver) =>
      driver.check({ job: 'ops/strict', parameters: declared('user', 'level') }, soon()),
    )

    expect(problems.map(({ field, reason }) => `${field}: ${reason}`)).toEqual([
      'parameters.user: the pipeline has no input user',
      'parameters.path: the pipeline needs the input path',
      "parameters.level: the pipeline's input level is of type number, not string",
    ])
  })

  it.each([
    ['ops/succeed@gone', {}, /no branch or tag gone/],
    ['../admin', {}, /no project of GitLab/],
    ['ops/../admin', {}, /no project of GitLab/],
    ['ops/two', {}, /lets nobody give pipelines variables/],
    ['ops/strict', { token_in: 'name' }, null],
  ])('of %s with %j has the right job', async (job, changes, reason) => {
    const problems = await withDriver(changes, (driver) =>
      driver.check({ job, parameters: [{ name: 'path', type: 'string', required: true }] }, soon()),
    )

    const ofJob = problems.filter(({ field }) => field === 'job')
    if (reason === null) expect(ofJob).toEqual([])
    else expect(ofJob[0]?.reason).toMatch(reason)
  })

  it('on a branch that does not exist is a job that does not exist', async () => {
    const code = await withDriver({}, (driver) =>
      codeOf(driver.launch(launchOf('ops/succeed@gone'), soon())),
    )

    expect(code).toBe('platform_job_not_found')
  })

  it('shows its inputs as parameters', async () => {
    const described = await withDriver({}, async (driver) => driver.describe?.('strict', soon()))

    expect(described).toEqual([
      {
        job: 'ops/strict',
        title: 'ops/strict',
        description: 'Project strict',
        parameters: [
          {
            name: 'path',
            label: 'Folder to clean',
            type: 'string',
            required: true,
            default: null,
            choices: [],
          },
          {
            name: 'level',
            label: 'level',
            type: 'number',
            required: false,
            default: 3,
            choices: [],
          },
          {
            name: 'mode',
            label: 'mode',
            type: 'choice',
            required: false,
            default: 'dry',
            choices: ['dry', 'wet'],
          },
        ],
      },
    ])
  })

  it('prints what its jobs print, one after the other', async () => {
    const text = await withDriver({}, async (driver) => {
      const job = await driver.launch(launchOf('ops/two'), soon())
      await untilEnded(driver, job)
      return (await allOutput(driver, job.id)).text
    })

    expect(text).toBe('log of run\n\n--- run 2 ---\nlog of run 2\n')
  })

  it('that waits for a person is running, and says so', async () => {
    const status = await withDriver({}, async (driver) => {
      const job = await driver.launch(launchOf('ops/manual'), soon())
      return await driver.status(job.id, soon())
    })

    expect(status).toMatchObject({
      state: 'running',
      message: 'The pipeline waits for a person to start run.',
    })
  })

  it('that failed names the job and the reason', async () => {
    const status = await withDriver({}, async (driver) => {
      const job = await driver.launch(launchOf('ops/fail'), soon())
      return await untilEnded(driver, job)
    })

    expect(status.message).toBe('Failed: run (script_failure).')
  })
})

describe('a webhook of GitLab', () => {
  const body = Buffer.from(
    JSON.stringify({
      object_kind: 'pipeline',
      object_attributes: { id: 61, status: 'success' },
      project: { id: 1 },
    }),
  )

  function driverWith(callback: object): Driver {
    return open('http://127.0.0.1:1', { callback })
  }

  it('is a hint with the secret token', () => {
    const driver = driverWith({ token: { env: 'HOOK' } })

    expect(driver.capabilities.callback).toBe('hint')
    expect(driver.callback?.({ headers: { 'x-gitlab-token': hookToken }, body })).toEqual({
      jobId: '1:61',
    })
    expect(() => driver.callback?.({ headers: { 'x-gitlab-token': 'guess' }, body })).toThrow(
      expect.objectContaining({ code: 'platform_auth' }),
    )
  })

  it('is proved by its signature, for five minutes', () => {
    const driver = driverWith({ signing: { env: 'SIGNING' } })
    function headersAt(seconds: number): Record<string, string> {
      const key = Buffer.from(signing.slice(6), 'base64')
      const signed = createHmac('sha256', key).update(`m-1.${seconds}.`).update(body)
      return {
        'webhook-id': 'm-1',
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,wrong v1,${signed.digest('base64')}`,
      }
    }
    const now = Math.floor(Date.now() / 1000)

    expect(driver.capabilities.callback).toBe('signed')
    expect(driver.callback?.({ headers: headersAt(now), body })).toEqual({ jobId: '1:61' })
    for (const wrong of [
      { headers: headersAt(now - 400), body },
      { headers: headersAt(now), body: Buffer.from('{}') },
      { headers: {}, body },
    ]) {
      expect(() => driver.callback?.(wrong)).toThrow(
        expect.objectContaining({ code: 'platform_auth' }),
      )
    }
  })
})
