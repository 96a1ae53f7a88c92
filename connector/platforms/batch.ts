// Many small questions as one: callers that ask for a key at nearly the same moment share one request.
import { ConnectorError } from '../errors.ts'

/** Asks for one key; rejects with what the shared request rejects with, or with platform_timeout by `signal`. */
export type Asker<Value> = (key: string, signal: AbortSignal) => Promise<Value | null>

interface Waiting<Value> {
  resolve: (value: Value | null) => void
  reject: (error: unknown) => void
}

/** Those who share one request. */
interface Group<Value> {
  callers: Map<string, Waiting<Value>[]>
  /** How many have not given up. */
  waiting: number
  /** Aborted when nobody waits any more: a request that hangs would keep its connection. */
  unwanted: AbortController
}

/** How one request is shared. */
export interface BatchOptions<Value> {
  /** Most keys in one request. */
  most: number
  /** How long the first caller waits for others, in milliseconds. */
  gatherMs: number
  /** One request has this long, in milliseconds. */
  timeoutMs: number
  /** Gives the values of those keys that exist. */
  load(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Value>>
}

/** Creates the asker. A key that `load` does not give is null. */
export function createBatch<Value>(options: BatchOptions<Value>): Asker<Value> {
  let gathered = newGroup<Value>()

  async function flush(): Promise<void> {
    const { callers: batch, waiting, unwanted } = gathered
    gathered = newGroup()
    if (waiting === 0) return
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), unwanted.signal])
      const values = await options.load([...batch.keys()], signal)
      for (const [key, callers] of batch) {
        for (const { resolve } of callers) resolve(values.get(key) ?? null)
      }
    } catch (error) {
      for (const { reject } of [...batch.values()].flat()) reject(error)
    }
  }

  return async (key, signal) => {
    if (signal.aborted) throw timedOut(signal)
    const group = gathered
    return await new Promise<Value | null>((resolve, reject) => {
      function stop(): void {
        reject(timedOut(signal))
        group.waiting--
        // A group that is still gathered may get others.
        if (group.waiting === 0 && group !== gathered) group.unwanted.abort()
      }
      signal.addEventListener('abort', stop, { once: true })
      const caller = {
        resolve(value: Value | null) {
          signal.removeEventListener('abort', stop)
          resolve(value)
        },
        reject(error: unknown) {
          signal.removeEventListener('abort', stop)
          reject(error instanceof Error ? error : new Error(String(error)))
        },
      }
      const { callers } = group
      const isFirst = callers.size === 0
      group.waiting++
      callers.set(key, [...(callers.get(key) ?? []), caller])
      // flush never rejects.
      if (callers.size >= options.most) void flush()
      else if (isFirst) {
        setTimeout(() => void (gathered.callers.size > 0 && flush()), options.gatherMs)
      }
    })
  }
}

function newGroup<Value>(): Group<Value> {
  return { callers: new Map(), waiting: 0, unwanted: new AbortController() }
}

function timedOut({ reason }: AbortSignal): ConnectorError {
  const text = 'no answer of a shared request in time'
  return new ConnectorError('platform_timeout', text, { retryable: true, cause: reason })
}
