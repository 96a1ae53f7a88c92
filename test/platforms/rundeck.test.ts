// Rundeck: the suites for all drivers against the stand-in, then options, launches and finding them. What comes after a
// launch: rundeck/executions.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, JobStatus } from '../../connector/platforms/driver.ts'
import { testHttpDriver } from './conformance-http.ts'
import { codeOf, testDriver } from './conformance.ts'
import { declared, launchOf, soon } from './launch.ts'
import {
  addJob,
  carrying,
  jobIds,
  jobOf,
  openRundeck,
  startRundeckPlatform,
} from './rundeck/platform.ts'
import type { RundeckPlatform } from './rundeck/platform.ts'

const capabilities = {
  find: true,
  cancel: true,
  progress: true,
  output: true,
  describe: true,
  targets: true,
  callback: 'hint',
} as const

testDriver('rundeck', capabilities, startProgressing)
testHttpDriver(
  'rundeck',
  {
    capabilities,
    // A job that may not run twice at once is busy: it is tried again.
    exceptions: { '409': { launch: { code: 'platform_rate_limited', retryable: true } } },
  },
  startRundeckPlatform,
)

/** A platform on which the progress job goes on whenever it is looked at. */
async function startProgressing(): Promise<RundeckPlatform> {
  const platform = await startRundeckPlatform()
  const { driver } = platform
  const steps = [1, 6, 9]

  function status(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    const execution = platform.rundeck.executions.find(({ id }) => String(id) === jobId)
    if (execution?.job.uuid === jobIds.progress && execution.endedAt === null) {
      execution.done = steps.shift() ?? 9
    }
    return driver.status(jobId, signal)
  }

  return { ...platform, driver: { ...driver, status } }
}

let platform: RundeckPlatform
let driver: Driver
beforeAll(async () => {
  platform = await startRundeckPlatform()
  driver = platform.driver
})
afterAll(async () => {
  await platform.close()
})

