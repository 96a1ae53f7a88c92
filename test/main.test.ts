// The program as an admin starts it: exit codes, what it says, and how it stops.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { testEnv, testInstance, writeConfigFile } from './support/config.ts'
import { makeEvent, signEvent } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import { until } from './support/until.ts'

const main = join(import.meta.dirname, '../connector/main.ts')

interface Program {
  process: ChildProcess
  output(): string
  errors(): string
  exit: Promise<number | null>
}

let programs: Program[] = []

afterEach(() => {
  for (const program of programs) program.process.kill('SIGKILL')
  programs = []
})

function run(env: Record<string, string>): Program {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-main-'))
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', DATA_DIR: folder, ...testEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const program = { process: child, output: () => output, errors: () => errors, exit }
  programs.push(program)
  return program
}

function goodConfig(): string {
  const templates_dir = mkdtempSync(join(tmpdir(), 'ticket-automation-templates-'))
  mkdirSync(join(templates_dir, 'jobs'))
  const platforms = { local: { type: 'local', jobs_dir: join(templates_dir, 'jobs') } }
  return writeConfigFile({ instances: [testInstance()], platforms, templates_dir })
}

async function listening(program: Program): Promise<string> {
  return until('the program to listen', () => {
    if (program.process.exitCode !== null) throw new Error(program.errors())
    return /"url":"([^"]+)"/.exec(program.output())?.[1]
  })
}

test('wrong settings end it with 2 and name themselves', async () => {
  const program = run({ CONFIG_FILE: writeConfigFile({ instances: [] }), PORT: 'x' })

  expect(await program.exit).toBe(2)
  expect(program.errors()).toMatch(/^ticket-automation: config_invalid: settings are wrong:/)
  expect(program.errors()).toContain('PORT')
  expect(program.errors()).toContain('instances')
  expect(program.errors()).not.toContain('    at ')
})

test('a database that cannot be reached ends it with 1', async () => {
  const DATABASE_URL = 'postgresql://me:secret-word@127.0.0.1:1/tickets'
  const program = run({ CONFIG_FILE: goodConfig(), DATABASE_URL })

  expect(await program.exit).toBe(1)
  expect(program.errors()).toMatch(/^ticket-automation: database_unavailable: /)
  expect(program.errors() + program.output()).not.toContain('secret-word')
})

test('accepts events, and ends with 0 at SIGTERM', async () => {
  const database = await createTestDatabase()
  const program = run({ CONFIG_FILE: goodConfig(), DATABASE_URL: database.connectionString })
  const url = await listening(program)
  const { body, token } = await signEvent(makeEvent())
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }

  const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers, body })
  await until('ready', async () => (await fetch(`${url}/readyz`)).status === 200)
  program.process.kill('SIGTERM')

  expect(answer.status).toBe(202)
  expect(await program.exit).toBe(0)
  expect(program.output()).toContain('"msg":"stopped"')
  expect(program.errors()).toBe('')
  await database.drop()
})

test('a second signal ends it at once', async () => {
  const database = await createTestDatabase()
  const program = run({ CONFIG_FILE: goodConfig(), DATABASE_URL: database.connectionString })
  const url = await listening(program)
  // A request that never ends keeps the first signal waiting.
  const slow = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) })
  const hanging = fetch(`${url}/v1/events`, { method: 'POST', body: slow, duplex: 'half' }).catch(
    () => 'cut',
  )
  await until('the request', async () => (await fetch(`${url}/healthz`)).ok)

  program.process.kill('SIGINT')
  await until('the stop to begin', () => program.output().includes('second signal'))
  program.process.kill('SIGINT')

  expect(await program.exit).toBe(1)
  expect(await hanging).toBe('cut')
  await database.drop()
})
