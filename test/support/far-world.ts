// A database, a platform and an instance that outlive the road processes working on them: those are started and
// killed at will.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { stringify } from 'yaml'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { acceptEvents } from '../../connector/db/events.ts'
import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import { ConnectorError, messageOf } from '../../connector/errors.ts'
import { createLog } from '../../connector/log.ts'
import type { FarAnswer, FarCall } from './far-calls.ts'
import { createMemoryInstance } from './memory-instance.ts'
import type { MemoryInstance } from './memory-instance.ts'
import { createMemoryPlatform } from './memory-platform.ts'
import type { MemoryPlatform } from './memory-platform.ts'
import { createTestDatabase } from './postgres.ts'
import { incoming } from './road.ts'

const program = join(import.meta.dirname, 'road-process.ts')

/** A road process. */
export interface FarRoad {
  /** Ends it as a power failure would. */
  kill9(): Promise<void>
  stop(): Promise<void>
}

/** What stays. */
export interface FarWorld {
  connectionString: string
  pool: Pool
  platform: MemoryPlatform
  instance: MemoryInstance
  /** Accepts events as the receiver does. */
  accept(events: readonly TicketEvent[]): Promise<void>
  /** Starts a road and waits until its workers are there. */
  startRoad(): Promise<FarRoad>
  close(): Promise<void>
}

/** Creates the world. Templates: name -> content; `outcomeOf` as the platform in memory has it. */
export async function createFarWorld(options: {
  templates: Record<string, Record<string, unknown>>
  outcomeOf: MemoryPlatform['outcomeOf']
}): Promise<FarWorld> {
  const templatesDir = mkdtempSync(join(tmpdir(), 'ticket-automation-templates-'))
  for (const [name, content] of Object.entries(options.templates)) {
    writeFileSync(join(templatesDir, `${name}.yaml`), stringify(content))
  }
  const database = await createTestDatabase()
  const { connectionString } = database
  const pool = createPool(connectionString, { max: 4 })
  const queue = await createQueue({ connectionString, log: createLog('silent'), sendOnly: true })
  const platform = createMemoryPlatform({ outcomeOf: options.outcomeOf })
  const instance = createMemoryInstance()
  const server = await serve({ platform, instance })
  const children = new Set<ChildProcess>()

  async function startRoad(): Promise<FarRoad> {
    const child = fork(program, [connectionString, server.url, templatesDir], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    children.add(child)
    const gone = once(child, 'exit').then(() => void children.delete(child))
    await Promise.race([once(child, 'message'), gone.then(failedStart)])
    return {
      async kill9() {
        child.kill('SIGKILL')
        await gone
      },
      async stop() {
        child.send('stop')
        await gone
      },
    }
  }

  return {
    connectionString,
    pool,
    platform,
    instance,
    accept: async (events) => void (await acceptEvents(pool, queue, events.map(incoming))),
    startRoad,
    async close() {
      for (const child of children) child.kill('SIGKILL')
      await queue.stop({ graceMs: 1_000 })
      await pool.end()
      await server.close()
      await database.drop()
      rmSync(templatesDir, { recursive: true, force: true })
    },
  }
}

function failedStart(): never {
  throw new Error('the road ended before it was ready')
}

/** Answers the calls of road processes. */
async function serve(
  ends: Pick<FarWorld, 'platform' | 'instance'>,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(request, ends)
      .then((result) => response.end(JSON.stringify(result)))
      // Its process was killed while it called.
      .catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(
  request: IncomingMessage,
  { platform, instance }: Pick<FarWorld, 'platform' | 'instance'>,
): Promise<FarAnswer> {
  // Written by far-calls.ts.
  const { of, method, args } = JSON.parse(await text(request)) as FarCall
  const target: object = of === 'driver' ? platform.driver : instance.adapter
  const called: unknown = Reflect.get(target, method)
  if (typeof called !== 'function') throw new TypeError(`no method ${method}`)
  try {
    const result: unknown = await Reflect.apply(called, target, args)
    return { result: result ?? null }
  } catch (error) {
    const code = error instanceof ConnectorError ? error.code : 'internal_error'
    const retryable = error instanceof ConnectorError && error.retryable
    return { error: { code, message: messageOf(error), retryable } }
  }
}
