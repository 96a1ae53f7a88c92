// The thread of receiver.ts: an HTTP server that answers what it was told to and remembers what it got.
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'

import type { Order, Received, ReceiverAnswer } from './receiver.ts'

const eventPath = '/v1/events'
const received: Received[] = []
const standing = new Map<string, ReceiverAnswer>()
let waiting: ReceiverAnswer[] = []

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
    answer(response, answerTo(path, body))
  })
})

function answerTo(path: string, body: string): ReceiverAnswer {
  const next = path === eventPath ? waiting.shift() : undefined
  const told = next ?? standing.get(path)
  if (told !== undefined) return told
  if (path !== eventPath) return { status: 200, body: JSON.stringify({ templates: [] }) }
  // What a connector says to an event that it takes (shared/ticket-event.ts, EventReply).
  const { id } = JSON.parse(body) as { id: string }
  return { status: 202, body: JSON.stringify({ event_id: id, status: 'accepted' }) }
}

function answer(response: ServerResponse, given: ReceiverAnswer): void {
  if (given.silent) return
  const type = given.body?.startsWith('<') ? 'text/html' : 'application/json'
  response.writeHead(given.status, { 'Content-Type': type, ...given.headers })
  response.end(given.body ?? '')
}

parentPort?.on('message', (order: Order) => {
  if (order.kind === 'next') waiting = [...order.answers]
  if (order.kind === 'standing') {
    if (order.answer === null) standing.delete(order.path)
    else standing.set(order.path, order.answer)
  }
  const list = order.kind === 'received' ? received.splice(0) : []
  parentPort?.postMessage({ list })
})

server.listen(0, '127.0.0.1', () => {
  // A TCP server's address is an object once it listens.
  const { port } = server.address() as AddressInfo
  parentPort?.postMessage({ port })
})
