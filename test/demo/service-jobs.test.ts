// The sample jobs that look at processes and services, run for real by the built-in runner.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'

import { kill, runs } from '../platforms/local/platform.ts'
import { until } from '../support/until.ts'
import { createSampleJobs } from './sample-jobs.ts'

const jobs = createSampleJobs()
const { dir } = jobs
afterAll(() => jobs.close())

const program = join(dir, 'shop.mjs')
const pidFile = join(dir, 'shop.pid')
let port = 0

beforeEach(async () => {
  port = await freePort()
  rmSync(pidFile, { force: true })
  setUp(false)
})

/** A service that answers; a stuck one does not end when it is asked to. */
function setUp(stuck: boolean): void {
  writeFileSync(
    program,
    `import { createServer } from 'node:http'
     createServer((_, reply) => reply.end('ok')).listen(${port}, '127.0.0.1')
     process.on('SIGTERM', () => process.env.STUCK ? undefined : process.exit())`,
  )
  jobs.settings({
    services: {
      shop: {
        command: [process.execPath, program],
        pid_file: pidFile,
        log_file: join(dir, 'shop.log'),
        stop_seconds: 0.5,
        environment: stuck ? { STUCK: 'yes' } : {},
        health_url: `http://127.0.0.1:${port}/`,
      },
    },
  })
}
afterEach(async () => {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0
  if (pid > 1 && pid !== process.pid && runs(pid)) await kill(pid)
})

describe('restart-service', () => {
  it('starts a service that is down, and restarts one that runs', async () => {
    const first = await jobs.run('restart-service.mjs', { service: 'shop' })
    const firstPid = Number(readFileSync(pidFile, 'utf8'))
    const second = await jobs.run('restart-service.mjs', { service: 'shop' })
    const secondPid = Number(readFileSync(pidFile, 'utf8'))

    expect(first.text).toMatch(
      /^Before: shop does not answer\.\nIt was not running\.\nStarted with/,
    )
    expect(first.status.message).toMatch(/^shop is running again and answers/)
    expect(second.text).toMatch(
      /^Before: shop answers\.\nProcess \d+ ended\.\nStarted with process/,
    )
    expect(second.status.state).toBe('succeeded')
    expect(runs(firstPid)).toBe(false)
    // Its session is its own: the runner ends what jobs leave behind, but not this.
    expect(runs(secondPid)).toBe(true)
    expect((await fetch(`http://127.0.0.1:${port}/`)).ok).toBe(true)
  })

  it('ends a service by force that does not end when it is asked to', async () => {
    setUp(true)
    await jobs.run('restart-service.mjs', { service: 'shop' })

    const { status, text } = await jobs.run('restart-service.mjs', { service: 'shop' })

    expect(status.state).toBe('succeeded')
    expect(text).toMatch(/did not end within 0.5 s and was ended by force\.\nStarted with process/)
  })

  it('fails when the service does not come up', async () => {
    writeFileSync(program, 'throw new Error("no configuration")')

    const { status } = await jobs.run('restart-service.mjs', { service: 'shop' })

    expect(status).toMatchObject({ state: 'failed', exitCode: 1 })
    expect(status.message).toMatch(/ended right after its start\. Its log: .*shop\.log$/)
    expect(readFileSync(join(dir, 'shop.log'), 'utf8')).toContain('no configuration')
  })

  it('does not end a process that is not the service', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    })
    const pid = other.pid ?? 0
    writeFileSync(pidFile, String(pid))

    const { status } = await jobs.run('restart-service.mjs', { service: 'shop' })
    const alive = runs(pid)
    await kill(pid)

    expect(status).toMatchObject({ state: 'failed', exitCode: 2 })
    expect(status.message).toContain('is not this service')
    expect(alive).toBe(true)
  })

  it('knows only services of its settings', async () => {
    const { status } = await jobs.run('restart-service.mjs', { service: 'shop; reboot' })

    expect(status.message).toContain('there is no service "shop; reboot" here (known: shop)')
  })
})

describe('collect-diagnostics', () => {
  const log = join(dir, 'diagnosed.log')

  it('reports the state of the machine and the end of a log, without secrets', async () => {
    jobs.settings({ disks: [dir, '/no/such/disk'], logs: { shop: { path: log } } })
    writeFileSync(
      log,
      'first\nlogin password=hunter2 ok\nAuthorization: Bearer abc.def.ghi\n{"api_key": "k-123"}\n',
    )

    const { status, text } = await jobs.run('collect-diagnostics.mjs', { log: 'shop', lines: 3 })

    expect(status.state).toBe('succeeded')
    expect(text).toMatch(/^Diagnostics of .+ for INC0010001, /)
    expect(text).toMatch(/Up for .+, load [\d.]+ [\d.]+ [\d.]+ on \d+ processors/)
    expect(text).toMatch(/Memory: \d+ % of [\d.]+ [GT]B in use/)
    expect(text).toContain(`Disk of ${dir}: `)
    expect(text).toContain('Disk of /no/such/disk: cannot be read')
    expect(text).toMatch(/Busiest processes.*:\n( +[\d.]+ +[\d.,]+ {2}\S.*\n){2,5}/)
    expect(text).toContain('login password=*** ok\nAuthorization: Bearer ***\n{"api_key": ***')
    expect(text).not.toMatch(/first|hunter2|abc\.def|k-123/)
    expect(text.length).toBeLessThan(3000)
  })

  it('needs no log', async () => {
    jobs.settings({})

    const { status, text } = await jobs.run('collect-diagnostics.mjs', { log: null, lines: 10 })

    expect(status.state).toBe('succeeded')
    expect(text).not.toContain('End of')
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await until('a port', () => server.listening)
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
