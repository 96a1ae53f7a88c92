// A connector's receiving end for tests of the app alone, in a thread of its own: the app's calls block the
// test's thread. It answers what it was told to, else what a connector without templates answers.
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
  | { kind: 'next'; answers: readonly ReceiverAnswer[] }
  | { kind: 'standing'; path: string; answer: ReceiverAnswer | null }
  | { kind: 'received' }

/** A running receiver. `await using` stops it. */
export interface Receiver extends AsyncDisposable {
  url: string
  /** The answers to the next events, one each; then what stands for events. */
  answerNext(...answers: readonly ReceiverAnswer[]): Promise<void>
  /** The answer to a path until further notice; null = the ordinary one again. */
  answerAt(path: string, answer: ReceiverAnswer | null): Promise<void>
  /** What arrived since the last call of this or of events(). */
  requests(): Promise<Received[]>
  /** The same, events alone. */
  events(): Promise<Received[]>
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
    async answerNext(...answers) {
      await order({ kind: 'next', answers })
    },
    async answerAt(path, answer) {
      await order({ kind: 'standing', path, answer })
    },
    requests: () => order({ kind: 'received' }),
    async events() {
      const list = await order({ kind: 'received' })
      return list.filter((one) => one.path === '/v1/events')
    },
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
