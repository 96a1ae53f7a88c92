// A synchronous HTTP call for scripts: the platform blocks the calling thread, so the instance's thread waits
// on a worker. While it waits the instance answers nothing else; servers it calls must live elsewhere.
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

/** An outbound call. */
export interface HttpCall {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Limit for the whole exchange in milliseconds. */
  timeoutMs: number
}

/** What became of it. */
export type HttpAnswer =
  | { kind: 'answered'; status: number; headers: [string, string][]; body: string }
  | { kind: 'timeout' | 'refused'; message: string }

const graceMs = 2000 // beyond the call's own limit, for a worker that has to start first

let worker: Worker | null = null

/** Calls and waits. */
export function callAndWait(call: HttpCall): HttpAnswer {
  const signal = new SharedArrayBuffer(4)
  const { port1, port2 } = new MessageChannel()
  running().postMessage({ call, port: port2, signal }, [port2])
  Atomics.wait(new Int32Array(signal), 0, 0, call.timeoutMs + graceMs)
  const received = receiveMessageOnPort(port1) as { message: HttpAnswer } | undefined // sent by http-worker.ts
  port1.close()
  return received?.message ?? { kind: 'timeout', message: 'socket timeout: no answer' }
}

// One worker for the process: it holds no state of an instance, and unref'd it never keeps Node alive.
function running(): Worker {
  if (worker === null) {
    worker = new Worker(new URL('./http-worker.ts', import.meta.url))
    worker.unref()
    worker.on('exit', () => {
      worker = null
    })
  }
  return worker
}
