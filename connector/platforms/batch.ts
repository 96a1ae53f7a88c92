// Many small questions as one: callers that ask for a key at nearly the same moment share one request.
import { ConnectorError } from '../errors.ts'

/** Asks for one key; rejects with what the shared request rejects with, or with platform_timeout by `signal`. */
export type Asker<Value> = (key: string, signal: AbortSignal) => Promise<Value | null>

interface Waiting<Value> {
  resolve: (value: Value | null) => void
  reject: (error: unknown) => void
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
  let gathered = new Map<string, Waiting<Value>[]>()

  async function flush(): Promise<void> {
    const batch = gathered
    gathered = new Map()
    try {
      const signal = AbortSignal.timeout(options.timeoutMs)
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
    return await new Promise<Value | null>((resolve, reject) => {
      function stop(): void {
        reject(timedOut(signal))
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
      const isFirst = gathered.size === 0
      gathered.set(key, [...(gathered.get(key) ?? []), caller])
      // flush never rejects.
      if (gathered.size >= options.most) void flush()
      else if (isFirst) setTimeout(() => void (gathered.size > 0 && flush()), options.gatherMs)
    })
  }
}

function timedOut({ reason }: AbortSignal): ConnectorError {
  const text = 'no answer of a shared request in time'
  return new ConnectorError('platform_timeout', text, { retryable: true, cause: reason })
}
