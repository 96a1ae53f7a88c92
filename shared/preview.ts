// The preview: which templates fit a ticket for a person, why, and with which values filled in
// (POST /v1/preview). It has no side effects.
import { z } from 'zod'

import { Decision } from './decision.ts'
import { Parameter, ParameterValue } from './job-template.ts'
import { People, Person, Ticket } from './ticket-event.ts'

/** Request body. */
export const PreviewRequest = z.strictObject({
  source: z.url({ protocol: /^https?$/ }).max(400),
  ticket: Ticket,
  actor: Person,
  people: People,
})
export type PreviewRequest = z.infer<typeof PreviewRequest>

/** A parameter with the value the form should start with. */
export const PrefilledParameter = Parameter.extend({
  value: ParameterValue,
  /** Why the ticket gave no usable value; shown at the field. Absent = fine. */
  note: z.string().optional(),
})
export type PrefilledParameter = z.infer<typeof PrefilledParameter>

/** Reply: every template for that table, those that fit first, then by priority. */
export const PreviewReply = z.strictObject({
  templates: z.array(
    z.strictObject({
      name: z.string(),
      version: z.int(),
      title: z.string(),
      description: z.string(),
      decision: Decision,
      parameters: z.array(PrefilledParameter),
    }),
  ),
})
export type PreviewReply = z.infer<typeof PreviewReply>
