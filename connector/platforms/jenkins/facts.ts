// What Jenkins says about itself and about us.
import { z } from 'zod'

import { ConnectorError, messageOf } from '../../errors.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { redact } from '../../templates/parameters.ts'
import type { PlatformFact } from '../driver.ts'
import { jsonOf } from '../http.ts'
import type { JenkinsApi } from './api.ts'
import { WhoAmI } from './wire.ts'

/** Farther apart, times in notes and in Jenkins would confuse people. */
const clockLimitMs = 60_000

const rights = 'Overall/Read, Job/Read, Job/Build and Job/Cancel'

const Jobs = z.object({ jobs: z.array(z.unknown()).nullish() })

/** Looks; never rejects. `secret` is shown in no detail. */
export async function readFacts(
  api: JenkinsApi,
  secret: () => string,
  signal: AbortSignal,
): Promise<PlatformFact[]> {
  let answer: HttpAnswer
  try {
    answer = await api.get('/whoAmI/api/json', signal)
  } catch (error) {
    const detail = redact(messageOf(error), [secret()])
    const fix = 'Check url, and that the connector may connect to it'
    return [{ what: 'reachable', passed: false, detail, fix }]
  }
  return [
    { what: 'reachable', passed: true, detail: `${api.url} answers` },
    versionFact(answer),
    credentialsFact(answer),
    await permissionsFact(api, secret, signal),
    clockFact(answer),
  ]
}

function versionFact({ headers }: HttpAnswer): PlatformFact {
  const version = headers['x-jenkins']
  if (version !== undefined) return { what: 'version', passed: true, detail: `Jenkins ${version}` }
  return {
    what: 'version',
    passed: false,
    detail: 'the answer has no X-Jenkins header',
    fix: 'Check that url is Jenkins itself, with its prefix, and no log-in page before it',
  }
}

function credentialsFact(answer: HttpAnswer): PlatformFact {
  const fix = 'Check user and api_token (Jenkins: user menu, Security, API Token)'
  if (answer.status !== 200) {
    return { what: 'credentials', passed: false, detail: `refused with ${answer.status}`, fix }
  }
  const who = WhoAmI.safeParse(jsonOrNull(answer))
  if (!who.success || who.data.anonymous === true) {
    return { what: 'credentials', passed: false, detail: 'Jenkins does not know us', fix }
  }
  return { what: 'credentials', passed: true, detail: `known as ${who.data.name}` }
}

async function permissionsFact(
  api: JenkinsApi,
  secret: () => string,
  signal: AbortSignal,
): Promise<PlatformFact> {
  const fix = `Give the user ${rights} on the jobs it is to run`
  try {
    const { jobs } = await api.ask({ path: '', tree: 'jobs[name]', schema: Jobs, signal })
    const count = jobs?.length ?? 0
    const detail = `${count} jobs and folders are visible at the top`
    return { what: 'permissions', passed: count > 0, detail, ...(count > 0 ? {} : { fix }) }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const detail = redact(error.message, [secret()])
    return { what: 'permissions', passed: false, detail, fix }
  }
}

function clockFact({ headers }: HttpAnswer): PlatformFact {
  const offMs = Date.parse(headers['date'] ?? '') - Date.now()
  if (Number.isNaN(offMs)) return { what: 'clock', passed: true, detail: 'Jenkins tells no time' }
  const detail = `${Math.round(offMs / 1000)} s from ours`
  const passed = Math.abs(offMs) <= clockLimitMs
  return { what: 'clock', passed, detail, ...(passed ? {} : { fix: 'Set both clocks by NTP' }) }
}

function jsonOrNull(answer: HttpAnswer): unknown {
  try {
    return jsonOf(answer, 'GET /whoAmI/api/json')
  } catch {
    // What is no JSON does not say who we are.
    return null
  }
}
