// What a run does when its ticket changes while it waits or runs: the template's `on_ticket` applied to one
// event. Pure; doing it is decide-store.ts's business.
import type { JobTemplate } from '#shared/job-template.ts'
import { isFinal } from '#shared/status-update.ts'
import type { RunState } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { holdReasonOf, isEndForGood, isOver, lifeOf } from './ticket-life.ts'
import type { TicketLife } from './ticket-life.ts'

/** The run that the ticket changes under. */
export interface RunUnderWay {
  id: string
  state: RunState
  /** A step of it has begun. */
  launched: boolean
  held: boolean
  /** It is to be cancelled already. */
  cancelAsked: boolean
  template: JobTemplate
}

/** One event about the ticket. */
export interface TicketNews {
  /** Number of the event: a note about it is written once. */
  seq: string
  /** The event itself says that the ticket was closed. */
  closed: boolean
  now: Ticket
  /** The ticket as the run's last event showed it. */
  previous: Ticket
  /** Inputs that differ from those the run was decided by, by name. */
  changedSinceDecision: readonly string[]
  /** Inputs that differ from those of the run's last event. */
  changedSincePrevious: readonly string[]
}

/** One thing to do with the run. */
export type Reaction =
  | { do: 'cancel'; reason: string }
  /** The reason stands after `On hold: `. */
  | { do: 'hold'; reason: string }
  | { do: 'release' }
  /** Decide anew; when a step has begun by then, tell the note in its place. */
  | { do: 'redecide'; changed: readonly string[]; otherwise: Note }
  | ({ do: 'note' } & Note)

/** A work note. */
export interface Note {
  key: string
  text: string
}

/** What follows for the run from one event. A run that is over, or will be, is left alone. */
export function reactionsTo(news: TicketNews, run: RunUnderWay): Reaction[] {
  if (isFinal(run.state) || run.cancelAsked) return []
  const life = news.closed && !isOver(lifeOf(news.now)) ? 'closed' : lifeOf(news.now)
  const cancel = cancelReason(news, run, life)
  // A rollback must come to its end; whoever closes the ticket is told that it goes on.
  if (cancel !== null && run.state !== 'rolling_back') return [{ do: 'cancel', reason: cancel }]
  const lines = cancel === null ? notesOf(news, run, life) : [cancel]
  return [
    ...holding(news, run, life),
    ...redeciding(news, run, life),
    ...(lines.length === 0 ? [] : [{ do: 'note', ...noteOf(news, run, lines) } as const]),
  ]
}

/** Why the run is to be cancelled, or null. */
function cancelReason(news: TicketNews, run: RunUnderWay, life: TicketLife): string | null {
  const { on_ticket: policy } = run.template
  const { number } = news.now
  if (isOver(life)) {
    // Somebody may have resolved it because they see the job at work: only an end for good ends the job.
    const spared = run.launched && !isEndForGood(life)
    return policy.closed === 'cancel' && !spared ? endSentence(number, life) : null
  }
  if (policy.on_hold === 'cancel' && life === 'on_hold') return holdSentence(news)
  if (policy.reopened === 'cancel' && isReopened(news, life)) return `${number} was reopened.`
  const reassigned = reassignment(news)
  if (policy.reassigned === 'cancel' && reassigned !== null) return reassigned
  const changed = inputsChanged(news, run)
  if (policy.changed !== 'cancel' || changed.length === 0) return null
  return `${number} changed: ${namesIn(changed)}.`
}

function holding(news: TicketNews, run: RunUnderWay, life: TicketLife): Reaction[] {
  if (run.held) return life === 'on_hold' ? [] : [{ do: 'release' }]
  const holds = run.template.on_ticket.on_hold === 'hold' && run.state !== 'rolling_back'
  if (!holds || life !== 'on_hold') return []
  const reason = holdReasonOf(news.now)
  return [{ do: 'hold', reason: reason === '' ? 'its ticket is on hold.' : `${reason}.` }]
}

