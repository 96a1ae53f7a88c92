// Launches of AWX: nothing dropped, nothing shown, nothing twice.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Driver } from '../../../connector/platforms/driver.ts'
import { untilEnded } from '../conformance.ts'
import { launchOf, soon } from '../launch.ts'
import type { StandInJob, StandInTemplate } from './job-rows.ts'
import { recorded } from './job-rows.ts'
import { driverOf } from './platform.ts'
import { startAwxStandIn } from './stand-in.ts'
import type { AwxStandIn } from './stand-in.ts'
import type { Question } from './survey.ts'

/** The survey as AWX's own tests have it, with one question more. */
function survey(): Question[] {
  const { spec } = recorded('survey')
  // The file holds questions.
  const questions = spec as Question[]
  const secret = { variable: 'secret', type: 'password', question_name: 'The secret', min: 8 }
  return [...questions, ...questions.slice(0, 1).map((first) => ({ ...first, ...secret }))]
}

const job = { kind: 'job', behaviour: 'succeed' } as const
const templates: StandInTemplate[] = [
  { ...job, id: 1, name: 'Open', ask: ['variables', 'limit', 'timeout'] },
  { ...job, id: 2, name: 'Labels', ask: ['labels'], organization: 4 },
  { ...job, id: 3, name: 'Homeless', ask: ['labels'], organization: null },
  { ...job, id: 4, name: 'Closed', ask: [] },
  { ...job, id: 5, name: 'Survey', ask: ['labels'], survey: survey() },
  { ...job, id: 6, name: 'Sliced', ask: ['variables'], sliced: true },
  // The setting was changed between our look and the launch.
  {
    ...job,
    id: 7,
    name: 'Changed',
    ask: ['variables'],
    form: { ask_limit_on_launch: true },
    behaviour: 'wait',
  },
  {
    ...job,
    id: 8,
    name: 'Asking',
    ask: ['variables'],
    form: { passwords_needed_to_start: ['ssh_password'] },
  },
  { ...job, id: 9, name: 'Everywhere', ask: ['variables'] },
  {
    ...job,
    id: 12,
    kind: 'workflow',
    name: 'Flow 你好',
    ask: ['variables', 'limit'],
    inventory: null,
  },
  {
    ...job,
    id: 13,
    kind: 'workflow',
    name: 'Changed flow',
    ask: ['variables'],
    form: { ask_limit_on_launch: true },
  },
]

let awx: AwxStandIn
let driver: Driver
beforeEach(async () => {
  awx = await startAwxStandIn(templates)
  driver = driverOf(awx)
})
afterEach(async () => {
  await driver.close()
  await awx.server.close()
})

function jobOf({ id }: { id: string }): StandInJob {
  const found = awx.jobs.get(Number(id.replace('workflow-', '')))
  if (found === undefined) throw new Error(`no job ${id}`)
  return found
}

function inDoubt(reference: string) {
  return { job: reference, at: new Date() }
}

