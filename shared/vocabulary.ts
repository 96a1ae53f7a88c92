// The words of the contract as bare literals. They feed the zod schemas of this folder and the choice
// lists of the ServiceNow app alike, so this file imports nothing and calls nothing (the app's build
// resolves these values statically).

/** Event types the app sends (CloudEvents `type`). */
export const eventTypes = [
  'ticket.created',
  'ticket.updated',
  'ticket.closed',
  'run.requested',
  'run.cancel_requested',
] as const

/** What makes a match rule fire. */
export const triggerChoices = {
  manual: { label: 'Manual (Run automation)', sequence: 0 },
  created: { label: 'Ticket created', sequence: 1 },
  updated: { label: 'Ticket updated', sequence: 2 },
  ordered: { label: 'Catalog item ordered', sequence: 3 },
} as const

/** States of a run, in the order in which a run usually passes through them. */
export const runStateChoices = {
  requested: { label: 'Requested', sequence: 0 },
  refused: { label: 'Refused', sequence: 1 },
  planned: { label: 'Planned', sequence: 2 },
  waiting: { label: 'Waiting', sequence: 3 },
  running: { label: 'Running', sequence: 4 },
  cancelling: { label: 'Cancelling', sequence: 5 },
  rolling_back: { label: 'Rolling back', sequence: 6 },
  succeeded: { label: 'Succeeded', sequence: 7 },
  failed: { label: 'Failed', sequence: 8 },
  cancelled: { label: 'Cancelled', sequence: 9 },
  rolled_back: { label: 'Rolled back', sequence: 10 },
  rollback_failed: { label: 'Rollback failed', sequence: 11 },
  unknown: { label: 'Unknown', sequence: 12 },
} as const

/** Run states after which nothing happens any more. */
export const finalRunStates = [
  'refused',
  'succeeded',
  'failed',
  'cancelled',
  'rolled_back',
  'rollback_failed',
  'unknown',
] as const

/** Phases of a plan, in the order in which they run. */
export const phaseChoices = {
  pre_check: { label: 'Pre-check', sequence: 0 },
  execute: { label: 'Execute', sequence: 1 },
  post_check: { label: 'Post-check', sequence: 2 },
  rollback: { label: 'Rollback', sequence: 3 },
} as const

/** States of a step. `launching` = the intent is written, the platform has not answered yet. */
export const stepStates = [
  'pending',
  'launching',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'unknown',
] as const

/** States of a job as every driver reports them. */
export const jobStates = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'unknown',
] as const

/** States of an outbox row in the app. */
export const outboxStateChoices = {
  pending: { label: 'Pending', sequence: 0 },
  sending: { label: 'Sending', sequence: 1 },
  sent: { label: 'Sent', sequence: 2 },
  dead: { label: 'Dead letter', sequence: 3 },
} as const

/** Types a template parameter can have. `secret` values are masked wherever they would be shown. */
export const parameterTypes = [
  'string',
  'text',
  'integer',
  'number',
  'boolean',
  'choice',
  'secret',
] as const

/**
 * What the connector may ask of a ticket; the app turns the word into the instance's own state value.
 * `implement` and `review` are states of a change; `closed_incomplete` is one of a requested item.
 */
export const ticketTransitions = [
  'in_progress',
  'on_hold',
  'implement',
  'review',
  'resolved',
  'closed',
  'closed_incomplete',
  'cancelled',
] as const

/** Types of a change in the base system. */
export const changeTypes = ['standard', 'normal', 'emergency'] as const

/** The scope, and with it the prefix of every table, role and property of the app. */
export const appScope = 'x_snc_ticket_auto'
