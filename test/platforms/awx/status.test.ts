// What AWX says of running and ended jobs, and what of it reaches a ticket.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createAwxDriver } from '../../../connector/platforms/awx.ts'
import { createLookPace } from '../../../connector/platforms/awx/look-pace.ts'
import type { Driver } from '../../../connector/platforms/driver.ts'
import { allOutput, codeOf, untilEnded, untilState } from '../conformance.ts'
import { launchOf, soon } from '../launch.ts'
import { recorded, recordedEvents } from './job-rows.ts'
import type { StandInTemplate } from './job-rows.ts'
import { driverOf } from './platform.ts'
import { startAwxStandIn } from './stand-in.ts'
import type { AwxStandIn } from './stand-in.ts'

const job = { kind: 'job', ask: ['variables'] } as const
const templates: StandInTemplate[] = [
  { ...job, id: 1, name: 'Succeed', behaviour: 'succeed' },
  { ...job, id: 2, name: 'Fail', behaviour: 'fail' },
  { ...job, id: 3, name: 'Wait', behaviour: 'wait' },
  { ...job, id: 4, name: 'Large', behaviour: 'large' },
  { ...job, id: 12, kind: 'workflow', name: 'Flow', behaviour: 'wait' },
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

function jobOf(id: string) {
  const found = awx.jobs.get(Number(id.replace('workflow-', '')))
  if (found === undefined) throw new Error(`no job ${id}`)
  return found
}

/** A failed result of a task, in the recorded shape. */
function failure(host: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const [, result = {}] = recordedEvents()
  const { data = {}, ...rest } = changes
  // The recorded event has this object.
  const shape = result['event_data'] as Record<string, unknown>
  return {
    ...result,
    event: 'runner_on_failed',
    host_name: host,
    task: 'Restart nginx',
    event_data: { ...shape, res: { msg: `no unit\non ${host}` }, ...(data as object) },
    ...rest,
  }
}

/** A node of a workflow, in the recorded shape. */
function node(name: string, status: string | null, type = 'job'): Record<string, unknown> {
  const { summary_fields: _fields, ...shape } = recorded('workflow-node')
  const template = { unified_job_template: { id: 1, name, description: '' } }
  const fields = status === null ? template : { ...template, job: { id: 5, name, status, type } }
  return { ...shape, identifier: name, summary_fields: fields }
}

describe('the state of jobs', () => {
  it('takes one request for many of them', async () => {
    const launched = await Promise.all(
      Array.from({ length: 90 }, () => driver.launch(launchOf('1'), soon())),
    )
    const before = awx.server.requests.length

    const states = await Promise.all(launched.map(({ id }) => driver.status(id, soon())))

    const asked = awx.server.requests.slice(before).map(({ path }) => path)
    expect(states.map(({ state }) => state)).toEqual(launched.map(() => 'running'))
    expect(asked.filter((path) => path.endsWith('/unified_jobs/'))).toHaveLength(1)
  })

  it.each([
    ['new', 'pending'],
    ['waiting', 'pending'],
    ['running', 'running'],
    ['successful', 'succeeded'],
    ['failed', 'failed'],
    ['error', 'failed'],
    ['canceled', 'cancelled'],
    ['quantum', 'unknown'],
  ])('%s means %s', async (word, state) => {
    const { id } = await driver.launch(launchOf('3'), soon())
    jobOf(id).status = word

    expect((await driver.status(id, soon())).state).toBe(state)
  })

  it('names the task that a playbook has reached, with no percentage', async () => {
    const launched = await driver.launch(launchOf('3'), soon())

    const status = await untilState(driver, launched, ['running'])

    expect(status).toMatchObject({ message: 'task 1: Gathering Facts', progress: null })
  })

  it('waits at the end until AWX has stored what was printed', async () => {
    const launched = await driver.launch(launchOf('1'), soon())
    const row = jobOf(launched.id)
    row.storing = true
    await untilState(driver, launched, ['running'])

    const during = await driver.status(launched.id, soon())
    row.storing = false
    const after = await driver.status(launched.id, soon())

    expect(row.status).toBe('successful')
    expect(during).toMatchObject({ state: 'running', finishedAt: null })
    expect(during.message).toMatch(/storing/)
    expect(after).toMatchObject({ state: 'succeeded', message: 'finished; hosts: 2 ok, 1 changed' })
  })

  it('is that of a job of the same kind only: their numbers share a sequence', async () => {
    const { id } = await driver.launch(launchOf('1'), soon())

    expect(await codeOf(driver.status(`workflow-${id}`, soon()))).toBe('job_lost')
  })
})

describe('the end of a failed job', () => {
  it('names hosts, tasks and reasons, but no errors that the playbook ignored', async () => {
    awx.failures = [
      failure('db01'),
      failure('web01', { event: 'runner_on_unreachable', data: { res: { msg: 'ssh: no route' } } }),
      failure('web02', { data: { ignore_errors: true } }),
      failure('web03', { data: { res: { msg: { code: 7 } } } }),
    ]
    const launched = await driver.launch(launchOf('2'), soon())

    const { message } = await untilEnded(driver, launched)

    expect(message).toBe(
      'failed; hosts: 1 ok, 1 failed, 1 unreachable; db01: Restart nginx: no unit on db01; ' +
        'web01: unreachable: ssh: no route; web03: Restart nginx: {"code":7}',
    )
  })

  it('names five and counts the rest, each in few words', async () => {
    awx.failures = Array.from({ length: 9 }, (_, index) =>
      failure(`host${index}`, { data: { res: { msg: '🙂'.repeat(5000) } } }),
    )
    const launched = await driver.launch(launchOf('2'), soon())

    const { message } = await untilEnded(driver, launched)

    expect(message).toMatch(/host4: .*; and 4 more$/)
    expect(message).not.toContain('host5')
    expect(message.length).toBeLessThan(1500)
    expect(message.isWellFormed()).toBe(true)
  })

  it('gives the word of AWX itself', async () => {
    const launched = await driver.launch(launchOf('2'), soon())
    jobOf(launched.id).explanation = 'Job terminated due to timeout'

    const { message } = await untilEnded(driver, launched)

    expect(message).toMatch(/^failed; Job terminated due to timeout; hosts/)
  })
})

describe('a workflow', () => {
  it('says how many nodes are done, and who has to approve', async () => {
    awx.nodes = [node('Check', 'successful'), node('Deploy', 'running'), node('Report', null)]
    const launched = await driver.launch(launchOf('workflow:12'), soon())

    const running = await untilState(driver, launched, ['running'])
    awx.nodes[1] = node('Sign off', 'pending', 'workflow_approval')
    const asking = await driverOf(awx).status(launched.id, soon())
    awx.nodes = [node('Check', 'successful'), node('Deploy', 'failed')]
    awx.end(100, 'failed')
    const ended = await driver.status(launched.id, soon())

    expect(launched.url).toMatch(/#\/jobs\/workflow\/100$/)
    expect(running).toMatchObject({ progress: 33, message: '1 of 3 nodes are done; Deploy runs' })
    expect(asking.message).toBe('1 of 3 nodes are done; "Sign off" waits to be approved in AWX')
    expect(ended).toMatchObject({ state: 'failed' })
    expect(ended.message).toMatch(/; Deploy: failed$/)
    expect(await driver.output(launched.id, null, soon())).toMatchObject({ text: '' })
  })

  it('is cancelled as one', async () => {
    const launched = await driver.launch(launchOf('workflow:12'), soon())

    expect(await driver.cancel(launched.id, soon())).toBe('requested')
    expect((await untilEnded(driver, launched)).state).toBe('cancelled')
    expect(await driver.cancel('100', soon())).toBe('not_found')
  })
})

describe('output', () => {
  it('has no colours', async () => {
    const launched = await driver.launch(launchOf('1'), soon())
    await untilEnded(driver, launched)

    expect(await allOutput(driver, launched.id)).toEqual({ text: 'done\n', omitted: 0 })
  })

  it('of more than AWX shows by lines is the end of the download, each character counted', async () => {
    const launched = await driver.launch(launchOf('4'), soon())
    await untilState(driver, launched, ['running'])
    const row = jobOf(launched.id)
    row.stdout = 'Größe 🙂 of a line\n'
    const first = await driver.output(launched.id, null, soon())
    await untilEnded(driver, launched)

    const second = await driver.output(launched.id, first.cursor, soon())
    const third = await driver.output(launched.id, second.cursor, soon())

    expect(first.text).toBe('Größe 🙂 of a line\n')
    expect(row.stdout.endsWith(second.text)).toBe(true)
    expect(second.text.length).toBeGreaterThan(10_000)
    expect(first.text.length + second.omitted + second.text.length).toBe(row.stdout.length)
    expect(third).toEqual({ ...third, text: '', omitted: 0 })
  })
})

describe('looks at running jobs', () => {
  it('never take more than half of the rate, and each job has its turn', () => {
    let now = 0
    const pace = createLookPace(20, () => now)
    const looks = new Map(Array.from({ length: 100 }, (_, index) => [String(index), 0]))

    for (let second = 0; second < 100; second++, now += 1000) {
      for (const [id, count] of looks) if (pace.isDue('output', id)) looks.set(id, count + 1)
    }

    const counts = [...looks.values()]
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1010)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8)
    expect(Math.max(...counts)).toBeLessThanOrEqual(12)
  })

  it('come at once for a job that has ended', () => {
    const pace = createLookPace(2, () => 0)
    const running = [pace.isDue('output', '1'), pace.isDue('output', '2')]

    pace.end('2')

    expect(running).toEqual([true, false])
    expect([pace.isDue('output', '1'), pace.isDue('output', '2')]).toEqual([false, true])
  })

  it('are soon for one job alone, also after many others have gone', () => {
    let now = 0
    const pace = createLookPace(20, () => now)
    for (let id = 0; id < 1000; id++, now += 100) pace.isDue('step', String(id))

    now += 700_000
    const first = pace.isDue('step', 'new')
    now += 200

    expect([first, pace.isDue('step', 'new')]).toEqual([true, true])
  })

  it('of a thousand jobs at once leave room for their states', async () => {
    const narrow = driverOf(awx, { requests_per_second: 100 })
    const ids = await manyRunning(1000)
    const before = awx.server.requests.length

    const states = await Promise.all(ids.map((id) => narrow.status(id, soon())))
    await Promise.all(ids.map((id) => narrow.output(id, null, soon())))

    const asked = awx.server.requests.slice(before).map(({ path }) => path)
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['running']))
    expect(asked.filter((path) => path.endsWith('/unified_jobs/')).length).toBeLessThanOrEqual(11)
    expect(asked.length).toBeLessThan(200)
    await narrow.close()
  })
})

