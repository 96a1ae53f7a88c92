// The registry of checks, by hand and in the order in which a person reads them. All of them are always
// made, so that the receipt is complete. Adding one = its file, one line here, its test, a README row.
import type { Check } from '#shared/decision.ts'

import { actorRole } from './actor-role.ts'
import { approval } from './approval.ts'
import { authentic } from './authentic.ts'
import { blastApproval } from './blast-approval.ts'
import { blastRadius } from './blast-radius.ts'
import { catalogBinding } from './catalog-binding.ts'
import { changeState } from './change-state.ts'
import { changeType } from './change-type.ts'
import { changeWindow } from './change-window.ts'
import type { CheckContext, CheckFunction } from './check.ts'
import { cooldown } from './cooldown.ts'
import { environmentPermission } from './environment-permission.ts'
import { freeze } from './freeze.ts'
import { maxRuns } from './max-runs.ts'
import { noOtherRun } from './no-other-run.ts'
import { parametersValid } from './parameters-valid.ts'
import { planSize } from './plan-size.ts'
import { rollout } from './rollout.ts'
import { sourceAllowed } from './source-allowed.ts'
import { targetFree } from './target-free.ts'
import { templatePermission } from './template-permission.ts'
import { templateReady } from './template-ready.ts'
import { ticketIdentity } from './ticket-identity.ts'
import { ticketOpen } from './ticket-open.ts'
import { versionCurrent } from './version-current.ts'

const checks: readonly CheckFunction[] = [
  authentic,
  ticketIdentity,
  sourceAllowed,
  templateReady,
  versionCurrent,
  ticketOpen,
  catalogBinding,
  actorRole,
  templatePermission,
  environmentPermission,
  approval,
  changeType,
  changeState,
  changeWindow,
  freeze,
  parametersValid,
  planSize,
  noOtherRun,
  targetFree,
  cooldown,
  maxRuns,
  blastRadius,
  blastApproval,
  // The last one: only when all others pass is it true that a rule in shadow would have started.
  rollout,
]

/** Makes every check that applies, in order. Pure. */
export function makeChecks(context: CheckContext): Check[] {
  return checks.map((check) => check(context)).filter((check) => check !== null)
}