describe('the mark of a launch', () => {
  it('is an extra variable with the ticket, where variables are asked for', async () => {
    const request = launchOf('1', { parameters: { path: '/var' } })

    const launched = await driver.launch(request, soon())

    expect(jobOf(launched).extraVars).toEqual({
      path: '/var',
      ticket_automation: {
        run: request.token,
        table: 'incident',
        sys_id: '0123456789abcdef0123456789abcdef',
        number: 'INC0010001',
        requested_by: 'beth.anglin',
      },
    })
    expect(jobOf(launched).timeout).toBe(60)
    expect(launched.url).toBe(`${awx.server.url}/#/jobs/playbook/${launched.id}`)
  })

  it('is a label beside the own ones of the template, where only labels are asked for', async () => {
    const request = launchOf('2')

    const launched = await driver.launch(request, soon())
    const found = await driver.find(request.token, soon(), inDoubt('2'))

    const labels = jobOf(launched).labels.map((id) => awx.labels.get(id))
    expect(labels).toEqual([
      { name: 'alex label', organization: 1 },
      { name: `ticket-automation-${request.token}`, organization: 4 },
    ])
    expect(found).toEqual(launched)
  })

  it('uses the label that a launch which did not arrive has left', async () => {
    const request = launchOf('2')

    awx.server.fail('launch', { kind: 'unheard' })
    await expect(driver.launch(request, soon())).rejects.toMatchObject({ code: 'platform_error' })
    const found = await driver.find(request.token, soon(), inDoubt('2'))
    const launched = await driver.launch(request, soon())

    expect(found).toBeNull()
    expect(awx.labels.size).toBe(2)
    expect(jobOf(launched).labels).toHaveLength(2)
  })

  it.each([
    ['3', /organization.*ask_variables_on_launch/],
    ['4', /ask_variables_on_launch\) or of Labels \(ask_labels_on_launch/],
    ['8', /ssh_password/],
  ])('refuses template %s, which cannot carry one or asks a person', async (reference, reason) => {
    await expect(driver.launch(launchOf(reference), soon())).rejects.toMatchObject({
      code: 'parameters_invalid',
      message: expect.stringMatching(reason),
    })
    expect(awx.jobs.size).toBe(0)
  })

  it.each([-3_600_000, 3_600_000])(
    'is found among many jobs when the clock of AWX is off by %i ms',
    async (ahead) => {
      awx.clockAheadMs = ahead
      const at = new Date()
      const requests = Array.from({ length: 60 }, () => launchOf('1'))
      for (const request of requests) await driver.launch(request, soon())

      const found = await Promise.all(
        [requests[0], requests[59], launchOf('1')].map((request) =>
          driver.find(request?.token ?? '', soon(), { job: '1', at }),
        ),
      )

      expect(found.map((one) => one?.id ?? null)).toEqual(['100', '159', null])
    },
  )

  it('is that of the whole when AWX runs a job in slices', async () => {
    const request = launchOf('6')

    const launched = await driver.launch(request, soon())
    const found = await driver.find(request.token, soon(), inDoubt('6'))

    expect(launched.id).toMatch(/^workflow-\d+$/)
    expect(found).toEqual(launched)
    expect((await untilEnded(driver, launched)).state).toBe('succeeded')
  })
})

describe('what AWX would ignore', () => {
  it('ends the job that was started without it, and names the setting', async () => {
    const request = launchOf('7', { targets: ['db01'] })

    const failure = driver.launch(request, soon())

    await expect(failure).rejects.toMatchObject({
      code: 'parameters_invalid',
      message: expect.stringMatching(
        /job 100 without limit; it was cancelled.*ask_limit_on_launch/,
      ),
    })
    expect(jobOf({ id: '100' }).status).toBe('canceling')
  })

  it('says so when the job could not be ended', async () => {
    awx.server.fail('cancel', { kind: 'answer', reply: { status: 500 } })

    await expect(driver.launch(launchOf('7', { targets: ['db01'] }), soon())).rejects.toMatchObject(
      { message: expect.stringMatching(/\(500\): cancel it by hand/) },
    )
  })

  it('is refused for a workflow by AWX itself, before anything runs', async () => {
    await expect(
      driver.launch(launchOf('workflow:13', { targets: ['db01'] }), soon()),
    ).rejects.toMatchObject({ code: 'platform_rejected', message: expect.stringMatching(/limit/) })
    expect(awx.jobs.size).toBe(0)
  })
})

describe('targets', () => {
  it('become the limit in the spelling of the inventory', async () => {
    const request = launchOf('1', { targets: ['DB01', 'web3'] })

    const launched = await driver.launch(request, soon())

    expect(jobOf(launched).limit).toBe('db01,Web3')
  })

  it.each([
    ['9', ['db01'], /all hosts.*ask_limit_on_launch/],
    ['1', ['db01', 'db02'], /no host "db02"/],
    ['1', ['web-2.example.com'], /disabled/],
  ])('of template %s, %j, are refused', async (reference, targets, reason) => {
    awx.hosts = awx.hosts.map((host) => ({ ...host, enabled: host.name !== 'web-2.example.com' }))

    await expect(driver.launch(launchOf(reference, { targets }), soon())).rejects.toMatchObject({
      code: 'parameters_invalid',
      message: expect.stringMatching(reason),
    })
    expect(awx.jobs.size).toBe(0)
  })

  it('are taken as they are where there is no one inventory to look at', async () => {
    const launched = await driver.launch(launchOf('workflow:12', { targets: ['any'] }), soon())

    expect(jobOf(launched).limit).toBe('any')
  })
})