describe('options of a Rundeck job', () => {
  it('are sent as text with our token, also when the job does not declare it', async () => {
    const id = addJob(platform, { options: [{ name: 'count' }, { name: 'force' }] })

    const request = launchOf(id, { parameters: { count: 3, force: true } })

    await driver.launch(request, soon())

    const [execution] = carrying(platform.rundeck, request.token)
    expect(execution?.received).toEqual({
      count: '3',
      force: 'true',
      ticket_automation_token: request.token,
    })
  })

  it('have their own names; one that is nearly alike is pointed out', async () => {
    const id = addJob(platform, { options: [{ name: 'DB-Host' }] })
    const request = launchOf(id, { parameters: { 'DB-Host': 'db01' } })

    const job = await driver.launch(request, soon())
    const problems = await driver.check({ job: id, parameters: declared('db_host') }, soon())

    expect(platform.execution(job).received).toMatchObject({ 'DB-Host': 'db01' })
    expect(problems).toMatchObject([
      { field: 'parameters.db_host', hint: expect.stringContaining('names: {db_host: DB-Host}') },
    ])
  })

  it('must leave the one with our token to us', async () => {
    const id = addJob(platform, { options: [{ name: 'ticket_automation_token' }] })
    const parameters = { ticket_automation_token: 'mine' }

    const problems = await driver.check(
      { job: id, parameters: declared('ticket_automation_token') },
      soon(),
    )
    const code = await codeOf(driver.launch(launchOf(id, { parameters }), soon()))

    expect(problems).toMatchObject([{ field: 'parameters.ticket_automation_token' }])
    expect(code).toBe('parameters_invalid')
  })

  it('leave out what has no value, so that the default applies', async () => {
    const id = addJob(platform, { options: [{ name: 'mode', value: 'safe' }] })

    const job = await driver.launch(launchOf(id, { parameters: { mode: null } }), soon())

    expect(Object.keys(platform.execution(job).received)).toEqual(['ticket_automation_token'])
  })

  it('get facts of the ticket where the job declares them', async () => {
    const options = [{ name: 'ticket_number', required: true }, { name: 'requested_by' }]
    const id = addJob(platform, { options })

    const problems = await driver.check({ job: id, parameters: [] }, soon())
    const job = await driver.launch(launchOf(id), soon())

    expect(problems).toEqual([])
    expect(platform.execution(job).received).toMatchObject({
      ticket_number: 'INC0010001',
      requested_by: 'beth.anglin',
    })
  })

  it('that the job requires must come from the template', async () => {
    const id = addJob(platform, { options: [{ name: 'host', required: true }] })

    const missing = await driver.check({ job: id, parameters: [] }, soon())
    const maybe = await driver.check({ job: id, parameters: declared('host') }, soon())
    const before = platform.launched()
    const launch = driver.launch(launchOf(id), soon())

    expect(missing).toMatchObject([{ field: 'parameters.host' }])
    expect(maybe).toMatchObject([
      { field: 'parameters.host', hint: expect.stringContaining('required') },
    ])
    expect(await codeOf(launch)).toBe('parameters_invalid')
    expect(platform.launched()).toBe(before)
  })

  it.each([
    [
      'an option with a fixed list',
      { name: 'env', enforced: true, values: ['dev', 'test'] },
      'prod',
    ],
    ['a file option', { name: 'env', type: 'file' }, 'x'],
    ['an option that Rundeck checks itself', { name: 'env', regex: '[a-z]+' }, 'not-allowed'],
  ])('refuse what %s does not take, without showing it', async (_, option, value) => {
    const id = addJob(platform, { options: [option] })

    const before = platform.launched()
    const launch = driver.launch(launchOf(id, { parameters: { env: value } }), soon())

    await expect(launch).rejects.toMatchObject({
      code: 'parameters_invalid',
      retryable: false,
      message: expect.stringMatching(/\benv\b/),
    })
    await expect(launch).rejects.not.toMatchObject({
      message: expect.stringMatching(new RegExp(`\\b${value}\\b`)),
    })
    expect(platform.launched()).toBe(before)
  })

  it('take several values of a fixed list', async () => {
    const option = {
      name: 'env',
      enforced: true,
      values: ['dev', 'test'],
      multivalued: true,
      delimiter: '+',
    }
    const id = addJob(platform, { options: [option] })

    const job = await driver.launch(launchOf(id, { parameters: { env: 'dev+test' } }), soon())
    const other = driver.launch(launchOf(id, { parameters: { env: 'dev+prod' } }), soon())

    expect(platform.execution(job).received['env']).toBe('dev+test')
    expect(await codeOf(other)).toBe('parameters_invalid')
  })

  it('take secrets only when they are secure', async () => {
    const id = addJob(platform, { options: [{ name: 'key' }, { name: 'pin', secure: true }] })

    const parameters = [
      { name: 'key', type: 'secret', required: true },
      { name: 'pin', type: 'secret', required: true },
    ] as const
    const shown = { parameters: { key: 's3cret' }, secrets: ['key'] }
    const hidden = { parameters: { pin: 's3\tcret' }, secrets: ['pin'] }

    const problems = await driver.check({ job: id, parameters }, soon())
    const refused = await codeOf(driver.launch(launchOf(id, shown), soon()))
    const job = await driver.launch(launchOf(id, hidden), soon())

    expect(problems).toMatchObject([{ field: 'parameters.key' }])
    expect(refused).toBe('parameters_invalid')
    expect(platform.execution(job).received['pin']).toBe('s3\tcret')
    expect(platform.execution(job).argstring).not.toContain('s3')
  })

  it.each(['tab\there', 'on ${DATE:yyyy} day', 'nul\0 here', '\u001B[31m'])(
    'refuse %j, which Rundeck would change',
    async (value) => {
      const id = addJob(platform, { options: [{ name: 'text' }] })

      const launch = driver.launch(launchOf(id, { parameters: { text: value } }), soon())

      expect(await codeOf(launch)).toBe('parameters_invalid')
    },
  )

  it('must not hide our token', async () => {
    const id = addJob(platform, { options: [{ name: 'ticket_automation_token', secure: true }] })

    const problems = await driver.check({ job: id, parameters: [] }, soon())

    expect(problems).toMatchObject([{ field: 'job' }])
  })
})

