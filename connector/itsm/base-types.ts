// Types of well-known ticket fields in the base system, for instances whose dictionary cannot be read. Pure.

const types: Readonly<Record<string, readonly string[]>> = {
  GUID: ['sys_id'],
  boolean: ['active', 'on_hold', 'made_sla', 'knowledge', 'cab_required', 'unauthorized'],
  integer: [
    'state',
    'incident_state',
    'priority',
    'impact',
    'urgency',
    'severity',
    'hold_reason',
    'risk',
    'quantity',
    'reopen_count',
    'reassignment_count',
    'escalation',
    'sys_mod_count',
  ],
  glide_date_time: [
    'opened_at',
    'closed_at',
    'resolved_at',
    'due_date',
    'start_date',
    'end_date',
    'work_start',
    'work_end',
    'expected_start',
    'sys_created_on',
    'sys_updated_on',
  ],
  reference: [
    'assignment_group',
    'assigned_to',
    'opened_by',
    'closed_by',
    'resolved_by',
    'caller_id',
    'requested_by',
    'requested_for',
    'cmdb_ci',
    'business_service',
    'service_offering',
    'company',
    'location',
    'parent',
    'parent_incident',
    'problem_id',
    'rfc',
    'cat_item',
    'request',
  ],
  sys_class_name: ['sys_class_name'],
}

const byField = new Map(
  Object.entries(types).flatMap(([type, fields]) => fields.map((field) => [field, type] as const)),
)

/** The base system's type of a field (of the last one of a dot-walk); `string` for what it does not know. */
export function baseType(field: string): string {
  return byField.get(field.split('.').at(-1) ?? '') ?? 'string'
}
