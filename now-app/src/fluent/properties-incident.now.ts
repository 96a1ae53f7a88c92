// Settings of incidents: which events are sent, and which value of the instance each word of the contract means.
import '@servicenow/sdk/global'
import { Property } from '@servicenow/sdk/core'

import { adminRole, auditorRole } from './roles.now.ts'

Property({
  $id: Now.ID['property-incident-send-created'],
  name: 'x_snc_ticket_auto.incident.send_created',
  type: 'boolean',
  value: true,
  description: 'Send an event when an incident is created.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-send-updated'],
  name: 'x_snc_ticket_auto.incident.send_updated',
  type: 'boolean',
  value: true,
  description: 'Send an event when an incident is updated.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-send-closed'],
  name: 'x_snc_ticket_auto.incident.send_closed',
  type: 'boolean',
  value: true,
  description: 'Send an event when an incident is closed or cancelled.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-state-in-progress'],
  name: 'x_snc_ticket_auto.incident.state.in_progress',
  type: 'string',
  value: '2',
  description: 'Incident state for "in progress".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-state-on-hold'],
  name: 'x_snc_ticket_auto.incident.state.on_hold',
  type: 'string',
  value: '3',
  description: 'Incident state for "on hold".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-state-resolved'],
  name: 'x_snc_ticket_auto.incident.state.resolved',
  type: 'string',
  value: '6',
  description: 'Incident state for "resolved".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-state-closed'],
  name: 'x_snc_ticket_auto.incident.state.closed',
  type: 'string',
  value: '7',
  description: 'Incident state for "closed".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-state-cancelled'],
  name: 'x_snc_ticket_auto.incident.state.cancelled',
  type: 'string',
  value: '8',
  description: 'Incident state for "cancelled".',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-close-code'],
  name: 'x_snc_ticket_auto.incident.close_code',
  type: 'string',
  value: 'Solution provided',
  description: 'Resolution code when an automation resolves or closes an incident and names none.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-incident-close-notes'],
  name: 'x_snc_ticket_auto.incident.close_notes',
  type: 'string',
  value: 'Resolved by an automation. The work notes tell what was done.',
  description: 'Resolution notes when an automation resolves or closes an incident and gives none.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})
