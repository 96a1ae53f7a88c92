// Requests to one AWX, as all parts of the driver make them.
import type { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { PlatformHttp } from '../http.ts'
import { jobIdOf, jobPath } from './reference.ts'
import type { JobKey } from './reference.ts'
import { pageOf, readAs } from './wire.ts'

/** What the parts of the driver share. */
export interface AwxClient {
  http: PlatformHttp
  /** Page of a job for people. */
  jobUrl(key: JobKey): string
}

/** One GET. */
export interface Get {
  path: string
  /** Or a text, for filters that stand there several times. */
  query?: Record<string, string> | string
  signal: AbortSignal
}

/** Reads one thing. Rejects as PlatformHttp.json does. */
export async function getOne<T>(
  { http }: AwxClient,
  { path, query = {}, signal }: Get,
  schema: z.ZodType<T>,
): Promise<T> {
  const search = new URLSearchParams(query).toString()
  const full = search === '' ? `${path}/` : `${path}/?${search}`
  return readAs(schema, await http.json({ method: 'GET', path: full, signal }), `GET ${path}/`)
}

/** Reads one page of a list. */
export async function getPage<T>(
  client: AwxClient,
  get: Get,
  row: z.ZodType<T>,
): Promise<{ rows: T[]; count: number; more: boolean }> {
  const { results, count, next } = await getOne(client, get, pageOf(row))
  return { rows: results, count, more: next !== null }
}

/** Rejects with job_lost in place of platform_job_not_found: the path was one of a job. */
export async function ofJob<T>(key: JobKey, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'platform_job_not_found') throw error
    throw lost(jobIdOf(key), jobPath(key), error)
  }
}

/** A job that AWX does not have, or does not show to these credentials. */
export function lost(jobId: string, path: string, cause?: unknown): ConnectorError {
  const text = `AWX has no job ${jobId} (${path}), or these credentials may not see it`
  return new ConnectorError('job_lost', text, { cause })
}
