// The built-in runner when processes are killed at the worst moment: what runs is found again, what is not
// known is said to be unknown, and nothing runs twice.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { until } from '../../support/until.ts'
import { allOutput, untilEnded, untilState } from '../conformance.ts'
import { launchOf, soon } from '../launch.ts'
import { createLocalPlatform, kill, runs } from './platform.ts'
import type { LocalPlatform } from './platform.ts'

const launcher = fileURLToPath(new URL('launcher.ts', import.meta.url))

let platform: LocalPlatform
beforeEach(() => {
  platform = createLocalPlatform()
})
afterEach(async () => {
  await platform.close()
})

interface Connector {
  child: ChildProcess
  answered: string[]
}

/** A connector process that launches the tokens. */
function startConnector(then: 'stay' | 'leave', job: string, tokens: string[]): Connector {
  const timeoutMs = job === 'stubborn.sh' ? '1500' : '60000'
  const child = spawn(process.execPath, [launcher, platform.dir, then, job, timeoutMs, ...tokens], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const answered: string[] = []
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    answered.push(...text.split('\n').filter((line) => line !== ''))
  })
  return { child, answered }
}

async function killConnector({ child }: Connector): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

describe('a connector that is killed', () => {
  it('leaves its job running for the next one, which sees all of it', async () => {
    const token = randomUUID()
    const connector = startConnector('stay', 'wait.sh', [token])
    await until('the launch', () => connector.answered.includes(token))

    await killConnector(connector)
    const { driver } = platform
    const job = await driver.find(token, soon())
    if (job === null) throw new Error('the job was launched and must be found')
    const before = await driver.status(job.id, soon())
    const ended = new Promise((resolve) => driver.onFinished?.(resolve))
    await platform.release(job)
    const released = performance.now()
    await ended
    const noticedMs = performance.now() - released

    expect(before.state).toBe('running')
    expect(await driver.status(job.id, soon())).toMatchObject({ state: 'succeeded', exitCode: 0 })
    expect((await allOutput(driver, job.id)).text).toBe('waiting\n')
    // The job itself looks every 20 ms; the rest is how late the end was noticed on a busy machine.
    expect(noticedMs).toBeLessThan(1000)
  })

  it('does not stop the time limit and the force behind it', async () => {
    const token = randomUUID()
    const connector = startConnector('stay', 'stubborn.sh', [token])
    await until('the launch', () => connector.answered.includes(token))

    await killConnector(connector)
    const status = await untilEnded(platform.driver, { id: token, url: null })

    expect(status).toMatchObject({
      state: 'failed',
      message: 'timed out after 1.5 s',
    })
    expect(runs(Number(platform.read({ id: token, url: null }, 'grandchild.pid')))).toBe(false)
  })

  it('does not keep its jobs from being cancelled by the next one', async () => {
    const token = randomUUID()
    const connector = startConnector('stay', 'wait.sh', [token])
    await until('the launch', () => connector.answered.includes(token))
    await killConnector(connector)
    const job = { id: token, url: null }

    const result = await platform.driver.cancel(token, soon())
    const status = await untilEnded(platform.driver, job)

    expect(result).toBe('requested')
    expect(status.state).toBe('cancelled')
  })

  it('leaves no supervisor once its last job has ended', async () => {
    const token = randomUUID()
    const job = { id: token, url: null }
    const connector = startConnector('stay', 'wait.sh', [token])
    await until('the launch', () => connector.answered.includes(token))
    const supervisor = platform.supervisorOf(job)

    await killConnector(connector)
    expect(runs(supervisor)).toBe(true)
    await platform.release(job)

    await until('the supervisor to leave', () => !runs(supervisor))
  })

  it('ran every token at most once, and what it did not run can be launched again', async () => {
    for (const killAfter of [0, 1, 2, 3, 5, 8, 10]) {
      const tokens = Array.from({ length: 10 }, () => randomUUID())
      const connector = startConnector('stay', 'succeed.sh', tokens)

      await until('that many launches', () => connector.answered.length > killAfter)
      await killConnector(connector)
      for (const token of tokens) {
        const found = await platform.driver.find(token, soon())
        const job =
          found ?? (await platform.driver.launch(launchOf('succeed.sh', { token }), soon()))
        const status = await untilEnded(platform.driver, job)

        expect(status.state).toBe('succeeded')
      }

      const counts = await Promise.all(tokens.map((token) => platform.began(token)))
      expect(counts).toEqual(tokens.map(() => 1))
    }
  })
})

