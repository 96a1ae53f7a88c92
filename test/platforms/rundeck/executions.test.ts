// Rundeck after the launch: states, output, aborts, versions of the API, descriptions and notifications.
import { createHash } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver } from '../../../connector/platforms/driver.ts'
import { allOutput, codeOf, untilEnded } from '../conformance.ts'
import { launchOf, soon } from '../launch.ts'
import type { StandInExecution } from './executions.ts'
import { addJob, jobIds, jobOf, openRundeck, startRundeckPlatform } from './platform.ts'
import type { RundeckPlatform } from './platform.ts'

let platform: RundeckPlatform
let driver: Driver
beforeAll(async () => {
  platform = await startRundeckPlatform()
  driver = platform.driver
})
afterAll(async () => {
  await platform.close()
})

/** Starts a job of the stand-in that runs until it is ended, without the driver. */
function startWaiting(): StandInExecution {
  return platform.rundeck.run(jobOf(jobIds.wait, { ends: 'when released' }), {})
}

describe('the state of an execution', () => {
  it('says the step by its name and the nodes, and how far it is', async () => {
    const job = await driver.launch(launchOf(jobIds.progress), soon())
    platform.execution(job).done = 6

    const status = await driver.status(job.id, soon())

    expect(status).toMatchObject({
      state: 'running',
      progress: 60,
      message: 'Step 7 of 10 "wait" on localhost.',
    })
  })

  it('names the step and the nodes that failed', async () => {
    const steps = ['prepare', 'restart']
    const id = addJob(platform, { steps, ends: 'when released' })

    const job = await driver.launch(launchOf(id, { targets: ['db02'] }), soon())
    platform.execution(job).done = 1
    platform.rundeck.end(platform.execution(job), 'failed')

    const status = await driver.status(job.id, soon())

    expect(status).toMatchObject({
      state: 'failed',
      message: 'Failed: step 2 of 2 "restart" on db02.',
    })
  })

  it.each([
    ['queued', 'pending'],
    ['scheduled', 'pending'],
    ['timedout', 'failed'],
    ['missed', 'failed'],
    ['incomplete', 'failed'],
    ['aborted', 'cancelled'],
    ['something new', 'unknown'],
  ])('reads %s as %s', async (word, state) => {
    const execution = startWaiting()
    platform.rundeck.end(execution, word)
    if (state === 'pending') execution.endedAt = null

    expect((await driver.status(String(execution.id), soon())).state).toBe(state)
  })

  it('reads status texts of jobs as the settings say', async () => {
    const execution = Object.assign(startWaiting(), { customStatus: 'all-skipped' })
    platform.rundeck.end(execution, 'other')
    const other = openRundeck(platform, { custom_status: { 'all-skipped': 'succeeded' } })

    const unexplained = await driver.status(String(execution.id), soon())
    const explained = await other.status(String(execution.id), soon())
    await other.close()

    expect(unexplained).toMatchObject({
      state: 'unknown',
      message: expect.stringContaining('all-skipped'),
    })
    expect(explained.state).toBe('succeeded')
  })

  it('follows a job that is tried again, with its output, to the end', async () => {
    const request = launchOf(jobIds.wait)
    const job = await driver.launch(request, soon())
    const first = platform.execution(job)
    first.log.push('first try failed')
    platform.rundeck.end(first, 'failed-with-retry')

    const between = await driver.status(job.id, soon())
    const second = platform.rundeck.run(first.job, { options: { ...first.options } })
    first.retriedBy = second.id
    second.log.push('second try')
    const during = await driver.status(job.id, soon())
    const cancelled = await driver.cancel(job.id, soon())
    const after = await driver.status(job.id, soon())
    const inDoubt = { job: jobIds.wait, at: new Date() }

    expect([between.state, during.state, after.state]).toEqual(['running', 'running', 'cancelled'])
    expect(cancelled).toBe('requested')
    expect(second.status).toBe('aborted')
    expect((await allOutput(driver, job.id)).text).toBe(
      'waiting\nfirst try failed\nwaiting\nsecond try\n',
    )
    expect(await driver.find(request.token, soon(), inDoubt)).toEqual(job)
  })

  it('takes a job as failed that is never tried again', async () => {
    const execution = startWaiting()
    platform.rundeck.end(execution, 'failed-with-retry')
    execution.endedAt = Date.now() - 120_000

    expect((await driver.status(String(execution.id), soon())).state).toBe('failed')
  })

  it('of many is read in a few requests, in the same way as of one', async () => {
    const running = Array.from({ length: 300 }, () => startWaiting())
    const [ended] = running.splice(0, 1)
    if (ended !== undefined) platform.rundeck.end(ended, 'succeeded')
    const before = platform.server.requests.length

    const all = [...running, ...(ended === undefined ? [] : [ended])]
    const statuses = await Promise.all(all.map(({ id }) => driver.status(String(id), soon())))

    expect(statuses.slice(0, -1).every(({ state }) => state === 'running')).toBe(true)
    expect(statuses.at(-1)?.state).toBe('succeeded')
    expect(platform.server.requests.length - before).toBeLessThan(6)
    for (const execution of running) platform.rundeck.end(execution, 'succeeded')
  })

  it('of many is read one by one when the token may not list what runs', async () => {
    platform.rundeck.forbidden.add('running')
    const running = Array.from({ length: 6 }, () => startWaiting())

    const all = [...running.map(({ id }) => String(id)), '999999']
    const read = await Promise.allSettled(all.map((id) => driver.status(id, soon())))
    platform.rundeck.forbidden.clear()

    expect(read.map(({ status }) => status)).toEqual([
      ...running.map(() => 'fulfilled'),
      'rejected',
    ])
    for (const execution of running) platform.rundeck.end(execution, 'succeeded')
  })
})

