// How StackStorm is asked: answers read with a schema.
import type { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type { HttpAnswer } from '../../http-client.ts'
import { createPlatformHttp, jsonOf, targetOf } from '../http.ts'
import type { PlatformHttp } from '../http.ts'

/** StackStorm over HTTP. Everything rejects with ConnectorError as PlatformHttp.json does. */
export interface StackstormApi {
  http: PlatformHttp
  get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** Reads an answer that is at hand. */
  read<T>(answer: HttpAnswer, target: string, schema: z.ZodType<T>): T
}

/** Creates the client. `baseUrl` ends where `/v1` begins. */
export function createStackstormApi(settings: {
  baseUrl: string
  apiKey: () => string
  requestsPerSecond: number
  connections: number
}): StackstormApi {
  const { apiKey, ...rest } = settings
  const http = createPlatformHttp({
    ...rest,
    headers: () => ({ 'st2-api-key': apiKey() }),
    secrets: () => [apiKey()],
  })

  function read<T>(answer: HttpAnswer, target: string, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(jsonOf(answer, target, [apiKey()]))
    if (parsed.success) return parsed.data
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    const text = `${target}: not what StackStorm answers (${reasons.slice(0, 3).join('; ')})`
    throw new ConnectorError('platform_bad_answer', text, { retryable: true })
  }

  return {
    http,
    read,
    async get(path, schema, signal) {
      const request = { method: 'GET' as const, path, signal }
      return read(await http.send(request), targetOf(request), schema)
    },
  }
}
