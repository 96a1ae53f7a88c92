// A stand-in of AWX with the jobs that the suites for all drivers need.
import { createAwxDriver } from '../../../connector/platforms/awx.ts'
import type { Driver, LaunchedJob } from '../../../connector/platforms/driver.ts'
import type { HttpPlatform } from '../conformance-http.ts'
import type { StandInTemplate } from './job-rows.ts'
import { startAwxStandIn } from './stand-in.ts'
import type { AwxStandIn } from './stand-in.ts'
import type { Question } from './survey.ts'

const password: Question = {
  type: 'password',
  question_name: 'Password',
  question_description: '',
  variable: 'password',
  choices: '',
  min: '',
  max: '',
  required: false,
  default: '',
}

const open = { kind: 'job', ask: ['variables', 'limit'] } as const
const templates: StandInTemplate[] = [
  { ...open, id: 1, name: 'Succeed', behaviour: 'succeed' },
  { ...open, id: 2, name: 'Fail', behaviour: 'fail' },
  { ...open, id: 3, name: 'Wait', behaviour: 'wait' },
  { ...open, id: 4, name: 'Lines', behaviour: 'lines' },
  { ...open, id: 5, name: 'Echo', behaviour: 'succeed', survey: [password] },
  { id: 6, kind: 'job', name: 'Labels only', ask: ['labels'], behaviour: 'succeed' },
]

/** A driver for the stand-in. */
export function driverOf(awx: AwxStandIn, changes: Record<string, unknown> = {}): Driver {
  const options = {
    url: awx.server.url,
    api_path: awx.apiPath,
    token: { env: 'AWX_TOKEN' },
    requests_per_second: 1000,
    ...changes,
  }
  return createAwxDriver(options, { baseDir: '/nowhere', environment: { AWX_TOKEN: awx.token } })
}

/** A stand-in and a driver, with the jobs of the suites. */
export async function createPlatform(apiPath?: string): Promise<HttpPlatform> {
  const awx = await startAwxStandIn(templates, apiPath === undefined ? {} : { apiPath })
  const driver = driverOf(awx)
  function jobs() {
    return [...awx.jobs.values()]
  }
  function jobOf({ id }: LaunchedJob) {
    const job = awx.jobs.get(Number(id))
    if (job === undefined) throw new Error(`no job ${id}`)
    return job
  }
  return {
    driver,
    server: awx.server,
    credentials: [awx.token],
    jobs: {
      succeed: '1',
      fail: 'Fail++Default',
      wait: '3',
      progress: '',
      lines: '4',
      echo: '5',
      missing: 'Nowhere++Default',
    },
    ignored: { job: '6', parameter: 'path', setting: /ask_variables_on_launch/ },
    release: async ({ id }) => awx.end(Number(id), 'successful'),
    async received(launched) {
      const { ticket_automation: _mark, ...parameters } = jobOf(launched).extraVars
      return parameters
    },
    began: async (token) =>
      jobs().filter(({ extraVars }) => JSON.stringify(extraVars).includes(token)).length,
    launched: () => awx.jobs.size,
    limitedTo: async (launched) => jobOf(launched).limit.split(','),
    reopen: (url) => driverOf(awx, url === undefined ? {} : { url }),
    async close() {
      await driver.close()
      await awx.server.close()
    },
  }
}
