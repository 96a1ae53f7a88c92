// What every driver that speaks HTTP must do when the network or the platform goes wrong: run against its stand-in,
// after conformance.ts.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { ConnectorError } from '../../connector/errors.ts'
import type { ErrorCode } from '../../connector/errors.ts'
import { certainFailures, notArrived } from '../../connector/launch.ts'
import type { Capabilities, Driver, LaunchedJob } from '../../connector/platforms/driver.ts'
import { codeOf, untilEnded, untilState } from './conformance.ts'
import type { Platform } from './conformance.ts'
import { declared, launchOf, soon } from './launch.ts'
import type { Fault, StandInServer } from './stand-in-server.ts'

/** A platform whose stand-in speaks HTTP. */
export interface HttpPlatform extends Platform {
  /** Another driver with the same options, or one for another address. */
  reopen(url?: string): Driver
  server: StandInServer
  /** What the driver shows to get in; no message may hold it. */
  credentials: readonly string[]
  /** How many jobs the platform began at all. */
  launched(): number
  /** A job that would drop this parameter, and how the setting to change is named; null = it drops none. */
  ignored: { job: string; parameter: string; setting: RegExp } | null
  /** What the job was limited to. Only with `capabilities.targets`. */
  limitedTo?(job: LaunchedJob): Promise<readonly string[]>
}

/** Where a platform means something else by an answer. The key is the fault's name below. */
export type Exceptions = Partial<
  Record<FaultName, Partial<Record<'launch' | 'status', { code: ErrorCode; retryable: boolean }>>>
>

interface FaultCase {
  fault: Fault
  code: ErrorCode
  retryable: boolean
}

type FaultName = keyof typeof faults

const busy = { 'retry-after': '7' }
const page = '<!DOCTYPE html><html><body>Please log in</body></html>'

const faults = {
  '401': refusal(401, 'platform_auth', true),
  '403': refusal(403, 'platform_forbidden', true),
  '409': refusal(409, 'platform_rejected', false),
  '422': refusal(422, 'platform_rejected', false),
  '429': { ...refusal(429, 'platform_rate_limited', true), fault: answering(429, busy) },
  '500': refusal(500, 'platform_error', true),
  '503': refusal(503, 'platform_error', true),
  'an HTML page': {
    fault: {
      kind: 'answer',
      reply: { status: 200, headers: { 'content-type': 'text/html' }, body: page },
    },
    code: 'platform_bad_answer',
    retryable: true,
  },
  'an answer cut off': {
    fault: {
      kind: 'answer',
      reply: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"id": 12' },
    },
    code: 'platform_bad_answer',
    retryable: true,
  },
  'a broken connection': { fault: { kind: 'unheard' }, code: 'platform_error', retryable: true },
} as const satisfies Record<string, FaultCase>

function answering(status: number, headers: Record<string, string> = {}): Fault {
  return { kind: 'answer', reply: { status, headers, body: { message: 'the stand-in says no' } } }
}

function refusal(status: number, code: ErrorCode, retryable: boolean): FaultCase {
  return { fault: answering(status), code, retryable }
}

/** A driver may ask more than once: the fault stays until it is healed. */
const lasting = 50

/** Faults after which the job does exist. */
const lostAnswers: Record<string, Fault> = {
  'a connection that breaks': { kind: 'lost' },
  'a gateway that gave up': { kind: 'done', reply: { status: 504, body: 'gateway time-out' } },
  'an HTML page': { kind: 'done', reply: { status: 200, body: page } },
}

