// Templates and jobs for tests of the whole road: an echo, a job that waits for a sign, a job that only others may
// start, and a rule that fires on updates. Jobs leave what they saw in a folder.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { freePort } from '../../connector/db/engine-cluster.ts'
import type { PlatformOptions } from '../instance/platform/options.ts'
import { signInAs } from './agent.ts'
import { createTestDatabase } from './postgres.ts'
import { startStack } from './stack.ts'
import type { Stack } from './stack.ts'

/** Both halves with these templates. */
export interface FlowSite extends AsyncDisposable {
  stack: Stack
  url: string
  /** What the job of a ticket saw: its whole input. Throws when it did not run. */
  inputOf(number: string): { parameters: Record<string, unknown> }
  /** Process id of the waiting job of a ticket, or null before it has begun. */
  pidOf(number: string): number | null
  /** Lets the waiting job of a ticket go on to its next part: half, then end. */
  sign(number: string, part: 'half' | 'end'): void
}

/** What the jobs share: input from stdin, a folder to leave things in. */
const echoJob = `#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs'
const text = readFileSync(0, 'utf8')
const input = JSON.parse(text)
writeFileSync(new URL('seen-' + input.ticket.number, import.meta.url), text)
console.log(input.parameters.text ?? '(no text)')
console.log('::progress 100 Echoed')
`

const waitJob = `#!/usr/bin/env node
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
const { ticket } = JSON.parse(readFileSync(0, 'utf8'))
async function sign(part) {
  while (!existsSync(new URL('sign-' + part + '-' + ticket.number, import.meta.url))) await wait(20)
}
console.log('::progress 20 Waiting for the first sign')
writeFileSync(new URL('pid-' + ticket.number, import.meta.url), String(process.pid))
await sign('half')
console.log('First part done')
console.log('::progress 60 Waiting for the second sign')
await sign('end')
console.log('::progress 100 All done')
`

const resolves = { succeeded: { transition: 'resolved' }, failed: { transition: 'in_progress' } }

const templates: readonly Record<string, unknown>[] = [
  {
    name: 'echo-text',
    title: 'Echo the description',
    description: 'Prints the description of the ticket.',
    job: 'echo.mjs',
    match: [
      { table: 'incident', when: 'active=true^short_descriptionLIKEecho', trigger: ['manual'] },
    ],
    parameters: [{ name: 'text', type: 'text', label: 'Text', from: 'fields.description' }],
    outcome: resolves,
  },
  {
    name: 'wait-for-sign',
    title: 'Wait for a sign',
    description: 'Goes on when it is told to.',
    job: 'wait.mjs',
    match: [
      { table: 'incident', when: 'active=true^short_descriptionLIKEwait', trigger: ['manual'] },
    ],
    parameters: [
      {
        name: 'reason',
        type: 'string',
        label: 'Reason',
        help: 'Goes into the log',
        required: true,
      },
      { name: 'days', type: 'integer', label: 'Days', default: 7, min: 1, max: 30 },
      { name: 'careful', type: 'boolean', label: 'Be careful', default: true },
    ],
    priority: 200,
    outcome: resolves,
  },
  {
    name: 'network-only',
    title: 'Reset a switch',
    description: 'For the network team.',
    job: 'echo.mjs',
    match: [{ table: 'incident', when: 'active=true', trigger: ['manual'] }],
    permissions: { groups: ['Network'] },
    outcome: resolves,
  },
  {
    name: 'on-update',
    title: 'Look at changed tickets',
    description: 'Fires by itself whenever such a ticket is changed.',
    job: 'echo.mjs',
    match: [
      { table: 'incident', when: 'active=true^short_descriptionLIKEself', trigger: ['updated'] },
    ],
    outcome: {},
  },
]

/** Starts both halves. Call it inside vitest: the database is one of this run's server. */
export async function startFlowSite(
  options: { clock?: PlatformOptions['clock'] } = {},
): Promise<FlowSite> {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-flow-'))
  const jobsDir = join(folder, 'jobs')
  const templatesDir = join(folder, 'templates')
  for (const path of [jobsDir, templatesDir]) mkdirSync(path)
  writeFileSync(join(jobsDir, 'echo.mjs'), echoJob, { mode: 0o755 })
  writeFileSync(join(jobsDir, 'wait.mjs'), waitJob, { mode: 0o755 })
  for (const template of templates) {
    const text = stringify({ platform: 'local', ...template })
    writeFileSync(join(templatesDir, `${String(template['name'])}.yaml`), text)
  }
  const database = await createTestDatabase()
  const stack = await startStack({
    folder,
    templatesDir,
    jobsDir,
    databaseUrl: database.connectionString,
    ports: { connector: await freePort(), instance: await freePort() },
    platform: { samples: false, clock: options.clock ?? 'real' },
  })
  const url = stack.instance.url
  const admin = await signInAs(url, 'ada.admin')
  await admin.call('POST', '/api/x_snc_ticket_auto/v1/automation/templates/sync', {})

  function left(name: string): string | null {
    const path = join(jobsDir, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : null
  }
  return {
    stack,
    url,
    inputOf(number) {
      const seen = left(`seen-${number}`)
      if (seen === null) throw new Error(`no job has seen ${number}`)
      // Written by the built-in runner.
      return JSON.parse(seen) as { parameters: Record<string, unknown> }
    },
    pidOf(number) {
      const pid = left(`pid-${number}`)
      return pid === null || pid === '' ? null : Number(pid)
    },
    sign: (number, part) => writeFileSync(join(jobsDir, `sign-${part}-${number}`), ''),
    async [Symbol.asyncDispose]() {
      await stack.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
