// Rundeck's API below /api/<version>: which version is spoken, and what its failures mean. Messages name Rundeck's error
// code; what it says in words is left out where it may repeat the values of options.
import { parse } from 'yaml'
import type { z } from 'zod'

import { ConnectorError, messageOf } from '../../errors.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { jsonOf, platformError } from '../http.ts'
import type { PlatformHttp } from '../http.ts'
import { Failure } from './wire.ts'

/** A request below /api/<version>. */
export interface RundeckRequest {
  method: 'GET' | 'POST'
  /** Starts with a slash; with its query. */
  path: string
  body?: unknown
  signal: AbortSignal
}

/** Rundeck's API. */
export interface RundeckApi {
  /** The version of the API that is spoken, as far as is known. */
  version(): number
  /** Sends and gives whatever is answered, in a version that the server speaks. */
  send(request: RundeckRequest): Promise<HttpAnswer>
  /** Sends and parses a successful answer. Rejects as PlatformHttp.json does. */
  read<T>(request: RundeckRequest, schema: z.ZodType<T>): Promise<T>
  /** As `read` for documents that Rundeck gives as JSON from version 44 on and as YAML before. */
  document<T>(request: RundeckRequest, schema: z.ZodType<T>): Promise<T>
}

/** Options as an object and text ids of jobs. */
const oldestVersion = 18

/** Job definitions as JSON. */
const jsonVersion = 44

/** Creates the API; `preferred` is the version to begin with, and the newest that is spoken. */
export function createRundeckApi(
  http: PlatformHttp,
  preferred: number,
  secrets: () => readonly string[],
): RundeckApi {
  let version = preferred

  async function send(request: RundeckRequest): Promise<HttpAnswer> {
    const asked = version
    const answer = await http.send({ ...request, path: `/api/${asked}${request.path}` })
    const spoken = spokenVersion(answer)
    if (spoken === null || spoken === asked) return answer
    if (spoken < oldestVersion) {
      const reason = `Rundeck speaks version ${spoken} of its API; ${oldestVersion} or newer is needed`
      throw new ConnectorError('platform_rejected', reason)
    }
    version = spoken
    // Nothing was done: the version is looked at first.
    return await http.send({ ...request, path: `/api/${spoken}${request.path}` })
  }

  async function read<T>(request: RundeckRequest, schema: z.ZodType<T>): Promise<T> {
    const target = targetOf(request)
    return parsed(jsonOf(checked(await send(request), target, secrets()), target), schema, target)
  }

  return {
    version: () => version,
    send,
    read,
    async document(request, schema) {
      const target = targetOf(request)
      const separator = request.path.includes('?') ? '&' : '?'
      const path = `${request.path}${separator}format=${version >= jsonVersion ? 'json' : 'yaml'}`
      const answer = checked(await send({ ...request, path }), target, secrets())
      return parsed(documentOf(answer, target), schema, target)
    },
  }
}

/** What a request is called in messages. */
export function targetOf({ method, path }: Pick<RundeckRequest, 'method' | 'path'>): string {
  return `${method} ${path.split('?')[0]}`
}

/** The version that a server names when it does not speak the one asked for. */
function spokenVersion(answer: HttpAnswer): number | null {
  if (answer.status !== 400) return null
  const { errorCode, apiversion } = failureOf(answer)
  // Old servers leave out the prefix.
  if (errorCode?.endsWith('api-version.unsupported') !== true) {
    if (errorCode !== 'api-version-unsupported') return null
  }
  const version = Number(apiversion)
  return Number.isInteger(version) && version > 0 ? version : null
}

/** What Rundeck says in an answer that is not a success; empty when it says nothing that we know. */
export function failureOf(answer: HttpAnswer): Failure {
  try {
    return Failure.parse(JSON.parse(answer.text))
  } catch {
    // A gateway's page, or nothing.
    return {}
  }
}

function checked(answer: HttpAnswer, target: string, secrets: readonly string[]): HttpAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw failed(answer, target, secrets)
}

/** What an answer that is not a success means. Rundeck answers 403 to tokens it does not know, too. */
export function failed(
  answer: HttpAnswer,
  target: string,
  secrets: readonly string[],
): ConnectorError {
  const { errorCode, message } = failureOf(answer)
  if (errorCode === null || errorCode === undefined) return platformError(answer, target, secrets)
  if (answer.status === 403 && !errorCode.startsWith('api.error.item')) {
    const reason = `${target}: 403 ${errorCode}; the token is wrong or has expired`
    return new ConnectorError('platform_auth', reason, { retryable: true })
  }
  return platformError({ ...answer, text: `${errorCode} ${message ?? ''}` }, target, secrets)
}

/** A failure without a word of what was answered but Rundeck's code. */
export function failedQuietly(answer: HttpAnswer, target: string): ConnectorError {
  const code = failureOf(answer).errorCode ?? ''
  const isCode = /^[a-z][a-z.-]{0,80}$/.test(code)
  return failed({ ...answer, text: isCode ? JSON.stringify({ errorCode: code }) : '' }, target, [])
}

/** JSON, or YAML when the content type says so. */
function documentOf(answer: HttpAnswer, target: string): unknown {
  if (!/yaml/.test(answer.headers['content-type'] ?? '')) return jsonOf(answer, target)
  try {
    return parse(answer.text)
  } catch (cause) {
    const reason = `${target}: ${answer.status} but not YAML: ${messageOf(cause)}`
    throw new ConnectorError('platform_bad_answer', reason, { retryable: true, cause })
  }
}

/** The answer in the form that is expected. Throws platform_bad_answer, which says where it is another one. */
export function parsed<T>(value: unknown, schema: z.ZodType<T>, target: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue?.path.join('.') ?? ''
  const reason = `${target}: not what Rundeck answers at ${where === '' ? 'the top' : where}`
  throw new ConnectorError('platform_bad_answer', reason, { retryable: true })
}
