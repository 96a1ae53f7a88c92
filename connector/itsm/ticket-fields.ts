// Which fields of a ticket are read by Table API: those that the app sends with every event (the same lists stand
// in now-app/src/server/ticket-tables.ts, which cannot import values), and those that templates name.
import type { JobTemplate } from '#shared/job-template.ts'

import { usedFields } from '../templates/used-fields.ts'

/** What the contract takes as the name of a field; a comma or a & in one would ask for something else. */
const fieldName = /^[a-z][a-z0-9_.]{0,159}$/

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
  'cmdb_ci.environment',
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
  [
    'change_request',
    {
      fields: [
        'type',
        'risk',
        'start_date',
        'end_date',
        'work_start',
        'work_end',
        'on_hold',
        'on_hold_reason',
        'close_code',
        'close_notes',
        'requested_by',
        'requested_by.user_name',
        'chg_model',
        'chg_model.name',
        'conflict_status',
        'category',
        'phase',
        'cab_required',
      ],
      requestedBy: 'requested_by',
      firstState: '-5',
    },
  ],
  [
    'sc_req_item',
    {
      fields: [
        'cat_item',
        'cat_item.name',
        'cat_item.category',
        'cat_item.category.title',
        'cat_item.category.parent',
        'cat_item.category.parent.title',
        'cat_item.category.parent.parent',
        'cat_item.category.parent.parent.title',
        'request',
        'request.number',
        'request.requested_for',
        'requested_for',
        'requested_for.user_name',
        'quantity',
        'stage',
        'close_notes',
      ],
      requestedBy: 'requested_for',
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

/** Fields that the templates' rules, parameters and conditions read of tickets of this table. */
export function namedFields(table: string, templates: readonly JobTemplate[]): string[] {
  const named = templates.flatMap((template) => {
    const rules = template.match.filter((rule) => rule.table === table)
    if (rules.length === 0) return []
    // Of the triggers, the automatic ones ask for more.
    const used = usedFields(template, { table, trigger: 'created', rules })
    return [...used.fields, ...used.displays]
  })
  return [...new Set(named)].filter((name) => fieldName.test(name))
}
