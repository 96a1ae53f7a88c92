// The driver for Jenkins against its stand-in: the suites for all drivers, then queue, builds, parameters and log.
import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, LaunchedJob } from '../../connector/platforms/driver.ts'
import { createJenkinsDriver } from '../../connector/platforms/jenkins.ts'
import { testHttpDriver } from './conformance-http.ts'
import { allOutput, codeOf, testDriver, untilEnded, untilState } from './conformance.ts'
import { tokenName } from './jenkins/jobs.ts'
import { branchJob, buildOf, openJenkins, startPlatform } from './jenkins/platform.ts'
import { startJenkins } from './jenkins/stand-in.ts'
import type { JenkinsStandIn, StandInBuild } from './jenkins/stand-in.ts'
import { launchOf, soon } from './launch.ts'

const capabilities = {
  find: true,
  cancel: true,
  progress: false,
  output: true,
  describe: true,
  targets: false,
  callback: 'hint',
} as const

testDriver('jenkins', capabilities, startPlatform)
testHttpDriver('jenkins', { capabilities }, startPlatform)

describe('jenkins', () => {
  let jenkins: JenkinsStandIn
  let driver: Driver
  beforeAll(async () => {
    jenkins = await startJenkins()
    driver = openJenkins(jenkins)
  })
  afterAll(async () => {
    await driver.close()
    await jenkins.server.close()
  })

  describe('queue and builds', () => {
    it('shows a job in the queue as pending, with what it waits for', async () => {
      jenkins.setExecutors(false)
      const job = await driver.launch(launchOf('ops/succeed'), soon())

      const waiting = await driver.status(job.id, soon())
      const output = await driver.output(job.id, null, soon())
      jenkins.setExecutors(true)
      const ended = await untilEnded(driver, job)

      expect(waiting).toMatchObject({
        state: 'pending',
        message: 'Waiting for next available executor',
        startedAt: null,
      })
      expect(output).toEqual({ text: '', omitted: 0, cursor: '0' })
      expect(ended.message).toMatch(/^Build #\d+ succeeded$/)
    })

    it('takes a job out of the queue, where it never runs', async () => {
      jenkins.setExecutors(false)
      const job = await driver.launch(launchOf('ops/wait'), soon())

      const result = await driver.cancel(job.id, soon())
      jenkins.setExecutors(true)
      const status = await driver.status(job.id, soon())
      const again = await driver.cancel(job.id, soon())

      expect(result).toBe('cancelled')
      expect(status).toMatchObject({
        state: 'cancelled',
        message: 'It was cancelled in the queue of Jenkins.',
      })
      expect(again).toBe('already_finished')
      expect(buildOf(jenkins, job)).toBeUndefined()
    })

    it('finds the build when the queue has forgotten the item', async () => {
      const job = await driver.launch(launchOf('ops/wait'), soon())
      await untilState(driver, job, ['running'])
      jenkins.forget()
      const later = openJenkins(jenkins)

      const running = await later.status(job.id, soon())
      const output = await later.output(job.id, null, soon())
      const cancelled = await later.cancel(job.id, soon())

      expect(running.state).toBe('running')
      expect(output.text).toBe('waiting\n')
      expect(cancelled).toBe('cancelled')
      await later.close()
    })

    it('loses a job that left the queue unbuilt and was forgotten', async () => {
      jenkins.setExecutors(false)
      const job = await driver.launch(launchOf('ops/wait'), soon())
      await driver.cancel(job.id, soon())
      jenkins.setExecutors(true)
      jenkins.forget()

      expect(await codeOf(driver.status(job.id, soon()))).toBe('job_lost')
      expect(await driver.cancel(job.id, soon())).toBe('not_found')
    })

    it('does not take another build with the same queue id for ours', async () => {
      const job = await driver.launch(launchOf('ops/succeed'), soon())
      await untilEnded(driver, job)
      const stranger = job.id.replace(/:.*/, `:${randomUUID()}`)

      expect(await codeOf(driver.status(stranger, soon()))).toBe('job_lost')
    })

    it('loses a build that was deleted', async () => {
      const job = await driver.launch(launchOf('ops/fail'), soon())
      await untilEnded(driver, job)
      jenkins.builds.splice(0, 1)

      expect(await codeOf(driver.status(job.id, soon()))).toBe('job_lost')
      expect(await codeOf(driver.output(job.id, null, soon()))).toBe('job_lost')
    })

    it('is running until what follows the build is done', async () => {
      const job = await driver.launch(launchOf('ops/fail'), soon())
      await untilState(driver, job, ['running'])
      const build = buildOf(jenkins, job)
      const seen = await driver.status(job.id, soon())

      const states = [seen.state, (await untilEnded(driver, job)).state]

      expect(build?.result).toBe('FAILURE')
      expect(states).toEqual(['running', 'failed'])
    })

    it('reads many builds of a job with one request', async () => {
      const jobs = await Promise.all(
        Array.from({ length: 12 }, () => driver.launch(launchOf('ops/wait'), soon())),
      )
      await Promise.all(jobs.map((job) => untilState(driver, job, ['running'])))
      const before = jenkins.server.requests.length

      const statuses = await Promise.all(jobs.map((job) => driver.status(job.id, soon())))
      const requests = jenkins.server.requests.length - before
      await Promise.all(jobs.map((job) => driver.cancel(job.id, soon())))

      expect(statuses.map(({ state }) => state)).toEqual(jobs.map(() => 'running'))
      expect(requests).toBe(1)
    })

    it('reads what waits in the queue with one request', async () => {
      jenkins.setExecutors(false)
      const jobs = await Promise.all(
        Array.from({ length: 12 }, () => driver.launch(launchOf('ops/wait'), soon())),
      )
      const before = jenkins.server.requests.length

      const statuses = await Promise.all(jobs.map((job) => driver.status(job.id, soon())))
      const requests = jenkins.server.requests.length - before
      await Promise.all(jobs.map((job) => driver.cancel(job.id, soon())))
      jenkins.setExecutors(true)

      expect(statuses.map(({ state }) => state)).toEqual(jobs.map(() => 'pending'))
      expect(requests).toBe(1)
    })

    it('reads as many builds as it takes to come to the oldest one that runs', async () => {
      const first = await Promise.all(
        Array.from({ length: 4 }, () => driver.launch(launchOf('ops/wait'), soon())),
      )
      await Promise.all(first.map((job) => untilState(driver, job, ['running'])))
      const model = buildOf(jenkins, first[0] ?? { id: '', url: null })
      if (model === undefined) throw new Error('it was not built')
      const newest = Math.max(...jenkins.builds.map(({ number }) => number))
      const later = Array.from({ length: 130 }, (_, index) => ({
        ...model,
        number: newest + 130 - index,
        queueId: 1_000_000 - index,
        result: 'SUCCESS',
      }))
      jenkins.builds.unshift(...later)
      const before = jenkins.server.requests.length

      const statuses = await Promise.all(first.map((job) => driver.status(job.id, soon())))
      const requests = jenkins.server.requests.length - before
      jenkins.builds.splice(0, later.length)
      await Promise.all(first.map((job) => driver.cancel(job.id, soon())))

      expect(statuses.map(({ state }) => state)).toEqual(first.map(() => 'running'))
      expect(requests).toBe(2)
    })

    it('tells what went wrong with one job to nobody else', async () => {
      const job = await driver.launch(launchOf('ops/wait'), soon())

      const [good, bad] = await Promise.all([
        codeOf(driver.status(job.id, soon())),
        codeOf(driver.status(`ops/wait#999999:${randomUUID()}`, soon())),
      ])
      await driver.cancel(job.id, soon())

      expect([good, bad]).toEqual(['no error', 'job_lost'])
    })
  })

  describe('results', () => {
    it.each([
      ['ops/unstable', {}, 'failed', /is unstable/],
      ['ops/unstable', { unstable: 'succeeded' }, 'succeeded', /is unstable/],
      ['ops/not-built', {}, 'failed', /was not built/],
      ['ops/not-built', { not_built: 'cancelled' }, 'cancelled', /was not built/],
    ])('of %s with %j are %s', async (name, options, state, message) => {
      const other = openJenkins(jenkins, options)
      const job = await other.launch(launchOf(name), soon())

      const status = await untilEnded(other, job)

      expect(status).toMatchObject({ state, message: expect.stringMatching(message) })
      await other.close()
    })

    it('that Jenkins has none of are unknown', async () => {
      const job = await driver.launch(launchOf('ops/succeed'), soon())
      await untilEnded(driver, job)
      const build = buildOf(jenkins, job)
      if (build !== undefined) build.result = 'EXPLODED'

      expect(await driver.status(job.id, soon())).toMatchObject({
        state: 'unknown',
        message: expect.stringContaining('ended with the result EXPLODED'),
      })
    })
  })

  describe('stages of a pipeline', () => {
    it('are told while it runs, with what waits for a person, and where it failed', async () => {
      const job = await driver.launch(launchOf('ops/pipeline'), soon())

      const messages = new Set<string>()
      await untilState(
        {
          ...driver,
          status: async (...args) => {
            const status = await driver.status(...args)
            messages.add(status.message.replace(/#\d+/, '#N'))
            return status
          },
        },
        job,
        ['failed'],
      )

      expect([...messages]).toEqual([
        'Waiting for next available executor',
        'Build #N is in the stage Prepare',
        "Build #N waits for somebody's answer in the stage Approve",
        'Build #N is in the stage Deploy',
        'Build #N is finishing',
        'Build #N failed in the stage Deploy',
      ])
    })

    it('are done without where the plugin is missing or fails', async () => {
      const job = await driver.launch(launchOf('ops/wait'), soon())

      const { message } = await untilState(driver, job, ['running'])
      await driver.cancel(job.id, soon())

      expect(message).toMatch(/^Build #\d+ is running$/)
    })
  })

  describe('the console', () => {
    async function printing(): Promise<{ job: LaunchedJob; build: StandInBuild }> {
      const job = await driver.launch(launchOf('ops/wait'), soon())
      await untilState(driver, job, ['running'])
      const build = buildOf(jenkins, job)
      if (build === undefined) throw new Error('it was not built')
      return { job, build }
    }

    it('never cuts a character in two', async () => {
      const { job, build } = await printing()
      const text = 'Größe 你好 👩‍👩‍👧 fin\n'.repeat(3)
      const bytes = Buffer.from(text)
      build.log = Buffer.alloc(0)

      let read = ''
      let cursor: string | null = null
      for (let length = 1; length <= bytes.length; length++) {
        build.log = bytes.subarray(0, length)
        const part = await driver.output(job.id, cursor, soon())
        read += part.text
        cursor = part.cursor
      }
      await driver.cancel(job.id, soon())

      expect(read).toBe(text)
    })

    it('of many megabytes gives its end', async () => {
      const { job, build } = await printing()
      const line = 'x'.repeat(99)
      build.log = Buffer.from(`${line}\n`.repeat(60_000) + 'the end\n')

      const { text, omitted } = await allOutput(driver, job.id)
      await driver.cancel(job.id, soon())

      expect(text.endsWith('the end\n')).toBe(true)
      expect(text).toHaveLength(20_000)
      expect(omitted).toBeGreaterThan(5_900_000)
    })

    it('that was replaced by a shorter one is left alone', async () => {
      const { job } = await printing()

      expect(await driver.output(job.id, '5000', soon())).toEqual({
        text: '',
        omitted: 0,
        cursor: '5000',
      })
      await driver.cancel(job.id, soon())
    })
  })

  describe('callbacks', () => {
    function hint(body: unknown): string | null | undefined {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return driver.callback?.({ headers: {}, body: Buffer.from(text) }).jobId
    }

    it('of the Notification plugin name the job that they are about', async () => {
      const job = await driver.launch(launchOf(branchJob), soon())
      const [, queueId, token] = /#(\d+):(.*)$/.exec(job.id) ?? []
      const address = 'job/ops/job/Gr%C3%B6%C3%9Fe%20%E4%BD%A0%E5%A5%BD/job/feature%252Flogin/'

      const build = {
        queue_id: Number(queueId),
        phase: 'FINALIZED',
        parameters: { [tokenName]: token },
      }

      expect(hint({ name: 'login', url: address, build })).toBe(job.id)
    })

    it.each([
      'nonsense',
      '{}',
      { url: 'job/a/', build: { queue_id: 1 } },
      { url: 'job/%E0%A4%A/', build: { queue_id: 1, parameters: { [tokenName]: 'x' } } },
    ])('%j are about nothing', (body) => {
      expect(hint(body)).toBeNull()
    })
  })

  it('shows the version, the user and the clock', async () => {
    jenkins.setClock(600_000)

    const facts = await driver.facts?.(soon())
    jenkins.setClock(0)

    expect(facts).toMatchObject([
      { what: 'reachable', passed: true },
      { what: 'version', passed: true, detail: 'Jenkins 2.541.3' },
      { what: 'credentials', passed: true, detail: 'known as ticket-automation' },
      { what: 'permissions', passed: true },
      { what: 'clock', passed: false, fix: expect.stringContaining('NTP') },
    ])
  })
})

describe('jenkins with a password', () => {
  it('sends a crumb of its session, and a new one when the session is over', async () => {
    const jenkins = await startJenkins('password')
    const password = { api_token: undefined, password: { env: 'JENKINS_TOKEN' } }
    const driver = openJenkins(jenkins, password)

    const first = await driver.launch(launchOf('ops/succeed'), soon())
    jenkins.endSession()
    const second = await driver.launch(launchOf('ops/succeed'), soon())

    expect((await untilEnded(driver, first)).state).toBe('succeeded')
    expect((await untilEnded(driver, second)).state).toBe('succeeded')
    const crumbs = jenkins.server.requests.filter(({ path }) => path === '/crumbIssuer/api/json')
    expect(crumbs).toHaveLength(2)
    await driver.close()
    await jenkins.server.close()
  })
})

describe('options of a jenkins platform', () => {
  const good = {
    url: 'https://jenkins.example.com',
    user: 'u',
    api_token: { env: 'JENKINS_TOKEN' },
  }

  it.each([
    [{ url: 'http://jenkins.example.com' }, /url/],
    [{ user: '' }, /user/],
    [{ api_token: 'in the file' }, /api_token/],
    [{ api_token: { env: 'NOT_SET' } }, /NOT_SET/],
    [{ api_token: undefined }, /api_token or password/],
    [{ password: { env: 'JENKINS_TOKEN' } }, /api_token or password/],
    [{ token_parameter: 'no name' }, /token_parameter/],
    [{ unstable: 'maybe' }, /unstable/],
    [{ jobz: 1 }, /jobz/],
  ])('%j are refused with the name of the option', (changes, name) => {
    const deps = { baseDir: '/nowhere', environment: { JENKINS_TOKEN: 'x' } }

    expect(() => createJenkinsDriver({ ...good, ...changes }, deps)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(name) }),
    )
  })
})
