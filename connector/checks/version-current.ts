// What runs is what the person saw: the confirmed version is still the published one.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function versionCurrent(context: CheckContext): Check | null {
  if (context.requestedVersion === null) return null
  if (context.requestedVersion === context.version) {
    return pass('version-current', `Confirmed and published version are both ${context.version}.`)
  }
  return fail('version-current', {
    detail: `Version ${context.requestedVersion} was confirmed, but version ${context.version} is published now.`,
    hint: 'Click Run automation again and confirm the new version.',
  })
}
