// The driver for StackStorm against its stand-in: the suites for all drivers, then parameters, states and traces.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, LaunchedJob } from '../../connector/platforms/driver.ts'
import { createStackstormDriver } from '../../connector/platforms/stackstorm.ts'
import { testHttpDriver } from './conformance-http.ts'
import type { HttpPlatform } from './conformance-http.ts'
import { codeOf, testDriver, untilEnded, untilState } from './conformance.ts'
import { launchOf, soon } from './launch.ts'
import { startStackstorm } from './stackstorm/stand-in.ts'
import type { StackstormStandIn, StandInExecution } from './stackstorm/stand-in.ts'

const capabilities = {
  find: true,
  cancel: true,
  progress: false,
  output: true,
  describe: true,
  targets: false,
  callback: 'hint',
} as const

function open(stackstorm: StackstormStandIn, url = stackstorm.server.url): Driver {
  const options = { url: `${url}/api`, api_key: { env: 'ST2_API_KEY' }, requests_per_second: 1000 }
  const environment = { ST2_API_KEY: stackstorm.apiKey }
  return createStackstormDriver(options, { baseDir: '/nowhere', environment })
}

async function startPlatform(): Promise<HttpPlatform> {
  const stackstorm = await startStackstorm()
  const { server, executions } = stackstorm
  const driver = open(stackstorm)
  function executionOf(job: LaunchedJob): StandInExecution {
    const found = executions.find(({ id }) => id === job.id)
    if (found === undefined) throw new Error(`no execution ${job.id}`)
    return found
  }
  return {
    driver,
    jobs: {
      succeed: 'demo.succeed',
      fail: 'demo.fail',
      wait: 'demo.wait',
      progress: 'demo.wait',
      lines: 'demo.lines',
      echo: 'demo.echo',
      missing: 'demo.nothing',
    },
    release: async (job) => void (executionOf(job).released = true),
    received: async (job) => executionOf(job).parameters,
    began: async (token) => executions.filter(({ tag }) => tag === token).length,
    reopen: (url) => open(stackstorm, url),
    async close() {
      await driver.close()
      await server.close()
    },
    server,
    credentials: [stackstorm.apiKey],
    launched: () => executions.length,
    ignored: { job: 'demo.succeed', parameter: 'surprise', setting: /Add surprise to the action/ },
  }
}

testDriver('stackstorm', capabilities, startPlatform)
testHttpDriver('stackstorm', { capabilities }, startPlatform)

