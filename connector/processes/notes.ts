// The wording of work notes: short, with the job's own words and the next step, plain text. Every note makes
// sense alone, because an earlier one may have given way to it.
import { maxWorkNote } from '#shared/status-update.ts'
import type { TicketChange } from '#shared/status-update.ts'

import { utcTime } from '../utc-time.ts'
import { endOf, oneLine, startOf, withStop } from './cut.ts'
import { evidenceTable } from './evidence-table.ts'
import type { RunChange, StepReport } from './process.ts'
import {
  accountOf,
  countOf,
  doneText,
  endWord,
  hasEnded,
  stepLabel,
  tellingStep,
  verifiedText,
} from './what-ran.ts'

/** A note with the key under which it is written once. */
export type Note = NonNullable<TicketChange['work_note']>

/** What the process adds to the note of an end. */
export interface EndNoteParts {
  /** The next step a person can take. */
  advice: string | null
  /** Lines after the headline. */
  lines?: readonly (string | null)[]
  /** True = with the table of all steps that ran. */
  evidence?: boolean
}

/** Characters of job output a work note shows; the run page has more. */
const outputInNote = 3000

/** Characters of a message a work note shows. */
const messageInNote = 4000

/** The key of the note that starts the story. Later updates repeat it, so it may give way to them. */
const startKey = 'start'

/** The note for the start of a run. */
export function startNote(run: RunChange): Note {
  const text = lines([
    `Automation "${run.title}" started (by ${starterOf(run)}).`,
    planLine(run),
    jobLine(run),
    runLine(run),
  ])
  return { key: keyOf(run, startKey), text }
}

function starterOf({ automatic, requestedBy }: RunChange): string {
  return automatic ? 'a rule' : requestedBy
}

/** The note for what happens while a run is under way, or null. */
export function progressNote(run: RunChange): Note | null {
  if (run.stepEnded && !run.starts && run.template.progress_notes) {
    const note = stepNote(run)
    if (note !== null) return note
  }
  return run.state === 'running' ? startNote(run) : null
}

/** The note for a run that ended. */
export function endNote(run: RunChange, parts: EndNoteParts): Note {
  const text = lines([
    headline(run),
    run.note,
    ...(parts.lines ?? []),
    ...(run.state === 'succeeded' ? [] : accountOf(run)),
    outputBlock(run),
    parts.advice,
    parts.evidence === true ? evidenceTable(run) : null,
    // The table names the job of every step; the last one alone would be taken for the one that matters.
    parts.evidence === true ? null : jobLine(run),
    runLine(run),
  ])
  return { key: keyOf(run, 'end'), text }
}

/** The note that says when a run will start, or null when it waits for something else. Once per start time. */
export function scheduledNote(run: RunChange): Note | null {
  const { start, end } = run.window
  if (start === null || start <= run.at) return null
  const until = end === null ? '' : ` Its window ends ${utcTime(end)}.`
  const text = lines([
    `Scheduled: automation "${run.title}" starts at ${utcTime(start)} (by ${starterOf(run)}).${until}`,
    'Cancel the run, or put the ticket on hold, to keep it from starting.',
    runLine(run),
  ])
  return { key: keyOf(run, `scheduled:${Math.floor(start.getTime() / 1000)}`), text }
}

/** True when no later update says the same, so that this one must not give way to them. */
export function mustArrive(change: TicketChange | null): boolean {
  if (change === null) return false
  const { work_note: note, ...rest } = change
  return Object.keys(rest).length > 0 || !(note?.key.endsWith(`:${startKey}`) ?? true)
}

/** The key of a note: run and occasion. */
export function keyOf({ runId }: RunChange, occasion: string): string {
  return `${runId}:${occasion}`
}

