// The status update: what goes back from the connector to the app's scripted REST
// (POST /api/x_snc_ticket_auto/v1/automation/status-updates).
import { z } from 'zod'

import { keysOf } from './choice.ts'
import { Decision } from './decision.ts'
import { Trigger } from './job-template.ts'
import { RunId, SysId, TableName } from './ticket-event.ts'
import {
  finalRunStates,
  phaseChoices,
  runStateChoices,
  stepStates,
  ticketTransitions,
} from './vocabulary.ts'

/** State of a run. */
export const RunState = z.enum(keysOf(runStateChoices))
export type RunState = z.infer<typeof RunState>

/** Phase of a plan. */
export const Phase = z.enum(keysOf(phaseChoices))
export type Phase = z.infer<typeof Phase>

/** A run state after which nothing happens any more. */
export type FinalRunState = (typeof finalRunStates)[number]

/** True when nothing happens any more in this state. */
export function isFinal(state: RunState): state is FinalRunState {
  return (finalRunStates as readonly RunState[]).includes(state)
}

/** What the connector asks of the ticket. The app maps words to the instance's own values (settings). */
export const TicketChange = z.strictObject({
  /** Work note, at most once per key: the key names run and occasion, so a repeat writes nothing. */
  work_note: z
    .strictObject({
      key: z.string().min(1).max(100),
      text: z.string().min(1),
      /** What the person the ticket is for should read of it; goes into the additional comments. */
      comment: z.string().min(1).max(4000).optional(),
    })
    .optional(),
  /** The app goes there one state at a time and stops where the instance refuses. */
  transition: z.enum(ticketTransitions).optional(),
  close_code: z.string().optional(),
  close_notes: z.string().optional(),
  /** Name of the group that takes the ticket over. */
  assignment_group: z.string().min(1).optional(),
  /** Asks for the ticket's approval, if nobody has yet. */
  approval: z.literal('requested').optional(),
  /** Opens a problem record about the ticket, at most once per key. */
  problem: z
    .strictObject({
      key: z.string().min(1).max(100),
      short_description: z.string().min(1).max(160),
      description: z.string().max(4000),
    })
    .optional(),
})
export type TicketChange = z.infer<typeof TicketChange>

/** One step of the plan, as evidence. */
export const StepEvidence = z.strictObject({
  position: z.int().min(1),
  phase: Phase,
  name: z.string(),
  state: z.enum(stepStates),
  platform: z.string(),
  job: z.string(),
  job_id: z.string().nullable(),
  job_url: z.string().nullable(),
  /** Number of the batch, from 1; null = the step is not one of a batch. */
  batch: z.int().nullable(),
  targets: z.array(z.string()),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  message: z.string().max(500),
  /** SHA-256 (hex) of the output the connector kept of it, secrets masked; null = it printed nothing. */
  output_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
})
export type StepEvidence = z.infer<typeof StepEvidence>

/** Most steps one plan may have, rollback steps included; also what an update carries. */
export const maxSteps = 400

/** One change of a run, numbered. The app ignores what is not newer than what it has. */
export const StatusUpdate = z.strictObject({
  run_id: RunId,
  /** Strictly growing per run, from 1. */
  sequence: z.int().min(1),
  time: z.iso.datetime(),
  ticket: z.strictObject({ table: TableName, sys_id: SysId, number: z.string() }),
  template: z.strictObject({ name: z.string(), version: z.int(), title: z.string() }),
  trigger: Trigger,
  /** user_name of the actor. */
  requested_by: z.string(),
  state: RunState,
  phase: Phase.nullable(),
  step: z.strictObject({ name: z.string(), position: z.int(), total: z.int() }).nullable(),
  /** Percent. */
  progress: z.int().min(0).max(100),
  message: z.string().max(4000),
  job: z.strictObject({ id: z.string(), url: z.string().nullable() }).nullable(),
  /** End of the job's output, secrets masked; `omitted` = characters left out before it. */
  output: z.strictObject({ tail: z.string(), omitted: z.int().min(0) }).nullable(),
  /** Parameters the job got, secrets masked, long ones shortened visibly. */
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional(),
  /** Every step of the plan in order; absent in updates of runs without a plan. */
  steps: z.array(StepEvidence).max(maxSteps).optional(),
  /** When the run may start and must have ended; null = at any time. */
  window: z
    .strictObject({ start: z.iso.datetime().nullable(), end: z.iso.datetime().nullable() })
    .nullable()
    .optional(),
  decision: Decision.nullable(),
  ticket_change: TicketChange.nullable(),
})
export type StatusUpdate = z.infer<typeof StatusUpdate>

/** The app's answer (inside ServiceNow's `result`). */
export const StatusReply = z.object({
  run_id: z.string(),
  sequence: z.int(),
  /** `stale` = the app already has this or a later update; nothing was changed. */
  status: z.enum(['applied', 'stale']),
  /** Fields of the ticket that now hold what was asked for. */
  applied: z.array(z.string()),
  /**
   * Fields the instance did not accept, with its reason; the connector falls back to a work note, unless it is
   * the work note itself (workNoteFields) that was refused.
   */
  refused: z.array(z.object({ field: z.string(), reason: z.string() })),
})
export type StatusReply = z.infer<typeof StatusReply>

/** What a reply may call the work note: the ticket's field, or the part of TicketChange. */
export const workNoteFields: readonly string[] = ['work_notes', 'work_note']

/** Longest output tail in characters. */
export const maxOutputTail = 20_000

/** Longest work note in characters; ServiceNow's journal columns are unlimited, mails of them are not. */
export const maxWorkNote = 600_000
