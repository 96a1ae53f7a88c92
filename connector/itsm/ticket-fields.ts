// Which fields of a ticket are read by Table API: those that the app sends with every event (the same lists stand
// in now-app/src/server/ticket.ts, which cannot import values), and those that templates name.
import type { JobTemplate } from '#shared/job-template.ts'

import { fieldsOf, parseQuery } from '../matching/parse-query.ts'

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
]

/** What is known of a ticket table beyond the fields of task. */
interface TicketTable {
  fields: readonly string[]
  /** Field with the person the ticket is for. */
  requestedBy: string
  /** State of a new ticket in the base system. */
  firstState: string
}

const ticketTables: ReadonlyMap<string, TicketTable> = new Map([
  [
    'incident',
    {
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
      firstState: '1',
    },
  ],
])

/** Fields the app sends for a ticket of this table without any setting. */
export function sentFields(table: string): readonly string[] {
  return [...taskFields, ...(ticketTables.get(table)?.fields ?? [])]
}

/** Field with the person a ticket of this table is for. */
export function requesterField(table: string): string {
  return ticketTables.get(table)?.requestedBy ?? 'opened_by'
}

/** State of a new ticket in the base system. */
export function firstStateOf(table: string): string {
  return ticketTables.get(table)?.firstState ?? '1'
}

/** Fields that the templates' rules, parameters and environments read of tickets of this table. */
export function namedFields(table: string, templates: readonly JobTemplate[]): string[] {
  const named = templates
    .filter(({ match }) => match.some((rule) => rule.table === table))
    .flatMap((template) => [
      ...template.match.filter((rule) => rule.table === table).flatMap(({ when }) => inQuery(when)),
      ...template.parameters.flatMap(({ from }) => (from === undefined ? [] : inExpression(from))),
      ...(template.environment === undefined ? [] : [template.environment.field]),
    ])
  return [...new Set(named)]
}

function inQuery(when: string): readonly string[] {
  const parsed = parseQuery(when)
  return parsed.ok ? parsed.groups.flat(2).flatMap(fieldsOf) : []
}

/** `fields.name`, `` display.`cmdb_ci.name` `` of a JSONata expression; one too many only costs a column. */
function inExpression(from: string): string[] {
  const found = from.matchAll(/\b(?:fields|display)\.(?:`([a-z][a-z0-9_.]*)`|([a-z][a-z0-9_]*))/g)
  return [...found].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
