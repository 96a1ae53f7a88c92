// The thread that does an outbound HTTP call while the instance's thread waits for it, as the platform's
// own threads do in RESTMessageV2.execute(). Started by sync-http.ts.
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { parentPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import type { HttpAnswer, HttpCall } from './sync-http.ts'

interface Order {
  call: HttpCall
  port: MessagePort
  signal: SharedArrayBuffer
}

parentPort?.on('message', ({ call, port, signal }: Order) => {
  void answer(call).then((result) => {
    port.postMessage(result)
    port.close()
    // The waiting thread reads the message only after this.
    const flag = new Int32Array(signal)
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  })
})

/** Does the call; every outcome is an answer. */
async function answer(call: HttpCall): Promise<HttpAnswer> {
  try {
    return await send(call)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: message.includes('timeout') ? 'timeout' : 'refused', message }
  }
}

function send(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(call.url)
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest
    const body = Buffer.from(call.body, 'utf8')
    const headers = {
      ...call.headers,
      ...(body.length > 0 ? { 'Content-Length': body.length } : {}),
    }
    const request = start(url, { method: call.method, headers, agent: false })
    // One limit for the whole exchange: neither a silent nor a dripping server holds the instance longer.
    const timer = setTimeout(() => {
      request.destroy(new Error(`socket timeout after ${call.timeoutMs} ms`))
    }, call.timeoutMs)
    request.on('response', (response) => {
      collect(response)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.end(body)
  })
}

async function collect(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer) // no encoding is set
  const headers: [string, string][] = []
  for (let at = 0; at < response.rawHeaders.length; at += 2) {
    headers.push([response.rawHeaders[at] ?? '', response.rawHeaders[at + 1] ?? ''])
  }
  const body = Buffer.concat(chunks).toString('utf8')
  return { kind: 'answered', status: response.statusCode ?? 0, headers, body }
}
