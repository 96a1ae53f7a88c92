// Options of a platform that is described in connector.yaml: how it launches, shows and ends jobs. Texts with
// {expressions} make paths, queries and headers; plain JSONata expressions make bodies and read answers.
import { z } from 'zod'

import { jobStates, parameterTypes } from '#shared/vocabulary.ts'

import { paceOptions, PlatformUrl, SecretSource } from '../settings.ts'

/** A JSONata expression. */
const Expression = z.string().min(1).max(4000)

/** Text with {expressions}; other braces are refused, so that a forgotten one is found at the start. */
const Template = z
  .string()
  .max(4000)
  .regex(/^(?:[^{}]|\{[^{}]+\})*$/, 'must be text with {expressions} and no other braces')

const Path = Template.regex(/^\/(?!\/)[^?#\\\s]*(?:\{[^{}]+\}[^?#\\]*)*$/, {
  error: 'must start with one / and have no ? or #; the query stands in query',
})

/** Names that the HTTP itself needs, or that auth is there for. */
const ownHeaders =
  /^(?:host|connection|content-length|content-type|transfer-encoding|authorization)$/i

const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header')
  .refine((name) => !ownHeaders.test(name), {
    error: 'is set by the connector; credentials stand in auth',
  })

/** Not with HeaderName as its key: zod would not say what is wrong with it. */
const Headers = z.record(z.string(), Template).superRefine((headers, context) => {
  for (const name of Object.keys(headers)) {
    const { error } = HeaderName.safeParse(name)
    const message = error?.issues[0]?.message
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message })
  }
})

const Statuses = z.array(z.int().min(200).max(599))

const callKeys = {
  path: Path,
  query: z.record(z.string().min(1), Template).default({}),
  headers: Headers.default({}),
  /** Gives what is sent as JSON. */
  body: Expression.optional(),
  /** Fields of a form, in place of a body. */
  form: z.record(z.string().min(1), Template).optional(),
  /** Statuses of a success, in place of all from 200 to 299. */
  accepted: Statuses.optional(),
  /** What the answer is; of a text, `answer` is the text itself. */
  answer: z.enum(['json', 'text']).default('json'),
}

const Method = z.enum(['GET', 'POST', 'PUT', 'DELETE'])

const DeclaredJob = z.strictObject({
  title: z.string().min(1).optional(),
  description: z.string().default(''),
  /** Left out = the job takes whatever a template has. */
  parameters: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
        label: z.string().optional(),
        type: z.enum(parameterTypes).default('string'),
        required: z.boolean().default(false),
        default: z.union([z.string(), z.number(), z.boolean()]).optional(),
        choices: z.array(z.string()).default([]),
      }),
    )
    .optional(),
})

const Auth = z.union([
  z.strictObject({ bearer: SecretSource }),
  z.strictObject({ basic: z.strictObject({ user: z.string().min(1), password: SecretSource }) }),
  z.strictObject({ header: z.strictObject({ name: HeaderName, value: SecretSource }) }),
])

const Callback = z
  .strictObject({
    /** Where the job's id stands in the body. */
    job_id: z.string().regex(/^(?:\/[^/]+)+$/, 'must be a JSON pointer such as /run/id'),
    hmac: z
      .strictObject({
        header: HeaderName,
        secret: SecretSource,
        prefix: z.string().default(''),
        encoding: z.enum(['hex', 'base64']).default('hex'),
      })
      .optional(),
    token: z.strictObject({ header: HeaderName, secret: SecretSource }).optional(),
  })
  .refine(({ hmac, token }) => hmac === undefined || token === undefined, {
    error: 'takes hmac or token, not both',
  })

