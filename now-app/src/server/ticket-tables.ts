// Which tables are tickets, and which of their fields go out. What stands here is all the app knows of a table.

/** Fields every ticket has that matter to rules and parameters. */
const taskFields: readonly string[] = [
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
  change_request: {
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
  },
  sc_req_item: {
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
  },
}

/** True when the app can work with tickets of this table. */
export function isTicketTable(table: string): boolean {
  return Object.keys(ticketTables).includes(table)
}

/** Fields of a ticket of this table, dot-walks among them; what an instance does not have is left out later. */
export function fieldsOf(table: string): readonly string[] {
  return [...taskFields, ...(ticketTables[table]?.fields ?? [])]
}

/** Field with the person a ticket of this table is for. */
export function requesterField(table: string): string {
  return ticketTables[table]?.requestedBy ?? 'opened_by'
}
