// How Jenkins is asked: addresses of jobs, credentials, crumbs, and answers read with a schema.
import type { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { HttpAnswer, TextPart } from '../../http-client.ts'
import { createPlatformHttp, jsonOf, platformError } from '../http.ts'
import { createPoster, crumbHeaders } from './poster.ts'
import { Crumb } from './wire.ts'

/** How Jenkins is reached. */
export interface JenkinsSettings {
  /** Address without a trailing slash, with the prefix Jenkins runs under. */
  url: string
  user: string
  /** The API token, or the password. */
  secret: () => string
  /** A password needs a crumb for every POST, an API token does not. */
  isPassword: boolean
  requestsPerSecond: number
  connections: number
}

/** A question: where, and which fields (the `tree` of Jenkins' remote API). */
export interface Question<T> {
  /** Path of the object, without `/api/json`. */
  path: string
  tree: string
  schema: z.ZodType<T>
  signal: AbortSignal
}

/** Jenkins over HTTP. Everything rejects with ConnectorError as PlatformHttp.json does. */
export interface JenkinsApi {
  url: string
  ask<T>(question: Question<T>): Promise<T>
  /** As `ask`; null when Jenkins has no such thing. */
  askIfThere<T>(question: Question<T>): Promise<T | null>
  /** As `ask`, with the time by Jenkins' own clock, or null when the answer does not say it. */
  askDated<T>(question: Question<T>): Promise<{ value: T; at: Date | null }>
  /** A page of text; any answer that is not a success rejects. */
  text(path: string, part: TextPart, signal: AbortSignal): Promise<HttpAnswer>
  /** Gives any answer, also a refusal or a redirect. */
  get(path: string, signal: AbortSignal): Promise<HttpAnswer>
  /** Gives any answer, also a refusal or a redirect. */
  post(path: string, form: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Creates the client. */
export function createJenkinsApi(settings: JenkinsSettings): JenkinsApi {
  const { url, user, secret, isPassword, requestsPerSecond, connections } = settings
  const http = createPlatformHttp({
    baseUrl: url,
    requestsPerSecond,
    connections,
    headers: () => ({ authorization: `Basic ${base64(`${user}:${secret()}`)}` }),
    secrets: () => [secret()],
  })
  async function get(path: string, signal: AbortSignal, part?: TextPart): Promise<HttpAnswer> {
    return await http.send({ method: 'GET', path, signal, ...(part === undefined ? {} : { part }) })
  }

  function read<T>(answer: HttpAnswer, target: string, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(jsonOf(answer, target, [secret()]))
    if (parsed.success) return parsed.data
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    const text = `${target}: not what Jenkins answers (${reasons.slice(0, 3).join('; ')})`
    throw new ConnectorError('platform_bad_answer', text, { retryable: true })
  }

  async function getTree({ path, tree, signal }: Question<unknown>): Promise<HttpAnswer> {
    return await get(`${path}/api/json?tree=${encodeURIComponent(tree)}`, signal)
  }

  async function askDated<T>(question: Question<T>): Promise<{ value: T; at: Date | null }> {
    const answer = await getTree(question)
    const value = read(answer, `GET ${question.path}/api/json`, question.schema)
    return { value, at: dateOf(answer) }
  }

  const poster = createPoster(
    (request) => http.send(request),
    isPassword ? async (signal) => await notSent(() => readCrumb(signal)) : null,
  )
  async function readCrumb(signal: AbortSignal): Promise<Record<string, string>> {
    const answer = await get('/crumbIssuer/api/json', signal)
    // Without protection against forged requests there is no issuer.
    if (answer.status === 404) return {}
    return crumbHeaders(answer, read(answer, 'GET /crumbIssuer/api/json', Crumb))
  }

  return {
    url,
    get: (path, signal) => get(path, signal),
    ask: async (question) => (await askDated(question)).value,
    async askIfThere(question) {
      const answer = await getTree(question)
      if (answer.status === 404) return null
      return read(answer, `GET ${question.path}/api/json`, question.schema)
    },
    askDated,
    async text(path, part, signal) {
      const answer = await get(path, signal, part)
      if (answer.status === 200) return answer
      throw platformError(answer, `GET ${path.split('?')[0]}`, [secret()])
    },
    post: (path, form, signal) => poster.post({ path, form, signal }),
    close: () => http.close(),
  }
}

/** Codes that say that something may have been done, which it was not before the one request that does it. */
const doubtful = new Set(['platform_timeout', 'platform_error', 'platform_bad_answer'])

/** What comes before the request that does something: its failures say that nothing was done. */
export async function notSent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConnectorError) || !doubtful.has(error.code)) throw error
    const { message, retryAfterMs } = error
    throw new ConnectorError('platform_unreachable', message, {
      retryable: true,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      cause: error,
    })
  }
}

/**
 * The path of a job from its full name (`folder/job`), in which a slash of a branch stands as %2F. Throws
 * platform_job_not_found for what cannot be one.
 */
export function jobPath(job: string): string {
  const parts = job.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new ConnectorError('platform_job_not_found', `${job} is no name of a job (folder/job)`)
  }
  return parts.map((part) => `/job/${encodeURIComponent(part)}`).join('')
}

function dateOf({ headers }: HttpAnswer): Date | null {
  const date = new Date(headers['date'] ?? '')
  return Number.isNaN(date.getTime()) ? null : date
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