describe('stackstorm', () => {
  let stackstorm: StackstormStandIn
  let driver: Driver
  beforeAll(async () => {
    stackstorm = await startStackstorm()
    driver = open(stackstorm)
  })
  afterAll(async () => {
    await driver.close()
    await stackstorm.server.close()
  })

  it('gives exit code and last line of a failed command', async () => {
    const job = await driver.launch(launchOf('demo.fail'), soon())

    expect(await untilEnded(driver, job)).toMatchObject({
      state: 'failed',
      exitCode: 3,
      message: 'It failed with exit code 3: no luck',
    })
  })

  it('says at which tasks a workflow is', async () => {
    const job = await driver.launch(launchOf('demo.workflow'), soon())

    const first = await untilState(driver, job, ['running'])
    const second = await driver.status(job.id, soon())

    expect([first.message, second.message]).toEqual(['It is at drain.', 'It is at restart.'])
  })

  it('says that an inquiry waits for an answer, and goes on running', async () => {
    const job = await driver.launch(launchOf('demo.inquiry'), soon())

    const { message } = await untilState(driver, job, ['running'])

    expect(message).toBe("It waits for somebody's answer to an inquiry in StackStorm.")
  })

  it('takes a state that it does not know for unknown', async () => {
    const job = await driver.launch(launchOf('demo.succeed'), soon())
    await untilEnded(driver, job)
    const execution = stackstorm.executions.find(({ id }) => id === job.id)
    if (execution !== undefined) execution.status = 'dreaming'

    expect(await driver.status(job.id, soon())).toMatchObject({
      state: 'unknown',
      message: 'StackStorm says: dreaming',
    })
  })

  it('reads many executions with one request', async () => {
    const launches = Array.from({ length: 12 }, () => driver.launch(launchOf('demo.wait'), soon()))
    const jobs = await Promise.all(launches)
    const before = stackstorm.server.requests.length

    const statuses = await Promise.all(jobs.map((job) => driver.status(job.id, soon())))

    expect(statuses).toHaveLength(12)
    expect(stackstorm.server.requests.length - before).toBe(1)
  })

  it('takes no other execution of a trace for ours', async () => {
    const request = launchOf('demo.succeed')
    const job = await driver.launch(request, soon())
    const execution = stackstorm.executions.find(({ id }) => id === job.id)
    if (execution !== undefined) execution.tag = 'somebody-else'

    expect(await driver.find(request.token, soon())).toBeNull()
  })

  it.each(['{{ 7*7 }}', '{% for x in y %}', '{{ "quote" }} \\ back\nline 👩‍👩‍👧 {% raw %}', '}}{{'])(
    'sends %j so that StackStorm runs nothing of it',
    async (command) => {
      const job = await driver.launch(launchOf('demo.echo', { parameters: { command } }), soon())

      expect(stackstorm.executions.find(({ id }) => id === job.id)?.parameters).toEqual({ command })
    },
  )

  it.each([
    [{}, [], /requires host/],
    [{ host: 'a', region: 'asia' }, [], /region does not fit.*one of its choices/],
    [{ host: 'a', attempts: 1.5 }, [], /attempts does not fit.*integer/],
    [{ host: 'a', sudo: false }, [], /sudo is immutable/],
    [{ host: 'a', tags: 'x' }, [], /tags is of the type array/],
    [{ host: 'hidden-value' }, ['host'], /host is not secret/],
  ])('refuses %j with the secrets %j before the launch', async (parameters, secrets, reason) => {
    const before = stackstorm.executions.length

    const launch = driver.launch(launchOf('demo.typed', { parameters, secrets }), soon())

    await expect(launch).rejects.toMatchObject({
      code: 'parameters_invalid',
      message: expect.stringMatching(reason),
    })
    await expect(launch).rejects.not.toThrow(/hidden-value|asia/)
    expect(stackstorm.executions).toHaveLength(before)
  })

  it('checks a template, also for what it does not give', async () => {
    const parameters = [
      { name: 'sudo', type: 'boolean' as const, required: false },
      { name: 'attempts', type: 'string' as const, required: false },
      { name: 'region', type: 'choice' as const, required: false },
    ]

    const problems = await driver.check({ job: 'demo.typed', parameters }, soon())

    expect(problems.map(({ field }) => field)).toEqual([
      'parameters.sudo',
      'parameters.attempts',
      'parameters.host',
    ])
  })

  it('describes parameters that a ticket can fill', async () => {
    const [action] = (await driver.describe?.('TYPED', soon())) ?? []

    expect(action?.parameters.map(({ name, type, required }) => [name, type, required])).toEqual([
      ['host', 'string', true],
      ['region', 'choice', false],
      ['attempts', 'integer', false],
      ['key', 'secret', false],
    ])
  })

  it('names a disabled action when it is checked', async () => {
    const problems = await driver.check({ job: 'demo.off', parameters: [] }, soon())

    expect(problems).toMatchObject([{ field: 'job', reason: 'the action is disabled' }])
    expect(await codeOf(driver.launch(launchOf('demo.off'), soon()))).toBe('platform_rejected')
  })

  it.each([
    ['{"execution_id": "0123456789abcdef01234567"}', '0123456789abcdef01234567'],
    ['{"execution_id": "../users"}', null],
    ['nonsense', null],
  ])('reads the callback %s', (body, jobId) => {
    expect(driver.callback?.({ headers: {}, body: Buffer.from(body) })).toEqual({ jobId })
  })
})

describe('options of a stackstorm platform', () => {
  const good = { url: 'https://st2.example.com/api', api_key: { env: 'ST2_API_KEY' } }

  it.each([
    [{ url: 'http://st2.example.com/api' }, /url/],
    [{ api_key: 'in the file' }, /api_key/],
    [{ api_key: { env: 'NOT_SET' } }, /NOT_SET/],
    [{ jobz: 1 }, /jobz/],
  ])('%j are refused with the name of the option', (changes, name) => {
    const deps = { baseDir: '/nowhere', environment: { ST2_API_KEY: 'x' } }

    expect(() => createStackstormDriver({ ...good, ...changes }, deps)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(name) }),
    )
  })
})
