// What drivers over HTTP have in common around the HTTP itself: options of the connection, secrets by reference,
// and errors that show no secret.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { z } from 'zod'

import { ConnectorError, messageOf } from '../errors.ts'
import { createSecret } from '../secret.ts'
import type { Secret } from '../secret.ts'
import { redact } from '../templates/parameters.ts'

/** What drivers are given besides their options. */
export interface ConnectionDeps {
  /** Where relative paths of the options start. */
  baseDir: string
  /** The connector's environment, for `{env: NAME}`. */
  environment: Readonly<Record<string, string | undefined>>
}

/** Where a secret comes from; it never stands in connector.yaml itself. */
export const SecretOption = z
  .strictObject({ env: z.string().min(1).optional(), file: z.string().min(1).optional() })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), {
    error: 'must be {env: NAME} or {file: path}, exactly one of them',
  })
export type SecretOption = z.infer<typeof SecretOption>

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Options that every platform over HTTP has. */
export const connectionOptions = {
  /** Address of the platform; paths of its API are below it. */
  url: z
    .url({ protocol: /^https?$/ })
    .superRefine((text, context) => {
      const url = new URL(text)
      const problem = addressProblem(url)
      if (problem !== null) context.addIssue({ code: 'custom', message: problem })
    })
    .transform((text) => text.replace(/\/+$/, '')),
  requests_per_second: z.number().positive().max(1000).default(10),
  connections: z.int().min(1).max(100).default(10),
}

function addressProblem(url: URL): string | null {
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) {
    return 'must be https:// (http:// only for this machine itself)'
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  return url.search === '' && url.hash === '' ? null : 'must be an address without ? and #'
}

/** The options of a driver by its schema. Throws config_invalid that names the option. */
export function parseOptions<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  options: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const reason = z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')
  throw new ConnectorError('config_invalid', `type ${type}: ${reason}`)
}

/** The secret of the option `name`. Throws config_invalid when it is not there. */
export function readSecretOption(
  name: string,
  { env, file }: SecretOption,
  deps: ConnectionDeps,
): Secret {
  if (env !== undefined) {
    const value = deps.environment[env]?.trim()
    if (value) return createSecret(value)
    throw new ConnectorError('config_invalid', `${name}: set the environment variable ${env}`)
  }
  const path = resolve(deps.baseDir, file ?? '')
  const text = readSecretFile(name, path)
  if (text !== '') return createSecret(text)
  throw new ConnectorError('config_invalid', `${name}: ${path} is empty; put the value into it`)
}

function readSecretFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    const reason = `${name}: cannot read ${path} (${messageOf(cause)})`
    throw new ConnectorError('config_invalid', reason, { cause })
  }
}

/** One call of a driver. */
export interface GuardedCall {
  /** What was tried on what, e.g. `awx launch of 42`. */
  what: string
  signal: AbortSignal
  /** Values that answers of the platform may repeat and errors must not. */
  secrets: readonly string[]
}

/** Runs the call; every failure leaves as a ConnectorError that says what was tried and shows no secret. */
export async function guardCall<T>(call: GuardedCall, work: () => Promise<T>): Promise<T> {
  const { what, signal } = call
  const secrets = call.secrets.filter((secret) => secret !== '')
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    const reason = redact(`${what}: ${messageOf(error)}`, secrets)
    if (!(error instanceof ConnectorError)) {
      const code = signal.aborted ? 'platform_timeout' : 'platform_error'
      // Not as the cause: it may hold what was redacted.
      throw new ConnectorError(code, reason, { retryable: true })
    }
    const { code, retryable, retryAfterMs } = error
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    throw new ConnectorError(code, reason, { retryable, ...wait })
  }
}
