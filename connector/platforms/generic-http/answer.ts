// Reads answers by the expressions of the options.
import { toCarriable } from '#shared/text.ts'
import type { jobStates } from '#shared/vocabulary.ts'

import { ConnectorError } from '../../errors.ts'
import { excerpt } from '../../http-client.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { evaluateExpression } from '../../templates/expressions.ts'
import type { JobStatus } from '../driver.ts'
import { jsonOf } from '../http.ts'
import type { HttpSettings } from './options.ts'
import type { Facts } from './request.ts'

/** What the expressions about an answer see. Throws platform_bad_answer when it is not what it should be. */
export function answerFacts(
  answer: HttpAnswer,
  as: { format: 'json' | 'text'; target: string },
): Facts {
  const { status, headers, text } = answer
  // jsonOf refuses other statuses, which the options may accept.
  const body = as.format === 'text' ? text : jsonOf({ ...answer, status: 200 }, as.target)
  return { answer: body, status, headers }
}

/** The value of an expression. Throws platform_bad_answer when there is none to be had. */
export async function readValue(place: string, expression: string, facts: Facts): Promise<unknown> {
  const result = await evaluateExpression(expression, facts)
  if (result.ok) return result.value
  throw badAnswer(`${place}: ${excerpt(result.reason)}`)
}

/** Text, or null when the expression is not there, gives nothing, or something else. */
export async function readText(
  place: string,
  expression: string | undefined,
  facts: Facts,
): Promise<string | null> {
  if (expression === undefined) return null
  const value = await readValue(place, expression, facts)
  if (typeof value === 'string') return toCarriable(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** Job ids become pieces of paths, so they have no characters that mean something there. */
const jobId = /^[A-Za-z0-9][A-Za-z0-9._:~@=+,-]{0,199}$/

/** True when the text can be the id of a job. */
export function isJobId(text: string): boolean {
  return jobId.test(text)
}

/** The id of a job. Throws platform_bad_answer when it is none. */
export async function readJobId(place: string, expression: string, facts: Facts): Promise<string> {
  const id = await readText(place, expression, facts)
  if (id !== null && isJobId(id)) return id
  throw badAnswer(`${place} gives no id of letters, digits and . _ : ~ @ = + , -`)
}

/** A page of the platform, or null; an address without a host is below `baseUrl`. */
export async function readUrl(
  place: string,
  reading: { expression: string | undefined; baseUrl: string },
  facts: Facts,
): Promise<string | null> {
  const text = await readText(place, reading.expression, facts)
  if (text === null || text === '' || !URL.canParse(text, reading.baseUrl)) return null
  const url = new URL(text, reading.baseUrl)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}

/** The status that the answer tells. */
export async function readStatus(
  options: HttpSettings['status'],
  facts: Facts,
): Promise<JobStatus> {
  const word = (await readText('status.state', options.state, facts)) ?? ''
  const state = stateOf(options.states, word)
  const isOver = state !== 'pending' && state !== 'running'
  const message = await readText('status.message', options.message, facts)
  return {
    state,
    progress: state === 'succeeded' ? 100 : await readPercent(options.progress, facts),
    message: (message ?? '').trim() || `The platform says "${excerpt(word)}".`,
    startedAt: await readMoment('status.started_at', options.started_at, facts),
    finishedAt: isOver ? await readMoment('status.finished_at', options.finished_at, facts) : null,
    exitCode: isOver ? await readWhole(options.exit_code, facts) : null,
  }
}

/** A word that the options do not have is nothing to guess about. */
function stateOf(
  states: HttpSettings['status']['states'],
  word: string,
): (typeof jobStates)[number] {
  const known = Object.entries(states)
  const exact = known.find(([name]) => name === word)
  const loose = known.find(([name]) => name.toLowerCase() === word.toLowerCase())
  return (exact ?? loose)?.[1] ?? 'unknown'
}

async function readPercent(expression: string | undefined, facts: Facts): Promise<number | null> {
  if (expression === undefined) return null
  const value = Number((await readText('status.progress', expression, facts)) ?? NaN)
  return Number.isFinite(value) ? Math.min(100, Math.max(0, Math.round(value))) : null
}

async function readWhole(expression: string | undefined, facts: Facts): Promise<number | null> {
  const text = await readText('status.exit_code', expression, facts)
  return text !== null && /^-?\d{1,9}$/.test(text) ? Number(text) : null
}

/** Seconds since 1970 are far below this, milliseconds above. */
const firstMilliseconds = 100_000_000_000

async function readMoment(
  place: string,
  expression: string | undefined,
  facts: Facts,
): Promise<Date | null> {
  const text = await readText(place, expression, facts)
  if (text === null || text === '') return null
  const count = Number(text)
  const isMilliseconds = count >= firstMilliseconds
  const moment = new Date(
    Number.isFinite(count) ? count * (isMilliseconds ? 1 : 1000) : Date.parse(text),
  )
  return Number.isNaN(moment.getTime()) ? null : moment
}

/** An answer that does not say what the options expect of it. */
export function badAnswer(reason: string): ConnectorError {
  return new ConnectorError('platform_bad_answer', reason, { retryable: true })
}
