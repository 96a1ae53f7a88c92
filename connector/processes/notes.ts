// The wording of work notes: short, with the job's own words and the next step, plain text.
import { maxWorkNote } from '#shared/status-update.ts'

import type { RunChange } from './process.ts'

/** Characters of job output a work note shows; the run page has more. */
const outputInNote = 3000

/** The note for the start of a run. */
export function startNote(run: RunChange): string {
  const who = run.automatic ? 'a rule' : run.requestedBy
  return lines([`Automation "${run.title}" started (by ${who}).`, jobLine(run), runLine(run)])
}

/** The note for a run that ended. */
export function endNote(run: RunChange): string {
  return lines([
    headline(run),
    run.note,
    outputBlock(run),
    nextStep(run),
    jobLine(run),
    runLine(run),
  ])
}

function headline(run: RunChange): string {
  const title = `Automation "${run.title}"`
  switch (run.state) {
    case 'succeeded':
      return `${title} succeeded. ${run.message}`.trim()
    case 'refused':
      return `${title} was not started. ${run.message}`.trim()
    case 'cancelled':
      return `${title} was cancelled. ${run.message}`.trim()
    case 'unknown':
      return `${title} may or may not have run: ${run.message}`
    default:
      return `${title} ${run.state.replace('_', ' ')}. ${run.message}`.trim()
  }
}

function nextStep(run: RunChange): string | null {
  if (run.state === 'failed')
    return 'The ticket stays with its assignment; please look at the reason above.'
  if (run.state === 'unknown') {
    return 'It is not started again by itself: please look on the job platform whether the job ran.'
  }
  return null
}

function outputBlock(run: RunChange): string | null {
  const text = run.outputTail.trimEnd()
  if (text === '') return null
  const shown = text.length > outputInNote ? endOf(text, outputInNote) : text
  const left = run.outputOmitted + (text.length - shown.length)
  return left > 0
    ? `Output (${left} characters before this left out):\n${shown}`
    : `Output:\n${shown}`
}

/** The last `count` characters, never starting in the middle of a surrogate pair. */
function endOf(text: string, count: number): string {
  const end = text.slice(-count)
  return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end
}

function jobLine(run: RunChange): string | null {
  if (run.jobUrl !== null) return `Job: ${run.jobUrl}`
  return run.jobId === null ? null : `Job: ${run.jobId}`
}

function runLine(run: RunChange): string {
  return `Run: ${run.runId}`
}

function lines(parts: readonly (string | null)[]): string {
  const text = parts.filter((part) => part !== null && part !== '').join('\n')
  if (text.length <= maxWorkNote) return text
  const kept = text.slice(0, maxWorkNote)
  return `${kept}\n… ${text.length - kept.length} characters left out here.`
}
