// Settings of changes: which events are sent, and which value of the instance each word of the contract means.
import '@servicenow/sdk/global'
import { Property } from '@servicenow/sdk/core'

import { adminRole, auditorRole } from './roles.now.ts'

Property({
  $id: Now.ID['property-change-send-created'],
  name: 'x_snc_ticket_auto.change_request.send_created',
  type: 'boolean',
  value: true,
  description: 'Send an event when a change is created.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-send-updated'],
  name: 'x_snc_ticket_auto.change_request.send_updated',
  type: 'boolean',
  value: true,
  description: 'Send an event when a change is updated.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-send-closed'],
  name: 'x_snc_ticket_auto.change_request.send_closed',
  type: 'boolean',
  value: true,
  description: 'Send an event when a change is closed or cancelled.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-state-order'],
  name: 'x_snc_ticket_auto.change_request.state.order',
  type: 'string',
  value: '-5,-4,-3,-2,-1,0,3',
  description:
    'The states of a change in their order. An automation goes one by one, never back, and never past the state before "implement" on its own.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-state-implement'],
  name: 'x_snc_ticket_auto.change_request.state.implement',
  type: 'string',
  value: '-1',
  description: 'Change state for "implement".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-state-review'],
  name: 'x_snc_ticket_auto.change_request.state.review',
  type: 'string',
  value: '0',
  description: 'Change state for "review".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-state-closed'],
  name: 'x_snc_ticket_auto.change_request.state.closed',
  type: 'string',
  value: '3',
  description: 'Change state for "closed".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-state-cancelled'],
  name: 'x_snc_ticket_auto.change_request.state.cancelled',
  type: 'string',
  value: '4',
  description: 'Change state for "cancelled".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-on-hold-reason'],
  name: 'x_snc_ticket_auto.change_request.on_hold_reason',
  type: 'string',
  value: 'Put on hold by an automation. The work notes tell why.',
  description: 'On hold reason of a change that an automation puts on hold.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-close-code'],
  name: 'x_snc_ticket_auto.change_request.close_code',
  type: 'string',
  value: '',
  description:
    'Close code when an automation closes a change and names none; empty = it stays in review.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-change-close-notes'],
  name: 'x_snc_ticket_auto.change_request.close_notes',
  type: 'string',
  value: 'Closed by an automation. The work notes tell what was done.',
  description: 'Close notes when an automation closes a change and gives none.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})