describe('output and end', () => {
  it('waits for a log that comes after the end of its execution', async () => {
    const job = await driver.launch(launchOf(jobIds.wait), soon())
    const execution = platform.execution(job)
    execution.log.push('last words')
    execution.lateReads = 2
    await platform.release(job)

    expect((await allOutput(driver, job.id)).text).toBe('waiting\nlast words\n')
  })

  it('keeps lines that are alike, and those with nothing on them', async () => {
    const id = addJob(platform, { prints: ['same', 'same', '', 'last ✓'] })

    const job = await driver.launch(launchOf(id), soon())
    await untilEnded(driver, job)

    expect((await allOutput(driver, job.id)).text).toBe('same\nsame\n\nlast ✓\n')
  })

  it('says when an abort achieved nothing, though Rundeck answers 200', async () => {
    const job = await driver.launch(launchOf(jobIds.wait), soon())
    platform.rundeck.abortFails = 'Unable to interrupt the running job'

    const refused = driver.cancel(job.id, soon())
    await expect(refused).rejects.toMatchObject({ code: 'platform_error', retryable: true })
    await expect(refused).rejects.toThrow('Unable to interrupt')
    platform.rundeck.abortFails = null

    expect(await driver.cancel(job.id, soon())).toBe('requested')
    expect((await driver.status(job.id, soon())).message).toBe('Aborted in Rundeck by svc-tickets.')
  })
})

