// What a check sees and gives. A check is one pure yes/no condition with a reason and, when it did not
// pass, one next step a person can take.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate, Trigger } from '#shared/job-template.ts'
import type { RunState } from '#shared/status-update.ts'
import type { People, Person, Ticket } from '#shared/ticket-event.ts'

import type { Policy } from '../policy.ts'

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
  now: Date
  /** Name of the instance in connector.yaml. */
  instance: string
  /** How the event proved where it comes from; null in a preview made for the command line. */
  origin: Origin | null
  /** `table/number` as the event's envelope says; null in a preview. */
  subject: string | null
  /** What the run would work on (targets.ts). */
  targets: readonly string[]
  /** Open and earlier runs on those targets, of any template and ticket, newest first. */
  targetRuns: readonly TargetRun[]
  /** How the ordered item is bound to the template; null = the template names no catalog items. */
  binding: Binding | null
  policy: Policy
}

/** Who signed. */
export interface Origin {
  issuer: string
  kid: string
  receivedAt: Date
}

/** A run on one of the targets. */
export interface TargetRun {
  target: string
  id: string
  template: string
  ticketTable: string
  ticketNumber: string
  state: RunState
  createdAt: Date
  /** When its first launch was let through; null = it has not started anything. */
  startedAt: Date | null
  /** Before that moment it starts nothing; null = it is not planned for later. */
  windowStart: Date | null
  finishedAt: Date | null
}

/** How an ordered item and a template belong together (matching/catalog.ts). */
export interface Binding {
  by: 'item' | 'category' | 'title' | 'none'
  /** Likeness from 0 to 1; 1 for item and category, a little less for each category above it. */
  score: number
  /** One clause a person can read, e.g. `the item "New VM" is named by the template`. */
  reason: string
}

/** What limits look at: at the start of a run nobody has more than that. */
export type LimitContext = Pick<
  CheckContext,
  'template' | 'ticket' | 'targets' | 'targetRuns' | 'now'
>

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

/**
 * True when a person asked for this run (by button or order), false when a rule fired by itself. Receipts bring
 * triggers as plain text.
 */
export function startedByPerson(trigger: string): boolean {
  return trigger === 'manual' || trigger === 'ordered'
}
