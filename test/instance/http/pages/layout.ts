// Which fields a form and a list show, and in which order. Tables without an entry show their own columns.
import type { Column, Table } from '../../types.ts'

interface Layout {
  form: readonly string[]
  list: readonly string[]
}

const ticketList = [
  'number',
  'short_description',
  'state',
  'priority',
  'assigned_to',
  'sys_updated_on',
]

const layouts: Readonly<Record<string, Layout>> = {
  incident: {
    form: [
      'number',
      'state',
      'caller_id',
      'hold_reason',
      'category',
      'subcategory',
      'impact',
      'urgency',
      'priority',
      'cmdb_ci',
      'assignment_group',
      'assigned_to',
      'problem_id',
      'short_description',
      'description',
      'close_code',
      'close_notes',
    ],
    list: [
      'number',
      'short_description',
      'caller_id',
      'state',
      'priority',
      'assigned_to',
      'sys_updated_on',
    ],
  },
  change_request: {
    form: [
      'number',
      'state',
      'type',
      'approval',
      'requested_by',
      'category',
      'risk',
      'impact',
      'priority',
      'cmdb_ci',
      'assignment_group',
      'assigned_to',
      'start_date',
      'end_date',
      'work_start',
      'work_end',
      'on_hold',
      'on_hold_reason',
      'short_description',
      'description',
      'implementation_plan',
      'backout_plan',
      'test_plan',
      'close_code',
      'close_notes',
    ],
    list: [
      'number',
      'short_description',
      'type',
      'state',
      'approval',
      'start_date',
      'assigned_to',
      'sys_updated_on',
    ],
  },
  sc_req_item: {
    form: [
      'number',
      'state',
      'cat_item',
      'stage',
      'request',
      'approval',
      'requested_for',
      'quantity',
      'priority',
      'cmdb_ci',
      'assignment_group',
      'assigned_to',
      'short_description',
      'description',
      'close_notes',
    ],
    list: [
      'number',
      'cat_item',
      'requested_for',
      'state',
      'stage',
      'assigned_to',
      'sys_updated_on',
    ],
  },
  problem: {
    form: [
      'number',
      'state',
      'category',
      'impact',
      'urgency',
      'priority',
      'cmdb_ci',
      'assignment_group',
      'assigned_to',
      'short_description',
      'description',
      'close_notes',
    ],
    list: ticketList,
  },
  x_snc_ticket_auto_run: {
    form: [
      'template_title',
      'state',
      'ticket',
      'requested_by',
      'trigger',
      'phase',
      'step',
      'progress',
      'window_start',
      'window_end',
      'started',
      'finished',
      'template',
      'template_version',
      'job_id',
      'job_url',
      'message',
      'decision_summary',
      'parameters',
      'output',
    ],
    list: ['template_title', 'state', 'phase', 'progress', 'ticket', 'requested_by', 'started'],
  },
  x_snc_ticket_auto_outbox: {
    form: [
      'event_type',
      'state',
      'ticket',
      'ticket_number',
      'run',
      'actor',
      'attempts',
      'next_attempt',
      'sent_at',
      'event_id',
      'last_error',
    ],
    list: [
      'event_type',
      'ticket_number',
      'state',
      'attempts',
      'next_attempt',
      'last_error',
      'sys_updated_on',
    ],
  },
  x_snc_ticket_auto_job_template: {
    form: [
      'title',
      'active',
      'name',
      'version',
      'tables',
      'synced_at',
      'description',
      'problem',
      'content',
    ],
    list: ['title', 'name', 'version', 'active', 'tables', 'synced_at'],
  },
  sys_user: {
    form: [
      'user_name',
      'name',
      'first_name',
      'last_name',
      'title',
      'email',
      'department',
      'active',
    ],
    list: ['user_name', 'name', 'title', 'email', 'active'],
  },
}

/** Columns of a list without an entry, besides the display field. */
const listColumns = 6

/** A text longer than this gets a box of its own. */
const longTextLength = 200

const journalTypes = new Set(['journal', 'journal_input', 'journal_list'])

/** Columns of the form, in order; journal fields are not among them. */
export function formColumns(table: Table): readonly Column[] {
  const names = layouts[table.name]?.form
  if (names !== undefined) return pick(table, names)
  return [...table.columns.values()].filter(
    (column) => !column.name.startsWith('sys_') && !journalTypes.has(column.type),
  )
}

/** Columns of the list, in order. */
export function listedColumns(table: Table): readonly Column[] {
  const names = layouts[table.name]?.list
  if (names !== undefined) return pick(table, names)
  const own = [...table.columns.values()].filter(
    (column) =>
      !column.name.startsWith('sys_') &&
      !journalTypes.has(column.type) &&
      column.type !== 'password2' &&
      !isLongText(column),
  )
  const display = own.filter((column) => column.name === table.displayField)
  const others = own.filter((column) => column.name !== table.displayField).slice(0, listColumns)
  return [...display, ...others, ...pick(table, ['sys_updated_on'])]
}

/** Journal columns of a table that people write into, in the order of the form. */
export function journalColumns(table: Table): readonly Column[] {
  return pick(table, ['work_notes', 'comments'])
}

/** True when a column needs a text box of several lines. */
export function isLongText(column: Column): boolean {
  if (column.reference !== null || column.choices.length > 0) return false
  const plain = [
    'string',
    'html',
    'script',
    'script_plain',
    'multi_line_text',
    'json',
    'translated_text',
  ]
  return plain.includes(column.type) && column.maxLength > longTextLength
}

function pick(table: Table, names: readonly string[]): Column[] {
  return names
    .map((name) => table.columns.get(name))
    .filter((column): column is Column => column !== undefined)
}
