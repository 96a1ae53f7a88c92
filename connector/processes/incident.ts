// Incident: jobs, then the post-checks that verify them. Only a verified success takes the state the template
// names; a failure never resolves, closes or cancels it and leaves its assignment alone.
import type { TicketChange } from '#shared/status-update.ts'

import { startOf, withStop } from './cut.ts'
import { handOverChange } from './hand-over.ts'
import { endNote, progressNote } from './notes.ts'
import { askedFor } from './outcomes.ts'
import type { End, Ways } from './outcomes.ts'
import type { Process, RunChange } from './process.ts'
import { refused } from './refused.ts'
import { waysOf } from './ways.ts'
import { doneText, isVerified, verifiedText } from './what-ran.ts'
import { windowlessPlan } from './windowless-plan.ts'

/** The process for incidents. */
export const incident = processWith(waysOf('incident'))

/** The process for tables without one of their own. */
export const otherTicket = processWith(waysOf(''))

const afterFailure = 'The ticket stays with its assignment; please look at the reason above.'

/** What people do about a run of which nobody knows whether it ran. */
export const afterUnknown =
  'It is not started again by itself: please look on the job platform whether the job ran.'

function processWith(ways: Ways): Process {
  return { plan: windowlessPlan, change: (run) => change(run, ways) }
}

function change(run: RunChange, ways: Ways): TicketChange | null {
  switch (run.state) {
    case 'running':
    case 'cancelling':
    case 'rolling_back': {
      const note = progressNote(run)
      return note === null ? null : { work_note: note }
    }
    case 'succeeded':
      return isVerified(run)
        ? ended(run, { end: 'succeeded', ways, advice: null })
        : notVerified(run)
    case 'cancelled':
      return ended(run, { end: 'cancelled', ways, advice: null })
    case 'failed':
      return ended(run, { end: 'failed', ways, advice: afterFailure })
    case 'rolled_back':
      return ended(run, { end: 'rolled_back', ways, advice: afterFailure })
    case 'rollback_failed':
      return { work_note: endNote(run, { advice: afterFailure }) }
    case 'unknown':
      return { work_note: endNote(run, { advice: afterUnknown }) }
    case 'refused':
      return handOverChange(run) ?? refused(run)
    case 'requested':
    case 'planned':
    case 'waiting':
      return null
    default:
      return run.state satisfies never
  }
}

function ended(
  run: RunChange,
  { end, ways, advice }: { end: End; ways: Ways; advice: string | null },
): TicketChange {
  const { transition, closeCode, ignored } = askedFor(run, end, ways)
  const change: TicketChange = { work_note: endNote(run, { advice, lines: [ignored] }) }
  if (transition === null) return change
  change.transition = transition
  if (transition === 'resolved' || transition === 'closed') {
    change.close_notes = closeNotes(run)
    if (closeCode !== null) change.close_code = closeCode
  }
  return change
}

/** What no plan should lead to: the jobs succeeded, but what was to verify them did not run to its end. */
function notVerified(run: RunChange): TicketChange {
  const advice = 'The result was not verified, so the ticket was not changed; please look at it.'
  return { work_note: endNote(run, { advice }) }
}

/** Longest close notes: the column of most tables has 4000 characters. */
const maxCloseNotes = 4000

/** Longest words of a run in them. */
const maxSaid = 3000

/** What was done, and how it was verified. */
export function closeNotes(run: RunChange): string {
  const said = startOf((run.state === 'succeeded' ? doneText(run) : run.message).trim(), maxSaid)
  const verified = verifiedText(run)
  const told = verified === null ? said : `${withStop(said)} ${verified}`
  const runPart = ` (run ${run.runId})`
  return startOf(`Automation "${run.title}": ${told}`, maxCloseNotes - runPart.length) + runPart
}
