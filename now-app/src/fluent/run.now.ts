// The run: what the instance knows of one automation for one ticket. Written by the app only.
import '@servicenow/sdk/global'
import {
  BooleanColumn,
  DateTimeColumn,
  IntegerColumn,
  ReferenceColumn,
  StringColumn,
  Table,
  UrlColumn,
} from '@servicenow/sdk/core'

import { phaseChoices, runStateChoices, triggerChoices } from '../../../shared/vocabulary.ts'

export const x_snc_ticket_auto_run = Table({
  name: 'x_snc_ticket_auto_run',
  label: 'Automation Run',
  display: 'template_title',
  accessibleFrom: 'public',
  actions: ['read'],
  allowWebServiceAccess: true,
  schema: {
    run_id: StringColumn({ label: 'Run ID', maxLength: 32, mandatory: true, readOnly: true }),
    ticket: ReferenceColumn({ label: 'Ticket', referenceTable: 'task', readOnly: true }),
    ticket_table: StringColumn({ label: 'Ticket table', maxLength: 80, readOnly: true }),
    template: StringColumn({ label: 'Job template', maxLength: 100, readOnly: true }),
    template_version: IntegerColumn({ label: 'Version', readOnly: true }),
    template_title: StringColumn({ label: 'Automation', maxLength: 100, readOnly: true }),
    trigger: StringColumn({
      label: 'Started by',
      maxLength: 40,
      readOnly: true,
      dropdown: 'dropdown_with_none',
      choices: triggerChoices,
    }),
    state: StringColumn({
      label: 'State',
      maxLength: 40,
      readOnly: true,
      default: 'requested',
      dropdown: 'dropdown_without_none',
      choices: runStateChoices,
    }),
    phase: StringColumn({
      label: 'Phase',
      maxLength: 40,
      readOnly: true,
      dropdown: 'dropdown_with_none',
      choices: phaseChoices,
    }),
    step: StringColumn({ label: 'Step', maxLength: 200, readOnly: true }),
    step_position: IntegerColumn({ label: 'Step number', readOnly: true }),
    step_total: IntegerColumn({ label: 'Steps', readOnly: true }),
    progress: IntegerColumn({ label: 'Progress (%)', default: 0, readOnly: true }),
    message: StringColumn({ label: 'Message', maxLength: 4000, readOnly: true }),
    requested_by: ReferenceColumn({
      label: 'Requested by',
      referenceTable: 'sys_user',
      readOnly: true,
    }),
    parameters: StringColumn({
      label: 'Parameters (JSON, secrets masked)',
      // Room for a whole description as a parameter; anything cut would be no JSON any more.
      maxLength: 4000000,
      readOnly: true,
    }),
    decision: StringColumn({ label: 'Decision (JSON)', maxLength: 200000, readOnly: true }),
    decision_summary: StringColumn({ label: 'Decision', maxLength: 20000, readOnly: true }),
    job_id: StringColumn({ label: 'Job', maxLength: 200, readOnly: true }),
    job_url: UrlColumn({ label: 'Job link', maxLength: 1024, readOnly: true }),
    output: StringColumn({ label: 'End of the output', maxLength: 100000, readOnly: true }),
    output_omitted: IntegerColumn({ label: 'Output left out (characters)', readOnly: true }),
    sequence: IntegerColumn({ label: 'Last update', default: 0, readOnly: true }),
    refusals: StringColumn({
      label: 'Refused by the last update (JSON)',
      maxLength: 8000,
      readOnly: true,
      help: 'What the instance did not accept, so that a repeat of the update gets the same answer.',
    }),
    note_keys: StringColumn({
      label: 'Work notes written (JSON)',
      maxLength: 65000,
      readOnly: true,
      help: 'Keys of the work notes this run has written, so that a repeated update writes none twice.',
    }),
    cancel_requested: BooleanColumn({
      label: 'Cancel requested',
      default: false,
      readOnly: true,
    }),
    steps: StringColumn({
      label: 'Plan (JSON)',
      // 400 steps with their targets; anything cut would be no JSON any more.
      maxLength: 4000000,
      readOnly: true,
      help: 'Every step of the plan as evidence: job, state, times, digest of the output.',
    }),
    window_start: DateTimeColumn({ label: 'Window start', readOnly: true }),
    window_end: DateTimeColumn({ label: 'Window end', readOnly: true }),
    started: DateTimeColumn({ label: 'Started', readOnly: true }),
    finished: DateTimeColumn({ label: 'Finished', readOnly: true }),
  },
  index: [
    { name: 'x_snc_ticket_auto_run_id', element: 'run_id', unique: true },
    { name: 'x_snc_ticket_auto_run_ticket', element: 'ticket', unique: false },
  ],
})
