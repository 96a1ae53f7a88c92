// Who reads and writes the app's records. Rows of runs, templates and the outbox are written by the app
// alone, so there is no create or write ACL for them and the platform's default (deny) holds.
import '@servicenow/sdk/global'
import { Acl } from '@servicenow/sdk/core'

import { adminRole, agentRole, auditorRole, requesterRole } from './roles.now.ts'

Acl({
  $id: Now.ID['acl-run-read'],
  type: 'record',
  table: 'x_snc_ticket_auto_run',
  operation: 'read',
  roles: [agentRole],
  // The run shows what is in the ticket and what the job said about it: nobody reads it who may not read
  // the ticket. Its table is asked, not task: ACLs belong to the class.
  script: `var ticket = new GlideRecord(current.getValue('ticket_table') || 'task')
answer = ticket.isValid() && ticket.get('sys_id', current.getValue('ticket')) && ticket.canRead()`,
  active: true,
  adminOverrides: false,
  description: 'Agents read the runs of tickets they may read.',
})

Acl({
  $id: Now.ID['acl-run-read-auditor'],
  type: 'record',
  table: 'x_snc_ticket_auto_run',
  operation: 'read',
  roles: [auditorRole],
  active: true,
  description: 'Auditors (and admins of the app, who have their role) read all runs.',
})

Acl({
  $id: Now.ID['acl-run-read-own'],
  type: 'record',
  table: 'x_snc_ticket_auto_run',
  operation: 'read',
  roles: [requesterRole],
  condition: 'requested_byDYNAMIC90d1921e5f510100a9ad2572f2b477fe',
  active: true,
  description: 'Requesters read the runs in their own name (dynamic filter "Me").',
})

Acl({
  $id: Now.ID['acl-template-read'],
  type: 'record',
  table: 'x_snc_ticket_auto_job_template',
  operation: 'read',
  roles: [agentRole, auditorRole],
  active: true,
  description: 'Agents and auditors read job templates.',
})

Acl({
  $id: Now.ID['acl-outbox-read'],
  type: 'record',
  table: 'x_snc_ticket_auto_outbox',
  operation: 'read',
  roles: [auditorRole, adminRole],
  active: true,
  description: 'Auditors and admins read the outbox.',
})

Acl({
  $id: Now.ID['acl-outbox-secrets-read'],
  type: 'record',
  table: 'x_snc_ticket_auto_outbox',
  field: 'secrets',
  operation: 'read',
  script: 'answer = false',
  active: true,
  adminOverrides: false,
  description: 'Nobody reads secret parameters; only the sending code does.',
})

Acl({
  $id: Now.ID['acl-outbox-secrets-write'],
  type: 'record',
  table: 'x_snc_ticket_auto_outbox',
  field: 'secrets',
  operation: 'write',
  script: 'answer = false',
  active: true,
  adminOverrides: false,
  description: 'Nobody writes secret parameters by hand.',
})

Acl({
  $id: Now.ID['acl-connection-read'],
  type: 'record',
  table: 'x_snc_ticket_auto_connection',
  operation: 'read',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app read connections.',
})

Acl({
  $id: Now.ID['acl-connection-create'],
  type: 'record',
  table: 'x_snc_ticket_auto_connection',
  operation: 'create',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app create connections.',
})

Acl({
  $id: Now.ID['acl-connection-write'],
  type: 'record',
  table: 'x_snc_ticket_auto_connection',
  operation: 'write',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app change connections.',
})

Acl({
  $id: Now.ID['acl-connection-delete'],
  type: 'record',
  table: 'x_snc_ticket_auto_connection',
  operation: 'delete',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app delete connections.',
})

Acl({
  $id: Now.ID['acl-connection-secret-read'],
  type: 'record',
  table: 'x_snc_ticket_auto_connection',
  field: 'signing_secret',
  operation: 'read',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app see that a key is set; the platform masks its value.',
})

Acl({
  $id: Now.ID['acl-connection-secret-write'],
  type: 'record',
  table: 'x_snc_ticket_auto_connection',
  field: 'signing_secret',
  operation: 'write',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app set the signing key.',
})
