// Requested item: fulfilment. It is in progress while the jobs run, closed when they did what was ordered, and
// stays in progress with the reason when they did not. It is never cancelled by an automation.
import type { Parameter } from '#shared/job-template.ts'
import type { TicketChange } from '#shared/status-update.ts'

import { startOf } from './cut.ts'
import { handOverChange } from './hand-over.ts'
import { afterUnknown, closeNotes } from './incident.ts'
import { endNote, keyOf, lines, progressNote } from './notes.ts'
import { askedFor } from './outcomes.ts'
import type { End, Transition } from './outcomes.ts'
import type { Process, RunChange } from './process.ts'
import { failedChecks, refused } from './refused.ts'
import { waysOf } from './ways.ts'
import { isVerified } from './what-ran.ts'
import { windowlessPlan } from './windowless-plan.ts'

/** The process for requested items. */
export const request: Process = { plan: windowlessPlan, change }

const ways = waysOf('sc_req_item')

const byHand = 'The order is still open: run it again, or fulfil it by hand.'

const notVerified = `The result was not verified. ${byHand}`

function change(run: RunChange): TicketChange | null {
  switch (run.state) {
    case 'running':
    case 'cancelling':
    case 'rolling_back':
      return underWay(run)
    case 'succeeded':
      return isVerified(run) ? ended(run, 'succeeded', null) : ended(run, 'failed', notVerified)
    case 'cancelled':
      return ended(run, 'cancelled', byHand)
    case 'failed':
      return ended(run, 'failed', byHand)
    case 'rolled_back':
      return ended(run, 'rolled_back', byHand)
    case 'rollback_failed':
      return { work_note: endNote(run, { advice: byHand }) }
    case 'unknown':
      return { work_note: endNote(run, { advice: afterUnknown }) }
    case 'refused':
      return handOverChange(run) ?? notStarted(run)
    case 'requested':
    case 'planned':
    case 'waiting':
      return null
    default:
      return run.state satisfies never
  }
}

function underWay(run: RunChange): TicketChange | null {
  const note = progressNote(run)
  if (note === null) return null
  return run.starts ? { work_note: note, transition: 'in_progress' } : { work_note: note }
}

/** Where an order goes when its template names nothing. */
const usual: Readonly<Record<End, Transition>> = {
  succeeded: 'closed',
  failed: 'in_progress',
  cancelled: 'in_progress',
  rolled_back: 'in_progress',
}

function ended(run: RunChange, end: End, advice: string | null): TicketChange {
  const { transition: asked, closeCode, ignored } = askedFor(run, end, ways)
  const transition = asked ?? usual[end]
  const change: TicketChange = {
    work_note: endNote(run, { advice, lines: [ignored] }),
    transition,
  }
  if (transition === 'closed' || transition === 'closed_incomplete') {
    change.close_notes = closeNotes(run)
    if (closeCode !== null) change.close_code = closeCode
  }
  return change
}

/** Longest comment an update carries. */
const maxComment = 4000

/** Refused. What is wrong with the answers, only the requester can put right, so they are told as well. */
function notStarted(run: RunChange): TicketChange {
  const wrong = failedChecks(run).find(({ check }) => check === 'parameters-valid')
  if (wrong === undefined) return refused(run, byHand)
  const others = failedChecks(run).filter((check) => check !== wrong)
  const change = refused(run)
  const text = lines([
    `This order could not be fulfilled by "${run.title}": some answers cannot be used.`,
    wrong.detail,
    ...expectations(run, wrong.detail),
    ...others.map(({ detail, hint }) => `Also: ${detail} ${hint ?? ''}`.trim()),
    'Correct the answers in a new order, or fulfil this one by hand; it is still open.',
    `Run: ${run.runId}`,
  ])
  const comment = startOf(
    lines([
      'Some answers of this order cannot be used:',
      wrong.detail,
      'Please place a new order with corrected answers. This one stays open until somebody has looked at it.',
    ]),
    maxComment,
  )
  return { ...change, work_note: { key: keyOf(run, 'end'), text, comment } }
}

/** What each parameter expects that the problem names by its label. */
function expectations({ template }: RunChange, detail: string): string[] {
  const named = template.parameters.filter(({ label }) => detail.includes(`"${label}"`))
  return named.map((parameter) => `- "${parameter.label}" expects ${expectation(parameter)}.`)
}

const typeWords = {
  string: 'a text',
  text: 'a text of one or more lines',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  choice: 'a choice',
  secret: 'a secret text',
} as const

/** Most choices a note names. */
const maxChoices = 12

function expectation(parameter: Parameter): string {
  const { type, required, min, max, min_length: least, max_length: most, choices } = parameter
  const shown = (choices ?? []).slice(0, maxChoices).map(({ label }) => `"${label}"`)
  const more = (choices?.length ?? 0) > maxChoices ? ', …' : ''
  return [
    shown.length > 0 ? `one of ${shown.join(', ')}${more}` : typeWords[type],
    ...limits('', min, max),
    ...limits(' characters', least, most),
    ...(required ? ['required'] : []),
  ].join(', ')
}

function limits(unit: string, least: number | undefined, most: number | undefined): string[] {
  if (least !== undefined && most !== undefined) return [`from ${least} to ${most}${unit}`]
  if (least !== undefined) return [`at least ${least}${unit}`]
  return most === undefined ? [] : [`at most ${most}${unit}`]
}