/** Jobs that run, made without the driver. */
async function manyRunning(count: number): Promise<string[]> {
  const first = await driver.launch(launchOf('3'), soon())
  await untilState(driver, first, ['running'])
  const row = jobOf(first.id)
  const ids = Array.from({ length: count }, (_, index) => 10_000 + index)
  for (const id of ids) awx.jobs.set(id, { ...row, id })
  return ids.map(String)
}

describe('a notification of AWX', () => {
  function sent(body: unknown, headers: Record<string, string> = {}) {
    return { headers, body: new TextEncoder().encode(JSON.stringify(body)) }
  }
  const failed = recorded('notification-failed')

  it('names its job', () => {
    const workflow = { ...failed, url: 'https://host/#/jobs/workflow/46' }

    expect(driver.callback?.(sent(failed))).toEqual({ jobId: '46' })
    expect(driver.callback?.(sent(workflow))).toEqual({ jobId: 'workflow-46' })
    for (const other of ['text', [], { id: '1' }, { id: -1 }, null]) {
      expect(driver.callback?.(sent(other))).toEqual({ jobId: null })
    }
    expect(driver.callback?.({ headers: {}, body: Buffer.from('{') })).toEqual({ jobId: null })
  })

  it('has to bring the secret, when there is one', async () => {
    const options = { url: awx.server.url, token: { env: 'T' }, callback_secret: { env: 'S' } }
    const environment = { T: 'token', S: 'open:sesame' }
    const guarded = createAwxDriver(options, { baseDir: '/', environment })
    function basic(text: string) {
      return `Basic ${Buffer.from(text).toString('base64')}`
    }

    expect(guarded.callback?.(sent(failed, { 'x-callback-secret': 'open:sesame' }))).toEqual({
      jobId: '46',
    })
    expect(guarded.callback?.(sent(failed, { authorization: basic('awx:open:sesame') }))).toEqual({
      jobId: '46',
    })
    for (const headers of [{}, { 'x-callback-secret': 'open' }, { authorization: basic('awx:') }]) {
      expect(() => guarded.callback?.(sent(failed, headers))).toThrow(
        expect.objectContaining({ code: 'platform_auth' }),
      )
    }
    await guarded.close()
  })
})

