// ⑤ plan: template + ticket + values -> the rows of one run and its steps. Pure but for the step ids.
import { randomUUID } from 'node:crypto'

import type { Decision } from '#shared/decision.ts'
import { JobTemplate } from '#shared/job-template.ts'
import type { Trigger } from '#shared/job-template.ts'
import type { RunState } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { RunRow, StepRow, StoredParameters } from './db/runs.ts'
import type { Policy } from './policy.ts'
import { processFor } from './processes/index.ts'
import { maskSecrets } from './templates/parameters.ts'
import type { PublishedVersion } from './templates/registry.ts'

/** What a run is made from. */
export interface RunOrder {
  instance: string
  id: string
  eventSeq: string
  ticketKey: string
  ticket: Ticket
  published: PublishedVersion
  trigger: Trigger
  requestedBy: string
  decision: Decision
  parameters: StoredParameters
  targets: readonly string[]
  policy: Policy
}

/** A run and its steps, not stored yet. */
export interface PlannedRun {
  run: RunRow
  steps: StepRow[]
  published: PublishedVersion
}

/** The run that is to be launched. */
export function planRun(order: RunOrder): PlannedRun {
  const { published, ticket, parameters, targets, policy } = order
  const { template } = published
  const plan = processFor(ticket.table).plan({ template, ticket, parameters, targets, policy })
  const run: RunRow = {
    ...rowOf(order, 'planned', 'Waiting for the job platform.'),
    window_start: plan.window.start,
    window_end: plan.window.end,
    plan_rules: plan.rules,
  }
  const steps = plan.steps.map((step, index): StepRow => ({
    id: randomUUID(),
    instance: run.instance,
    run_id: run.id,
    position: index + 1,
    phase: step.phase,
    name: step.name,
    platform: step.platform,
    job: step.job,
    parameters: step.parameters,
    secrets: [...step.secrets],
    timeout_ms: step.timeoutMs,
    batch: step.batch,
    targets: [...step.targets],
    critical: step.critical,
    undoes: step.undoes,
    ...unstarted,
  }))
  return { run, steps, published }
}

/** The run that was refused: it has no steps, but it is there to be seen. */
export function refuseRun(order: RunOrder, reason: string): PlannedRun {
  const run = rowOf(order, 'refused', reason)
  return { run: { ...run, finished_at: new Date() }, steps: [], published: order.published }
}

const unstarted = {
  state: 'pending',
  launch_at: null,
  job_id: null,
  job_url: null,
  progress: 0,
  message: '',
  output_tail: '',
  output_omitted: 0,
  output_cursor: null,
  output_sha256: null,
  exit_code: null,
  failures: 0,
  started_at: null,
  finished_at: null,
} as const

function rowOf(order: RunOrder, state: RunState, message: string): RunRow {
  const { ticket, published } = order
  return {
    instance: order.instance,
    id: order.id,
    event_seq: order.eventSeq,
    ticket_key: order.ticketKey,
    ticket_table: ticket.table,
    ticket_sys_id: ticket.sys_id,
    ticket_number: ticket.number,
    template: published.template.name,
    version: published.version,
    trigger: order.trigger,
    requested_by: order.requestedBy,
    state,
    message,
    decision: order.decision,
    parameters: maskSecrets(published.template, order.parameters),
    sequence: 1,
    revision: 0,
    cancel_requested_at: null,
    cancel_reason: null,
    due_at: null,
    window_start: null,
    window_end: null,
    gate_passed_at: null,
    hold_reason: null,
    targets: [...order.targets],
    plan_rules: null,
    created_at: new Date(),
    finished_at: null,
  }
}

/** Everything that has a default has it here, too. */
const emptyTemplate = JobTemplate.parse({
  name: 'none',
  title: 'None',
  description: 'None',
  platform: 'none',
  job: 'none',
  match: [{ table: 'task', when: 'active=true', trigger: ['manual'] }],
  priority: 0,
})

/** Stands for a template that does not exist, so that its refusal can be told like any other. */
export function unknownTemplate(name: string, version: number): PublishedVersion {
  return {
    template: {
      ...emptyTemplate,
      name,
      title: name,
    },
    version,
    digest: '',
    problem: null,
  }
}