/** Runs the suite; a `reopen` of the platform must make a driver that knows nothing of those before. */
export function testHttpDriver(
  name: string,
  options: { capabilities: Capabilities; exceptions?: Exceptions },
  setup: () => Promise<HttpPlatform>,
): void {
  describe(`${name} over a network that goes wrong`, () => {
    const { capabilities } = options
    let platform: HttpPlatform
    let driver: Driver
    beforeAll(async () => {
      platform = await setup()
    })
    afterAll(async () => {
      await platform.close()
    })
    beforeEach(() => {
      driver = platform.reopen()
    })
    afterEach(async () => {
      platform.server.heal()
      await driver.close()
    })

    it.each(namesOf(faults))('says what %s means when it reads a status', async (fault) => {
      const job = await driver.launch(launchOf(platform.jobs.wait), soon())
      const expected = { ...faults[fault], ...options.exceptions?.[fault]?.status }

      platform.server.fail('status', faults[fault].fault, lasting)
      const error = await errorOf(driver.status(job.id, soon()))
      platform.server.heal()
      await platform.release(job)

      expect(error.code).toBe(expected.code)
      expect(error.retryable).toBe(expected.retryable)
      if (fault === '429') expect(error.retryAfterMs).toBe(7000)
      expect((await untilEnded(driver, job)).state).toBe('succeeded')
    })

    it.each(namesOf(faults))('says what %s means when it launches', async (fault) => {
      const before = platform.launched()
      const expected = { ...faults[fault], ...options.exceptions?.[fault]?.launch }

      platform.server.fail('launch', faults[fault].fault, lasting)
      const error = await errorOf(driver.launch(launchOf(platform.jobs.succeed), soon()))

      expect(error.code).toBe(expected.code)
      expect(error.retryable).toBe(expected.retryable)
      if (fault === '429') expect(error.retryAfterMs).toBe(7000)
      expect(platform.launched()).toBe(before)
    })

    it('gives up a call that nobody answers in time', async () => {
      const job = await driver.launch(launchOf(platform.jobs.wait), soon())

      platform.server.fail('launch', { kind: 'silent' }, lasting)
      platform.server.fail('status', { kind: 'silent' }, lasting)
      const launch = driver.launch(launchOf(platform.jobs.succeed), AbortSignal.timeout(1000))
      const codes = [
        await codeOf(launch),
        await codeOf(driver.status(job.id, AbortSignal.timeout(100))),
      ]
      platform.server.heal()
      await platform.release(job)

      expect(codes).toEqual(['platform_timeout', 'platform_timeout'])
    })

    it('says that a platform that is not there is unreachable', async () => {
      const gone = await startForeignHost()
      await gone.close()
      const away = platform.reopen(gone.url)

      const code = await codeOf(away.launch(launchOf(platform.jobs.succeed), soon()))
      await away.close()

      expect(code).toBe('platform_unreachable')
    })

    it.each(Object.keys(lostAnswers))('does not lose a job to %s', async (name) => {
      const before = platform.launched()
      const request = launchOf(platform.jobs.succeed)
      const inDoubt = { job: request.job, at: new Date() }
      const fault = lostAnswers[name] ?? { kind: 'lost' }

      platform.server.fail('launch', fault)
      const error = await errorOf(driver.launch(request, soon()))
      platform.server.heal()

      expect(platform.launched()).toBe(before + 1)
      // What the road takes for "the job may exist" (launch.ts).
      expect(certainFailures.has(error.code) || notArrived.has(error.code)).toBe(false)
      if (!capabilities.find) return
      const later = platform.reopen()
      const found = await later.find(request.token, soon(), inDoubt)
      if (found === null) throw new Error('the job was not found')
      expect((await untilEnded(later, found)).state).toBe('succeeded')
      expect(await platform.began(request.token)).toBe(1)
      await later.close()
    })

    it('follows no redirect, with nothing for the other host', async () => {
      const foreign = await startForeignHost()
      const job = await driver.launch(launchOf(platform.jobs.wait), soon())
      const redirect: Fault = {
        kind: 'answer',
        reply: { status: 307, headers: { location: `${foreign.url}/` } },
      }

      for (const call of ['launch', 'status'] as const)
        platform.server.fail(call, redirect, lasting)
      const codes = [
        await codeOf(driver.launch(launchOf(platform.jobs.succeed), soon())),
        await codeOf(driver.status(job.id, soon())),
      ]
      platform.server.heal()
      await platform.release(job)
      await foreign.close()

      expect(codes).toEqual(['platform_bad_answer', 'platform_bad_answer'])
      expect(foreign.asked()).toBe(0)
    })

    it('shows no credential and no secret parameter, even when the platform repeats them', async () => {
      const secret = 'canary-Pässw"rd-5417'
      const parameters = { password: secret }
      const repeating = [...platform.credentials, secret, JSON.stringify(secret)].join(' ')
      const request = launchOf(platform.jobs.echo, { parameters, secrets: ['password'] })

      const shown: string[] = []
      for (const status of [200, 400, 401, 403, 500]) {
        platform.server.fail(
          'launch',
          { kind: 'answer', reply: { status, body: repeating } },
          lasting,
        )
        shown.push(textOf(await errorOf(driver.launch(request, soon()))))
        platform.server.heal()
      }

      for (const canary of [...platform.credentials, secret, 'canary']) {
        expect(shown.filter((text) => text.includes(canary))).toEqual([])
      }
    })

    it('refuses a parameter that the platform would drop, and names the setting', async () => {
      const { ignored } = platform
      if (ignored === null) return
      const { job, parameter, setting } = ignored
      const before = platform.launched()

      const problems = await driver.check({ job, parameters: declared(parameter) }, soon())
      const launch = driver.launch(launchOf(job, { parameters: { [parameter]: 'kept' } }), soon())
      const error = await errorOf(launch)

      expect(problems).toMatchObject([{ field: `parameters.${parameter}` }])
      expect(`${problems[0]?.reason} ${problems[0]?.hint}`).toMatch(setting)
      expect(error).toMatchObject({ code: 'parameters_invalid', retryable: false })
      expect(error.message).toMatch(setting)
      expect(error.message).toContain(parameter)
      expect(platform.launched()).toBe(before)
    })

    it('asks for nothing else when a job id is odd', async () => {
      const before = platform.server.requests.length

      for (const id of ['../../users/1', '1/../2', '1?x=y', '', 'a b', '1#', '%2e%2e', '💥']) {
        expect([id, await codeOf(driver.status(id, soon()))]).toEqual([id, 'job_lost'])
        if (capabilities.cancel) expect(await driver.cancel(id, soon())).toBe('not_found')
      }

      const asked = platform.server.requests.slice(before).map(({ path }) => path)
      expect(asked.filter((path) => /users|\.\./.test(path))).toEqual([])
    })

    if (capabilities.cancel) describeCancel(() => ({ platform, driver }))
    if (capabilities.targets) describeTargets(() => ({ platform, driver }))
    describeAdministration(() => ({ platform, driver }))
  })
}

