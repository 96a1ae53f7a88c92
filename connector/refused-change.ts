// What the instance did not accept of a ticket change, told again as a work note so that a person can make the
// change by hand. Once: a refused note cannot be told by a note, nor a refused follow-up by another.
import { workNoteFields } from '#shared/status-update.ts'
import type { StatusReply, StatusUpdate, TicketChange } from '#shared/status-update.ts'

/** An update of which the instance did not accept everything. */
export interface Refused {
  instance: string
  update: StatusUpdate
  reply: StatusReply
}

const refusalMark = ':refused:'

/** The follow-up that tells what was refused, or null when nothing can be told. Pure. */
export function refusalNote({ update, reply }: Refused): TicketChange | null {
  const { ticket_change: change } = update
  if (change?.work_note?.key.includes(refusalMark)) return null
  const refused = reply.refused.filter(({ field }) => !workNoteFields.includes(field))
  if (refused.length === 0) return null
  const text = [
    `Automation "${update.template.title}" could not change this ticket as it should have:`,
    ...refused.map(({ field, reason }) => `- ${field}: ${reason}${askedFor(field, change)}`),
    'Please make the change by hand. The state of the run itself is not affected.',
    ...problemText(refused, change),
    `Run: ${update.run_id}`,
  ].join('\n')
  return { work_note: { key: `${update.run_id}${refusalMark}${update.sequence}`, text } }
}

/** What should have become of the field, for whoever makes the change now. */
function askedFor(field: string, change: TicketChange | null): string {
  const wanted = wantedOf(field, change)
  return wanted === undefined ? '' : ` (asked for: ${wanted.replaceAll('_', ' ')})`
}

function wantedOf(field: string, change: TicketChange | null): string | undefined {
  switch (field) {
    case 'state':
    case 'on_hold':
      return change?.transition
    case 'close_code':
      return change?.close_code
    case 'assignment_group':
      return change?.assignment_group
    case 'approval':
      return change?.approval
    default:
      return undefined
  }
}

/** The record that could not be opened has its text nowhere else. */
function problemText(refused: StatusReply['refused'], change: TicketChange | null): string[] {
  const problem = change?.problem
  if (problem === undefined || !refused.some(({ field }) => field === 'problem')) return []
  return ['The problem record would say:', problem.short_description, problem.description]
}
