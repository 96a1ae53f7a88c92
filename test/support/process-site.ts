// Both halves for tests of the three processes: the built app on a local instance of its own process, the connector
// in this one so that its clock can be moved, real jobs by the built-in runner.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { signInAs } from './agent.ts'
import { startConnectorHere } from './connector-here.ts'
import type { ConnectorHere } from './connector-here.ts'
import { createTestDatabase } from './postgres.ts'
import { jobNames, jobText, processTemplates } from './process-templates.ts'
import type { JobName } from './process-templates.ts'
import { startStack } from './stack.ts'
import type { Stack } from './stack.ts'

/** What a job left behind when it began, or when it was asked to end. */
export interface Trace {
  event: 'began' | 'asked to end'
  job: JobName
  parameters: Record<string, unknown>
}

/** Both halves with these templates. */
export interface ProcessSite extends AsyncDisposable {
  stack: Stack
  url: string
  /** The connector's time. */
  now(): Date
  /** Moves it on and wakes every run that has not ended. */
  moveClock(milliseconds: number): Promise<void>
  /** What the jobs of a ticket did, in order. */
  traces(number: string): Trace[]
  /** From now on the job fails when the text (a ticket number, a host) is in its input. */
  fails(job: JobName, text: string): void
  /** From now on the job waits when the text is in its input, until it is released. */
  holds(job: JobName, text: string): void
  release(job: JobName): void
}

const policy = {
  hand_over: { sc_req_item: { note: 'always', assignment_group: 'Unix Admins' } },
}

/** Starts both halves. Call it inside vitest: the database is one of this run's server. */
export async function startProcessSite(): Promise<ProcessSite> {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-processes-'))
  const { jobsDir, templatesDir } = writeFiles(folder)
  const database = await createTestDatabase()
  let ahead = 0
  let connector: ConnectorHere | null = null
  function now(): Date {
    return new Date(Date.now() + ahead)
  }
  const stack = await startStack({
    folder,
    templatesDir,
    jobsDir,
    databaseUrl: database.connectionString,
    policy,
    platform: { users },
    start: async (options) => (connector = await startConnectorHere(options, now)),
  })
  const admin = await signInAs(stack.instance.url, 'ada.admin')
  await admin.call('POST', '/api/x_snc_ticket_auto/v1/automation/templates/sync', {})

  return {
    stack,
    url: stack.instance.url,
    now,
    async moveClock(milliseconds) {
      ahead += milliseconds
      if (connector !== null) await wakeRuns(connector)
    },
    traces: (number) => readTraces(join(jobsDir, `seen-${number}`)),
    fails: (job, text) => appendFileSync(join(jobsDir, `fails-${job}`), `${text}\n`),
    holds: (job, text) => appendFileSync(join(jobsDir, `holds-${job}`), `${text}\n`),
    release: (job) => rmSync(join(jobsDir, `holds-${job}`), { force: true }),
    async [Symbol.asyncDispose]() {
      await stack.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** People whom the sample data does not have: somebody who plans changes, somebody who works in production. */
const users = [
  {
    userName: 'mia.manager',
    name: 'Mia Manager',
    roles: ['itil', 'x_snc_ticket_auto.agent'],
    groups: ['Unix Admins'],
    title: 'Change manager',
  },
  {
    userName: 'olga.operator',
    name: 'Olga Operator',
    roles: ['itil_admin', 'x_snc_ticket_auto.agent'],
    groups: ['Unix Admins'],
    title: 'Operator of production',
  },
]

function writeFiles(folder: string): { jobsDir: string; templatesDir: string } {
  const [jobsDir, templatesDir] = [join(folder, 'jobs'), join(folder, 'templates')]
  for (const path of [jobsDir, templatesDir]) mkdirSync(path)
  for (const name of jobNames) writeFileSync(join(jobsDir, `${name}.mjs`), jobText, { mode: 0o755 })
  for (const template of processTemplates) {
    const text = stringify({ platform: 'local', ...template })
    writeFileSync(join(templatesDir, `${String(template['name'])}.yaml`), text)
  }
  return { jobsDir, templatesDir }
}

/** A run that waits for the hour is woken by the database's own clock, which nobody moves. */
async function wakeRuns({ pool, queue }: ConnectorHere): Promise<void> {
  const { rows } = await pool.query<{ key: string }>(
    `select instance || '/' || id as key from run where finished_at is null`,
  )
  await queue.send(
    pool,
    'advance',
    rows.map(({ key }) => ({ key, data: {} })),
  )
  queue.kick('advance')
}

function readTraces(path: string): Trace[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  // Written by the jobs of process-templates.ts.
  return lines.map((line) => JSON.parse(line) as Trace)
}
