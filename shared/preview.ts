// The preview: which templates fit a ticket for a person, why, and with which values filled in
// (POST /v1/preview). It has no side effects.
import { z } from 'zod'

import { Decision } from './decision.ts'
import { ParameterValue } from './job-steps.ts'
import { Parameter } from './job-template.ts'
import { People, Person, Ticket } from './ticket-event.ts'

/** Request body. */
export const PreviewRequest = z.strictObject({
  source: z.url({ protocol: /^https?$/ }).max(400),
  ticket: Ticket,
  actor: Person,
  people: People,
})
export type PreviewRequest = z.infer<typeof PreviewRequest>

/** A guess at what a ticket is about. It only ever suggests; rules decide. */
export const Classification = z.strictObject({
  /** Incident type (keywords) or template name (learned). */
  label: z.string(),
  source: z.enum(['keywords', 'learned']),
  /** 0..1; for keywords the share of matched words that speak for the label. */
  confidence: z.number().min(0).max(1),
  /** The words that decided. */
  words: z.array(z.string()),
  /** One sentence a person can read. */
  reason: z.string(),
})
export type Classification = z.infer<typeof Classification>

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
      /** Why this one is suggested for the ticket although nobody has asked for it; absent = it is not. */
      suggestion: z.string().optional(),
    }),
  ),
  /** What kind of incident this looks like; null or absent = nothing said so clearly enough. */
  classification: Classification.nullable().optional(),
})
export type PreviewReply = z.infer<typeof PreviewReply>
