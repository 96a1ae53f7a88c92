// Faults on demand: the next requests to a path fail the way real instances are seen to fail
// (servicenow-runtime.md §4.2 and §9, failNext). The control interface queues them.
import type { FaultKind } from '../types.ts'
import { apiError } from './api-errors.ts'
import { json } from './message.ts'
import type { Incoming, Reply } from './message.ts'

/** How long a request is left hanging when its client does not give up, in milliseconds (socket timeout §2.5). */
const hangMs = 175_000

/** A fault in force. */
export interface Fault {
  kind: FaultKind
  /** Requests that will still fail. */
  count: number
  /** Prefix of the paths it applies to. */
  path: string
  /** 'after': the work is done and only the answer is lost. */
  when: 'before' | 'after'
  /** Retry-After of a 429, in seconds. */
  retryAfterSeconds: number
}

/** The faults of one instance. */
export interface FaultQueue {
  add(fault: Fault): void
  /** The fault for this request, counted down, or null. */
  take(incoming: Incoming): Fault | null
  clear(): void
  list(): readonly Fault[]
}

/** Creates an empty queue. */
export function createFaultQueue(): FaultQueue {
  let faults: Fault[] = []
  return {
    add(fault) {
      faults.push({ ...fault })
    },
    take(incoming) {
      const fault = faults.find((candidate) => incoming.path.startsWith(candidate.path))
      if (fault === undefined) return null
      fault.count -= 1
      faults = faults.filter((candidate) => candidate.count > 0)
      return fault
    },
    clear() {
      faults = []
    },
    list() {
      return faults.map((fault) => ({ ...fault }))
    },
  }
}

/** The failing answer; null = the connection is dropped without one. */
export async function faultReply(
  fault: Fault,
  incoming: Incoming,
  now: Date,
): Promise<Reply | null> {
  switch (fault.kind) {
    case 'timeout':
      await hang(incoming.gone)
      return null
    case '429':
      return rateLimited(fault, now)
    case '500':
      return apiError(500, 'Internal server error', 'Injected by the local instance')
    case 'html':
      return hibernating()
    case '200-with-error':
      // Observed on cancelled transactions: the status line was already sent (servicenow-runtime.md §4.1).
      return json(200, {
        result: [],
        error: {
          message: 'Transaction cancelled: maximum execution time exceeded',
          detail:
            'Transaction cancelled: maximum execution time exceeded Check logs for error trace',
        },
        status: 'failure',
      })
  }
}

function rateLimited(fault: Fault, now: Date): Reply {
  const reply = apiError(
    429,
    'Rate limit exceeded',
    'Rate limit of 100 requests per hour for Table API exceeded',
  )
  const reset = Math.floor(now.getTime() / 1000) + fault.retryAfterSeconds
  return {
    ...reply,
    headers: {
      ...reply.headers,
      'Retry-After': String(fault.retryAfterSeconds),
      'X-RateLimit-Limit': '100',
      'X-RateLimit-Reset': String(reset),
      'X-RateLimit-Rule': 'local instance',
    },
  }
}

function hibernating(): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html;charset=UTF-8' },
    body: '<!doctype html><html><head><title>Instance Hibernating page</title></head><body><h1>Your instance is hibernating</h1></body></html>',
  }
}

function hang(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, hangMs)
    timer.unref()
    function stop(): void {
      clearTimeout(timer)
      resolve()
    }
    if (gone.aborted) stop()
    gone.addEventListener('abort', stop, { once: true })
  })
}
