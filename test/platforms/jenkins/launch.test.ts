// Launches of Jenkins jobs: found again when in doubt, refused when Jenkins would drop or show something.
import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver } from '../../../connector/platforms/driver.ts'
import { codeOf, untilEnded } from '../conformance.ts'
import { declared, launchOf, soon } from '../launch.ts'
import { tokenName } from './jobs.ts'
import { branchJob, buildOf, openJenkins } from './platform.ts'
import { startJenkins } from './stand-in.ts'
import type { JenkinsStandIn } from './stand-in.ts'

describe('launching jenkins jobs', () => {
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

  async function inDoubt(
    job: string,
  ): Promise<{ token: string; launch: { job: string; at: Date } }> {
    const at = new Date()
    const request = launchOf(job)
    jenkins.server.fail('launch', { kind: 'lost' })
    expect(await codeOf(driver.launch(request, soon()))).toBe('platform_error')
    return { token: request.token, launch: { job, at } }
  }

  describe('a launch in doubt', () => {
    it('is found in the queue', async () => {
      jenkins.setExecutors(false)
      const { token, launch } = await inDoubt('ops/succeed')

      const found = await driver.find(token, soon(), launch)
      jenkins.setExecutors(true)

      expect(found?.id).toContain(token)
      expect(found?.url).toBe(`${jenkins.server.url}/job/ops/job/succeed/`)
    })

    it('is found among the builds by a clock that is wrong by an hour', async () => {
      jenkins.setClock(-3_600_000)
      const { token, launch } = await inDoubt('ops/succeed')
      await driver.find(token, soon(), launch)
      const later = openJenkins(jenkins)

      const found = await later.find(token, soon(), launch)
      jenkins.setClock(0)

      expect(jenkins.builds.some(({ values }) => values[tokenName] === token)).toBe(true)
      expect(found?.id).toContain(token)
      await later.close()
    })

    it('is found behind a hundred newer builds, also when the clock is wrong', async () => {
      jenkins.setClock(-3_600_000)
      const { token, launch } = await inDoubt('ops/lines')
      await driver.find(token, soon(), launch)
      await driver.find(token, soon(), launch)
      const own = jenkins.builds.find(({ values }) => values[tokenName] === token)
      if (own === undefined) throw new Error('it was not built')
      const newer = Array.from({ length: 130 }, (_, index) => ({
        ...own,
        number: own.number + 130 - index,
        queueId: 1_000_000 - index,
        values: {},
      }))
      jenkins.builds.unshift(...newer)

      const found = await driver.find(token, soon(), launch)
      jenkins.builds.splice(0, newer.length)
      jenkins.setClock(0)

      expect(found?.id).toContain(token)
    })

    it('is not said to be missing when builds since then were deleted', async () => {
      const launch = { job: 'ops/unstable', at: new Date() }
      const first = await driver.launch(launchOf('ops/unstable'), soon())
      await untilEnded(driver, first)
      const second = await driver.launch(launchOf('ops/unstable'), soon())
      await untilEnded(driver, second)
      jenkins.builds.splice(
        jenkins.builds.findIndex(({ queueId }) => first.id.includes(`#${queueId}:`)),
        1,
      )

      expect(await codeOf(driver.find(randomUUID(), soon(), launch))).toBe('platform_error')
    })

    it('is certainly missing when only older builds are there', async () => {
      const before = await driver.launch(launchOf('ops/not-built'), soon())
      await untilEnded(driver, before)
      for (const build of jenkins.builds) build.timestamp -= 60_000

      expect(
        await driver.find(randomUUID(), soon(), { job: 'ops/not-built', at: new Date() }),
      ).toBeNull()
    })

    it('that is sent twice while it waits is one item', async () => {
      jenkins.setExecutors(false)
      const request = launchOf('ops/succeed')

      const first = await driver.launch(request, soon())
      const second = await driver.launch(request, soon())
      jenkins.setExecutors(true)

      expect(second).toEqual(first)
      expect(
        jenkins.items.filter(({ values }) => values[tokenName] === request.token),
      ).toHaveLength(1)
    })
  })

  describe('parameters', () => {
    it('go to a branch of a pipeline in a folder with a strange name', async () => {
      const parameters = { environment: 'production', dry_run: true, host: 'db01', key: 'ß secret' }
      const request = launchOf(branchJob, { parameters, secrets: ['key'] })

      const job = await driver.launch(request, soon())
      await untilEnded(driver, job)

      expect(buildOf(jenkins, job)?.values).toMatchObject(parameters)
    })

    it('that are null have the default of the job', async () => {
      const job = await driver.launch(
        launchOf(branchJob, { parameters: { environment: null } }),
        soon(),
      )
      await untilEnded(driver, job)

      expect(buildOf(jenkins, job)?.values).toMatchObject({ environment: 'test', dry_run: false })
    })

    it.each([
      [{ environment: 'staging' }, [], /environment is none of the job's choices/],
      [{ dry_run: 'maybe' }, [], /dry_run is neither true nor false/],
      [{ host: 'hidden-value' }, ['host'], /host is no Password Parameter/],
      [{ archive: 'x' }, [], /archive takes a file/],
      [{ upstream: 'x' }, [], /upstream names a build/],
      [{ login: 'x' }, [], /login names credentials/],
      [{ branch: 'x' }, [], /branch is of the type PT_BRANCH/],
      [{ [tokenName]: 'x' }, [], /carries our own token/],
    ])(
      '%j with the secrets %j are refused before the launch',
      async (parameters, secrets, reason) => {
        const before = jenkins.items.length

        const launch = driver.launch(launchOf(branchJob, { parameters, secrets }), soon())

        await expect(launch).rejects.toMatchObject({
          code: 'parameters_invalid',
          message: expect.stringMatching(reason),
        })
        await expect(launch).rejects.not.toThrow(/staging|maybe|hidden-value/)
        expect(jenkins.items).toHaveLength(before)
      },
    )

    it('of a template are checked before it is published', async () => {
      const parameters = [
        { name: 'host', type: 'secret' as const, required: true },
        { name: 'dry_run', type: 'string' as const, required: true },
        { name: 'archive', type: 'string' as const, required: true },
        ...declared('environment', 'unheard_of'),
        { name: 'key', type: 'secret' as const, required: true },
      ]

      const problems = await driver.check({ job: branchJob, parameters }, soon())

      expect(problems.map(({ field }) => field)).toEqual([
        'parameters.host',
        'parameters.dry_run',
        'parameters.archive',
        'parameters.unheard_of',
      ])
    })

    it('are described with their types, defaults and choices', async () => {
      const [job] = (await driver.describe?.('LOGIN', soon())) ?? []

      expect(job).toMatchObject({ job: branchJob, title: 'feature%2Flogin' })
      expect(job?.parameters).toEqual([
        {
          name: 'environment',
          type: 'choice',
          required: false,
          label: 'environment',
          default: 'test',
          choices: ['test', 'production'],
        },
        {
          name: 'dry_run',
          type: 'boolean',
          required: false,
          label: 'dry_run',
          default: false,
          choices: [],
        },
        { name: 'host', type: 'string', required: false, label: 'host', default: '', choices: [] },
        { name: 'key', type: 'secret', required: false, label: 'key', default: null, choices: [] },
      ])
    })
  })

  describe('jobs that cannot be launched safely', () => {
    it.each([
      ['ops/no-token', /Add a String Parameter TICKET_AUTOMATION_TOKEN/],
      ['ops/without parameters', /Add a String Parameter TICKET_AUTOMATION_TOKEN/],
    ])('%s is refused, as nobody could find its build again', async (job, hint) => {
      const problems = await driver.check({ job, parameters: [] }, soon())

      expect(problems).toMatchObject([{ field: 'job', hint: expect.stringMatching(hint) }])
      expect(await codeOf(driver.launch(launchOf(job), soon()))).toBe('parameters_invalid')
    })

    it('are launched without a token when that is set, and share no item', async () => {
      const other = openJenkins(jenkins, { token_parameter: false })
      jenkins.setExecutors(false)

      const bare = await other.launch(launchOf('ops/without parameters'), soon())
      const first = await other.launch(
        launchOf('ops/no-token', { parameters: { host: 'a' } }),
        soon(),
      )
      const same = await codeOf(
        other.launch(launchOf('ops/no-token', { parameters: { host: 'a' } }), soon()),
      )
      jenkins.setExecutors(true)
      const states = [(await untilEnded(other, bare)).state, (await untilEnded(other, first)).state]

      expect(other.capabilities.find).toBe(false)
      expect(same).toBe('platform_rate_limited')
      expect(states).toEqual(['succeeded', 'succeeded'])
      await other.close()
    })

    it.each(['ops', 'ops/../ops/succeed', '', 'ops//succeed'])('%j is no job', async (job) => {
      expect(await driver.check({ job, parameters: [] }, soon())).toMatchObject([{ field: 'job' }])
      expect(await codeOf(driver.launch(launchOf(job), soon()))).toBe('platform_job_not_found')
    })

    it('a disabled one is named when checked and refused by Jenkins', async () => {
      const problems = await driver.check({ job: 'ops/disabled', parameters: [] }, soon())

      expect(problems).toMatchObject([{ field: 'job', reason: 'the job is disabled' }])
      expect(await codeOf(driver.launch(launchOf('ops/disabled'), soon()))).toBe(
        'platform_rejected',
      )
    })

    it('one that Jenkins does not take into its queue is refused', async () => {
      const location = `${jenkins.server.url}/job/ops/job/succeed/`
      jenkins.server.fail('launch', {
        kind: 'answer',
        reply: { status: 302, headers: { location } },
      })

      expect(await codeOf(driver.launch(launchOf('ops/succeed'), soon()))).toBe('platform_rejected')
    })

    it('nothing was launched when the job could not be read before', async () => {
      jenkins.server.fail('describe', { kind: 'answer', reply: { status: 500, body: 'oops' } })

      expect(await codeOf(driver.launch(launchOf('ops/succeed'), soon()))).toBe(
        'platform_unreachable',
      )
    })
  })
})
