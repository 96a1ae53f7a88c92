// What StackStorm says about itself and about us.
import { ConnectorError, messageOf } from '../../errors.ts'
import { redact } from '../../templates/parameters.ts'
import type { PlatformFact } from '../driver.ts'
import type { StackstormApi } from './api.ts'
import { Actions, Root, User } from './wire.ts'

/** Farther apart, times in notes and in StackStorm would confuse people. */
const clockLimitMs = 60_000

/** Looks; never rejects. `apiKey` is shown in no detail. */
export async function readFacts(
  api: StackstormApi,
  apiKey: () => string,
  signal: AbortSignal,
): Promise<PlatformFact[]> {
  async function attempt(
    fact: Pick<PlatformFact, 'what'> & { fix: string },
    look: () => Promise<string>,
  ): Promise<PlatformFact> {
    const { what, fix } = fact
    try {
      return { what, passed: true, detail: await look() }
    } catch (error) {
      return { what, passed: false, detail: redact(messageOf(error), [apiKey()]), fix }
    }
  }

  let at: number
  try {
    const { headers } = await api.http.send({ method: 'GET', path: '/v1/', signal })
    at = Date.parse(headers['date'] ?? '')
  } catch (error) {
    const fix = 'Check url, and that the connector may connect to it'
    const detail = redact(messageOf(error), [apiKey()])
    return [{ what: 'reachable', passed: false, detail, fix }]
  }
  const key = 'Check api_key (st2 apikey list), and that it is enabled'
  return [
    { what: 'reachable', passed: true, detail: 'it answers' },
    await attempt({ what: 'version', fix: 'Check that url ends with /api' }, async () => {
      return `StackStorm ${(await api.get('/v1/', Root, signal)).version}`
    }),
    await attempt({ what: 'credentials', fix: key }, async () => {
      return `known as ${(await api.get('/v1/user', User, signal)).username}`
    }),
    await attempt(
      {
        what: 'permissions',
        fix: 'Give the user action_list, action_view, action_execute, execution_view, execution_stop and trace_list',
      },
      async () => {
        const actions = await api.get('/v1/actions?limit=1', Actions, signal)
        if (actions.length > 0) return 'actions are visible'
        throw new ConnectorError('platform_forbidden', 'no action is visible')
      },
    ),
    clockFact(at - Date.now()),
  ]
}

function clockFact(offMs: number): PlatformFact {
  if (Number.isNaN(offMs)) return { what: 'clock', passed: true, detail: 'it tells no time' }
  const detail = `${Math.round(offMs / 1000)} s from ours`
  const passed = Math.abs(offMs) <= clockLimitMs
  return { what: 'clock', passed, detail, ...(passed ? {} : { fix: 'Set both clocks by NTP' }) }
}
