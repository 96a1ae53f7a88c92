// What `platforms check` tells about a platform that is described in connector.yaml.
import { messageOf } from '../../errors.ts'
import { excerpt } from '../../http-client.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { clockFact } from '../clock-fact.ts'
import type { PlatformFact } from '../driver.ts'
import type { PlatformHttp } from '../http.ts'
import { answerFacts, readText } from './answer.ts'
import type { HttpSettings } from './options.ts'
import { makeRequest } from './request.ts'

/** Asks the platform about itself. */
export async function readFacts(
  http: PlatformHttp,
  settings: HttpSettings,
  signal: AbortSignal,
): Promise<PlatformFact[]> {
  let answer: HttpAnswer
  const { health } = settings
  try {
    const request =
      health === undefined
        ? ({ method: 'GET', path: '/' } as const)
        : await makeRequest('health', health, { open: {}, all: {} })
    answer = await http.send({ ...request, signal })
  } catch (error) {
    const fix = `Check url (${settings.url}), the network and the certificate`
    return [{ what: 'reachable', passed: false, detail: excerpt(messageOf(error)), fix }]
  }
  return [
    reachable(settings, answer),
    credentials(answer),
    ...clockFact(answer),
    ...(await version()),
  ]

  async function version(): Promise<PlatformFact[]> {
    if (health?.version === undefined) return []
    try {
      const facts = answerFacts(answer, { format: health.answer, target: 'health' })
      const text = await readText('health.version', health.version, facts)
      if (text !== null) return [{ what: 'version', passed: true, detail: excerpt(text) }]
    } catch {
      // An answer without a version.
    }
    const fix = 'Check health.version in connector.yaml'
    return [{ what: 'version', passed: false, detail: 'the answer has no version', fix }]
  }
}

function reachable({ health }: HttpSettings, { status }: HttpAnswer): PlatformFact {
  const isAccepted = health?.accepted?.includes(status) ?? (status >= 200 && status < 300)
  // Without a health call any answer says that somebody is there; refused credentials are told apart.
  const passed = health === undefined || isAccepted || status === 401 || status === 403
  const detail = `answered ${status}`
  if (passed) return { what: 'reachable', passed, detail }
  return { what: 'reachable', passed, detail, fix: 'Check url and health.path in connector.yaml' }
}

function credentials({ status }: HttpAnswer): PlatformFact {
  const passed = status !== 401 && status !== 403
  if (passed) return { what: 'credentials', passed, detail: 'accepted or not asked for' }
  const fix = 'Put a valid secret where auth in connector.yaml points to'
  return { what: 'credentials', passed, detail: `refused with ${status}`, fix }
}
