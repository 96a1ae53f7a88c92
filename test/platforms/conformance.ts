// What every driver must do, whatever its platform: each driver's own test runs this suite and adds only
// what is particular to it. Parts that a platform cannot do are left out by its capabilities.
import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { maxOutputTail } from '#shared/status-update.ts'

import type { ErrorCode } from '../../connector/errors.ts'
import { ConnectorError } from '../../connector/errors.ts'
import type {
  Capabilities,
  Driver,
  JobState,
  JobStatus,
  LaunchedJob,
} from '../../connector/platforms/driver.ts'
import { until } from '../support/until.ts'
import { launchOf, soon } from './launch.ts'

/** What a driver's test provides: a real platform, or a stand-in for one, with these jobs on it. */
export interface Platform {
  driver: Driver
  /** Job references. */
  jobs: {
    /** Prints "done" and succeeds. */
    succeed: string
    /** Prints "no luck" and fails, with exit code 3 where the platform has exit codes. */
    fail: string
    /** Prints "waiting" and runs until `release` or a cancel. */
    wait: string
    /** Reports 10, 60, 30 and 90 percent, then runs until `release`. Only with `capabilities.progress`. */
    progress: string
    /** Prints "line 1" to "line 10000". */
    lines: string
    /** Succeeds after taking note of its parameters for `received`. */
    echo: string
    /** A reference that names nothing. */
    missing: string
  }
  /** Lets a job of `wait` or `progress` succeed. */
  release(job: LaunchedJob): Promise<void>
  /** The parameters that reached the job. */
  received(job: LaunchedJob): Promise<Record<string, unknown>>
  /** Names of hostile texts that this platform would change on the way: they must be refused instead. */
  changes?: readonly (keyof typeof hostileTexts)[]
  /** How many jobs the platform really began for this token. */
  began(token: string): Promise<number>
  /** Another driver for the same platform, as a connector that was started again makes it. */
  reopen(): Driver
  close(): Promise<void>
}

/** Text of tickets that has broken other systems. */
const hostileTexts = {
  command: '$(rm -rf /) `reboot`; true && false | tee /etc/passwd > /dev/null #',
  quotes: `"double" 'single' \\back\\slash %s %n \${HOME} {{ 7*7 }}`,
  lines: 'first\nsecond\r\nthird\ttab\n\n-- last',
  right_to_left: 'מערכת התקלות \u202Eabc\u202C ‏العربية',
  emoji: '👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301 ﬀ 你好 \u{10FFFF}',
  option: '--help -rf / *',
  empty: '',
  controls: '\u0001\u001B[31mred\u001B[0m\u0007\u2028\u2029\uFEFF',
  progress: '::progress 100 not really',
}

/** Waits until the job is in one of the states and gives the status that said so. */
export async function untilState(
  driver: Driver,
  job: LaunchedJob,
  states: readonly JobState[],
): Promise<JobStatus> {
  return await until(`job ${job.id} to be ${states.join(' or ')}`, async () => {
    const status = await driver.status(job.id, soon())
    return states.includes(status.state) ? status : null
  })
}

/** Waits for the end of the job. */
export async function untilEnded(driver: Driver, job: LaunchedJob): Promise<JobStatus> {
  return await untilState(driver, job, ['succeeded', 'failed', 'cancelled', 'unknown'])
}

/** All output there is now, put together from as many reads as it takes. */
export async function allOutput(
  driver: Driver,
  jobId: string,
): Promise<{ text: string; omitted: number }> {
  let text = ''
  let omitted = 0
  let cursor: string | null = null
  for (;;) {
    const part = await driver.output(jobId, cursor, soon())
    if (part.text === '' && part.omitted === 0) return { text, omitted }
    if (part.omitted > 0) {
      // What was left out stood between the parts: the text so far is no longer the end.
      omitted += text.length + part.omitted
      text = ''
    }
    text += part.text
    cursor = part.cursor
  }
}