describe('facts about AWX', () => {
  it('tell of a clock that is off, a version and what may be launched', async () => {
    awx.clockAheadMs = -600_000

    const facts = (await driver.facts?.(soon())) ?? []

    expect(facts.map(({ what, passed, detail }) => [what, passed, detail])).toEqual([
      ['reachable', true, 'answers'],
      ['version', true, '24.6.1'],
      ['clock', false, expect.stringMatching(/^differs by (599|600|601) s$/)],
      ['credentials', true, 'account ticket-automation'],
      ['permissions', true, 'may launch 4 of 4 job templates seen'],
    ])
  })

  it('point to the path of the gateway', async () => {
    const astray = driverOf(awx, { api_path: '/api/v3' })

    const facts = (await astray.facts?.(soon())) ?? []
    await astray.close()

    expect(facts).toMatchObject([{ what: 'reachable', passed: false }])
    expect(facts[0]?.fix).toContain('/api/controller/v2')
  })
})

describe('options of a platform of type awx', () => {
  const token = { env: 'T' }
  it.each([
    [{ token }, /url/],
    [{ url: 'http://awx.example.com', token }, /https/],
    [{ url: 'https://u:p@awx.example.com', token }, /no user/],
    [{ url: 'https://awx.example.com' }, /needs token/],
    [{ url: 'https://awx.example.com', token, username: 'a', password: token }, /needs token/],
    [{ url: 'https://awx.example.com', token: 'abc' }, /token/],
    [{ url: 'https://awx.example.com', token: { env: 'NOT_SET' } }, /token: .*NOT_SET/],
    [{ url: 'https://awx.example.com', token: { file: 'none' } }, /token: .*none/],
    [{ url: 'https://awx.example.com', token, api_path: 'api' }, /api_path/],
    [{ url: 'https://awx.example.com', token, verify: false }, /verify/],
  ])('%j are refused with the name of the option', (options, name) => {
    const deps = { baseDir: '/nowhere', environment: { T: 'token' } }

    expect(() => createAwxDriver(options, deps)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(name) }),
    )
  })

  it('may be a user and a password, and the gateway has pages of its own', async () => {
    const gateway = await startAwxStandIn(templates, { apiPath: '/api/controller/v2' })
    const options = {
      url: `${gateway.server.url}/`,
      api_path: '/api/controller/v2',
      username: 'svc',
      password: { env: 'P' },
    }
    const basic = createAwxDriver(options, { baseDir: '/', environment: { P: 'pass-canary' } })
    const byToken = driverOf(gateway)

    expect(await codeOf(basic.launch(launchOf('1'), soon()))).toBe('platform_auth')
    const launched = await byToken.launch(launchOf('1'), soon())

    const [asked] = gateway.server.requests
    expect(asked?.headers['authorization']).toBe(
      `Basic ${Buffer.from('svc:pass-canary').toString('base64')}`,
    )
    expect(launched.url).toBe(`${gateway.server.url}/execution/jobs/playbook/100/output`)
    await Promise.all([basic.close(), byToken.close()])
    await gateway.server.close()
  })
})
