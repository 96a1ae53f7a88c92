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
