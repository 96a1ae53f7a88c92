// Platforms that are described in connector.yaml: the suites for all drivers, then what descriptions mean and what
// cannot be smuggled into a request.
import { createHmac } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, LaunchedJob } from '../../connector/platforms/driver.ts'
import { createGenericHttpDriver } from '../../connector/platforms/generic-http.ts'
import { testHttpDriver } from './conformance-http.ts'
import type { HttpPlatform } from './conformance-http.ts'
import { allOutput, codeOf, testDriver, untilEnded } from './conformance.ts'
import { apiToken, startStandIn } from './generic-http/stand-in.ts'
import type { StandIn } from './generic-http/stand-in.ts'
import { declared, launchOf, soon } from './launch.ts'

const deps = {
  baseDir: '/nowhere',
  environment: { JOBS_TOKEN: apiToken, HOOK_SECRET: 'hook-canary' },
}

const strict = {
  title: 'Strict job',
  parameters: [
    { name: 'path', type: 'string', required: true },
    { name: 'level', type: 'integer', default: 3 },
  ],
}

const open = Object.fromEntries(
  ['succeed', 'fail', 'wait', 'progress', 'lines', 'echo'].map((job) => [job, {}]),
)

function optionsFor(url: string) {
  return {
    url: `${url}/api`,
    requests_per_second: 1000,
    auth: { bearer: { env: 'JOBS_TOKEN' } },
    launch: {
      path: '/jobs/{job}/executions',
      headers: { 'Idempotency-Key': '{token}' },
      body: `{
        "key": token,
        "parameters": parameters,
        "targets": targets,
        "reason": ticket.number & " for " & requested_by
      }`,
      id: 'answer.execution_id',
      url: 'answer.page',
    },
    find: {
      path: '/executions',
      query: { key: '{token}' },
      rows: 'answer.items',
      token: 'row.key',
      id: 'row.execution_id',
      url: '"/runs/" & row.execution_id',
      more: '$count(answer.items) < answer.total',
    },
    status: {
      path: '/executions/{job_id}',
      state: 'answer.status',
      states: {
        pending: 'pending',
        running: 'running',
        success: 'succeeded',
        failed: 'failed',
        cancelled: 'cancelled',
      },
      progress: 'answer.progress',
      message: 'answer.error_message',
      started_at: 'answer.start_time',
      finished_at: 'answer.end_time',
      exit_code: 'answer.exit_code',
    },
    output: {
      path: '/executions/{job_id}/log',
      query: { offset: '{cursor}' },
      text: 'answer.text',
      next: 'answer.next',
    },
    cancel: { path: '/executions/{job_id}/cancel' },
    lookup: { path: '/jobs/{job}' },
    health: { path: '/health', version: 'answer.version' },
    jobs: { ...open, strict, closed: { parameters: [] }, gone: {} },
  }
}

const everything = {
  find: true,
  cancel: true,
  progress: true,
  output: true,
  describe: true,
  targets: true,
  callback: 'none',
} as const

async function createPlatform(): Promise<HttpPlatform> {
  const standIn = await startStandIn()
  const { server, executions } = standIn
  function reopen(url = server.url): Driver {
    return createGenericHttpDriver(optionsFor(url), deps)
  }
  const driver = reopen()
  function byId(job: LaunchedJob) {
    return executions.find(({ execution_id }) => execution_id === job.id)
  }
  return {
    driver,
    jobs: {
      succeed: 'succeed',
      fail: 'fail',
      wait: 'wait',
      progress: 'progress',
      lines: 'lines',
      echo: 'echo',
      missing: 'gone',
    },
    release: async (job) => {
      standIn.release(job.id)
      await Promise.resolve()
    },
    received: (job) => Promise.resolve(byId(job)?.parameters ?? {}),
    began: (token) => Promise.resolve(executions.filter(({ key }) => key === token).length),
    reopen,
    close: async () => {
      await driver.close()
      await server.close()
    },
    server,
    credentials: [apiToken],
    launched: () => executions.length,
    ignored: { job: 'closed', parameter: 'user', setting: /jobs\.closed\.parameters/ },
    limitedTo: (job) => Promise.resolve(byId(job)?.targets ?? []),
  }
}

testDriver('http', everything, createPlatform)
testHttpDriver('http', { capabilities: everything }, createPlatform)

