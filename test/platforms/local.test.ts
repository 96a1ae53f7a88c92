// The built-in runner: the suite for all drivers, then input, output, refusals and the end of jobs.
// What happens when processes are killed: local/survival.test.ts.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Driver, LaunchRequest } from '../../connector/platforms/driver.ts'
import { createLocalDriver } from '../../connector/platforms/local.ts'
import { removeOldJobs } from '../../connector/platforms/local/old-jobs.ts'
import { until } from '../support/until.ts'
import { allOutput, codeOf, testDriver, untilEnded, untilState } from './conformance.ts'
import { declared, launchOf, soon } from './launch.ts'
import { createLocalPlatform, localSettings, runs } from './local/platform.ts'
import type { LocalPlatform } from './local/platform.ts'

const everything = {
  find: true,
  cancel: true,
  progress: true,
  output: true,
  describe: false,
  targets: false,
  callback: 'none',
} as const

testDriver('local', everything, () => Promise.resolve(createLocalPlatform()))

let platform: LocalPlatform
let driver: Driver
beforeAll(() => {
  platform = createLocalPlatform({ output_cap: 100_000 })
  driver = platform.driver
})
afterAll(async () => {
  await platform.close()
})

/** Launches, waits for the end and gives what came of it. */
async function run(job: string, changes: Partial<LaunchRequest> = {}) {
  const launched = await driver.launch(launchOf(job, changes), soon())
  const status = await untilEnded(driver, launched)
  return { launched, status, output: await allOutput(driver, launched.id) }
}

describe('what a local job gets', () => {
  it('has an environment of its own, with nothing of the connector', async () => {
    const request = launchOf('echo.mjs', { parameters: { path: '/var/log', count: 3, none: null } })

    const job = await driver.launch(request, soon())
    await untilEnded(driver, job)

    expect(platform.readJson(job, 'environment.json')).toEqual({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: join(platform.workDir, job.id, 'cwd'),
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      PYTHONUNBUFFERED: '1',
      LEDGER: join(platform.dir, 'ledger'),
      RUN_TOKEN: request.token,
      TICKET_TABLE: 'incident',
      TICKET_SYS_ID: '0123456789abcdef0123456789abcdef',
      TICKET_NUMBER: 'INC0010001',
      REQUESTED_BY: 'beth.anglin',
      PARAM_PATH: '/var/log',
      PARAM_COUNT: '3',
    })
  })

  it('reads one ASCII JSON document with parameters, ticket and run', async () => {
    const request = launchOf('echo.mjs', { parameters: { name: 'Zoë 🙂', none: null } })

    const { launched } = await run(request.job, request)

    const text = platform.read(launched, 'stdin.json')
    expect(text).toMatch(/^[\n -~]*$/)
    expect(JSON.parse(text)).toEqual({
      parameters: { name: 'Zoë 🙂', none: null },
      ticket: {
        table: 'incident',
        sys_id: '0123456789abcdef0123456789abcdef',
        number: 'INC0010001',
      },
      run: { token: request.token, requested_by: 'beth.anglin', timeout_ms: 60_000 },
    })
  })

  it('gets secrets on standard input only, and nothing of them stays on disk', async () => {
    const parameters = { password: 's3cr3t-Pässword', user: 'root' }

    const { launched } = await run('fail.sh', { parameters, secrets: ['password'] })
    const echoed = await run('echo.mjs', { parameters, secrets: ['password'] })

    const environment = platform.read(echoed.launched, 'environment.json')
    expect(platform.readJson(echoed.launched, 'stdin.json')['parameters']).toEqual(parameters)
    expect(environment).toContain('PARAM_USER')
    expect(environment).not.toMatch(/s3cr3t|PARAM_PASSWORD/)
    const directory = join(platform.workDir, launched.id)
    for (const name of ['job.json', 'running.json', 'end.json', 'output']) {
      expect(readFileSync(join(directory, name), 'utf8')).not.toContain('s3cr3t')
    }
  })

  it('gets values too large for an environment as files', async () => {
    const report = 'ä\n"$(id)"'.repeat(30_000)

    const { launched } = await run('echo.mjs', { parameters: { report, small: 'x' } })

    const environment = platform.readJson(launched, 'environment.json')
    expect(environment).not.toHaveProperty('PARAM_REPORT')
    expect(environment).toHaveProperty('PARAM_SMALL', 'x')
    expect(platform.read(launched, 'PARAM_REPORT_FILE.copy')).toBe(report)
    expect(platform.readJson(launched, 'stdin.json')['parameters']).toEqual({ report, small: 'x' })
  })

  it('starts with many values that are too large only together', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `value_${index}`)
    const parameters = Object.fromEntries(names.map((name) => [name, name.padEnd(90_000, '.')]))

    const { launched, status } = await run('echo.mjs', { parameters })

    expect(status.state).toBe('succeeded')
    expect(platform.readJson(launched, 'stdin.json')['parameters']).toEqual(parameters)
    expect(platform.read(launched, 'PARAM_VALUE_39_FILE.copy')).toBe(parameters['value_39'])
  })

  it.each([
    ['NUL', { text: 'a\0b' }],
    ['half of a surrogate pair', { text: 'a\uD800b' }],
    ['a name that is no variable', { 'a=b': 'x' }],
    ['two names for one variable', { report: 'x', report_file: 'y' }],
  ])('is not started with %s', async (_, parameters) => {
    const request = launchOf('succeed.sh', { parameters })

    expect(await codeOf(driver.launch(request, soon()))).toBe('parameters_invalid')
    expect(await driver.find(request.token, soon())).toBeNull()
  })
})

