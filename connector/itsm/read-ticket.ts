// One ticket by its number, with its people, as an event would bring it.
import type { JobTemplate } from '#shared/job-template.ts'
import type { People, Ticket } from '#shared/ticket-event.ts'

import { ConnectorError } from '../errors.ts'
import type { ItsmAdapter } from './adapter.ts'
import { typesToRead } from './field-types.ts'
import type { FieldTypes } from './field-types.ts'
import { readPerson } from './people.ts'
import { withAffected, withUsedFor, withVariables } from './ticket-extras.ts'
import { namedFields, requesterField, sentFields } from './ticket-fields.ts'
import { ticketOf } from './tickets.ts'

/** A ticket as an event brings it, and what could not be found out about it. */
export interface ReadTicket {
  ticket: Ticket
  people: People
  notes: string[]
}

/** What reading takes. */
export interface TicketReader {
  adapter: ItsmAdapter
  fieldTypes: FieldTypes
  signal: AbortSignal
}

const ticketNumber = /^[A-Z]{2,10}[0-9]{1,20}$/

/**
 * Reads the ticket with the fields that the app sends and that the templates name; null when there is none or
 * the integration user does not see it. Rejects with ConnectorError.
 */
export async function readTicket(
  number: string,
  templates: readonly JobTemplate[],
  reader: TicketReader,
): Promise<ReadTicket | null> {
  if (!ticketNumber.test(number)) return null
  const { adapter, signal } = reader
  const task = { table: 'task', query: `number=${number}`, fields: ['sys_class_name'], limit: 1 }
  const [found] = await adapter.readRecords(task, signal)
  const table = found?.['sys_class_name']?.value ?? ''
  if (table === '') return null
  const fields = ['sys_id', ...new Set([...sentFields(table), ...namedFields(table, templates)])]
  const typed = await reader.fieldTypes.of(table, fields, signal)
  const notes = typed.problem === null ? [] : [typesNote(typed.problem)]
  const [record] = await adapter.readRecords(
    { table, query: `number=${number}`, fields, limit: 1 },
    signal,
  )
  if (record === undefined) return null
  const types = new Map(typesToRead(typed))
  types.delete('sys_id')
  const ticket = ticketOf(record, { table, query: '', fields, types })
  const extra = await extrasOf(ticket, reader)
  return {
    ticket: extra.ticket,
    people: await people(ticket, reader),
    notes: [...notes, ...extra.notes],
  }
}

/** Says that types were guessed. */
export function typesNote(problem: string): string {
  return `Field types are those of the base system, or text, because the dictionary cannot be read (${problem}); a rule that compares numbers, dates or yes/no fields of your own may come out differently.`
}

async function extrasOf(
  ticket: Ticket,
  { adapter, signal }: TicketReader,
): Promise<{ ticket: Ticket; notes: string[] }> {
  const notes: string[] = []
  let [result = ticket] = await withVariables(adapter, [ticket], signal)
  try {
    const used = await withUsedFor(adapter, [result], signal)
    const [affected = result] = await withAffected(adapter, used, signal)
    result = affected
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    notes.push(`Affected items and services are not known: ${error.message}.`)
  }
  return { ticket: result, notes }
}

async function people(ticket: Ticket, { adapter, signal }: TicketReader): Promise<People> {
  async function person(field: string): Promise<Awaited<ReturnType<typeof readPerson>>> {
    const sysId = ticket.fields[field]?.value ?? ''
    return sysId === '' ? null : await readPerson(adapter, { sysId }, signal)
  }
  const [requester, assignee] = await Promise.all([
    person(requesterField(ticket.table)),
    person('assigned_to'),
  ])
  return {
    ...(requester === null ? {} : { requested_by: requester }),
    ...(assignee === null ? {} : { assigned_to: assignee }),
  }
}
