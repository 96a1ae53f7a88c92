// The evidence of a run as plain text: one line for each step that ran, for the work note of its end. Pure.
import { oneLine } from './cut.ts'
import type { RunChange, StepReport } from './process.ts'
import { endWord, hasBegun, targetsText } from './what-ran.ts'

const phaseWords = {
  pre_check: 'pre-check',
  execute: 'execute',
  post_check: 'post-check',
  rollback: 'rollback',
} as const

const columns = 'phase | step | targets | job | start - end (UTC) | outcome | SHA-256 of output'

/** Most lines of a table; the run page has all steps. */
const maxLines = 60

/** Hex digits of an output digest that are enough to tell outputs apart by eye. */
const digestDigits = 12

/** The table, or null when nothing ran. */
export function evidenceTable({ steps }: Pick<RunChange, 'steps'>): string | null {
  const ran = steps.filter(hasBegun)
  if (ran.length === 0) return null
  const shown = mostTelling(ran)
  const left = ran.length - shown.length
  const rest = left === 0 ? [] : [`(${left} more that succeeded; the run has all of them)`]
  return [`Evidence: ${columns}`, ...shown.map(rowOf), ...rest].join('\n')
}

/** What did not succeed is always shown, the others as far as there is room. */
function mostTelling(ran: readonly StepReport[]): StepReport[] {
  const bad = ran.filter(({ state }) => state !== 'succeeded').slice(0, maxLines)
  const good = ran.filter(({ state }) => state === 'succeeded').slice(0, maxLines - bad.length)
  return ran.filter((step) => bad.includes(step) || good.includes(step))
}

function rowOf(step: StepReport): string {
  return [
    phaseWords[step.phase],
    cell(step.name, 60),
    cell(targetsText(step), 80),
    cell(step.job_id ?? '', 60),
    timesOf(step),
    endWord(step),
    step.output_sha256?.slice(0, digestDigits) ?? 'no output',
  ].join(' | ')
}

/** One value; the separator itself cannot stand in it. */
function cell(text: string, length: number): string {
  const line = oneLine(text, length).replaceAll('|', '/')
  return line === '' ? '-' : line
}

function timesOf({ started_at: started, finished_at: finished }: StepReport): string {
  const [from, to] = [secondsText(started), secondsText(finished)]
  // The day once, when both are of the same one.
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} - ${to.slice(11)}` : `${from} - ${to}`
}

function secondsText(time: string | null): string {
  return time === null ? '?' : time.slice(0, 19).replace('T', ' ')
}
