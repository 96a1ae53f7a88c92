// The registry of checks, by hand and in the order in which a person reads them. All of them are always
// made, so that the receipt is complete. Adding one = its file, one line here, its test, a README row.
import type { Check } from '#shared/decision.ts'

import { actorRole } from './actor-role.ts'
import type { CheckContext, CheckFunction } from './check.ts'
import { freeze } from './freeze.ts'
import { noOtherRun } from './no-other-run.ts'
import { parametersValid } from './parameters-valid.ts'
import { templatePermission } from './template-permission.ts'
import { templateReady } from './template-ready.ts'
import { ticketOpen } from './ticket-open.ts'
import { versionCurrent } from './version-current.ts'

const checks: readonly CheckFunction[] = [
  templateReady,
  versionCurrent,
  ticketOpen,
  actorRole,
  templatePermission,
  freeze,
  parametersValid,
  noOtherRun,
]

/** Makes every check that applies, in order. Pure. */
export function makeChecks(context: CheckContext): Check[] {
  return checks.map((check) => check(context)).filter((check) => check !== null)
}