describe('a platform that is described in connector.yaml', () => {
  let standIn: StandIn
  beforeAll(async () => {
    standIn = await startStandIn()
  })
  afterAll(async () => {
    await standIn.server.close()
  })

  type Described = ReturnType<typeof optionsFor>

  /** A driver with changed options, closed after the work. */
  async function withDriver<T>(
    change: (options: Described) => Record<string, unknown>,
    work: (driver: Driver) => T | Promise<T>,
  ): Promise<T> {
    const options = optionsFor(standIn.server.url)
    const driver = createGenericHttpDriver({ ...options, ...change(options) }, deps)
    try {
      return await work(driver)
    } finally {
      await driver.close()
    }
  }

  function lastRequest() {
    const request = standIn.server.requests.at(-1)
    if (request === undefined) throw new Error('nothing was asked')
    return request
  }

  it('gets the ticket, the requester and the token where the description puts them', async () => {
    const request = launchOf('echo', { targets: ['db01'] })

    const job = await withDriver(
      () => ({}),
      (driver) => driver.launch(request, soon()),
    )

    expect(lastRequest().headers).toMatchObject({ 'idempotency-key': request.token })
    expect(JSON.parse(lastRequest().body)).toEqual({
      key: request.token,
      parameters: {},
      targets: ['db01'],
      reason: 'INC0010001 for beth.anglin',
    })
    expect(job.url).toBe(`${standIn.server.url}/runs/${job.id}`)
  })

  it.each(['../../admin', 'a/b?x=1#y', '%2e%2e%2fadmin', 'a b', '你好', '..%2f..', '\\..\\x'])(
    'keeps %j inside its piece of the path',
    async (name) => {
      const path = { path: '/jobs/{parameters.name}/x/executions' }

      await withDriver(
        ({ launch }) => ({ launch: { ...launch, ...path } }),
        (driver) => codeOf(driver.launch(launchOf('echo', { parameters: { name } }), soon())),
      )

      const { path: asked, query } = lastRequest()
      // The stand-in shows decoded paths.
      expect(asked).toBe(`/api/jobs/${name}/x/executions`)
      expect([...query]).toEqual([])
    },
  )

  it.each([
    ['..', 'path'],
    ['.', 'path'],
    ['', 'path'],
    ['x\r\nX-Admin: 1', 'headers'],
    ['Zoë', 'headers'],
    ['a\0b', 'headers'],
  ])('does not launch with %j in the %s', async (name, where) => {
    const before = standIn.server.requests.length
    const changes =
      where === 'path'
        ? { path: '/jobs/{parameters.name}/executions' }
        : { headers: { 'X-Name': '{parameters.name}' } }

    const code = await withDriver(
      ({ launch }) => ({ launch: { ...launch, ...changes } }),
      (driver) => codeOf(driver.launch(launchOf('echo', { parameters: { name } }), soon())),
    )

    expect(code).toBe('parameters_invalid')
    expect(standIn.server.requests.length).toBe(before)
  })

  it('puts no secret into a path or a query, where every proxy logs it', async () => {
    const before = standIn.server.requests.length
    const request = launchOf('echo', { parameters: { pin: '1234' }, secrets: ['pin'] })

    const code = await withDriver(
      ({ launch }) => ({ launch: { ...launch, query: { pin: '{parameters.pin}' } } }),
      (driver) => codeOf(driver.launch(request, soon())),
    )

    expect(code).toBe('parameters_invalid')
    expect(standIn.server.requests.length).toBe(before)
  })

  it('takes an answer that says that the launch is known for the launch', async () => {
    const request = launchOf('succeed')

    const [first, second] = await withDriver(
      ({ launch }) => ({ launch: { ...launch, exists: [409] } }),
      async (driver) => [
        await driver.launch(request, soon()),
        await driver.launch(request, soon()),
      ],
    )

    expect(second?.id).toBe(first?.id)
    expect(standIn.executions.filter(({ key }) => key === request.token)).toHaveLength(1)
  })

  it('does not take the job of somebody else for ours when the platform ignores the filter', async () => {
    const request = launchOf('succeed')

    const found = await withDriver(
      ({ find }) => ({ find: { ...find, query: { key: request.token } } }),
      async (driver) => {
        await driver.launch(request, soon())
        return [
          await driver.find(request.token, soon()),
          await driver.find('another-token', soon()),
        ]
      },
    )

    expect(found[0]).not.toBeNull()
    expect(found[1]).toBeNull()
  })

  it('does not say "none" when the answer has only some of the jobs', async () => {
    const code = await withDriver(
      ({ find }) => ({ find: { ...find, more: 'true' } }),
      (driver) => codeOf(driver.find('no-such-token', soon())),
    )

    expect(code).toBe('platform_bad_answer')
  })

  it('reads a log that comes whole at every read', async () => {
    const output = { path: '/executions/{job_id}/log.txt', answer: 'text' }
    const expected = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}\n`).join('')

    const read = await withDriver(
      () => ({ output }),
      async (driver) => {
        const job = await driver.launch(launchOf('lines'), soon())
        await untilEnded(driver, job)
        expect(await codeOf(driver.output('run-999', null, soon()))).toBe('job_lost')
        return await allOutput(driver, job.id)
      },
    )

    expect(expected.endsWith(read.text)).toBe(true)
    expect(read.omitted + read.text.length).toBe(expected.length)
  })

  it('calls a state that the description does not have unknown, with the word', async () => {
    const status = await withDriver(
      ({ status }) => ({
        status: { ...status, states: { done: 'succeeded' }, message: undefined },
      }),
      async (driver) => {
        const job = await driver.launch(launchOf('wait'), soon())
        return await driver.status(job.id, soon())
      },
    )

    expect(status).toMatchObject({ state: 'unknown', message: 'The platform says "running".' })
  })

  it('names parameters and targets that the body does not send', async () => {
    const [problems, parameter, target] = await withDriver(
      ({ launch }) => ({
        jobs: undefined,
        lookup: undefined,
        launch: { ...launch, body: '{"key": token, "path": parameters.path}' },
      }),
      async (driver) => [
        await driver.check({ job: 'echo', parameters: declared('path', 'user') }, soon()),
        await codeOf(driver.launch(launchOf('echo', { parameters: { user: 'x' } }), soon())),
        await codeOf(driver.launch(launchOf('echo', { targets: ['db01'] }), soon())),
      ],
    )

    expect(problems).toEqual([
      {
        field: 'parameters.user',
        reason: 'the launch does not send the parameter user',
        hint: 'Use parameters.user in launch.body in connector.yaml',
      },
    ])
    expect([parameter, target]).toEqual(['parameters_invalid', 'parameters_invalid'])
  })

  it('compares parameters with those that the job declares, before and at the launch', async () => {
    const { problems, code } = await withDriver(
      () => ({}),
      async (driver) => ({
        problems: await driver.check({ job: 'strict', parameters: declared('level') }, soon()),
        code: await codeOf(
          driver.launch(
            launchOf('strict', { parameters: { path: '/tmp', level: 'high' } }),
            soon(),
          ),
        ),
      }),
    )

    expect(problems.map(({ field }) => field)).toEqual(['parameters.path', 'parameters.level'])
    expect(code).toBe('parameters_invalid')
  })

  it.each([
    [
      'launch.body',
      (o: Described) => ({ launch: { ...o.launch, body: '{"x": tocken}' } }),
      /tocken/,
    ],
    ['launch.path', (o: Described) => ({ launch: { ...o.launch, path: '/x/{job_id}' } }), /job_id/],
    ['status.state', (o: Described) => ({ status: { ...o.status, state: 'answer.(' } }), /./],
    ['url', () => ({ url: 'http://jobs.example.com' }), /https/],
    ['url', () => ({ url: 'https://u:p@jobs.example.com' }), /user/],
    ['auth', () => ({ auth: { bearer: { env: 'NO_SUCH' } } }), /NO_SUCH/],
    [
      'launch.headers',
      (o: Described) => ({ launch: { ...o.launch, headers: { Host: 'x' } } }),
      /set by the connector/,
    ],
    [
      'launch.path',
      (o: Described) => ({ launch: { ...o.launch, path: '//evil/x' } }),
      /start with/,
    ],
    [
      'launch.path',
      (o: Described) => ({ launch: { ...o.launch, path: '/x{job' } }),
      /braces|start/,
    ],
  ])('refuses a wrong %s at the start', (place, change, reason) => {
    const options = optionsFor(standIn.server.url)

    function create(): Driver {
      return createGenericHttpDriver({ ...options, ...change(options) }, deps)
    }

    expect(create).toThrow(expect.objectContaining({ code: 'config_invalid' }))
    expect(create).toThrow(reason)
    expect(create).toThrow(place)
  })
})

describe('a callback of a platform that is described in connector.yaml', () => {
  const body = Buffer.from('{"run": {"id": 17}}')

  function driverWith(callback: object): Driver {
    return createGenericHttpDriver({ ...optionsFor('http://127.0.0.1:1'), callback }, deps)
  }

  it('is believed with its signature over the body', () => {
    const secret = { env: 'HOOK_SECRET' }
    const hmac = { header: 'X-Signature-256', secret, prefix: 'sha256=' }
    const driver = driverWith({ job_id: '/run/id', hmac })
    const signature = `sha256=${createHmac('sha256', 'hook-canary').update(body).digest('hex')}`
    const headers = { 'x-signature-256': signature }

    expect(driver.capabilities.callback).toBe('signed')
    expect(driver.callback?.({ headers, body })).toEqual({ jobId: '17' })
    for (const wrong of [
      { headers: {}, body },
      { headers, body: Buffer.from('{"run": {"id": 18}}') },
      { headers: { 'x-signature-256': 'sha256=' }, body },
    ]) {
      expect(() => driver.callback?.(wrong)).toThrow(
        expect.objectContaining({ code: 'platform_auth' }),
      )
    }
  })

  it('is only a hint with a shared word or with nothing', () => {
    const token = { header: 'X-Token', secret: { env: 'HOOK_SECRET' } }
    const worded = driverWith({ job_id: '/run/id', token })
    const open = driverWith({ job_id: '/run/id' })

    expect([worded, open].map(({ capabilities }) => capabilities.callback)).toEqual([
      'hint',
      'hint',
    ])
    expect(worded.callback?.({ headers: { 'x-token': 'hook-canary' }, body })).toEqual({
      jobId: '17',
    })
    expect(() => worded.callback?.({ headers: { 'x-token': 'guess' }, body })).toThrow(
      expect.objectContaining({ code: 'platform_auth' }),
    )
    expect(open.callback?.({ headers: {}, body: Buffer.from('no json') })).toEqual({ jobId: null })
    expect(open.callback?.({ headers: {}, body: Buffer.from('{"run":{"id":"../x"}}') })).toEqual({
      jobId: null,
    })
  })
})