describe('a connector that ends by itself', () => {
  it('is not kept alive by running jobs', async () => {
    const token = randomUUID()
    const connector = startConnector('leave', 'wait.sh', [token])

    const [code] = await once(connector.child, 'exit')

    expect(code).toBe(0)
    expect((await platform.driver.status(token, soon())).state).toBe('running')
    await platform.release({ id: token, url: null })
    await untilEnded(platform.driver, { id: token, url: null })
  })

  it('does not wait for jobs when it closes, and takes an idle supervisor with it', async () => {
    const busy = platform.open()
    const idle = platform.open()
    const job = await busy.launch(launchOf('wait.sh'), soon())
    const done = await idle.launch(launchOf('succeed.sh'), soon())
    await untilEnded(idle, done)

    await Promise.all([busy.close(), idle.close()])

    expect(runs(platform.supervisorOf(job))).toBe(true)
    expect(runs(platform.supervisorOf(done))).toBe(false)
    await platform.release(job)
    await untilEnded(platform.driver, job)
  })
})

describe('a supervisor that is killed', () => {
  it('makes the outcome unknown once the job is over, never a second run', async () => {
    const { driver } = platform
    const request = launchOf('wait.sh')
    const job = await driver.launch(request, soon())
    await untilState(driver, job, ['running'])
    const pid = platform.pidOf(job)

    await kill(platform.supervisorOf(job))
    const orphaned = await driver.status(job.id, soon())
    const again = await driver.launch(request, soon())
    await platform.release(job)
    await until('the job to end', () => !runs(pid))
    const status = await untilEnded(driver, job)

    expect(orphaned).toMatchObject({ state: 'running', message: expect.stringContaining('gone') })
    expect(again).toEqual(job)
    expect(status).toMatchObject({
      state: 'unknown',
      message: expect.stringContaining('not known'),
    })
    expect((await allOutput(driver, job.id)).text).toBe('waiting\n')
    expect(await driver.find(request.token, soon())).toEqual(job)
    expect(await driver.cancel(job.id, soon())).toBe('already_finished')
  })

  it('together with the job makes the outcome unknown at once', async () => {
    const { driver } = platform
    const request = launchOf('wait.sh')
    const job = await driver.launch(request, soon())
    const pid = platform.pidOf(job)

    await kill(platform.supervisorOf(job))
    await kill(pid)
    const status = await driver.status(job.id, soon())
    await driver.launch(request, soon())

    expect(status.state).toBe('unknown')
    expect(platform.pidOf(job)).toBe(pid)
  })

  it.each(['cancel', 'time limit'])('does not save its job from the %s', async (why) => {
    const { driver } = platform
    const timeoutMs = why === 'cancel' ? 60_000 : 2500
    const job = await driver.launch(launchOf('stubborn.sh', { timeoutMs }), soon())
    const path = join(platform.workDir, job.id, 'cwd', 'grandchild.pid')
    await until(
      'the grandchild',
      () => existsSync(path) && platform.read(job, 'grandchild.pid') !== '',
    )
    const pids = [platform.pidOf(job), Number(platform.read(job, 'grandchild.pid'))]

    await kill(platform.supervisorOf(job))
    if (why === 'cancel') expect(await driver.cancel(job.id, soon())).toBe('requested')
    const status = await untilEnded(driver, job)

    expect(status.state).toBe('unknown')
    await until('all processes to be gone', () => !pids.some(runs))
  })

  it('is replaced for the next launch', async () => {
    const { driver } = platform
    const first = await driver.launch(launchOf('succeed.sh'), soon())
    await untilEnded(driver, first)

    await kill(platform.supervisorOf(first))
    const second = await driver.launch(launchOf('succeed.sh'), soon())

    expect(await untilEnded(driver, second)).toMatchObject({ state: 'succeeded' })
    expect(await driver.status(first.id, soon())).toMatchObject({ state: 'succeeded' })
  })

  it('had certainly not begun what still waited: that can be launched again', async () => {
    const narrow = platform.open({ max_running: 1 })
    const running = await narrow.launch(launchOf('wait.sh'), soon())
    const request = launchOf('succeed.sh')
    const waiting = await narrow.launch(request, soon())

    await kill(platform.supervisorOf(running))
    const found = await platform.driver.find(request.token, soon())
    const status = await platform.driver.status(waiting.id, soon())
    const again = await platform.driver.launch(request, soon())

    expect(found).toBeNull()
    expect(status).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('never started'),
    })
    expect(await untilEnded(platform.driver, again)).toMatchObject({ state: 'succeeded' })
    expect(await platform.began(request.token)).toBe(1)
    await platform.release(running)
    await untilEnded(platform.driver, running)
  })

  it('at any moment of many launches leaves no token that ran twice', async () => {
    for (const killAfter of [0, 1, 2, 4, 6, 9, 12]) {
      const driver = platform.open()
      const warm = await driver.launch(launchOf('succeed.sh'), soon())
      const supervisor = platform.supervisorOf(warm)
      const requests = Array.from({ length: 12 }, () => launchOf('succeed.sh'))
      let launched = 0

      const launches = requests.map(async (request) => {
        await driver.launch(request, soon())
        if (++launched === killAfter) process.kill(supervisor, 'SIGKILL')
      })
      if (killAfter === 0) process.kill(supervisor, 'SIGKILL')
      await Promise.allSettled(launches)
      await until('the supervisor to be gone', () => !runs(supervisor))
      for (const request of requests) {
        const found = await platform.driver.find(request.token, soon())
        const job = found ?? (await platform.driver.launch(request, soon()))
        const { state } = await untilEnded(platform.driver, job)
        const began = await platform.began(request.token)

        expect(['succeeded', 'unknown']).toContain(state)
        expect(began).toBeLessThanOrEqual(1)
        if (state === 'succeeded') expect(began).toBe(1)
      }
    }
  })
})

