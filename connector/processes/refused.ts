// A run that was refused: the reasons with their next steps, and what follows besides: an approval to be asked
// for, or an escalation when the same thing was needed too often. Pure.
import type { Check } from '#shared/decision.ts'
import type { TicketChange } from '#shared/status-update.ts'

import { hashOf } from '../matching/text-hash.ts'
import { oneLine, startOf } from './cut.ts'
import { endNote, lines } from './notes.ts'
import type { RunChange } from './process.ts'

/** Checks whose failure an approval of the ticket heals. */
const approvalChecks = new Set(['blast-approval', 'approval'])

/** Longest values of a problem record (TicketChange.problem). */
const [maxKey, maxShort, maxDescription] = [100, 160, 4000]

/** Checks that did not pass. */
export function failedChecks({ decision }: RunChange): Check[] {
  return decision?.checks.filter(({ passed }) => !passed) ?? []
}

/** What a refusal asks of the ticket. `advice` = the next step where the checks do not say it. */
export function refused(run: RunChange, advice: string | null = null): TicketChange {
  const approval = wantsApproval(run)
  const escalation = escalationOf(run)
  const told = [
    ...furtherReasons(run),
    ...(approval ? ['The approval of this ticket is asked for; start the run again then.'] : []),
    ...(escalation.assignment_group === undefined
      ? []
      : [`It goes to the group "${escalation.assignment_group}", which looks for the cause.`]),
    ...(escalation.problem === undefined ? [] : ['A problem record is kept about it.']),
  ]
  return {
    work_note: endNote(run, { advice, lines: told }),
    ...(approval ? { approval: 'requested' as const } : {}),
    ...escalation,
  }
}

/** Only when nothing else is in the way: nobody should approve what is refused again, or was rejected. */
function wantsApproval(run: RunChange): boolean {
  const failed = failedChecks(run)
  return (
    failed.some(({ check }) => check === 'blast-approval') &&
    failed.every(({ check }) => approvalChecks.has(check)) &&
    !failed.some(isRejection)
  )
}

/** The words of checks/approval.ts for an approval that was refused, in place of one that is still to come. */
function isRejection({ check, detail }: Check): boolean {
  return check === 'approval' && detail.endsWith(' was rejected.')
}

/** The reasons that the headline does not name. */
function furtherReasons(run: RunChange): string[] {
  const further = failedChecks(run).filter(({ detail }) => !run.message.includes(detail))
  if (further.length === 0) return []
  const items = further.map(({ detail, hint }) => `- ${oneLine(`${detail} ${hint ?? ''}`, 400)}`)
  return ['Also in the way:', ...items.slice(0, 10)]
}

type Escalation = Pick<TicketChange, 'problem' | 'assignment_group'>

/** What follows when a rule that starts by itself was needed more often than its template allows. */
function escalationOf(run: RunChange): Escalation {
  const wanted = run.template.limits?.escalate
  const limit = failedChecks(run).find(({ check }) => check === 'max-runs')
  if (wanted === undefined || limit === undefined || !run.automatic) return {}
  const { assignment_group: group } = wanted
  return {
    ...(group === undefined ? {} : { assignment_group: group }),
    ...(wanted.problem ? { problem: problemOf(run, limit) } : {}),
  }
}

function problemOf(run: RunChange, limit: Check): NonNullable<TicketChange['problem']> {
  const target = targetOf(run, limit)
  const where = target === '' ? '' : ` on ${target}`
  return {
    key: shortKey(`max-runs:${run.template.name}:${target}`),
    short_description: oneLine(`"${run.title}" is needed again and again${where}`, maxShort),
    description: startOf(
      lines([
        limit.detail,
        limit.hint ?? null,
        `Noticed with ${run.ticket.number}; automation "${run.template.name}", run ${run.runId}.`,
      ]),
      maxDescription,
    ),
  }
}

/** The target that the check speaks of, else all of them. */
function targetOf({ targets }: RunChange, { detail }: Check): string {
  const named = targets.filter((target) => detail.includes(` on ${target} `))
  return (named.length > 0 ? named.slice(0, 1) : targets).join(', ')
}

/** A key that fits; a long one ends in a number that tells it from others with the same beginning. */
function shortKey(key: string): string {
  if (key.length <= maxKey) return key
  const number = (hashOf(key, 0, key.length) >>> 0).toString(36)
  return `${startOf(key, maxKey - number.length - 1)}:${number}`
}