describe('a launch', () => {
  it('of a job that may not run twice is to be tried again, when about half of a run is over', async () => {
    const id = addJob(platform, { multiple: false, ends: 'when released' })

    const first = await driver.launch(launchOf(id), soon())
    const second = driver.launch(launchOf(id), soon())

    await expect(second).rejects.toMatchObject({
      code: 'platform_rate_limited',
      retryable: true,
      retryAfterMs: 30_000,
    })
    await platform.release(first)
    const third = await driver.launch(launchOf(id), soon())
    expect(third.id).not.toBe(first.id)
  })

  it('of a job whose executions are disabled is refused, before and then', async () => {
    const id = addJob(platform, { enabled: false })

    const problems = await driver.check({ job: id, parameters: [] }, soon())

    expect(problems).toMatchObject([{ field: 'job', hint: expect.stringContaining('Enable') }])
    expect(await codeOf(driver.launch(launchOf(id), soon()))).toBe('platform_rejected')
  })

  it('takes nodes whatever the case of their names, and none that Rundeck would pass over', async () => {
    const { succeed } = jobIds
    const job = await driver.launch(launchOf(succeed, { targets: ['db01', 'db02'] }), soon())
    const launch = driver.launch(launchOf(succeed, { targets: ['db01', 'db77'] }), soon())

    expect(platform.execution(job).filter).toBe('name: /(?i)(db01|db02)/')
    expect(platform.execution(job).nodes).toEqual(['DB01', 'db02'])
    await expect(launch).rejects.toMatchObject({
      code: 'parameters_invalid',
      message: expect.stringContaining('no node db77'),
    })
  })

  it('has the log level of the settings', async () => {
    const other = openRundeck(platform, { log_level: 'DEBUG' })

    const job = await other.launch(launchOf(jobIds.succeed), soon())
    await other.close()

    expect(platform.execution(job).loglevel).toBe('DEBUG')
  })

  it('shows the page of its execution', async () => {
    const job = await driver.launch(launchOf(jobIds.succeed), soon())

    expect(job.url).toBe(`http://rundeck.test/project/ops/execution/show/${job.id}`)
  })
})

describe('looking for a launch', () => {
  it('sees all that run, and what ended since, on as many pages as there are', async () => {
    const id = addJob(platform, { ends: 'when released' })

    const at = new Date()
    const wanted = launchOf(id)
    const job = await driver.launch(wanted, soon())
    const stand = platform.rundeck.jobs.get(id) ?? jobOf(id)
    for (let count = 0; count < 120; count++) platform.rundeck.run(stand, {})
    const whileRunning = await driver.find(wanted.token, soon(), { job: id, at })
    for (const one of platform.rundeck.executions) {
      if (one.endedAt === null) platform.rundeck.end(one, 'failed')
    }

    const afterEnd = await driver.find(wanted.token, soon(), { job: id, at })
    const never = await driver.find('other-token', soon(), { job: id, at })

    expect(whileRunning).toEqual(job)
    expect(afterEnd).toEqual(job)
    expect(never).toBeNull()
  })

  it('does not go further back than the launch', async () => {
    const id = addJob(platform, {})

    const stand = platform.rundeck.jobs.get(id) ?? jobOf(id)
    for (let count = 0; count < 200; count++) {
      platform.rundeck.run(stand, {}).endedAt = Date.now() - 3_600_000 - count
    }
    const before = platform.server.requests.length

    const found = await driver.find('some-token', soon(), { job: id, at: new Date() })

    expect(found).toBeNull()
    // Queued, scheduled, running, and one page of all.
    expect(platform.server.requests.length - before).toBe(4)
  })

  it('claims nothing when it may not see the executions', async () => {
    platform.rundeck.forbidden.add('executions')

    const inDoubt = { job: jobIds.succeed, at: new Date() }
    const code = await codeOf(driver.find('some-token', soon(), inDoubt))
    const problems = await driver.check({ job: jobIds.succeed, parameters: [] }, soon())
    platform.rundeck.forbidden.clear()

    expect(code).toBe('platform_forbidden')
    expect(problems).toMatchObject([{ field: 'job', hint: expect.stringContaining('events') }])
  })
})

describe('settings', () => {
  it.each([
    [{ url: 'http://rundeck.example' }, /https/],
    [{ token: 'in-the-file' }, /token/],
    [{ token: { env: 'NOT_SET' } }, /NOT_SET/],
    [{ tokn: 1 }, /tokn/],
    [{ api_version: 17 }, /api_version/],
    [{ custom_status: { warn: 'running' } }, /custom_status/],
  ])('%j are refused by name', (changes, named) => {
    expect(() => openRundeck(platform, changes)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(named) }),
    )
  })
})
