// The event: one signed message from the instance to the connector (POST /v1/events), a CloudEvents 1.0
// object in structured JSON mode (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
// Types travel with the values, so that matching needs no dictionary of the instance.
import { z } from 'zod'

import { Text } from './text.ts'

/** A ServiceNow sys_id: 32 lower-case hex digits. */
export const SysId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be a sys_id: 32 lower-case hex digits')
export type SysId = z.infer<typeof SysId>

/** A ServiceNow table name. */
export const TableName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,79}$/, 'must be a table name such as incident')

/** The id of a run: 32 hex digits, made by whoever created the run (the app, or the connector for a rule). */
export const RunId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be a run id: 32 lower-case hex digits')

/** One field: its ServiceNow type, its stored value, and its display value where that differs. */
export const TicketField = z.strictObject({
  type: z.string().min(1).max(80),
  value: Text,
  display: Text.optional(),
})
export type TicketField = z.infer<typeof TicketField>

const FieldName = z
  .string()
  .regex(/^[a-z][a-z0-9_.]{0,159}$/, 'must be a field name, dot-walks allowed')

/** What a ticket affects beyond its own configuration item: names, each list cut at 500. */
export const Affected = z.strictObject({
  cis: z.array(Text.min(1).max(255)).max(500),
  services: z.array(Text.min(1).max(255)).max(500),
  /** False = a list was cut, so there are more. */
  complete: z.boolean(),
})
export type Affected = z.infer<typeof Affected>

/** The ticket as it was when the event was built. `variables` only for requested items. */
export const Ticket = z.strictObject({
  table: TableName,
  sys_id: SysId,
  number: z
    .string()
    .regex(/^[A-Z]{2,10}[0-9]{1,20}$/, 'must be a ticket number such as INC0010001'),
  fields: z.record(FieldName, TicketField),
  variables: z.record(z.string().min(1).max(100), TicketField).optional(),
  /** Affected CIs and services (task_ci, task_cmdb_ci_service); absent = the instance did not look. */
  affected: Affected.optional(),
})
export type Ticket = z.infer<typeof Ticket>

/** A person with what the instance knows about their rights. Role and group names, not sys_ids. */
export const Person = z.strictObject({
  sys_id: SysId,
  user_name: Text.min(1).max(100),
  name: Text.max(200).optional(),
  roles: z.array(Text.min(1).max(100)).max(2000),
  groups: z.array(Text.min(1).max(200)).max(2000),
})
export type Person = z.infer<typeof Person>

/** People with a part in the ticket; who is absent is left out. */
export const People = z.strictObject({
  requested_by: Person.optional(),
  assigned_to: Person.optional(),
})
export type People = z.infer<typeof People>

/** Parameter values as a person confirmed them: name -> value, checked against the template here. */
export const ParameterValues = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a parameter name'),
  z.union([Text, z.number(), z.boolean(), z.null()]),
)
export type ParameterValues = z.infer<typeof ParameterValues>

const TicketOnly = z.strictObject({ ticket: Ticket, actor: Person, people: People })

const RunRequest = z.strictObject({
  id: RunId,
  template: z.string().min(1).max(100),
  /** Version the person saw; the run is refused (check version-current) when another one is published. */
  version: z.int().min(1).max(2_147_483_647),
  parameters: ParameterValues,
})

const envelope = {
  specversion: z.literal('1.0'),
  /** Outbox row id: with `source` the idempotency key. */
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  /** URL of the instance, e.g. https://acme.service-now.com */
  source: z.url({ protocol: /^https?$/ }).max(400),
  /** `table/number` */
  subject: z.string().min(3).max(200),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
}

/** The event. One variant per `type`; unknown keys are refused. */
export const TicketEvent = z.discriminatedUnion('type', [
  z.strictObject({ ...envelope, type: z.literal('ticket.created'), data: TicketOnly }),
  z.strictObject({ ...envelope, type: z.literal('ticket.updated'), data: TicketOnly }),
  z.strictObject({ ...envelope, type: z.literal('ticket.closed'), data: TicketOnly }),
  z.strictObject({
    ...envelope,
    type: z.literal('run.requested'),
    data: TicketOnly.extend({ run: RunRequest }),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('run.cancel_requested'),
    data: TicketOnly.extend({ run: z.strictObject({ id: RunId, reason: Text.max(1000) }) }),
  }),
])
export type TicketEvent = z.infer<typeof TicketEvent>

/** Reply to an accepted event (HTTP 202). `duplicate` = seen before, nothing new was done. */
export const EventReply = z.strictObject({
  event_id: z.string(),
  status: z.enum(['accepted', 'duplicate']),
})
export type EventReply = z.infer<typeof EventReply>

/**
 * Largest event body in bytes. Room for a description of 500 KB in any script: a two-byte character
 * becomes six ASCII bytes (\uXXXX), so 1.5 MB, plus the envelope.
 */
export const maxEventBytes = 1_750_000

/** Deepest nesting of an event body; the contract itself needs 6. */
export const maxEventDepth = 16
