// connector.yaml: its shape, and where in it something stands. What the values mean together is
// checked in config.ts.
import { isNode, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { z } from 'zod'

import { signatureAlgorithms } from '#shared/signature.ts'

import { Policy } from './policy.ts'

/** One wrong setting: the path inside the file and what to do about it. */
export interface ConfigProblem {
  path: readonly PropertyKey[]
  message: string
}

/** Where a secret value comes from; it never stands in the file itself. */
const SecretSource = z
  .strictObject({ env: z.string().min(1).optional(), file: z.string().min(1).optional() })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), {
    error: 'must be {env: NAME} or {file: path}, exactly one of them',
  })
export type SecretSource = z.infer<typeof SecretSource>

const Key = z
  .strictObject({
    kid: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, . _ or -'),
    alg: z.enum(signatureAlgorithms),
    secret: SecretSource.optional(),
    public_key: SecretSource.optional(),
    signs: z.boolean().optional(),
  })
  .superRefine((key, context) => {
    const [needed, other] =
      key.alg === 'HS256'
        ? (['secret', 'public_key'] as const)
        : (['public_key', 'secret'] as const)
    if (key[needed] === undefined) {
      context.addIssue({ code: 'custom', message: `a key with alg ${key.alg} needs ${needed}` })
    }
    if (key[other] !== undefined) {
      const message = `a key with alg ${key.alg} has no ${other}; remove it`
      context.addIssue({ code: 'custom', message, path: [other] })
    }
    if (key.alg === 'RS256' && key.signs === true) {
      const message =
        'status updates are signed with an HS256 key: an RS256 key is public here and can only verify'
      context.addIssue({ code: 'custom', message, path: ['signs'] })
    }
  })

const Name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'must be lower case letters, digits and -, starting with a letter',
  )

const Instance = z.strictObject({
  name: Name,
  issuer: z.string().min(1).max(400),
  url: z.url({ protocol: /^https?$/ }),
  keys: z.array(Key).min(1),
  oauth: z.strictObject({
    client_id: z.string().min(1),
    client_secret: SecretSource,
    token_url: z.url({ protocol: /^https?$/ }).optional(),
  }),
})

/** connector.yaml as it is written. Options of a platform are checked by its driver. */
export const ConfigFile = z.strictObject({
  audience: z.string().min(1).max(400).default('ticket-automation'),
  instances: z.array(Instance).min(1),
  platforms: z.record(Name, z.looseObject({ type: z.string().min(1) })).default({}),
  templates_dir: z.string().min(1).optional(),
  policy: Policy.prefault({}),
})
export type ConfigFile = z.infer<typeof ConfigFile>

/** What reading the file gave: the value (null when it is wrong) and how to name a place in it. */
export interface ParsedFile {
  value: ConfigFile | null
  problems: readonly ConfigProblem[]
  /** `connector.yaml:12 instances[0].url` */
  locate(path: readonly PropertyKey[]): string
}

/** Parses the text of a connector.yaml. `file` is how the file is named in messages. */
export function parseConfigFile(text: string, file: string): ParsedFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  function locate(path: readonly PropertyKey[]): string {
    const offset = offsetOf(document, path)
    const place = offset === undefined ? file : `${file}:${lines.linePos(offset).line}`
    return path.length === 0 ? place : `${place} ${dotted(path)}`
  }
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    const problems = broken.map((error) => ({
      path: [],
      message: `line ${lines.linePos(error.pos[0]).line}: ${error.message}`,
    }))
    return { value: null, problems, locate }
  }
  const parsed = ConfigFile.safeParse(document.toJS() ?? {})
  if (parsed.success) return { value: parsed.data, problems: [], locate }
  return { value: null, problems: parsed.error.issues.flatMap(problemsOf), locate }
}

function problemsOf(issue: z.core.$ZodIssue): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: 'there is no such setting; correct the name or remove it',
    }))
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [{ path: issue.path, message: `is missing; it must be a ${issue.expected}` }]
  }
  return [{ path: issue.path, message: issue.message }]
}

/** Offset of the deepest part of the path that exists in the file. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return undefined
}

/** instances[0].keys[1].kid */
function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}