describe('which files can be jobs', () => {
  beforeAll(() => {
    writeFileSync(join(platform.dir, 'secret.sh'), '#!/bin/sh\n', { mode: 0o755 })
    symlinkSync('../secret.sh', join(platform.jobsDir, 'out.sh'))
    symlinkSync('/bin', join(platform.jobsDir, 'out'))
    symlinkSync('loop.sh', join(platform.jobsDir, 'loop.sh'))
    mkdirSync(join(platform.jobsDir, 'folder'))
    writeFileSync(join(platform.jobsDir, 'everybody.sh'), '#!/bin/sh\n')
    chmodSync(join(platform.jobsDir, 'everybody.sh'), 0o777)
  })

  it.each(['../secret.sh', '/bin/sh', 'out.sh', 'out/sh', 'loop.sh', 'a\0b', '', '.', '..'])(
    'knows no job %j, because it is not inside the jobs folder',
    async (job) => {
      const problems = await driver.check({ job, parameters: [] }, soon())

      expect(await codeOf(driver.launch(launchOf(job), soon()))).toBe('platform_job_not_found')
      expect(problems).toMatchObject([{ field: 'job' }])
    },
  )

  it.each([
    ['not-executable.sh', /not executable/, 'platform_forbidden'],
    ['everybody.sh', /everybody may change/, 'platform_forbidden'],
    ['folder', /not a regular file/, 'platform_forbidden'],
    ['no-first-line.sh', /neither a program nor a script/, 'job_start_failed'],
    ['bad-interpreter.sh', /"\/opt\/no\/such\/shell", which is not there/, 'job_start_failed'],
  ])('refuses %s with the reason and a hint', async (job, reason, code) => {
    const request = launchOf(job)

    const problems = await driver.check({ job, parameters: [] }, soon())

    expect(problems).toMatchObject([{ field: 'job', reason: expect.stringMatching(reason) }])
    expect(problems[0]?.hint).not.toBe('')
    expect(await codeOf(driver.launch(request, soon()))).toBe(code)
    expect(await driver.find(request.token, soon())).toBeNull()
  })

  it('says so when the system refuses to start the file, and does not try again', async () => {
    const request = launchOf('directory-interpreter.sh')

    const code = await codeOf(driver.launch(request, soon()))
    const job = await driver.find(request.token, soon())
    const status = await driver.status(job?.id ?? '', soon())

    expect(code).toBe('job_start_failed')
    expect(status).toMatchObject({ state: 'failed', message: expect.stringContaining('EACCES') })
  })

  it('runs a program as well as a script', async () => {
    cpSync('/bin/echo', join(platform.jobsDir, 'program'))

    expect((await run('program')).output.text).toBe('\n')
  })

  it('names parameters that need the same variable before a template is published', async () => {
    const problems = await driver.check(
      { job: 'succeed.sh', parameters: declared('report', 'report_file', 'other') },
      soon(),
    )

    expect(problems).toMatchObject([{ field: 'parameters.report' }])
  })
})

