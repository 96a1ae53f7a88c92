// A connector's receiving end for tests of the app alone, in a thread of its own: the app's calls block the
// test's thread. It answers what it was told to, else 202 as the connector does.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** A request as it arrived. */
export interface Received {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

/** What to answer. A body that starts with `<` is HTML, any other JSON. */
export interface ReceiverAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
  /** Never answer. */
  silent?: boolean
}

/** What the test's thread asks of the server's. */
export type Order =
  | { kind: 'answers'; next: readonly ReceiverAnswer[]; always: ReceiverAnswer | null }
  | { kind: 'received' }

/** A running receiver. `await using` stops it. */
export interface Receiver extends AsyncDisposable {
  url: string
  /** The answers to the next requests, one each; then the ordinary 202 again. */
  answerNext(...next: readonly ReceiverAnswer[]): Promise<void>
  /** The answer to every request from now on; null = the ordinary 202. */
  answerAlways(always: ReceiverAnswer | null): Promise<void>
  /** What arrived since the last call. */
  received(): Promise<Received[]>
}

/** Starts a receiver on a free port of the loopback address. */
export async function startReceiver(): Promise<Receiver> {
  const worker = new Worker(new URL('./receiver-thread.ts', import.meta.url))
  // The thread's first message.
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }]
  async function order(given: Order): Promise<Received[]> {
    worker.postMessage(given)
    // The thread answers every order with one message.
    const [{ list }] = (await once(worker, 'message')) as [{ list: Received[] }]
    return list
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async answerNext(...next) {
      await order({ kind: 'answers', next, always: null })
    },
    async answerAlways(always) {
      await order({ kind: 'answers', next: [], always })
    },
    received: () => order({ kind: 'received' }),
    async [Symbol.asyncDispose]() {
      await worker.terminate()
    },
  }
}

/** An answer of the connector's kind (problem+json) with this status and code. */
export function problem(status: number, code: string, detail: string): ReceiverAnswer {
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title: code, status, code, detail }),
  }
}
