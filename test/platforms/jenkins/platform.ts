// The Jenkins stand-in as the suites for all drivers need it.
import type { Driver, LaunchedJob } from '../../../connector/platforms/driver.ts'
import { createJenkinsDriver } from '../../../connector/platforms/jenkins.ts'
import type { HttpPlatform } from '../conformance-http.ts'
import { untilState } from '../conformance.ts'
import { tokenName } from './jobs.ts'
import { startJenkins } from './stand-in.ts'
import type { JenkinsStandIn, StandInBuild } from './stand-in.ts'

/** A branch of a pipeline in a folder with a name that has to be encoded. */
export const branchJob = 'ops/Größe 你好/feature%2Flogin'

/** A driver for the stand-in. */
export function openJenkins(
  jenkins: JenkinsStandIn,
  changes: Record<string, unknown> = {},
): Driver {
  const options = {
    url: jenkins.server.url,
    user: jenkins.user,
    api_token: { env: 'JENKINS_TOKEN' },
    requests_per_second: 1000,
    ...changes,
  }
  return createJenkinsDriver(options, {
    baseDir: '/nowhere',
    environment: { JENKINS_TOKEN: jenkins.secret },
  })
}

/** What a launched job became. */
export function buildOf(jenkins: JenkinsStandIn, { id }: LaunchedJob): StandInBuild | undefined {
  const queueId = Number(/#(\d+):/.exec(id)?.[1])
  return jenkins.builds.find((build) => build.queueId === queueId)
}

/** A stand-in with a driver, as the suites need it. */
export async function startPlatform(): Promise<HttpPlatform> {
  const jenkins = await startJenkins()
  const driver = openJenkins(jenkins)
  return {
    driver,
    jobs: {
      succeed: 'ops/succeed',
      fail: 'ops/fail',
      wait: 'ops/wait',
      progress: 'ops/wait',
      lines: 'ops/lines',
      echo: 'ops/echo',
      missing: 'ops/nothing of that name',
    },
    async release(job) {
      await untilState(driver, job, ['running'])
      const build = buildOf(jenkins, job)
      if (build !== undefined) build.released = true
    },
    received: async (job) => receivedBy(buildOf(jenkins, job)),
    began: async (token) =>
      jenkins.items.filter(({ values }) => values[tokenName] === token).length,
    reopen: (url = jenkins.server.url) => openJenkins(jenkins, { url }),
    async close() {
      await driver.close()
      await jenkins.server.close()
    },
    server: jenkins.server,
    credentials: [
      jenkins.secret,
      Buffer.from(`${jenkins.user}:${jenkins.secret}`).toString('base64'),
    ],
    launched: () => jenkins.items.length,
    ignored: {
      job: 'ops/succeed',
      parameter: 'surprise',
      setting: /Add a parameter surprise to the job/,
    },
  }
}

/** Jenkins has no numbers: they go as text. What was not sent has its default. */
function receivedBy(build: StandInBuild | undefined): Record<string, unknown> {
  const { [tokenName]: _token, password: _password, ...values } = build?.values ?? {}
  return { ...values, count: Number(values['count']), ratio: Number(values['ratio']) }
}
