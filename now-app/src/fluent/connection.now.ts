// The connection to the connector: where it is and the key both halves sign with. One is active.
import '@servicenow/sdk/global'
import {
  BooleanColumn,
  BusinessRule,
  IntegerColumn,
  Password2Column,
  StringColumn,
  Table,
  UrlColumn,
} from '@servicenow/sdk/core'

import { checkConnection, deactivateOthers } from '../server/connection.ts'

export const x_snc_ticket_auto_connection = Table({
  name: 'x_snc_ticket_auto_connection',
  label: 'Connector Connection',
  display: 'name',
  accessibleFrom: 'package_private',
  actions: ['read'],
  allowWebServiceAccess: false,
  schema: {
    name: StringColumn({ label: 'Name', maxLength: 80, mandatory: true }),
    active: BooleanColumn({
      label: 'Active',
      default: true,
      help: 'Making one connection active makes the others inactive.',
    }),
    url: UrlColumn({
      label: 'Connector URL',
      maxLength: 1024,
      mandatory: true,
      help: 'For example https://connector.example.com; http only for a connector on this machine.',
    }),
    issuer: StringColumn({
      label: 'Issuer',
      maxLength: 200,
      mandatory: true,
      help: "Name of this instance as the connector's configuration has it.",
    }),
    audience: StringColumn({
      label: 'Audience',
      maxLength: 200,
      mandatory: true,
      help: "Name of the connector as the connector's configuration has it.",
    }),
    key_id: StringColumn({ label: 'Key ID', maxLength: 100, mandatory: true }),
    signing_secret: Password2Column({
      label: 'Signing key (Base64)',
      maxLength: 255,
      help: 'At least 256 random bits, Base64: the same value as in the connector.',
    }),
    timeout: IntegerColumn({
      label: 'Time limit (ms)',
      help: 'Empty = the setting x_snc_ticket_auto.send.timeout_ms',
    }),
  },
})

BusinessRule({
  $id: Now.ID['connection-check'],
  name: 'Ticket Automation: check connection',
  table: 'x_snc_ticket_auto_connection',
  when: 'before',
  action: ['insert', 'update'],
  order: 100,
  active: true,
  script: checkConnection,
})

BusinessRule({
  $id: Now.ID['connection-one-active'],
  name: 'Ticket Automation: one active connection',
  table: 'x_snc_ticket_auto_connection',
  when: 'after',
  action: ['insert', 'update'],
  order: 100,
  active: true,
  filterCondition: 'active=true',
  script: deactivateOthers,
})
