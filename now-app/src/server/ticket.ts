// A ticket in the form of the contract: which fields of which table, each with type, value and display.
import type { GlideElement, GlideRecord } from '@servicenow/glide'

import type { People, Ticket, TicketField } from '../../../shared/ticket-event.ts'
import { personById } from './person.ts'
import { extraFields } from './settings.ts'
import { carriable } from './text.ts'

/** Fields every ticket has that matter to rules and parameters. */
const taskFields = [
  'number',
  'sys_class_name',
  'short_description',
  'description',
  'state',
  'active',
  'priority',
  'impact',
  'urgency',
  'approval',
  'assignment_group',
  'assignment_group.name',
  'assigned_to',
  'assigned_to.user_name',
  'opened_by',
  'opened_at',
  'closed_at',
  'due_date',
  'cmdb_ci',
  'cmdb_ci.name',
  'cmdb_ci.sys_class_name',
  'business_service',
  'business_service.name',
  'company',
  'location',
  'contact_type',
  'correlation_id',
  'correlation_display',
  'parent',
  'sys_created_on',
  'sys_created_by',
  'sys_updated_on',
  'sys_updated_by',
] as const

/** What the app knows of a ticket table beyond the fields of task. */
interface TicketTable {
  fields: readonly string[]
  /** Field with the person the ticket is for. */
  requestedBy: string
}

const ticketTables: Record<string, TicketTable> = {
  incident: {
    fields: [
      'category',
      'subcategory',
      'caller_id',
      'caller_id.user_name',
      'incident_state',
      'severity',
      'hold_reason',
      'close_code',
      'close_notes',
      'problem_id',
      'rfc',
    ],
    requestedBy: 'caller_id',
  },
}

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

/** True when the app can work with tickets of this table. */
export function isTicketTable(table: string): boolean {
  return Object.keys(ticketTables).includes(table)
}

/** The ticket as it is stored now. */
export function buildTicket(record: GlideRecord): Ticket {
  const table = record.getTableName()
  const names = [...taskFields, ...(ticketTables[table]?.fields ?? []), ...extraFields()]
  const fields: Record<string, TicketField> = {}
  for (const name of names) {
    const field = buildField(record, name)
    if (field) fields[name] = field
  }
  return {
    table,
    sys_id: record.getUniqueValue(),
    number: record.getValue('number') || '',
    fields,
  }
}

/** The people with a part in the ticket. */
export function buildPeople(record: GlideRecord): People {
  const requestedBy = ticketTables[record.getTableName()]?.requestedBy ?? 'opened_by'
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

function typeOf(element: GlideElement): string {
  return String(element.getED().getInternalType() || 'string')
}

/** The stored value; booleans as `true` and `false`, whichever way the platform spells them. */
function valueOf(element: GlideElement, type: string): string {
  const value = String(element)
  if (type !== 'boolean') return value
  return value === '1' || value === 'true' ? 'true' : 'false'
}
