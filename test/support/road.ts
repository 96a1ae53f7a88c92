// The road on a real database, with a platform and an instance in memory.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { asciiJson } from '#shared/text.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { acceptEvents, ticketKeyOf } from '../../connector/db/events.ts'
import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import type { Queue } from '../../connector/db/queue.ts'
import { createLog } from '../../connector/log.ts'
import { createMetrics } from '../../connector/metrics.ts'
import type { Metrics } from '../../connector/metrics.ts'
import { startRoad } from '../../connector/road.ts'
import type { Road } from '../../connector/road.ts'
import { makeConfig } from './config.ts'
import { randomHex } from './events.ts'
import { createMemoryInstance } from './memory-instance.ts'
import type { MemoryInstance } from './memory-instance.ts'
import { createMemoryPlatform } from './memory-platform.ts'
import type { MemoryPlatform } from './memory-platform.ts'

/** A running road and what is at its ends. */
export interface TestRoad {
  road: Road
  pool: Pool
  queue: Queue
  metrics: Metrics
  platform: MemoryPlatform
  instance: MemoryInstance
  templatesDir: string
  /** Accepts an event as the receiver does. */
  accept(event: TicketEvent): Promise<string>
  /** Has a run looked at now, whatever it waits for. */
  look(runId: string): Promise<void>
  stop(): Promise<void>
}

/** How the road is set up. */
interface TestRoadOptions {
  connectionString: string
  /** Template files: name -> content. */
  templates: Record<string, Record<string, unknown>>
  platform?: MemoryPlatform
  instance?: MemoryInstance
  /** Section `policy` of connector.yaml. */
  policy?: Record<string, unknown>
  /** The road's clock; absent = the real one. */
  now?: () => Date
}

/** Starts a road whose platform is called `memory`. */
export async function startTestRoad(options: TestRoadOptions): Promise<TestRoad> {
  const templatesDir = mkdtempSync(join(tmpdir(), 'ticket-automation-templates-'))
  for (const [name, content] of Object.entries(options.templates)) {
    writeFileSync(join(templatesDir, `${name}.yaml`), stringify(content))
  }
  const log = createLog('silent')
  const platform = options.platform ?? createMemoryPlatform()
  const instance = options.instance ?? createMemoryInstance()
  const pool = createPool(options.connectionString)
  const queue = await createQueue({ connectionString: options.connectionString, log })
  const metrics = createMetrics(pool)
  const road = await startRoad({
    config: makeConfig(options.policy === undefined ? {} : { policy: options.policy }, {
      TEMPLATES_DIR: templatesDir,
    }),
    ...(options.now === undefined ? {} : { now: options.now }),
    pool,
    queue,
    log,
    metrics,
    drivers: new Map([['memory', platform.driver]]),
    adapters: new Map([['acme', instance.adapter]]),
  })

  async function accept(event: TicketEvent): Promise<string> {
    const [outcome] = await acceptEvents(pool, queue, [incoming(event)])
    queue.kick('decide')
    return outcome ?? 'nothing'
  }

  return {
    road,
    pool,
    queue,
    metrics,
    platform,
    instance,
    templatesDir,
    accept,
    async look(runId) {
      await queue.send(pool, 'advance', [{ key: `acme/${runId}`, data: {} }])
      queue.kick('advance')
    },
    async stop() {
      await queue.stop({ graceMs: 5000 })
      await road.stop()
      await pool.end()
    },
  }
}

/** The event as the receiver hands it to the store. */
export function incoming(event: TicketEvent): Parameters<typeof acceptEvents>[2][number] {
  const { ticket } = event.data
  return {
    source: event.source,
    eventId: event.id,
    type: event.type,
    ticketKey: ticketKeyOf(event.source, ticket),
    ticketNumber: ticket.number,
    body: asciiJson(event),
    signature: {
      issuer: 'acme',
      kid: 'acme-2026',
      jti: randomHex(),
      expiresAt: new Date(Date.now() + 60_000),
    },
  }
}
