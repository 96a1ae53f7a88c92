// The outbox: every message to the connector is a row here before anything is sent. A row is sent by the
// script action at once, or by the sweep a minute later when the event was lost.
import '@servicenow/sdk/global'
import {
  DateTimeColumn,
  IntegerColumn,
  Password2Column,
  Record,
  ReferenceColumn,
  ScheduledScript,
  ScriptAction,
  StringColumn,
  Table,
  UiAction,
} from '@servicenow/sdk/core'

import { outboxStateChoices } from '../../../shared/vocabulary.ts'
import { retryAllDeadLetters, retryDeadLetter } from '../server/dead-letters.ts'
import { onOutboxEvent } from '../server/delivery.ts'
import { deleteOldRows, sweepOutbox } from '../server/sweep.ts'
import { adminRole } from './roles.now.ts'

export const x_snc_ticket_auto_outbox = Table({
  name: 'x_snc_ticket_auto_outbox',
  label: 'Automation Outbox',
  display: 'event_id',
  accessibleFrom: 'package_private',
  actions: ['read'],
  allowWebServiceAccess: false,
  schema: {
    event_id: StringColumn({ label: 'Event ID', maxLength: 64, mandatory: true, readOnly: true }),
    event_type: StringColumn({
      label: 'Event',
      maxLength: 40,
      mandatory: true,
      readOnly: true,
      dropdown: 'dropdown_with_none',
      choices: {
        'ticket.created': 'Ticket created',
        'ticket.updated': 'Ticket updated',
        'ticket.closed': 'Ticket closed',
        'run.requested': 'Run requested',
        'run.cancel_requested': 'Cancel requested',
      },
    }),
    ticket_table: StringColumn({ label: 'Ticket table', maxLength: 80, readOnly: true }),
    ticket: StringColumn({ label: 'Ticket sys_id', maxLength: 32, readOnly: true }),
    ticket_number: StringColumn({ label: 'Ticket', maxLength: 40, readOnly: true }),
    actor: StringColumn({
      label: 'Actor sys_id',
      maxLength: 32,
      readOnly: true,
      help: 'Who caused the event. Kept here because a sending job runs as somebody else.',
    }),
    position: StringColumn({
      label: 'Position',
      maxLength: 20,
      readOnly: true,
      help: 'Milliseconds since 1970 when the row was written: the order within one ticket.',
    }),
    run: ReferenceColumn({
      label: 'Run',
      referenceTable: 'x_snc_ticket_auto_run',
      readOnly: true,
    }),
    run_request: StringColumn({
      label: 'Run request (JSON, secrets by name only)',
      // As many parameters as one event can carry (shared/ticket-event.ts, maxEventBytes).
      maxLength: 4000000,
      readOnly: true,
    }),
    secrets: Password2Column({
      label: 'Secret parameters',
      maxLength: 65000,
      readOnly: true,
      help: 'Encrypted; emptied as soon as the row is sent.',
    }),
    state: StringColumn({
      label: 'State',
      maxLength: 40,
      readOnly: true,
      default: 'pending',
      dropdown: 'dropdown_without_none',
      choices: outboxStateChoices,
    }),
    attempts: IntegerColumn({ label: 'Attempts', default: 0, readOnly: true }),
    next_attempt: DateTimeColumn({ label: 'Next attempt', readOnly: true }),
    claim: StringColumn({ label: 'Claim', maxLength: 32, readOnly: true }),
    claimed_at: DateTimeColumn({ label: 'Claimed', readOnly: true }),
    last_error: StringColumn({ label: 'Last error', maxLength: 4000, readOnly: true }),
    sent_at: DateTimeColumn({ label: 'Sent', readOnly: true }),
  },
  index: [
    { name: 'x_snc_ticket_auto_outbox_event', element: 'event_id', unique: true },
    { name: 'x_snc_ticket_auto_outbox_due', element: ['state', 'next_attempt'], unique: false },
    { name: 'x_snc_ticket_auto_outbox_ticket', element: ['ticket', 'state'], unique: false },
  ],
})

Record({
  $id: Now.ID['outbox-queue'],
  table: 'sysevent_queue',
  data: {
    sys_class_name: 'sysevent_queue',
    queue: 'x_snc_ticket_auto.outbox_queue',
    suffix: 'outbox_queue',
    description: 'Messages of Ticket Automation to its connector',
    poll_interval: '1970-01-01 00:00:01',
    job_config: 'jobs_per_node',
    job_config_value: 2,
    provider: '44af4464431212108da9a574a9b8f2f5',
    automatic_processing: true,
    processing_order: 'parallel',
  },
})

Record({
  $id: Now.ID['outbox-event'],
  table: 'sysevent_register',
  data: {
    suffix: 'outbox',
    event_name: 'x_snc_ticket_auto.outbox',
    description: 'An outbox row of Ticket Automation is ready to be sent',
    table: 'x_snc_ticket_auto_outbox',
    fired_by: 'Module server/outbox.ts',
    queue: 'x_snc_ticket_auto.outbox_queue',
  },
})

ScriptAction({
  $id: Now.ID['outbox-send'],
  name: 'Ticket Automation: send outbox row',
  description: 'Sends the row whose sys_id is parm1.',
  active: true,
  eventName: 'x_snc_ticket_auto.outbox',
  order: 100,
  script: onOutboxEvent,
})

ScheduledScript({
  $id: Now.ID['outbox-sweep'],
  name: 'Ticket Automation: sweep outbox',
  active: true,
  frequency: 'periodically',
  executionStart: '2026-01-01 00:00:00',
  executionInterval: { minutes: 1 },
  script: sweepOutbox,
})

ScheduledScript({
  $id: Now.ID['outbox-clean'],
  name: 'Ticket Automation: delete old sent rows',
  active: true,
  frequency: 'daily',
  executionStart: '2026-01-01 00:00:00',
  executionTime: { hours: 3, minutes: 17, seconds: 0 },
  timeZone: 'UTC',
  script: deleteOldRows,
})

UiAction({
  $id: Now.ID['outbox-retry'],
  table: 'x_snc_ticket_auto_outbox',
  name: 'Send again',
  actionName: 'x_snc_ticket_auto_send_again',
  hint: 'Put this dead letter back into the outbox',
  active: true,
  showUpdate: true,
  showInsert: false,
  condition: "current.state == 'dead'",
  roles: [adminRole],
  form: { showButton: true, style: 'primary' },
  order: 100,
  script: retryDeadLetter,
})

UiAction({
  $id: Now.ID['outbox-retry-all'],
  table: 'x_snc_ticket_auto_outbox',
  name: 'Send all dead letters again',
  actionName: 'x_snc_ticket_auto_send_all_again',
  hint: 'Put every dead letter back into the outbox, oldest first',
  active: true,
  showInsert: false,
  showUpdate: true,
  roles: [adminRole],
  list: { showBannerButton: true },
  order: 110,
  script: retryAllDeadLetters,
})