/** What ended since the last job was started: usually one step, more when jobs could not be started. */
function stepNote(run: RunChange): Note | null {
  const { steps } = run
  const ended = steps.filter(hasEnded)
  const last = ended.at(-1)
  if (last === undefined) return null
  const since = ended.findLast(({ started_at }) => started_at !== null)?.position ?? last.position
  const told = ended.filter(({ position }) => position >= since)
  const done = `${ended.length} of ${forwardCount(run)}`
  const text = lines([
    ...told.map((step) => stepSentence(run, step)),
    last.phase === 'rollback' ? null : `Steps ended: ${done}.`,
    last.job_url === null ? null : `Job: ${last.job_url}`,
    runLine(run),
  ])
  return { key: keyOf(run, `step:${last.position}`), text }
}

function stepSentence(run: RunChange, step: StepReport): string {
  const message = oneLine(step.message, 300)
  const said = message === '' ? '' : ` ${message}`
  return `Automation "${run.title}": ${stepLabel(step)} ${endWord(step)}.${said}`
}

function forwardCount({ steps }: RunChange): number {
  return steps.filter(({ phase }) => phase !== 'rollback').length
}

/** What is going to happen, when it is more than one job. */
function planLine(run: RunChange): string | null {
  const forward = run.steps.filter(({ phase }) => phase !== 'rollback')
  if (forward.length < 2) return null
  const batches = new Set(forward.map(({ batch }) => batch).filter((batch) => batch !== null)).size
  const parts = [
    `${forward.length} steps`,
    ...(batches > 1 ? [`${batches} batches`] : []),
    ...(run.targets.length > 0 ? [countOf(run.targets.length, 'target')] : []),
  ]
  const { end } = run.window
  return `Plan: ${parts.join(', ')}${end === null ? '' : `; window until ${utcTime(end)}`}.`
}

function headline(run: RunChange): string {
  const title = `Automation "${run.title}"`
  const message = startOf(run.message, messageInNote)
  switch (run.state) {
    case 'succeeded':
      return `${title} succeeded. ${succeededText(run)}`.trim()
    case 'refused':
      return `${title} was not started. ${message}`.trim()
    case 'cancelled':
      return `${title} was cancelled. ${message}`.trim()
    case 'rolled_back':
      return `${title} was rolled back. ${message}`.trim()
    case 'rollback_failed':
      return `ATTENTION: rollback failed. ${title} stopped between old and new; a person must look now.\n${message}`.trim()
    case 'unknown':
      return forwardCount(run) > 1
        ? `ATTENTION: ${title} was broken off; nobody knows how far it came.\n${message}`.trim()
        : `ATTENTION: ${title} may or may not have run: ${message}`
    default:
      return `${title} ${run.state.replace('_', ' ')}. ${message}`.trim()
  }
}

/** What was done, not what the last job said: that one may only have looked. */
function succeededText(run: RunChange): string {
  const said = run.steps.length > 1 ? doneText(run) : run.message
  const done = startOf(said, messageInNote).trim()
  const verified = verifiedText(run)
  return verified === null ? done : `${withStop(done)} ${verified}`
}

function outputBlock(run: RunChange): string | null {
  const text = run.outputTail.trimEnd()
  if (text === '') return null
  const shown = endOf(text, outputInNote)
  const left = run.outputOmitted + (text.length - shown.length)
  const step = tellingStep(run.state, run.steps)
  const of = step !== null && run.steps.length > 1 ? ` of ${stepLabel(step)}` : ''
  return left > 0
    ? `Output${of} (${left} characters before this left out):\n${shown}`
    : `Output${of}:\n${shown}`
}

function jobLine(run: RunChange): string | null {
  if (run.jobUrl !== null) return `Job: ${run.jobUrl}`
  return run.jobId === null ? null : `Job: ${run.jobId}`
}

function runLine(run: RunChange): string {
  return `Run: ${run.runId}`
}

/** Room that the sentence about what was left out takes. */
const cutNotice = 100

/** The parts that say something, one below the other. */
export function lines(parts: readonly (string | null)[]): string {
  const text = parts.filter((part) => part !== null && part !== '').join('\n')
  if (text.length <= maxWorkNote) return text
  const kept = startOf(text, maxWorkNote - cutNotice)
  return `${kept}\n… ${text.length - kept.length} characters left out here.`
}
