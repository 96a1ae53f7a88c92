// The connector's published job templates as this instance last saw them (server/templates.ts).
import '@servicenow/sdk/global'
import {
  BooleanColumn,
  DateTimeColumn,
  IntegerColumn,
  ScheduledScript,
  StringColumn,
  Table,
} from '@servicenow/sdk/core'

import { syncTemplatesOnSchedule } from '../server/templates.ts'

export const x_snc_ticket_auto_job_template = Table({
  name: 'x_snc_ticket_auto_job_template',
  label: 'Job Template',
  display: 'title',
  accessibleFrom: 'public',
  actions: ['read'],
  allowWebServiceAccess: true,
  schema: {
    name: StringColumn({ label: 'Name', maxLength: 100, mandatory: true, readOnly: true }),
    version: IntegerColumn({ label: 'Version', readOnly: true }),
    title: StringColumn({ label: 'Title', maxLength: 100, readOnly: true }),
    description: StringColumn({ label: 'Description', maxLength: 4000, readOnly: true }),
    tables: StringColumn({ label: 'Tables', maxLength: 1000, readOnly: true }),
    problem: StringColumn({ label: 'Problem', maxLength: 4000, readOnly: true }),
    active: BooleanColumn({ label: 'Active', default: true, readOnly: true }),
    digest: StringColumn({ label: 'Digest', maxLength: 64, readOnly: true }),
    content: StringColumn({ label: 'Content (JSON)', maxLength: 500000, readOnly: true }),
    synced_at: DateTimeColumn({ label: 'Last seen', readOnly: true }),
  },
  index: [{ name: 'x_snc_ticket_auto_template_name', element: 'name', unique: true }],
})

ScheduledScript({
  $id: Now.ID['job-sync-templates'],
  name: 'Ticket Automation: sync job templates',
  active: true,
  frequency: 'periodically',
  executionStart: '2026-01-01 00:00:30',
  executionInterval: { minutes: 5 },
  script: syncTemplatesOnSchedule,
})
