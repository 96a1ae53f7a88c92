// Settings of the app. No secret is one: the signing key is a field of the connection.
import '@servicenow/sdk/global'
import { Property } from '@servicenow/sdk/core'

import { adminRole, auditorRole } from './roles.now.ts'

Property({
  $id: Now.ID['property-enabled'],
  name: 'x_snc_ticket_auto.enabled',
  type: 'boolean',
  value: true,
  description:
    'Master switch: false = no run is shown or started and no event for one is sent; runs can be watched and cancelled.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-integration-user'],
  name: 'x_snc_ticket_auto.integration_user',
  type: 'string',
  value: 'ticket.automation',
  description:
    'User name of the connector on this instance. Its own writes never start an automation.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-send-timeout-ms'],
  name: 'x_snc_ticket_auto.send.timeout_ms',
  type: 'integer',
  value: 8000,
  description: 'Time limit of one call to the connector in milliseconds.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-send-max-attempts'],
  name: 'x_snc_ticket_auto.send.max_attempts',
  type: 'integer',
  value: 60,
  description:
    'Attempts before an outbox row becomes a dead letter. The waits grow to an hour: 60 outlast two days.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-outbox-retention-days'],
  name: 'x_snc_ticket_auto.outbox.retention_days',
  type: 'integer',
  value: 30,
  description: 'Sent outbox rows are deleted after so many days.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

Property({
  $id: Now.ID['property-event-extra-fields'],
  name: 'x_snc_ticket_auto.event.extra_fields',
  type: 'string',
  value: '',
  description:
    'Further ticket fields to send, comma separated, dot-walks allowed, e.g. u_environment,cmdb_ci.location.',
  roles: { read: [adminRole, auditorRole], write: [adminRole] },
})

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
