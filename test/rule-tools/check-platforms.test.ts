// What job platforms say of a template: asked for every job, with the parameters it would really get.
import { expect, it } from 'vitest'

import { ConnectorError } from '../../connector/errors.ts'
import type { Driver, TemplateProblem } from '../../connector/platforms/driver.ts'
import { checkOnPlatforms } from '../../connector/rule-tools/check-platforms.ts'
import { createMemoryPlatform } from '../support/memory-platform.ts'
import { makeTemplate } from '../support/templates.ts'

type Request = Parameters<Driver['check']>[0]

/** A platform that says the same of every job, and keeps what it was asked. */
function platformThat(answer: (request: Request) => TemplateProblem[]): {
  drivers: ReadonlyMap<string, Driver>
  asked: Request[]
} {
  const asked: Request[] = []
  const driver: Driver = {
    ...createMemoryPlatform().driver,
    check(request) {
      asked.push(request)
      return Promise.resolve(answer(request))
    },
  }
  return { drivers: new Map([['local', driver]]), asked }
}

const parameters = [
  { name: 'hosts', type: 'string', label: 'Hosts', required: true },
  { name: 'token', type: 'secret', label: 'Token' },
]

it("asks for every job with the parameters it would get, by the platform's own names", async () => {
  const { drivers, asked } = platformThat(() => [])
  const template = makeTemplate({
    job: undefined,
    parameters,
    pre_checks: [{ name: 'Look', job: 'look', parameters: [] }],
    steps: [
      {
        name: 'Patch',
        job: 'patch',
        set: { force: true },
        names: { hosts: 'TARGETS' },
        rollback: { job: 'unpatch' },
      },
    ],
  })

  expect(await checkOnPlatforms(template, drivers)).toEqual([])

  const targets = { name: 'TARGETS', type: 'string', required: true }
  const token = { name: 'token', type: 'secret', required: false }
  expect(asked).toEqual([
    {
      job: 'patch',
      parameters: [targets, token, { name: 'force', type: 'boolean', required: true }],
    },
    { job: 'unpatch', parameters: [targets, token] },
    { job: 'look', parameters: [] },
  ])
})

it('places what is wrong at the job or the parameter of the template', async () => {
  const hint = 'Turn on Prompt on launch.'
  const { drivers } = platformThat(({ job }) => [
    { field: 'job', reason: `there is no ${job}`, hint },
    { field: 'parameters.TOKEN', reason: 'would be ignored', hint },
  ])
  const template = makeTemplate({ parameters, names: { token: 'TOKEN' } })

  expect(await checkOnPlatforms(template, drivers)).toEqual([
    {
      pointer: '/job',
      reason: 'local, job free-disk-space.mjs: there is no free-disk-space.mjs',
      hint,
    },
    { pointer: '/parameters/1', reason: 'local, job free-disk-space.mjs: would be ignored', hint },
  ])
})

it('says that a platform could not be asked, and is silent about one that is not configured', async () => {
  const { drivers } = platformThat(() => {
    throw new ConnectorError('platform_unreachable', 'GET /ping: ECONNREFUSED', { retryable: true })
  })

  const [problem] = await checkOnPlatforms(makeTemplate(), drivers)
  expect(problem?.reason).toBe('the platform local could not be asked: GET /ping: ECONNREFUSED')
  expect(problem?.hint).toContain('platforms check local')
  expect(await checkOnPlatforms(makeTemplate({ platform: 'other' }), drivers)).toEqual([])
})