describe('the API', () => {
  it.each([59, 44, 40, 18])(
    'is spoken in version %s when that is the newest there is',
    async (version) => {
      platform.rundeck.speaks = version
      const other = openRundeck(platform, { api_version: 99 })
      const options = [{ name: 'host', value: 'db01', required: true }]

      const id = addJob(platform, { options })

      const job = await other.launch(launchOf(id, { parameters: { host: 'db02' } }), soon())
      const described = (await other.describe?.(null, soon())) ?? []

      expect(platform.execution(job).received['host']).toBe('db02')
      expect(described.find((one) => one.job === id)?.parameters).toHaveLength(1)

      await other.close()
      platform.rundeck.speaks = 59
    },
  )

  it('is refused when it is too old', async () => {
    platform.rundeck.speaks = 17

    const code = await codeOf(driver.launch(launchOf(jobIds.succeed), soon()))
    platform.rundeck.speaks = 59

    expect(code).toBe('platform_rejected')
  })

  it('knows a wrong token by its 403, and says it of the credentials', async () => {
    const { rundeck } = platform
    const { token } = rundeck
    rundeck.token = 'renewed'

    const code = await codeOf(driver.status('1000', soon()))
    const facts = await driver.facts?.(soon())
    rundeck.token = token

    expect(code).toBe('platform_auth')
    expect(facts).toMatchObject([
      { what: 'reachable', passed: true },
      { what: 'credentials', passed: false, fix: expect.stringContaining('token') },
    ])
  })

  it('describes options as parameters', async () => {
    const options = [
      {
        name: 'Env',
        label: 'Environment',
        enforced: true,
        values: ['dev', 'test'],
        required: true,
      },
      { name: 'hosts', multivalued: true, delimiter: ';' },
      { name: 'pin', secure: true, value: 'never shown' },
      { name: 'ticket_automation_token' },
      { name: 'upload', type: 'file' },
    ]
    const id = addJob(platform, { name: 'restart', options })

    const [described, ...others] = (await driver.describe?.('restart', soon())) ?? []

    expect(others).toEqual([])
    expect(described).toEqual({
      job: id,
      title: 'tickets/restart',
      description: 'What restart does',
      parameters: [
        {
          name: 'Env',
          type: 'choice',
          required: true,
          label: 'Environment',
          default: null,
          choices: ['dev', 'test'],
        },
        {
          name: 'hosts',
          type: 'string',
          required: false,
          label: 'hosts (several, separated by ";")',
          default: null,
          choices: [],
        },
        {
          name: 'pin',
          type: 'secret',
          required: false,
          label: 'pin',
          default: null,
          choices: [],
        },
      ],
    })
  })

  it('tells of passive mode, and does not need the right to system information', async () => {
    platform.rundeck.passive = true
    const passive = (await driver.facts?.(soon())) ?? []
    platform.rundeck.passive = false
    platform.rundeck.forbidden.add('system')
    const plain = (await driver.facts?.(soon())) ?? []
    platform.rundeck.forbidden.clear()

    expect(passive.filter(({ passed }) => !passed)).toMatchObject([
      { what: 'reachable', detail: expect.stringContaining('passive') },
    ])
    expect(plain.every(({ passed }) => passed)).toBe(true)
  })
})

describe('a notification', () => {
  const headers = {
    'x-rundeck-notification-trigger': 'success',
    'x-rundeck-notification-execution-id': '24873',
    'x-rundeck-notification-execution-status': 'succeeded',
  }
  const body = Buffer.from(JSON.stringify({ trigger: 'success', executionId: 24873 }))

  it('names the execution, in JSON, XML or neither', () => {
    expect(driver.callback?.({ headers, body })).toEqual({ jobId: '24873' })
    expect(driver.callback?.({ headers, body: Buffer.from('<notification/>') })).toEqual({
      jobId: '24873',
    })
    expect(driver.callback?.({ headers: {}, body })).toEqual({ jobId: '24873' })
    expect(driver.callback?.({ headers: {}, body: Buffer.from('hello') })).toEqual({ jobId: null })
  })

  it('is proved when there is a key', async () => {
    const url = 'https://connector.example/v1/platforms/rundeck/callback'
    const signing = openRundeck(
      platform,
      { webhook: { url, key: { env: 'WEBHOOK_KEY' } } },
      { WEBHOOK_KEY: 'k3y' },
    )
    // Rundeck's own order: address, trigger, execution, key.
    const digest = createHash('sha256').update(`${url}success24873k3y`).digest('hex')
    const proved = { ...headers, 'x-rundeck-notification-sha256-digest': digest }

    expect(signing.capabilities.callback).toBe('signed')
    expect(signing.callback?.({ headers: proved, body })).toEqual({ jobId: '24873' })
    for (const wrong of [
      headers,
      { ...proved, 'x-rundeck-notification-execution-id': '24874' },
      { ...proved, 'x-rundeck-notification-sha256-digest': digest.replace(/.$/, 'x') },
    ]) {
      expect(() => signing.callback?.({ headers: wrong, body })).toThrow(
        expect.objectContaining({ code: 'platform_auth' }),
      )
    }
    await signing.close()
  })
})
