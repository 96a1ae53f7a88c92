// Settings of requested items: which events are sent, and which value of the instance each word of the contract means.
import '@servicenow/sdk/global'
import { Property } from '@servicenow/sdk/core'

import { adminRole, auditorRole } from './roles.now.ts'

Property({
  $id: Now.ID['property-item-send-created'],
  name: 'x_snc_ticket_auto.sc_req_item.send_created',
  type: 'boolean',
  value: true,
  description: 'Send an event when an item is ordered.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-send-updated'],
  name: 'x_snc_ticket_auto.sc_req_item.send_updated',
  type: 'boolean',
  value: true,
  description: 'Send an event when a requested item is updated.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-send-closed'],
  name: 'x_snc_ticket_auto.sc_req_item.send_closed',
  type: 'boolean',
  value: true,
  description: 'Send an event when a requested item is closed.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-state-in-progress'],
  name: 'x_snc_ticket_auto.sc_req_item.state.in_progress',
  type: 'string',
  value: '2',
  description: 'State of a requested item for "in progress".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-state-closed'],
  name: 'x_snc_ticket_auto.sc_req_item.state.closed',
  type: 'string',
  value: '3',
  description: 'State of a requested item for "closed".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-state-closed-incomplete'],
  name: 'x_snc_ticket_auto.sc_req_item.state.closed_incomplete',
  type: 'string',
  value: '4',
  description: 'State of a requested item for "closed incomplete".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-state-cancelled'],
  name: 'x_snc_ticket_auto.sc_req_item.state.cancelled',
  type: 'string',
  value: '7',
  description: 'State of a requested item for "cancelled" (Closed Skipped).',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-item-close-notes'],
  name: 'x_snc_ticket_auto.sc_req_item.close_notes',
  type: 'string',
  value: 'Fulfilled by an automation. The work notes tell what was done.',
  description: 'Close notes when an automation closes a requested item and gives none.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})
