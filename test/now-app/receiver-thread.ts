// The thread of receiver.ts: an HTTP server that answers what it was told to and remembers what it got.
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'

import type { Order, Received, ReceiverAnswer } from './receiver.ts'

const received: Received[] = []
let waiting: ReceiverAnswer[] = []
let always: ReceiverAnswer | null = null

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8')
    const { method = '', url: path = '' } = request
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    received.push({ method, path, headers, body })
    answer(response, waiting.shift() ?? always ?? accepted(body))
  })
})

/** What a connector says to an event that it takes (shared/ticket-event.ts, EventReply). */
function accepted(body: string): ReceiverAnswer {
  // Only its id is asked for; what is no event has none.
  const event = JSON.parse(body || '{}') as { id?: string }
  return { status: 202, body: JSON.stringify({ event_id: event.id, status: 'accepted' }) }
}

function answer(response: ServerResponse, given: ReceiverAnswer): void {
  if (given.silent) return
  const type = given.body?.startsWith('<') ? 'text/html' : 'application/json'
  response.writeHead(given.status, { 'Content-Type': type, ...given.headers })
  response.end(given.body ?? '')
}

parentPort?.on('message', (order: Order) => {
  if (order.kind === 'answers') {
    waiting = [...order.next]
    always = order.always
  }
  const list = order.kind === 'received' ? received.splice(0) : []
  parentPort?.postMessage({ list })
})

server.listen(0, '127.0.0.1', () => {
  // A TCP server's address is an object once it listens.
  const { port } = server.address() as AddressInfo
  parentPort?.postMessage({ port })
})