type Get = () => { platform: HttpPlatform; driver: Driver }

function describeCancel(get: Get): void {
  it('cancels again after the answer to a cancel was lost', async () => {
    const { platform, driver } = get()
    const job = await driver.launch(launchOf(platform.jobs.wait), soon())
    await untilState(driver, job, ['running'])

    platform.server.fail('cancel', { kind: 'lost' })
    const first = await codeOf(driver.cancel(job.id, soon()))
    const second = await driver.cancel(job.id, soon())

    expect(first).toBe('platform_error')
    expect(['cancelled', 'requested', 'already_finished']).toContain(second)
    expect((await untilEnded(driver, job)).state).toBe('cancelled')
  })
}

function describeTargets(get: Get): void {
  it('limits a job to its targets', async () => {
    const { platform, driver } = get()

    const request = launchOf(platform.jobs.succeed, { targets: ['db01', 'web-2.example.com'] })
    const job = await driver.launch(request, soon())

    expect(await platform.limitedTo?.(job)).toEqual(['db01', 'web-2.example.com'])
  })

  it.each(['all', '*', '!db01', 'a:b', 'a b', '-x', '', '~db.*', '@/etc/hosts'])(
    'refuses %j as a target when it may mean more than one thing to the platform',
    async (target) => {
      const { platform, driver } = get()
      const before = platform.launched()
      const request = launchOf(platform.jobs.succeed, { targets: ['db01', target] })

      const error = await errorOf(driver.launch(request, soon()).then(limits))

      async function limits(job: LaunchedJob): Promise<never> {
        // A platform whose own filter takes any text as a name says so by handing exactly that on.
        expect(await platform.limitedTo?.(job)).toEqual(['db01', target])
        throw new ConnectorError('parameters_invalid', 'taken as it is')
      }
      expect(error.code).toBe('parameters_invalid')
      expect(platform.launched() - before).toBeLessThanOrEqual(1)
    },
  )
}

function describeAdministration(get: Get): void {
  it('reports on a platform that is well', async () => {
    const { driver } = get()

    const facts = (await driver.facts?.(soon())) ?? []

    expect(facts.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['reachable', 'credentials']),
    )
    expect(facts.filter(({ passed }) => !passed)).toEqual([])
  })

  it('reports on a platform that is not there, or lets nobody in, with what to do', async () => {
    const { platform, driver } = get()
    const gone = await startForeignHost()
    await gone.close()
    const away = platform.reopen(gone.url)

    const facts = (await away.facts?.(soon())) ?? []
    await away.close()
    for (const call of ['other', 'describe', 'status', 'find', 'launch'] as const) {
      platform.server.fail(call, answering(401), lasting)
    }
    const locked = (await driver.facts?.(soon())) ?? []

    const failed = [...facts, ...locked].filter(({ passed }) => !passed)
    expect(facts.find(({ what }) => what === 'reachable')).toMatchObject({ passed: false })
    expect(locked.find(({ what }) => what === 'credentials')).toMatchObject({ passed: false })
    expect(failed.filter(({ fix = '' }) => fix === '')).toEqual([])
    const shown = JSON.stringify([...facts, ...locked])
    for (const credential of platform.credentials) expect(shown).not.toContain(credential)
  })

  it('lists what can be launched, by a name that a template may use', async () => {
    const { platform, driver } = get()
    if (!driver.capabilities.describe) return

    const all = (await driver.describe?.(null, soon())) ?? []
    const none = await driver.describe?.('no such job anywhere', soon())
    const problems = await Promise.all(
      all.slice(0, 3).map(({ job }) => driver.check({ job, parameters: [] }, soon())),
    )

    expect(all.length).toBeGreaterThan(0)
    expect(none).toEqual([])
    expect(all.map(({ job }) => job)).toContain(platform.jobs.succeed)
    expect(problems.flat().filter(({ field }) => field === 'job')).toEqual([])
  })
}

/** A host that nobody configured, and whether anybody came. */
async function startForeignHost(): Promise<{
  url: string
  asked: () => number
  close: () => Promise<void>
}> {
  let asked = 0
  const server = createServer((_incoming, outgoing) => {
    asked++
    outgoing.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function errorOf(promise: Promise<unknown>): Promise<ConnectorError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ConnectorError) return error
    throw new Error(`no ConnectorError but ${String(error)}`, { cause: error })
  }
  throw new Error('it did not fail')
}

/** Everything that a log would show of an error. */
function textOf(error: ConnectorError): string {
  const causes: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    causes.push(`${at.message} ${at.stack}`)
  }
  return `${causes.join('\n')} ${JSON.stringify(error)}`
}

function namesOf<T extends object>(record: T): (keyof T)[] {
  // The keys of a literal that is not widened are exactly its own.
  return Object.keys(record) as (keyof T)[]
}
