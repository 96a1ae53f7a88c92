// Error answers of the connector: problem+json (RFC 9457) with a stable `code`.
import { z } from 'zod'

/** Every code an answer of the connector can carry. README explains each one. */
export const problemCodes = [
  'signature_missing',
  'signature_invalid',
  'signature_unknown_key',
  'signature_wrong_issuer',
  'signature_wrong_audience',
  'signature_expired',
  'signature_not_yet_valid',
  'signature_too_long_lived',
  'signature_replayed',
  'body_hash_mismatch',
  'body_too_large',
  'body_too_deep',
  'body_invalid_json',
  'content_type_unsupported',
  'event_invalid',
  'text_not_carriable',
  'source_mismatch',
  'template_unknown',
  'event_not_found',
  'backtest_running',
  'instance_unreadable',
  'callback_refused',
  'callback_invalid',
  'not_found',
  'method_not_allowed',
  'too_many_requests',
  'database_unavailable',
  'internal_error',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** Body of an error answer. `detail` names the field and what to do. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(problemCodes),
  detail: z.string(),
  /** Places in the body that are wrong: JSON pointer and message. */
  errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>