function redeciding(news: TicketNews, run: RunUnderWay, life: TicketLife): Reaction[] {
  const changed = inputsChanged(news, run)
  const { on_ticket: policy } = run.template
  if (policy.changed !== 'redecide' || run.launched || isOver(life)) return []
  // A ticket on hold fits nothing: a held run is decided anew when it is released.
  if (changed.length === 0 || (life === 'on_hold' && policy.on_hold === 'hold')) return []
  const otherwise = noteOf(news, run, [tooLate(changed)])
  return [{ do: 'redecide', changed, otherwise }]
}

/** What a note has to tell, one line each. What happened before this event was told then. */
function notesOf(news: TicketNews, run: RunUnderWay, life: TicketLife): string[] {
  const { on_ticket: policy } = run.template
  const before = lifeOf(news.previous)
  if (isOver(life)) {
    const isNews = !isOver(before) && policy.closed !== 'ignore'
    return isNews ? [endSentence(news.now.number, life)] : []
  }
  const lines: string[] = []
  const becameHeld = life === 'on_hold' && before !== 'on_hold'
  const onlyTold =
    policy.on_hold === 'note' || (policy.on_hold === 'hold' && run.state === 'rolling_back')
  if (becameHeld && onlyTold) lines.push(holdSentence(news))
  if (policy.reopened === 'note' && isReopened(news, life)) {
    lines.push(`${news.now.number} was reopened.`)
  }
  const reassigned = reassignment(news)
  if (policy.reassigned === 'note' && reassigned !== null) lines.push(reassigned)
  const changed = changeLine(news, run)
  return changed === null ? lines : [...lines, changed]
}

function changeLine(news: TicketNews, run: RunUnderWay): string | null {
  const { changed: policy } = run.template.on_ticket
  const changed = run.launched
    ? withoutProgress(news.changedSincePrevious)
    : news.changedSincePrevious
  if (changed.length === 0) return null
  if (run.launched && policy === 'redecide') return tooLate(changed)
  if (policy !== 'note') return null
  return run.launched
    ? tooLate(changed)
    : `Changed: ${namesIn(changed)}. The run keeps the values it was planned with.`
}

function tooLate(changed: readonly string[]): string {
  return `Changed: ${namesIn(changed)}. The job was started before and keeps the values it was started with.`
}

function inputsChanged(news: TicketNews, run: RunUnderWay): readonly string[] {
  return run.launched ? withoutProgress(news.changedSincePrevious) : news.changedSinceDecision
}

/** Once a job runs, the connector itself moves the ticket on: its state is no input any more. */
function withoutProgress(names: readonly string[]): readonly string[] {
  return names.filter((name) => !['state', 'incident_state', 'active', 'approval'].includes(name))
}

function isReopened({ previous }: TicketNews, life: TicketLife): boolean {
  return isOver(lifeOf(previous)) && !isOver(life)
}

/** Who has the ticket now, when that has changed. */
function reassignment({ previous, now }: TicketNews): string | null {
  const moved = ['assignment_group', 'assigned_to'].filter(
    (name) => (previous.fields[name]?.value ?? '') !== (now.fields[name]?.value ?? ''),
  )
  if (moved.length === 0) return null
  const holders = moved.map((name) => {
    const field = now.fields[name]
    return field === undefined || field.value === '' ? 'nobody' : (field.display ?? field.value)
  })
  return `${now.number} was assigned to ${holders.join(', ')}.`
}

function endSentence(number: string, life: TicketLife): string {
  return life === 'in_review' ? `${number} is in review.` : `${number} was ${life}.`
}

function holdSentence({ now }: TicketNews): string {
  const reason = holdReasonOf(now)
  return reason === '' ? `${now.number} is on hold.` : `${now.number} is on hold: ${reason}.`
}

/** Field names as people read them. */
export function namesIn(fields: readonly string[]): string {
  return fields.map((name) => name.replaceAll(/[_.]/g, ' ')).join(', ')
}

/** One note per event and run, short and with a next step. */
function noteOf(news: TicketNews, run: RunUnderWay, lines: readonly string[]): Note {
  const text = [
    `Automation "${run.template.title}" goes on. ${lines.join(' ')}`,
    run.state === 'rolling_back'
      ? 'It is undoing its steps and will report when that has ended.'
      : 'Cancel the run on this ticket if it should not go on.',
    `Run: ${run.id}`,
  ]
  return { key: `${run.id}:ticket:${news.seq}`, text: text.join('\n') }
}
