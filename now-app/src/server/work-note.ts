// Work notes on tickets. Journal fields take a property assignment; setValue is documented as unsupported.
import { GlideRecord } from '@servicenow/glide'

/** What the journal takes for markup: [code] and [/code] make everything between them HTML. */
const markup = /\[(?=\s*\/?\s*code\b)/gi

/** The text with such brackets in full width: visible as they are, and no markup. */
export function plainNote(text: string): string {
  return text.replace(markup, '\uFF3B')
}

/** A work note, with what the person the ticket is for should read of it. */
export interface TicketNote {
  text: string
  comment?: string | undefined
}

/** Sets the work note of a record that the caller will update, and the comment if there is one. */
export function setWorkNote(ticket: GlideRecord, { text, comment }: TicketNote): void {
  // The type definitions know columns as elements only; assigning text is the platform's own form.
  const fields = ticket as unknown as Record<string, string>
  fields['work_notes'] = plainNote(text)
  if (comment !== undefined) fields['comments'] = plainNote(comment)
}

/** Writes one work note; false when the ticket is gone or the instance refuses. */
export function writeWorkNote(table: string, sysId: string, text: string): boolean {
  const ticket = new GlideRecord(table)
  if (!ticket.isValid() || !ticket.get('sys_id', sysId)) return false
  setWorkNote(ticket, { text })
  return Boolean(ticket.update())
}

/** True when this very text was written to the ticket's work notes since that time (stored form). */
export function hasWorkNote(ticketId: string, text: string, since: string): boolean {
  const entries = new GlideRecord('sys_journal_field')
  entries.addQuery('element_id', ticketId)
  entries.addQuery('element', 'work_notes')
  entries.addQuery('sys_created_on', '>=', since)
  entries.query()
  const written = plainNote(text)
  while (entries.next()) {
    if (entries.getValue('value') === written) return true
  }
  return false
}
