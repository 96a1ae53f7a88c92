// The columns of the app's lists.
import '@servicenow/sdk/global'
import { default_view, List } from '@servicenow/sdk/core'

List({
  table: 'x_snc_ticket_auto_run',
  view: default_view,
  columns: [
    'template_title',
    'ticket',
    'state',
    'progress',
    'message',
    'trigger',
    'requested_by',
    'sys_created_on',
  ],
})

List({
  table: 'x_snc_ticket_auto_job_template',
  view: default_view,
  columns: ['title', 'name', 'version', 'tables', 'active', 'problem', 'synced_at'],
})

List({
  table: 'x_snc_ticket_auto_outbox',
  view: default_view,
  columns: [
    'event_type',
    'ticket_number',
    'state',
    'attempts',
    'next_attempt',
    'last_error',
    'sent_at',
    'sys_created_on',
  ],
})

List({
  table: 'x_snc_ticket_auto_connection',
  view: default_view,
  columns: ['name', 'active', 'url', 'issuer', 'audience', 'key_id'],
})