/** The code of the ConnectorError that the promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'no error' | 'other'> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return error instanceof ConnectorError ? error.code : 'other'
  }
}

/** Runs the suite against the platform that `setup` makes. */
export function testDriver(
  name: string,
  capabilities: Capabilities,
  setup: () => Promise<Platform>,
): void {
  describe(`${name} keeps the promises of a driver`, () => {
    let platform: Platform
    beforeAll(async () => {
      platform = await setup()
    })
    afterAll(async () => {
      await platform.close()
    })

    it('says what it can do', () => {
      expect(platform.driver.capabilities).toEqual(capabilities)
    })

    it('runs a job to success', async () => {
      const { driver, jobs } = platform

      const job = await driver.launch(launchOf(jobs.succeed), soon())
      const status = await untilEnded(driver, job)

      expect(status.state).toBe('succeeded')
      expect(status.exitCode ?? 0).toBe(0)
      expect(status.message).not.toBe('')
      expect(status.finishedAt?.getTime()).toBeGreaterThanOrEqual(
        status.startedAt?.getTime() ?? NaN,
      )
    })

    it('reports a failed job with a reason', async () => {
      const { driver, jobs } = platform

      const job = await driver.launch(launchOf(jobs.fail), soon())
      const status = await untilEnded(driver, job)

      expect(status.state).toBe('failed')
      expect([3, null]).toContain(status.exitCode)
      expect(status.message).not.toBe('')
    })

    it('shows a job as running while it runs, and its end to a driver made later', async () => {
      const { driver, jobs } = platform

      const job = await driver.launch(launchOf(jobs.wait), soon())
      const during = await untilState(driver, job, ['running'])
      await platform.release(job)
      const later = platform.reopen()
      const after = await untilEnded(later, job)
      await later.close()

      expect(during.finishedAt).toBeNull()
      expect(after.state).toBe('succeeded')
    })

    it('does not change its mind about an ended job', async () => {
      const { driver, jobs } = platform
      const job = await driver.launch(launchOf(jobs.fail), soon())

      const first = await untilEnded(driver, job)
      const second = await driver.status(job.id, soon())

      expect(second).toEqual(first)
    })

    it('refuses a job that does not exist, before and at the launch', async () => {
      const { driver, jobs } = platform

      const problems = await driver.check({ job: jobs.missing, parameters: [] }, soon())
      const code = await codeOf(driver.launch(launchOf(jobs.missing), soon()))

      expect(problems.map(({ field }) => field)).toContain('job')
      expect(code).toBe('platform_job_not_found')
      expect(await driver.check({ job: jobs.succeed, parameters: [] }, soon())).toEqual([])
    })

    it('answers job_lost for an id that it does not know', async () => {
      const { driver } = platform
      const unknown = '2147483000'

      expect(await codeOf(driver.status(unknown, soon()))).toBe('job_lost')
      if (capabilities.output)
        expect(await codeOf(driver.output(unknown, null, soon()))).toBe('job_lost')
      if (capabilities.cancel) expect(await driver.cancel(unknown, soon())).toBe('not_found')
    })

    it('brings every parameter to the job exactly as it was', async () => {
      const { driver, jobs, changes = [] } = platform
      const parameters: Record<string, string | number | boolean> = {
        ...hostileTexts,
        long: 'Größe 你好 "x"\n'.repeat(40_000),
        count: 42,
        ratio: -0.5,
        yes: true,
        no: false,
      }
      for (const name of changes) {
        const request = launchOf(jobs.echo, { parameters: { [name]: hostileTexts[name] } })
        expect(await codeOf(driver.launch(request, soon()))).toBe('parameters_invalid')
        expect(await platform.began(request.token)).toBe(0)
        delete parameters[name]
      }

      const job = await driver.launch(launchOf(jobs.echo, { parameters }), soon())
      const status = await untilEnded(driver, job)

      expect(status.state).toBe('succeeded')
      expect(await platform.received(job)).toEqual(parameters)
    })

    it('gives up a call when its signal fires', async () => {
      const { driver, jobs } = platform
      const fired = AbortSignal.abort()

      expect(await codeOf(driver.launch(launchOf(jobs.succeed), fired))).toBe('platform_timeout')
      expect(await codeOf(driver.status('1', fired))).toBe('platform_timeout')
    })

    it('waits longer between status reads the longer a job runs', () => {
      const { driver } = platform

      const delays = [0, 5000, 30_000, 300_000, 3_600_000].map((ms) => driver.pollDelayMs(ms))

      expect(delays).toEqual(delays.toSorted((a, b) => a - b))
      expect(Math.max(...delays)).toBeLessThanOrEqual(60_000)
    })

    if (capabilities.find) describeFind(() => platform)
    if (capabilities.cancel) describeCancel(() => platform)
    if (capabilities.progress) describeProgress(() => platform)
    if (capabilities.output) describeOutput(() => platform)
  })
}

