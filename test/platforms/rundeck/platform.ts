// The stand-in as the suites for all drivers need it: their jobs on it, and a driver for it.
import type { Driver, LaunchedJob } from '../../../connector/platforms/driver.ts'
import { createRundeckDriver } from '../../../connector/platforms/rundeck.ts'
import type { HttpPlatform } from '../conformance-http.ts'
import type { StandInExecution, StandInJob } from './executions.ts'
import { startRundeck } from './server.ts'
import type { RundeckStandIn } from './server.ts'

/** Ids of the jobs. */
export const jobIds = {
  succeed: '9aa33253-17a3-4dce-890c-e5f10f9f00d6',
  fail: 'f4a11000-0000-4000-8000-000000000001',
  wait: 'aa170000-0000-4000-8000-000000000002',
  progress: '40600000-0000-4000-8000-000000000003',
  lines: '11e50000-0000-4000-8000-000000000004',
  echo: 'ec400000-0000-4000-8000-000000000005',
  missing: '00000000-0000-4000-8000-000000000404',
}

/** What the suites send to the echo job. */
const echoed = [
  'command',
  'quotes',
  'lines',
  'right_to_left',
  'emoji',
  'option',
  'empty',
  'controls',
  'progress',
  'long',
  'count',
  'ratio',
  'yes',
  'no',
]

/** The platform with what is particular to it. */
export interface RundeckPlatform extends HttpPlatform {
  rundeck: RundeckStandIn
  execution(job: LaunchedJob): StandInExecution
}

/** A job with nothing particular. */
export function jobOf(uuid: string, changes: Partial<StandInJob> = {}): StandInJob {
  const base = { uuid, name: 'job', group: 'tickets', options: [], steps: ['only'] }
  return { ...base, prints: ['done'], ends: 'succeeded', ...changes }
}

const steps = ['look', 'stop', 'clean', 'copy', 'check', 'start', 'wait', 'probe', 'log', 'end']

/** Starts the stand-in. */
export async function startRundeckPlatform(): Promise<RundeckPlatform> {
  const rundeck = await startRundeck([
    jobOf(jobIds.succeed, { name: 'succeed' }),
    jobOf(jobIds.fail, { name: 'fail', prints: ['no luck'], ends: 'failed' }),
    jobOf(jobIds.wait, { name: 'wait', prints: ['waiting'], ends: 'when released' }),
    jobOf(jobIds.progress, { name: 'progress', steps, ends: 'when released' }),
    jobOf(jobIds.lines, {
      name: 'lines',
      prints: Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}`),
    }),
    jobOf(jobIds.echo, {
      name: 'echo',
      options: [...echoed.map((name) => ({ name })), { name: 'password', secure: true }],
    }),
  ])

  function execution(job: LaunchedJob): StandInExecution {
    const found = rundeck.executions.find(({ id }) => String(id) === job.id)
    if (found === undefined) throw new Error(`no execution ${job.id}`)
    return found
  }

  function open(url = rundeck.server.url): Driver {
    const deps = { baseDir: '/nowhere', environment: { RUNDECK_TOKEN: rundeck.token } }
    const settings = { url, token: { env: 'RUNDECK_TOKEN' }, requests_per_second: 1000 }
    return createRundeckDriver(settings, deps)
  }

  const driver = open()
  return {
    rundeck,
    driver,
    jobs: jobIds,
    server: rundeck.server,
    credentials: [rundeck.token],
    changes: ['controls'],
    ignored: { job: jobIds.succeed, parameter: 'mode', setting: /option mode/ },
    execution,
    release: (job) => Promise.resolve(rundeck.end(execution(job), 'succeeded')),
    received: (job) => Promise.resolve(typed(execution(job).received)),
    began: (token) => Promise.resolve(carrying(rundeck, token).length),
    launched: () => rundeck.executions.length,
    limitedTo: (job) => Promise.resolve(execution(job).nodes.map((name) => name.toLowerCase())),
    reopen: open,
    async close() {
      await driver.close()
      await rundeck.server.close()
    },
  }
}

/** Executions that carry the token. */
export function carrying({ executions }: RundeckStandIn, token: string): StandInExecution[] {
  return executions.filter(({ options }) => options['ticket_automation_token'] === token)
}

/** Another driver for the platform, with more settings. */
export function openRundeck(
  { rundeck, server }: RundeckPlatform,
  changes: Record<string, unknown>,
  environment: Record<string, string> = {},
): Driver {
  const settings = { url: server.url, token: { env: 'RUNDECK_TOKEN' }, ...changes }
  return createRundeckDriver(settings, {
    baseDir: '/nowhere',
    environment: { RUNDECK_TOKEN: rundeck.token, ...environment },
  })
}

/** Adds a job and gives its id. */
export function addJob({ rundeck }: RundeckPlatform, changes: Partial<StandInJob>): string {
  const id = `job-${rundeck.jobs.size}`
  rundeck.jobs.set(id, jobOf(id, changes))
  return id
}

/** Options are text: a job that wants a number reads it as one. */
function typed(received: Record<string, string>): Record<string, unknown> {
  const entries = Object.entries(received).filter(([name]) => name !== 'ticket_automation_token')
  return Object.fromEntries(
    entries.map(([name, text]) => {
      const isTyped = ['count', 'ratio', 'yes', 'no'].includes(name)
      return [name, isTyped ? (JSON.parse(text) as unknown) : text]
    }),
  )
}
