// Tables and people of the core in memory; names as in the sample data of the platform core.
import { createHash } from 'node:crypto'

import type { Column, FormAction, Table } from '../types.ts'

/** A sys_id that is the same in every run. */
export function idOf(name: string): string {
  return createHash('md5').update(name).digest('hex')
}

/** Sample people; passwords are 'demo'. */
export const people = [
  { user_name: 'admin', name: 'System Administrator', roles: ['admin'] },
  { user_name: 'abel.agent', name: 'Abel Agent', roles: ['itil', 'x_snc_ticket_auto.agent'] },
  { user_name: 'ivy.itil', name: 'Ivy Itil', roles: ['itil'] },
  { user_name: 'carla.caller', name: 'Carla Caller', roles: [] },
  { user_name: 'victor.vip', name: 'Victor Vip', roles: [] },
  {
    user_name: 'ticket.automation',
    name: 'Ticket Automation',
    roles: ['itil'],
    web_service_access_only: 'true',
  },
]

/** A server action of the form. */
export const runAutomation: FormAction = {
  sysId: idOf('run automation'),
  name: 'Run automation',
  label: 'Run automation',
  client: false,
  onClick: '',
  script: '',
}

const states = [
  { value: '1', label: 'New' },
  { value: '2', label: 'In Progress' },
  { value: '6', label: 'Resolved' },
]

/** The two tables. */
export const memoryTables: ReadonlyMap<string, Table> = new Map([
  [
    'sys_user',
    table('sys_user', 'User', [
      column('name'),
      column('user_name'),
      column('title'),
      column('active', { type: 'boolean' }),
      column('web_service_access_only', { type: 'boolean' }),
      column('user_password', { type: 'password' }),
    ]),
  ],
  [
    'incident',
    table('incident', 'Incident', [
      column('number'),
      column('state', { choices: states, defaultValue: '1' }),
      column('active', { type: 'boolean', defaultValue: 'true' }),
      column('category'),
      column('short_description', { maxLength: 160 }),
      column('description', { maxLength: 4000 }),
      column('caller_id', { type: 'reference', reference: 'sys_user' }),
      column('assigned_to', { type: 'reference', reference: 'sys_user' }),
      column('close_notes', { maxLength: 1000 }),
      column('work_notes', { type: 'journal_input' }),
      column('comments', { type: 'journal_input' }),
    ]),
  ],
])

function column(name: string, more: Partial<Column> = {}): Column {
  const label = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')
  return {
    name,
    label,
    type: 'string',
    reference: null,
    maxLength: 100,
    mandatory: false,
    defaultValue: '',
    choices: [],
    ...more,
  }
}

function table(name: string, label: string, columns: readonly Column[]): Table {
  const all = [column('sys_id'), ...columns, column('sys_updated_on', { type: 'glide_date_time' })]
  return {
    name,
    label,
    parent: null,
    scope: 'global',
    displayField: columns[0]?.name ?? '',
    columns: new Map(all.map((entry) => [entry.name, entry])),
  }
}