describe('what a local job prints', () => {
  it('arrives in order and readable, without the progress lines', async () => {
    const { status, output } = await run('bytes.sh')

    expect(output).toEqual({
      text: 'out 1\nerr 2\nbad \uFFFD\uFFFD nul \u2400 end\n::progress abc is no progress\nsplit é\nlast',
      omitted: 0,
    })
    expect(status).toMatchObject({ state: 'succeeded', progress: 100, message: 'Later' })
  })

  it('is the same text when it is read while it is written', async () => {
    const job = await driver.launch(launchOf('bytes.sh'), soon())

    let text = ''
    let cursor: string | null = null
    await until('all of it', async () => {
      const { finishedAt } = await driver.status(job.id, soon())
      const part = await driver.output(job.id, cursor, soon())
      cursor = part.cursor
      text += part.text
      return finishedAt !== null && part.text === ''
    })

    expect(text).toBe((await allOutput(driver, job.id)).text)
    expect(text).toContain('split é\nlast')
  })

  it('is cut at the cap, visibly, and does not fill the disk', async () => {
    const { launched, status, output } = await run('flood.sh')

    expect(status.state).toBe('succeeded')
    expect(output.text).toMatch(/x\n\[output beyond 100000 bytes was dropped\]\n$/)
    expect(output.omitted + output.text.length).toBeGreaterThanOrEqual(100_000)
    expect(statSync(join(platform.workDir, launched.id, 'output')).size).toBeLessThanOrEqual(
      100_001,
    )
  })
})

describe('how a local job ends', () => {
  it('tells the driver at once', async () => {
    const ended: string[] = []
    driver.onFinished?.((id) => ended.push(id))
    const job = await driver.launch(launchOf('wait.sh'), soon())

    await platform.release(job)
    await until('the call', () => ended.includes(job.id))

    expect((await driver.status(job.id, soon())).state).toBe('succeeded')
    expect(ended.filter((id) => id === job.id)).toHaveLength(1)
  })

  it('gives the exit code and the last line as the reason', async () => {
    const { status } = await run('fail.sh')

    expect(status).toMatchObject({ state: 'failed', exitCode: 3, message: 'exit code 3: no luck' })
  })

  it('names the signal of a job that was killed from outside', async () => {
    const { status } = await run('own-signal.sh')

    expect(status).toMatchObject({
      state: 'failed',
      exitCode: null,
      message: 'ended by SIGKILL: going down',
    })
  })

  it('at its time limit, as failed', async () => {
    const { status } = await run('wait.sh', { timeoutMs: 1000 })

    expect(status).toMatchObject({ state: 'failed', message: 'timed out after 1 s' })
  })

  it.each(['cancel', 'time limit'])(
    'by force on %s when it ignores the request, with all its processes',
    async (why) => {
      const timeoutMs = why === 'cancel' ? 60_000 : 600
      const job = await driver.launch(launchOf('stubborn.sh', { timeoutMs }), soon())
      const pids = await until('both processes', () => {
        const names = ['child.pid', 'grandchild.pid']
        const paths = names.map((name) => join(platform.workDir, job.id, 'cwd', name))
        if (!paths.every((path) => existsSync(path) && statSync(path).size > 0)) return null
        return names.map((name) => Number(platform.read(job, name)))
      })

      if (why === 'cancel') await driver.cancel(job.id, soon())
      const status = await untilEnded(driver, job)

      expect(status.state).toBe(why === 'cancel' ? 'cancelled' : 'failed')
      expect(pids.map(runs)).toEqual([false, false])
    },
  )

  it('together with what it left behind', async () => {
    const { launched, status } = await run('leaves-child.sh')
    const left = Number(platform.read(launched, 'left.pid'))

    await until('the left process to end', () => !runs(left))

    expect(status).toMatchObject({ state: 'succeeded', exitCode: 0 })
  })
})

