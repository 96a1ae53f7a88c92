// What a check sees and gives. A check is one pure yes/no condition with a reason and, when it did not
// pass, one next step a person can take.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate, Trigger } from '#shared/job-template.ts'
import type { RunState } from '#shared/status-update.ts'
import type { People, Person, Ticket } from '#shared/ticket-event.ts'

/** A run that this ticket already has. */
export interface EarlierRun {
  id: string
  template: string
  trigger: Trigger
  state: RunState
}

/** Everything a check may look at. Only signed or stored facts; nothing is fetched. */
export interface CheckContext {
  trigger: Trigger
  ticket: Ticket
  /** Who caused the event, with the rights the signed event asserts for them. */
  actor: Person
  people: People
  template: JobTemplate
  version: number
  /** Why the template cannot run at all (broken rule, unknown platform), or null. */
  templateProblem: string | null
  /** Version the person saw when confirming; null when no person chose a version. */
  requestedVersion: number | null
  /** Problems of the parameter values; null in a preview, where nothing was confirmed yet. */
  parameterProblems: readonly { parameter: string; message: string }[] | null
  earlierRuns: readonly EarlierRun[]
}

/** One check. Returns null when it does not apply to this context. */
export type CheckFunction = (context: CheckContext) => Check | null

/** A check that passed. */
export function pass(check: string, detail: string): Check {
  return { check, passed: true, detail }
}

/** A check that did not pass, with the one next step. */
export function fail(check: string, reason: { detail: string; hint: string }): Check {
  return { check, passed: false, ...reason }
}

/** True when a person asked for this run (by button or order), false when a rule fired by itself. */
export function startedByPerson(trigger: Trigger): boolean {
  return trigger === 'manual' || trigger === 'ordered'
}