describe('a survey', () => {
  const parameters = {
    reqd_answer: 5,
    single_choice: 'two',
    multi_choice: 'one, three',
    int_answer: '4',
    float_answer: 3.5,
    secret: 'canary-secret',
    long_answer: null,
    short_answer: '',
  }

  it('gets its answers in its own types, and nothing for what has no value', async () => {
    const request = launchOf('5', { parameters, secrets: ['secret'] })

    const launched = await driver.launch(request, soon())

    expect(jobOf(launched).extraVars).toEqual({
      reqd_answer: '5',
      single_choice: 'two',
      multi_choice: ['one', 'three'],
      int_answer: 4,
      float_answer: 3.5,
      secret: 'canary-secret',
      short_answer: '',
    })
  })

  it.each([
    [{ reqd_answer: null }, 'parameters_invalid', /requires reqd_answer/],
    [{ int_answer: 'four' }, 'parameters_invalid', /int_answer as integer/],
    [{ other: 'x' }, 'parameters_invalid', /drop other.*ask_variables_on_launch/],
    [{ ticket_automation: 'x' }, 'parameters_invalid', /itself uses/],
    [{ int_answer: 99 }, 'platform_rejected', /int_answer.*too large/],
    [{ single_choice: 'six' }, 'platform_rejected', /single_choice.*one of/],
  ])('refuses %j', async (changes, code, reason) => {
    const request = launchOf('5', { parameters: { ...parameters, ...changes } })

    await expect(driver.launch(request, soon())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(reason),
    })
    expect(awx.jobs.size).toBe(0)
  })

  it('keeps a secret out of what AWX says about it, and out of questions that would show it', async () => {
    const short = launchOf('5', {
      parameters: { ...parameters, secret: 'canary' },
      secrets: ['secret'],
    })
    const shown = launchOf('5', { parameters, secrets: ['reqd_answer'] })
    const open = launchOf('1', { parameters: { key: 'canary' }, secrets: ['key'] })

    const messages = await Promise.all(
      [short, shown, open].map(async (request) => {
        return await driver.launch(request, soon()).then(() => '', String)
      }),
    )

    expect(messages[0]).toMatch(/'secret' value •+ is too small/)
    expect(messages[1]).toMatch(/would show the secret reqd_answer.*type Password/)
    expect(messages[2]).toMatch(/would show the secret key.*type Password/)
    expect(awx.jobs.size).toBe(0)
  })

  it('is compared with the parameters of a template before it is published', async () => {
    const problems = await driver.check(
      {
        job: '5',
        parameters: [
          { name: 'int_answer', type: 'string', required: true },
          { name: 'float_answer', type: 'integer', required: false },
          { name: 'short_answer', type: 'secret', required: false },
          { name: 'typo', type: 'string', required: false },
        ],
      },
      soon(),
    )

    expect(problems.map(({ field }) => field)).toEqual([
      'parameters.int_answer',
      'parameters.short_answer',
      'parameters.typo',
      'parameters.reqd_answer',
    ])
  })

  it('becomes the parameters of a description', async () => {
    const described = (await driver.describe?.('survey', soon())) ?? []

    expect(described).toHaveLength(1)
    expect(described[0]).toMatchObject({ job: '5', title: 'Survey' })
    expect(
      described[0]?.parameters.map(({ name, type, required, default: value, choices }) => {
        return [name, type, required, value, choices.length]
      }),
    ).toEqual([
      ['long_answer', 'string', false, 'Leeloo Minai Lekarariba-Laminai-Tchai Ekbat De Sebat', 0],
      ['short_answer', 'string', false, 'leeloo', 0],
      ['reqd_answer', 'string', true, 'NOT OPTIONAL', 0],
      ['single_choice', 'choice', false, 'one', 2],
      ['multi_choice', 'text', false, 'one\nthree', 0],
      ['int_answer', 'integer', false, null, 0],
      ['float_answer', 'number', false, null, 0],
      ['secret', 'secret', false, null, 0],
    ])
  })
})

describe('the name of a template', () => {
  it.each(['Open++Default', 'workflow:Flow 你好++Default', 'Homeless++'])(
    'may be %s',
    async (name) => {
      const problems = await driver.check({ job: name, parameters: [] }, soon())

      expect(problems).toEqual([])
      expect(awx.server.requests[0]?.path).toContain(`/${name.replace('workflow:', '')}/launch/`)
    },
  )

  it.each(['', '.', '..', '../users/1', 'workflow:', 'workflow:..', '1/launch/?x=y', '99'])(
    'is not %j',
    async (name) => {
      await expect(driver.launch(launchOf(name), soon())).rejects.toMatchObject({
        code: 'platform_job_not_found',
      })
      expect(await driver.check({ job: name, parameters: [] }, soon())).toMatchObject([
        { field: 'job' },
      ])
    },
  )
})