/** The schema of the options. */
export const Options = z.strictObject({
  url: PlatformUrl,
  ...paceOptions,
  auth: Auth.optional(),
  launch: z.strictObject({
    ...callKeys,
    method: Method.default('POST'),
    /** Statuses that say that this launch is already known; the answer has its id as well. */
    exists: Statuses.default([]),
    id: Expression,
    url: Expression.optional(),
  }),
  find: z
    .strictObject({
      ...callKeys,
      method: Method.default('GET'),
      /** Gives the jobs that may be ours; each is `row` in the following. */
      rows: Expression,
      token: Expression,
      id: Expression,
      url: Expression.optional(),
      /** True when there are more jobs than the answer has: then ours may be among them. */
      more: Expression.optional(),
      /** Statuses that say that there is no such job. */
      missing: Statuses.default([]),
    })
    .optional(),
  status: z.strictObject({
    ...callKeys,
    method: Method.default('GET'),
    state: Expression,
    /** The platform's words and what they mean. */
    states: z.record(z.string(), z.enum(jobStates)),
    progress: Expression.optional(),
    message: Expression.optional(),
    started_at: Expression.optional(),
    finished_at: Expression.optional(),
    exit_code: Expression.optional(),
    missing: Statuses.default([404, 410]),
  }),
  output: z
    .strictObject({
      ...callKeys,
      method: Method.default('GET'),
      text: Expression.default('answer'),
      /** The cursor of the next read. Left out = every answer is the whole output. */
      next: Expression.optional(),
      missing: Statuses.default([404, 410]),
    })
    .optional(),
  cancel: z
    .strictObject({
      ...callKeys,
      method: Method.default('POST'),
      /** Gives cancelled, requested, already_finished or not_found. */
      result: Expression.optional(),
      finished: Statuses.default([409]),
      missing: Statuses.default([404, 410]),
    })
    .optional(),
  /** Asked before a template is published: a status of `missing` says that there is no such job. */
  lookup: z
    .strictObject({
      ...callKeys,
      method: Method.default('GET'),
      missing: Statuses.default([404, 410]),
    })
    .optional(),
  /** Asked by `platforms check`. */
  health: z
    .strictObject({ ...callKeys, method: Method.default('GET'), version: Expression.optional() })
    .optional(),
  /** The jobs that there are. Left out = any. */
  jobs: z.record(z.string().min(1).max(400), DeclaredJob).optional(),
  callback: Callback.optional(),
})
export type HttpSettings = z.infer<typeof Options>

/** What a request is made of, whatever it asks. */
export interface Call {
  method: z.infer<typeof Method>
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body?: string | undefined
  form?: Record<string, string> | undefined
  accepted?: number[] | undefined
  answer: 'json' | 'text'
}

/** The {expressions} of a text with them. */
export function expressionsOf(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '')
}

const launchFacts = [
  'token',
  'job',
  'parameters',
  'targets',
  'ticket',
  'requested_by',
  'timeout_ms',
]
const answerFacts = ['answer', 'status', 'headers']

/** What the expressions of each call may start from. */
const factsOf = {
  launch: launchFacts,
  find: ['token', 'job', 'since'],
  status: ['job_id'],
  output: ['job_id', 'cursor'],
  cancel: ['job_id'],
  lookup: ['job'],
  health: [],
} as const satisfies Record<string, readonly string[]>

/** An expression of the options and where it stands. */
export interface PlacedExpression {
  /** The option, e.g. launch.body. */
  place: string
  expression: string
  /** Names it may start from. */
  roots: readonly string[]
}

/** Every expression of the options. */
export function allExpressions(settings: HttpSettings): PlacedExpression[] {
  // The keys of a literal that is not widened are exactly its own.
  return (Object.keys(factsOf) as (keyof typeof factsOf)[]).flatMap((name) => {
    const call = settings[name]
    if (call === undefined) return []
    const requestFacts = factsOf[name]
    const { method: _method, accepted: _accepted, answer: _answer, ...rest } = call
    const { path, query, headers, body, form, ...reads } = rest
    const answering = Object.entries(reads).flatMap(([key, expression]) =>
      typeof expression === 'string'
        ? [{ place: `${name}.${key}`, expression, roots: rootsOf(name, key) }]
        : [],
    )
    return [
      ...requestExpressions(name, { path, query, headers, body, form }, requestFacts),
      ...answering,
    ]
  })
}

function rootsOf(name: keyof typeof factsOf, key: string): readonly string[] {
  const isOfRow = name === 'find' && ['token', 'id', 'url'].includes(key)
  const own = name === 'launch' ? ['token', 'job'] : factsOf[name]
  return [...own, ...answerFacts, ...(isOfRow ? ['row'] : [])]
}

/** The expressions that make a request. */
export function requestExpressions(
  name: string,
  call: Pick<Call, 'path' | 'query' | 'headers' | 'body' | 'form'>,
  roots: readonly string[],
): PlacedExpression[] {
  const { path, query, headers, body, form = {} } = call
  const texts = [
    [`${name}.path`, path],
    ...Object.entries(query).map(([key, text]) => [`${name}.query.${key}`, text] as const),
    ...Object.entries(headers).map(([key, text]) => [`${name}.headers.${key}`, text] as const),
    ...Object.entries(form).map(([key, text]) => [`${name}.form.${key}`, text] as const),
  ] as const
  const placed = texts.flatMap(([place, text]) =>
    expressionsOf(text).map((expression) => ({ place, expression, roots })),
  )
  if (body === undefined) return placed
  return [...placed, { place: `${name}.body`, expression: body, roots }]
}
