// Calls between a road process and the test that has its platform and its instance: one POST per call.
import type { ErrorCode } from '../../connector/errors.ts'
import { ConnectorError } from '../../connector/errors.ts'
import type { ItsmAdapter } from '../../connector/itsm/adapter.ts'
import type { Driver, JobStatus } from '../../connector/platforms/driver.ts'

/** One call. */
export interface FarCall {
  of: 'driver' | 'adapter'
  method: string
  args: unknown[]
}

/** Its answer. */
export type FarAnswer =
  | { result: unknown }
  | { error: { code: ErrorCode; message: string; retryable: boolean } }

/** A driver whose jobs are at the test. */
export function farDriver(url: string): Driver {
  const call = caller(url, 'driver')
  // The other side answers what its own methods of the same names give.
  return {
    type: 'far',
    capabilities: {
      find: true,
      cancel: true,
      progress: true,
      output: true,
      describe: false,
      targets: false,
      callback: 'none',
    },
    check: () => Promise.resolve([]),
    launch: (request, signal) => call('launch', [request], signal) as ReturnType<Driver['launch']>,
    find: (token, signal) => call('find', [token], signal) as ReturnType<Driver['find']>,
    status: async (id, signal) => statusOf((await call('status', [id], signal)) as JobStatus),
    output: (id, cursor, signal) =>
      call('output', [id, cursor], signal) as ReturnType<Driver['output']>,
    cancel: (id, signal) => call('cancel', [id], signal) as ReturnType<Driver['cancel']>,
    pollDelayMs: (runningForMs) => (runningForMs === 0 ? 0 : 2_000),
    close: () => Promise.resolve(),
  }
}

/** An adapter whose instance is at the test. */
export function farAdapter(url: string): ItsmAdapter {
  const call = caller(url, 'adapter')
  return {
    sendStatus: (update, signal) =>
      call('sendStatus', [update], signal) as ReturnType<ItsmAdapter['sendStatus']>,
    readRecords: (query, signal) =>
      call('readRecords', [query], signal) as ReturnType<ItsmAdapter['readRecords']>,
    close: () => Promise.resolve(),
  }
}

function caller(
  url: string,
  of: FarCall['of'],
): (method: string, args: unknown[], signal: AbortSignal) => Promise<unknown> {
  return async (method, args, signal) => {
    const body = JSON.stringify({ of, method, args } satisfies FarCall)
    const answer = (await (await fetch(url, { method: 'POST', body, signal })).json()) as FarAnswer
    if ('result' in answer) return answer.result
    const { code, message, retryable } = answer.error
    throw new ConnectorError(code, message, { retryable })
  }
}

function statusOf(status: JobStatus): JobStatus {
  const { startedAt, finishedAt } = status
  return { ...status, startedAt: dateOf(startedAt), finishedAt: dateOf(finishedAt) }
}

function dateOf(value: Date | string | null): Date | null {
  return value === null ? null : new Date(value)
}