describe('a token', () => {
  it('runs once when twenty launches of five connectors race for it', async () => {
    const drivers = Array.from({ length: 5 }, () => platform.open())
    const request = launchOf('succeed.sh')
    const racers = drivers.flatMap((driver) => [driver, driver, driver, driver])

    const jobs = await Promise.all(racers.map((driver) => driver.launch(request, soon())))
    const states = await Promise.all(
      drivers.map((driver) => untilEnded(driver, { id: request.token, url: null })),
    )

    expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set([request.token]))
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['succeeded']))
    expect(await platform.began(request.token)).toBe(1)
    expect(readdirSync(platform.workDir).filter((name) => name.startsWith('.new-'))).toEqual([])
  })

  it('whose start was cut off by a power failure is unknown and is not run', async () => {
    const request = launchOf('succeed.sh')
    mkdirSync(join(platform.workDir, request.token), { recursive: true })
    // What an interrupted write leaves.
    writeFileSync(join(platform.workDir, request.token, 'job.json'), '{"token":"')

    const found = await platform.driver.find(request.token, soon())
    await platform.driver.launch(request, soon())
    const status = await platform.driver.status(request.token, soon())

    expect(found).toEqual({ id: request.token, url: null })
    expect(status).toMatchObject({
      state: 'unknown',
      message: expect.stringContaining('may or may not have begun'),
    })
    expect(await platform.began(request.token)).toBe(0)
  })

  it('of a process number that was given to another process is not mistaken for its job', async () => {
    const request = launchOf('succeed.sh')
    const directory = join(platform.workDir, request.token)
    const dead = { pid: process.pid, start: 'of an earlier process with this number' }
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'job.json'), JSON.stringify(recordOf(request.token, dead)))
    const running = { process: dead, startedAt: new Date(0).toISOString() }
    writeFileSync(join(directory, 'running.json'), JSON.stringify(running))

    const status = await platform.driver.status(request.token, soon())

    expect(status.state).toBe('unknown')
    expect(runs(process.pid)).toBe(true)
  })
})

function recordOf(token: string, supervisor: { pid: number; start: string }) {
  const acceptedAt = new Date(0).toISOString()
  const limits = { timeoutMs: 1000, killGraceMs: 1000 }
  return { token, job: 'succeed.sh', ticket: 'INC0010001', supervisor, acceptedAt, ...limits }
}
