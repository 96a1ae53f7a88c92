// A door in front of a TCP server that tests can shut: connections are cut and new ones refused.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/** A door. */
export interface TcpProxy {
  port: number
  /** Cuts everything and refuses what comes. */
  shut(): Promise<void>
  /** Lets connections through again, on the same port. */
  open(): Promise<void>
}

/** Opens a door to 127.0.0.1:targetPort. */
export async function createTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let server: Server
  let port = 0

  function pass(incoming: Socket): void {
    const outgoing = connect(targetPort, '127.0.0.1')
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }

  async function open(): Promise<void> {
    server = createServer(pass).listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  }

  async function shut(): Promise<void> {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await open()
  return { port, shut, open }
}
