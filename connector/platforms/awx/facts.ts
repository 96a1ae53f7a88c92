// What AWX says about itself and about these credentials, for admins.
import { ConnectorError, messageOf } from '../../errors.ts'
import type { PlatformFact } from '../driver.ts'
import { jsonOf } from '../http.ts'
import { getPage } from './client.ts'
import type { AwxClient } from './client.ts'
import { Ping, readAs, TemplateRow, User } from './wire.ts'

/** Clocks that differ by more make windows and the search for a launch in doubt uncertain. */
const clockDifferenceMs = 60_000

/** Looks at the platform; never rejects for what is wrong with it. */
export async function platformFacts(
  client: AwxClient,
  signal: AbortSignal,
): Promise<PlatformFact[]> {
  const open = await openFacts(client, signal)
  if (open.some(({ what, passed }) => what === 'reachable' && !passed)) return open
  return [...open, ...(await accountFacts(client, signal))]
}

async function openFacts(client: AwxClient, signal: AbortSignal): Promise<PlatformFact[]> {
  try {
    const answer = await client.http.send({ method: 'GET', path: '/ping/', signal })
    const { version } = readAs(Ping, jsonOf(answer, 'GET /ping/'), 'GET /ping/')
    return [
      { what: 'reachable', passed: true, detail: 'answers' },
      { what: 'version', passed: true, detail: version },
      clockFact(answer.headers['date']),
    ]
  } catch (error) {
    // A gateway may keep even the open page for itself: the next question tells more.
    if (error instanceof ConnectorError && error.code === 'platform_auth') {
      return [{ what: 'reachable', passed: true, detail: 'answers' }]
    }
    return [
      {
        what: 'reachable',
        passed: false,
        detail: messageOf(error),
        fix: 'Check url, api_path (/api/v2; behind the gateway of AAP 2.5 and later /api/controller/v2), firewall and certificate',
      },
    ]
  }
}

function clockFact(date: string | undefined): PlatformFact {
  const differenceMs = Math.abs(Date.parse(date ?? '') - Date.now())
  if (Number.isNaN(differenceMs)) {
    return {
      what: 'clock',
      passed: false,
      detail: 'the answer has no Date header',
      fix: 'Let the proxy in front of AWX pass the Date header on',
    }
  }
  const seconds = Math.round(differenceMs / 1000)
  const passed = differenceMs <= clockDifferenceMs
  const fix = 'Set both clocks by NTP'
  return { what: 'clock', passed, detail: `differs by ${seconds} s`, ...(passed ? {} : { fix }) }
}

async function accountFacts(client: AwxClient, signal: AbortSignal): Promise<PlatformFact[]> {
  let account: string
  try {
    const { rows } = await getPage(client, { path: '/me', signal }, User)
    account = rows[0]?.username ?? ''
  } catch (error) {
    const fix =
      'Make a token with scope Write for the account of the connector, and put it where the option says'
    return [{ what: 'credentials', passed: false, detail: messageOf(error), fix }]
  }
  return [
    { what: 'credentials', passed: true, detail: `account ${account}` },
    await permissionFact(client, signal),
  ]
}

async function permissionFact(client: AwxClient, signal: AbortSignal): Promise<PlatformFact> {
  const fix = 'Give the account the Execute role on the templates that it should launch'
  try {
    const query = { page_size: '200' }
    const { rows } = await getPage(client, { path: '/job_templates', query, signal }, TemplateRow)
    const startable = rows.filter((row) => row.summary_fields.user_capabilities.start !== false)
    const passed = startable.length > 0
    const detail = `may launch ${startable.length} of ${rows.length} job templates seen`
    return { what: 'permissions', passed, detail, ...(passed ? {} : { fix }) }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { what: 'permissions', passed: false, detail: error.message, fix }
  }
}