function describeFind(get: () => Platform): void {
  it('finds a launched job by its token, also with a driver made later', async () => {
    const platform = get()
    const { driver, jobs } = platform
    const request = launchOf(jobs.succeed)

    const inDoubt = { job: request.job, at: new Date() }
    const before = await driver.find(request.token, soon(), inDoubt)
    const job = await driver.launch(request, soon())
    const later = platform.reopen()

    expect(before).toBeNull()
    expect(await driver.find(request.token, soon(), inDoubt)).toEqual(job)
    expect(await later.find(request.token, soon(), inDoubt)).toEqual(job)
    await later.close()
  })

  it('does not run a token again that find knows', async () => {
    const platform = get()
    const { driver, jobs } = platform
    const request = launchOf(jobs.succeed)
    const job = await driver.launch(request, soon())
    await untilEnded(driver, job)

    const inDoubt = { job: request.job, at: new Date() }
    const found = await driver.find(request.token, soon(), inDoubt)

    expect(found).toEqual(job)
    expect(await platform.began(request.token)).toBe(1)
  })
}

function describeCancel(get: () => Platform): void {
  it('cancels a running job', async () => {
    const { driver, jobs } = get()
    const job = await driver.launch(launchOf(jobs.wait), soon())
    await untilState(driver, job, ['running'])

    const result = await driver.cancel(job.id, soon())
    const status = await untilEnded(driver, job)

    expect(['cancelled', 'requested']).toContain(result)
    expect(status.state).toBe('cancelled')
  })

  it('says that an ended job cannot be cancelled, and leaves its state alone', async () => {
    const { driver, jobs } = get()
    const job = await driver.launch(launchOf(jobs.succeed), soon())
    await untilEnded(driver, job)

    const result = await driver.cancel(job.id, soon())

    expect(result).toBe('already_finished')
    expect((await driver.status(job.id, soon())).state).toBe('succeeded')
  })

  it('takes a second cancel of the same job', async () => {
    const { driver, jobs } = get()
    const job = await driver.launch(launchOf(jobs.wait), soon())
    await untilState(driver, job, ['running'])

    await driver.cancel(job.id, soon())
    const again = await driver.cancel(job.id, soon())

    expect(['cancelled', 'requested', 'already_finished']).toContain(again)
    expect((await untilEnded(driver, job)).state).toBe('cancelled')
  })
}

function describeProgress(get: () => Platform): void {
  it('shows progress that never goes back', async () => {
    const platform = get()
    const { driver, jobs } = platform
    const job = await driver.launch(launchOf(jobs.progress), soon())

    const seen: number[] = []
    await until('90 percent', async () => {
      const { progress } = await driver.status(job.id, soon())
      if (progress !== null) seen.push(progress)
      return progress === 90
    })
    await platform.release(job)
    const end = await untilEnded(driver, job)

    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(end).toMatchObject({ state: 'succeeded', progress: 100 })
  })
}

function describeOutput(get: () => Platform): void {
  it('gives output while the job runs, each part once', async () => {
    const platform = get()
    const { driver, jobs } = platform
    const job = await driver.launch(launchOf(jobs.wait), soon())

    const first = await until('the first line', async () => {
      const part = await driver.output(job.id, null, soon())
      return part.text.includes('waiting') ? part : null
    })
    const second = await driver.output(job.id, first.cursor, soon())
    await platform.release(job)
    await untilEnded(driver, job)

    expect(second.text).toBe('')
    expect((await allOutput(driver, job.id)).text.match(/waiting/g)).toHaveLength(1)
  })

  it('gives the end of long output and counts what it left out', async () => {
    const { driver, jobs } = get()
    const expected = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}\n`).join('')

    const job = await driver.launch(launchOf(jobs.lines), soon())
    await untilEnded(driver, job)
    const { text, omitted } = await allOutput(driver, job.id)

    expect(text.length).toBeGreaterThan(maxOutputTail / 2)
    expect(expected.endsWith(text)).toBe(true)
    expect(omitted + text.length).toBe(expected.length)
  })

  it('loses nothing when it is read all the time', async () => {
    const { driver, jobs } = get()
    const job = await driver.launch(launchOf(jobs.lines), soon())

    let length = 0
    let cursor: string | null = null
    for (let ended = false, empty = false; !ended || !empty;) {
      ended = (await driver.status(job.id, soon())).finishedAt !== null
      const part = await driver.output(job.id, cursor, soon())
      cursor = part.cursor
      length += part.omitted + part.text.length
      empty = part.text === ''
      await wait(1)
    }

    expect(length).toBe(Array.from({ length: 10_000 }, (_, i) => `line ${i + 1}\n`).join('').length)
  })
}
