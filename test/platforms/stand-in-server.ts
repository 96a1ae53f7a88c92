// What stand-ins of HTTP platforms have in common: a server on loopback that keeps what it was asked, and that goes
// wrong in the ways in which real ones do.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Exchange {
  method: string
  /** Decoded path without its query. */
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string>>
  body: string
}

/** An answer: a text goes as it is (with its own content-type), anything else as JSON. */
export interface Reply {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

/** What a request is about, in the words of the driver port. */
export type Call = 'launch' | 'find' | 'status' | 'output' | 'cancel' | 'describe' | 'other'

/** How a call goes wrong. */
export type Fault =
  /** This is answered, and nothing is done. */
  | { kind: 'answer'; reply: Reply }
  /** It is done, but this is answered. */
  | { kind: 'done'; reply: Reply }
  /** It is done, then the connection breaks before the answer. */
  | { kind: 'lost' }
  /** The connection breaks before anything is done. */
  | { kind: 'unheard' }
  /** Nothing is done and nothing is answered. */
  | { kind: 'silent' }

/** A server of a stand-in. */
export interface StandInServer {
  /** Without a trailing slash. */
  url: string
  /** Everything that was asked, in order. */
  requests: readonly Exchange[]
  /** The next `times` calls of this kind go wrong. */
  fail(call: Call, fault: Fault, times?: number): void
  /** Nothing goes wrong any more. */
  heal(): void
  close(): Promise<void>
}

/** Starts a server on a free port; `callOf` says what a request is about. */
export async function startStandInServer(behaviour: {
  handle: (exchange: Exchange) => Reply | Promise<Reply>
  callOf: (exchange: Exchange) => Call
}): Promise<StandInServer> {
  const requests: Exchange[] = []
  const faults = new Map<Call, { fault: Fault; times: number }>()

  function faultOf(call: Call): Fault | null {
    const planned = faults.get(call)
    if (planned === undefined || planned.times === 0) return null
    planned.times--
    return planned.fault
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const exchange = await exchangeOf(incoming)
    requests.push(exchange)
    const fault = faultOf(behaviour.callOf(exchange))
    switch (fault?.kind) {
      case undefined:
        return answer(outgoing, await behaviour.handle(exchange))
      case 'answer':
        return answer(outgoing, fault.reply)
      case 'done':
        await behaviour.handle(exchange)
        return answer(outgoing, fault.reply)
      case 'lost':
        await behaviour.handle(exchange)
        incoming.socket.destroy()
        return
      case 'unheard':
        incoming.socket.destroy()
        return
      case 'silent':
        return
    }
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      answer(outgoing, { status: 500, body: `stand-in: ${String(error)}` })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    fail: (call, fault, times = 1) => void faults.set(call, { fault, times }),
    heal: () => faults.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function exchangeOf(incoming: IncomingMessage): Promise<Exchange> {
  const chunks: Buffer[] = []
  // A request without an encoding comes as Buffers.
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const url = new URL(incoming.url ?? '/', 'http://stand-in')
  return {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function answer(outgoing: ServerResponse, { status, headers = {}, body }: Reply): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json'
  outgoing.writeHead(status, { 'content-type': type, ...headers })
  if (body === undefined) outgoing.end()
  else outgoing.end(isText ? body : JSON.stringify(body))
}
