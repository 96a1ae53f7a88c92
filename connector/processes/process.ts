import type { Decision } from '#shared/decision.ts'
// What a process is: how one kind of ticket turns a template into a plan, and what the ticket is asked to
// become when the run changes. Pure.
import type { JobTemplate } from '#shared/job-template.ts'
import type { Phase, RunState, StepEvidence, TicketChange } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'
import type { changeTypes } from '#shared/vocabulary.ts'

import type { PlanRules } from '../next.ts'
import type { Policy } from '../policy.ts'

/** One step of a plan, before it has run. */
export interface PlannedStep {
  phase: Phase
  name: string
  platform: string
  job: string
  parameters: Record<string, string | number | boolean | null>
  /** Names of parameters whose values are secret. */
  secrets: readonly string[]
  timeoutMs: number
  /** Number of its batch, from 1; null = it runs once for all targets. */
  batch: number | null
  targets: readonly string[]
  critical: boolean
  /** Position (from 1, in `Plan.steps`) of the step that this one undoes. */
  undoes: number | null
}

/** What a process makes of a template for one ticket. */
export interface Plan {
  steps: PlannedStep[]
  /** When steps may start; null = no limit. */
  window: { start: Date | null; end: Date | null }
  rules: PlanRules
}

/** What a plan is made from. */
export interface PlanInput {
  template: JobTemplate
  ticket: Ticket
  parameters: PlannedStep['parameters']
  /** What the run works on (targets.ts). */
  targets: readonly string[]
  policy: Policy
}

/** A step of the run as evidence, with what the ticket's story needs besides. */
export interface StepReport extends StepEvidence {
  /** Position of the step that this one undoes; null = it undoes none. */
  undoes: number | null
}

/** What a run became, as the process needs it to word the ticket change. */
export interface RunChange {
  runId: string
  title: string
  template: JobTemplate
  ticket: Pick<Ticket, 'table' | 'number'>
  /** Type of the change the run was planned for; null = no change, or nothing was planned. */
  changeType: (typeof changeTypes)[number] | null
  state: RunState
  /** The moment this is said. */
  at: Date
  /**
   * This update tells the launch of the run's first job. What is asked of the ticket once, at the start, belongs
   * to it alone: later updates of a running job would undo what people did to the ticket in the meantime.
   */
  starts: boolean
  /** It tells the launch of the first step that changes something: pre-checks come before. */
  executes: boolean
  /** A step has ended since the last update. */
  stepEnded: boolean
  /** Why, in one line. */
  message: string
  requestedBy: string
  /** True when no person started it. */
  automatic: boolean
  jobUrl: string | null
  jobId: string | null
  /** End of the job's output, secrets masked. */
  outputTail: string
  outputOmitted: number
  /** Text of the template's outcome note, already rendered, or null. */
  note: string | null
  /** What it works on (targets.ts). */
  targets: readonly string[]
  /** The whole plan in order; empty for a run that was refused. */
  steps: readonly StepReport[]
  window: { start: Date | null; end: Date | null }
  /** The receipt: which checks failed. */
  decision: Decision | null
  policy: Policy
}

/** One kind of ticket. */
export interface Process {
  plan(input: PlanInput): Plan
  /** What the ticket is asked to become, or null to leave it alone. */
  change(run: RunChange): TicketChange | null
}
