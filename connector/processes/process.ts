// What a process is: how one kind of ticket turns a template into a plan, and what the ticket is asked to
// become when the run changes. Pure.
import type { JobTemplate } from '#shared/job-template.ts'
import type { Phase, RunState, TicketChange } from '#shared/status-update.ts'
import type { Ticket } from '#shared/ticket-event.ts'

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
}

/** What a run became, as the process needs it to word the ticket change. */
export interface RunChange {
  runId: string
  title: string
  template: JobTemplate
  state: RunState
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
}

/** One kind of ticket. */
export interface Process {
  plan(template: JobTemplate, ticket: Ticket, parameters: PlannedStep['parameters']): PlannedStep[]
  /** What the ticket is asked to become, or null to leave it alone. */
  change(run: RunChange): TicketChange | null
}
