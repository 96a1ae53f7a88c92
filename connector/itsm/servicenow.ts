// ServiceNow: delivers status updates to the app's scripted REST, with OAuth client credentials and our
// signature on top (servicenow-runtime: OAuth, scripted REST, error shapes).
import { z } from 'zod'

import { statusSignatureHeader } from '#shared/signature.ts'
import { StatusReply } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'
import { asciiJson } from '#shared/text.ts'
import { appScope } from '#shared/vocabulary.ts'

import type { Instance } from '../config.ts'
import { ConnectorError } from '../errors.ts'
import { answerError, createHttpClient, excerpt } from '../http-client.ts'
import type { HttpAnswer } from '../http-client.ts'
import { signBody } from '../security/signature.ts'
import type { ItsmAdapter, ReadRecord, RecordQuery } from './adapter.ts'
import { createTokens } from './oauth-tokens.ts'

/** Connections to one instance: it serves four API requests at a time per node. */
const connections = 8

const ResultReply = z.object({ result: StatusReply })

const Cell = z.object({
  value: z.string().nullish(),
  display_value: z.string().nullish(),
})
const RecordsReply = z.object({
  result: z.array(z.record(z.string(), Cell)),
  // A transaction cancelled half-way answers 200 with some rows, or none, and an error beside them.
  error: z.undefined().optional(),
})

/** Creates the adapter of one instance. */
export function createServiceNow(instance: Instance, audience: string): ItsmAdapter {
  const http = createHttpClient('instance', { connections })
  const tokens = createTokens(instance, http)
  const url = `${instance.url}/api/${appScope}/v1/automation/status-updates`

  async function post(update: StatusUpdate, signal: AbortSignal): Promise<HttpAnswer> {
    const body = Buffer.from(asciiJson(update), 'ascii')
    const token = await tokens.get()
    const signature = await signBody({
      body,
      key: instance.signingKey,
      issuer: audience,
      audience: instance.issuer,
      now: new Date(),
    })
    return await http.send({
      method: 'POST',
      url,
      headers: {
        authorization: `Bearer ${token}`,
        [statusSignatureHeader]: signature,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body,
      signal,
    })
  }

  async function get(target: string, signal: AbortSignal): Promise<HttpAnswer> {
    const token = await tokens.get()
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    return await http.send({ method: 'GET', url: target, headers, signal })
  }

  async function withToken(call: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const answer = await call()
    if (answer.status !== 401) return answer
    // The token may have been revoked: one new one, then it counts.
    tokens.drop()
    return await call()
  }

  return {
    async sendStatus(update, signal) {
      const answer = await withToken(() => post(update, signal))
      return readReply(answer, `POST ${url}`)
    },
    async readRecords(query, signal) {
      const target = recordsUrl(instance.url, query)
      const answer = await withToken(() => get(target, signal))
      return readCells(answer, `GET table ${query.table}`)
    },
    close: () => http.close(),
  }
}

function readReply(answer: HttpAnswer, target: string): StatusReply {
  if (answer.status < 200 || answer.status > 299) throw answerError('instance', target, answer)
  const reply = ResultReply.safeParse(parseJson(answer.text))
  if (reply.success) return reply.data.result
  // A hibernating instance or a proxy answers 200 with a page; a cancelled transaction 200 with an error.
  throw new ConnectorError(
    'instance_bad_answer',
    `${target}: ${answer.status} but not the app's answer: ${excerpt(answer.text)}`,
    { retryable: true, cause: reply.error },
  )
}

/** Table API with stored and display values; sysparm names per the documentation of /api/now/table. */
function recordsUrl(base: string, { table, query, fields, limit }: RecordQuery): string {
  const parameters = new URLSearchParams({
    sysparm_query: query,
    sysparm_fields: fields.join(','),
    sysparm_limit: String(limit),
    sysparm_display_value: 'all',
    sysparm_exclude_reference_link: 'true',
    sysparm_no_count: 'true',
  })
  return `${base}/api/now/table/${encodeURIComponent(table)}?${parameters.toString()}`
}

function readCells(answer: HttpAnswer, target: string): ReadRecord[] {
  if (answer.status < 200 || answer.status > 299) throw answerError('instance', target, answer)
  const reply = RecordsReply.safeParse(parseJson(answer.text))
  if (!reply.success) {
    const text = `${target}: ${answer.status} but no records: ${excerpt(answer.text)}`
    throw new ConnectorError('instance_bad_answer', text, { retryable: true, cause: reply.error })
  }
  return reply.data.result.map((record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, cell]) => [
        name,
        { value: cell.value ?? '', display: cell.display_value ?? cell.value ?? '' },
      ]),
    ),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema refuses undefined and says so.
    return undefined
  }
}
