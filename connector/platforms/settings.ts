// What the options of HTTP platforms have in common: the address, secrets by reference, the pace, and how a wrong
// option is named.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { z } from 'zod'

import { ConnectorError, messageOf } from '../errors.ts'

/** What reading settings needs of the connector. */
export interface SettingsDeps {
  /** Where relative paths of the options start. */
  baseDir: string
  /** The connector's environment; only what an option names is read. */
  environment: Readonly<Record<string, string | undefined>>
}

/** Where a secret comes from; it never stands in connector.yaml itself. */
export const SecretSource = z
  .strictObject({ env: z.string().min(1).optional(), file: z.string().min(1).optional() })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), {
    error: 'must be {env: NAME} or {file: path}, exactly one of them',
  })
export type SecretSource = z.infer<typeof SecretSource>

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Address of a platform; the value has no trailing slash. */
export const PlatformUrl = z
  .url({ protocol: /^https?$/ })
  .superRefine((text, context) => {
    const url = new URL(text)
    if (url.protocol === 'http:' && !loopback.has(url.hostname)) {
      const message = 'must be https:// (http:// only for this machine itself)'
      context.addIssue({ code: 'custom', message })
    }
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      const message = 'must be an address alone: no user, password, query or #'
      context.addIssue({ code: 'custom', message })
    }
  })
  .transform((text) => text.replace(/\/+$/, ''))

/** Options of every HTTP platform, to be spread into a driver's schema. */
export const paceOptions = {
  /** Most requests in a second. */
  requests_per_second: z.number().min(0.1).max(1000).default(20),
  /** Most connections at once. */
  connections: z.int().min(1).max(100).default(8),
}

/** The options of a platform of this type. Throws config_invalid that names what is wrong. */
export function parseSettings<T>(type: string, schema: z.ZodType<T>, options: unknown): T {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const reason = z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')
  throw new ConnectorError('config_invalid', `type ${type}: ${reason}`)
}

/**
 * Reads a secret; `option` is its name in messages. The function gives it: of a file anew each time, so that a token
 * can be changed without a start. Throws config_invalid when there is none now.
 */
export function secretReader(
  option: string,
  source: SecretSource,
  deps: SettingsDeps,
): () => string {
  const { env, file } = source
  if (env !== undefined) {
    const value = deps.environment[env]?.trim() ?? ''
    if (value !== '') return () => value
    throw new ConnectorError('config_invalid', `${option}: set the environment variable ${env}`)
  }
  const path = resolve(deps.baseDir, file ?? '')
  let last = readSecretFile(option, path)
  return () => {
    try {
      last = readSecretFile(option, path)
    } catch {
      // It is being replaced: the one before may still do.
    }
    return last
  }
}

function readSecretFile(option: string, path: string): string {
  let value: string
  try {
    value = readFileSync(path, 'utf8').trim()
  } catch (cause) {
    const reason = `${option}: cannot read ${path} (${messageOf(cause)})`
    throw new ConnectorError('config_invalid', reason, { cause })
  }
  if (value !== '') return value
  throw new ConnectorError('config_invalid', `${option}: ${path} is empty; put the value into it`)
}
