// A ticket in the form of the contract: its fields with type, value and display, the answers of an ordered
// item, and what it affects.
import { GlideRecord } from '@servicenow/glide'
import type { GlideElement } from '@servicenow/glide'

import type { People, Ticket, TicketField } from '../../../shared/ticket-event.ts'
import { buildAffected } from './affected.ts'
import { personById } from './person.ts'
import { extraFields } from './settings.ts'
import { carriable } from './text.ts'
import { fieldsOf, requesterField } from './ticket-tables.ts'
import { buildVariables } from './variables.ts'

/** Types whose display depends on the time zone and the date format of whoever sends: they go without. */
const dateTypes = [
  'glide_date_time',
  'glide_date',
  'glide_time',
  'glide_utc_time',
  'due_date',
  'date',
  'datetime',
  'time',
  'calendar_date_time',
  'schedule_date_time',
]

/** The ticket as it is stored now. */
export function buildTicket(record: GlideRecord): Ticket {
  const table = record.getTableName()
  const fields: Record<string, TicketField> = {}
  for (const name of [...fieldsOf(table), ...extraFields()]) {
    const field = buildField(record, name)
    if (field) fields[name] = field
  }
  const usedFor = fields['cmdb_ci.used_for'] ?? serviceUsedFor(record)
  if (usedFor) fields['cmdb_ci.used_for'] = usedFor
  const affected = buildAffected(record)
  return {
    table,
    sys_id: record.getUniqueValue(),
    number: record.getValue('number') || '',
    fields,
    ...(table === 'sc_req_item' ? { variables: buildVariables(record) } : {}),
    ...(affected ? { affected } : {}),
  }
}

/** The people with a part in the ticket. */
export function buildPeople(record: GlideRecord): People {
  const requestedBy = requesterField(record.getTableName())
  const requester = personById(record.getValue(requestedBy) || record.getValue('opened_by') || '')
  const assignee = personById(record.getValue('assigned_to') || '')
  return {
    ...(requester ? { requested_by: requester } : {}),
    ...(assignee ? { assigned_to: assignee } : {}),
  }
}

/** One field, dot-walks allowed; null when the table has no such field. */
function buildField(record: GlideRecord, name: string): TicketField | null {
  const [first = ''] = name.split('.')
  if (!record.isValidField(first)) return null
  const element = record.getElement(name)
  if (!element) return null
  const type = typeOf(element)
  const value = carriable(valueOf(element, type))
  const hasDisplay = value !== '' && !dateTypes.includes(type)
  const display = hasDisplay ? carriable(element.getDisplayValue() || '') : ''
  return display === '' || display === value ? { type, value } : { type, value, display }
}

/** `used_for` is a column of services alone, which a dot-walk from cmdb_ci does not reach. */
function serviceUsedFor(ticket: GlideRecord): TicketField | null {
  const item = ticket.getValue('cmdb_ci') || ''
  const service = new GlideRecord('cmdb_ci_service')
  if (item === '' || !service.isValid() || !service.get('sys_id', item)) return null
  return buildField(service, 'used_for')
}

function typeOf(element: GlideElement): string {
  return String(element.getED().getInternalType() || 'string')
}

/** The stored value; booleans as `true` and `false`, whichever way the platform spells them. */
function valueOf(element: GlideElement, type: string): string {
  const value = String(element)
  if (type !== 'boolean') return value
  return value === '1' || value === 'true' ? 'true' : 'false'
}