describe('many local jobs', () => {
  it('wait in order for a free place, and can be cancelled there', async () => {
    const narrow = platform.open({ max_running: 1 })
    const first = await narrow.launch(launchOf('wait.sh'), soon())
    const [second, third, fourth] = await Promise.all(
      ['succeed.sh', 'succeed.sh', 'succeed.sh'].map((job) => narrow.launch(launchOf(job), soon())),
    )
    if (!second || !third || !fourth) throw new Error('three launches give three jobs')
    expect((await narrow.status(second.id, soon())).state).toBe('pending')

    expect(await narrow.cancel(third.id, soon())).toBe('requested')
    const cancelled = await untilEnded(narrow, third)
    await platform.release(first)
    const states = await Promise.all([first, second, fourth].map((job) => untilEnded(narrow, job)))

    expect(cancelled).toMatchObject({ state: 'cancelled', message: 'cancelled before it began' })
    expect(states.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await Promise.all([second, third, fourth].map(({ id }) => platform.began(id)))).toEqual([
      1, 0, 1,
    ])
    expect(await platform.driver.find(third.id, soon())).toEqual(third)
  })

  it('are kept until the retention is over, and running ones longer', async () => {
    const { launched: ended } = await run('succeed.sh')
    const running = await driver.launch(launchOf('wait.sh'), soon())
    await untilState(driver, running, ['running'])
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(platform.workDir, running.id), 0, 0)

    await removeOldJobs(platform.workDir, new Date(Date.now() - 60_000))
    expect(await driver.find(ended.id, soon())).toEqual(ended)
    await removeOldJobs(platform.workDir, later)

    expect(await driver.find(ended.id, soon())).toBeNull()
    expect(await codeOf(driver.status(ended.id, soon()))).toBe('job_lost')
    expect((await driver.status(running.id, soon())).state).toBe('running')
    await platform.release(running)
    await untilEnded(driver, running)
  })
})

describe('the place of a local platform', () => {
  it('is one for all connectors with its work folder, also when they make the mark at once', async () => {
    const dir = mkdtempSync(join(platform.dir, 'place-'))
    const drivers = Array.from({ length: 8 }, () => {
      const { options, deps } = localSettings(dir)
      return createLocalDriver(options, deps)
    })

    const homes = await Promise.all(drivers.map(async (one) => await one.home?.()))

    const [home] = homes
    expect(new Set(homes.map((one) => one?.id)).size).toBe(1)
    expect(home?.place).toBe(`${join(dir, 'data', 'jobs')} on ${hostname()}`)
    expect(readdirSync(join(dir, 'data', 'jobs'))).toEqual(['runner-id'])
    expect(home?.id).not.toBe((await driver.home?.())?.id)
    await Promise.all(drivers.map((one) => one.close()))
  })

  it('outlives the removal of old jobs', async () => {
    const before = await driver.home?.()

    await removeOldJobs(platform.workDir, new Date(Date.now() + 1000))

    expect(await driver.home?.()).toEqual(before)
  })

  it('is needed for a start: a work folder that cannot be made is named', async () => {
    const { options, deps } = localSettings(platform.dir)
    const blocked = createLocalDriver({ ...options, work_dir: 'ledger-file/jobs' }, deps)
    writeFileSync(join(platform.dir, 'ledger-file'), '')

    await expect(blocked.home?.()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('ledger-file/jobs'),
    })
    await blocked.close()
  })
})

describe('options of a local platform', () => {
  it.each([
    [{}, /jobs_dir/],
    [{ jobs_dir: 'jobs', job_dir: 'x' }, /job_dir/],
    [{ jobs_dir: 'jobs', kill_grace: '10' }, /kill_grace/],
    [{ jobs_dir: 'jobs', output_cap: -1 }, /output_cap/],
    [{ jobs_dir: 'jobs', environment: ['A=B'] }, /environment/],
  ])('%j are refused with the name of the option', (options, name) => {
    const { deps } = localSettings(platform.dir)

    expect(() => createLocalDriver(options, deps)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(name) }),
    )
  })
})
