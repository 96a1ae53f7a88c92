// Change request: a plan within the planned window, by the rules of its type, and an end with evidence. What was
// executed and did not end well is unsuccessful and goes to review; before that only a person changes its state.
import type { TicketChange } from '#shared/status-update.ts'

import { changeRulesOf, changeTypeOf, windowOf } from '../change-facts.ts'
import { startOf } from './cut.ts'
import { afterUnknown } from './incident.ts'
import { endNote, progressNote, scheduledNote } from './notes.ts'
import { askedFor } from './outcomes.ts'
import type { Asked, End, Transition, Ways } from './outcomes.ts'
import type { Plan, PlanInput, Process, RunChange } from './process.ts'
import { refused } from './refused.ts'
import { planSteps } from './steps.ts'
import { waysOf } from './ways.ts'
import {
  accountOf,
  doneText,
  executedSteps,
  issuesOf,
  isVerified,
  verifiedText,
} from './what-ran.ts'

/** The process for change requests. */
export const changeRequest: Process = { plan, change }

/** Close codes of a change in the base system. */
type CloseCode = 'successful' | 'successful_issues' | 'unsuccessful'

/** Longest close notes a change can hold (its column has 4000). */
const maxCloseNotes = 4000

const ways = waysOf('change_request')

function plan(input: PlanInput): Plan {
  const { template, ticket, policy } = input
  const { start, end } = windowOf(ticket)
  return {
    steps: planSteps(input),
    window: { start, end },
    rules: {
      goOnAfterNonCritical: changeRulesOf(ticket, policy).go_on_after_non_critical,
      maxFailedShare: template.targets?.max_failed ?? 0,
      overrun: template.change.overrun,
      onCancel: template.on_cancel,
      changeType: changeTypeOf(ticket) ?? 'normal',
    },
  }
}

function change(run: RunChange): TicketChange | null {
  switch (run.state) {
    case 'waiting':
      return noted(scheduledNote(run))
    case 'running':
    case 'cancelling':
    case 'rolling_back':
      return underWay(run)
    case 'succeeded':
      return succeeded(run)
    case 'cancelled':
      return notDone(run, 'cancelled')
    case 'failed':
      return notDone(run, 'failed')
    case 'rolled_back':
      return notDone(run, 'rolled_back')
    case 'rollback_failed': {
      const advice = 'The change stays open: finish or undo it by hand, then close it.'
      return { work_note: endNote(run, { advice, evidence: true }) }
    }
    case 'unknown': {
      const advice = `${afterUnknown} The change stays open.`
      return { work_note: endNote(run, { advice, evidence: true }) }
    }
    case 'refused':
      return refused(run)
    case 'requested':
    case 'planned':
      return null
    default:
      return run.state satisfies never
  }
}

function noted(note: TicketChange['work_note'] | null): TicketChange | null {
  return note === null || note === undefined ? null : { work_note: note }
}

function underWay(run: RunChange): TicketChange | null {
  const change = noted(progressNote(run))
  // A pre-check that fails leaves the change as it was.
  return run.executes ? { ...change, transition: 'implement' } : change
}

function succeeded(run: RunChange): TicketChange {
  const issues = issuesOf(run)
  const asked = askedFor(run, 'succeeded', ways)
  const transition = asked.transition ?? usualEnd(run)
  const lines = [issues.length === 0 ? null : `With issues: ${issues.join(' ')}`, asked.ignored]
  const done = {
    transition,
    code: issues.length === 0 ? 'successful' : 'successful_issues',
  } as const
  const notes = [
    `Automation "${run.title}" did this change: ${doneText(run)}`,
    verifiedText(run),
    ...issues,
  ]
  const note = endNote(run, { advice: reviewAdvice(run), lines, evidence: true })
  return { work_note: note, ...closing(done, asked, { run, notes }) }
}

/** Where a successful change goes by its type; unverified, a person reviews it first. */
function usualEnd(run: RunChange): Transition {
  const { ends_in: endsIn } = run.policy.change_types[run.changeType ?? 'normal']
  return isVerified(run) ? endsIn : 'review'
}

function reviewAdvice(run: RunChange): string | null {
  return isVerified(run) ? null : 'The result was not verified; please look at it in the review.'
}

/** Cancelled, failed or rolled back. */
function notDone(run: RunChange, end: End): TicketChange {
  if (executedSteps(run).length === 0) return nothingDone(run, end)
  const asked = askedFor(run, end, afterExecution)
  const transition = asked.transition ?? 'review'
  const advice =
    end === 'rolled_back'
      ? 'Please review the change; the evidence of every step is below.'
      : 'Please look what is to be finished or undone by hand, then review the change.'
  const note = endNote(run, { advice, lines: [asked.ignored], evidence: true })
  const notes = [`Automation "${run.title}" ${endWords[end]}: ${run.message}`, ...accountOf(run)]
  const done = { transition, code: 'unsuccessful' } as const
  return { work_note: note, ...closing(done, asked, { run, notes }) }
}

const endWords = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  rolled_back: 'was rolled back',
} as const

/** A change that was carried out, if only in part, is no cancelled one. */
const afterExecution: Ways = { ...ways, cancelled: ['implement', 'review', 'closed'] }

/** Nothing was changed anywhere: a person decides what becomes of the change, unless the template does. */
function nothingDone(run: RunChange, end: End): TicketChange {
  const asked = askedFor(run, end, ways)
  const advice =
    'The change keeps its state, because nothing was changed yet: run it again, reschedule it or cancel it.'
  const unasked = asked.transition === null
  const parts = { advice: unasked ? advice : null, lines: [asked.ignored], evidence: true }
  const change = { work_note: endNote(run, parts) }
  if (asked.transition === null) return change
  const notes = [
    `Automation "${run.title}" ${endWords[end]}: ${run.message}`,
    'Nothing was changed.',
  ]
  const done = { transition: asked.transition, code: 'unsuccessful' } as const
  return { ...change, ...closing(done, asked, { run, notes }) }
}

/** The transition, with code and notes where it ends the work on the change. */
function closing(
  done: { transition: Transition; code: CloseCode },
  asked: Asked,
  { run, notes }: { run: RunChange; notes: readonly (string | null)[] },
): Pick<TicketChange, 'transition' | 'close_code' | 'close_notes'> {
  const { transition, code } = done
  if (transition !== 'review' && transition !== 'closed') return { transition }
  const runLine = `Run: ${run.runId}`
  const text = startOf(
    notes.filter((line) => line !== null).join('\n'),
    maxCloseNotes - runLine.length - 1,
  )
  return {
    transition,
    close_code: asked.closeCode ?? code,
    close_notes: `${text}\n${runLine}`,
  }
}
