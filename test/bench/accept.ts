// Accepted events per second over HTTP with the durable commit, beside what the same PostgreSQL commits
// per second one row at a time. Requests are signed before the clock starts.
import { rm } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

import pg from 'pg'
import { Pool as HttpPool } from 'undici'

import { startEngine } from '../../connector/db/engine.ts'
import { migrate } from '../../connector/db/migrate.ts'
import { createPool } from '../../connector/db/pool.ts'
import { createLog } from '../../connector/log.ts'
import { makeEvent, signEvent } from '../support/events.ts'
import { makeDataFolder } from '../support/postgres-server.ts'
import { startReceiving } from '../support/receiving.ts'

const connections = 16
const warmUpEvents = 2_000
const measuredEvents = 16_000
const commitSeconds = 3

type Request = Awaited<ReturnType<typeof signEvent>>

/** Runs the benchmark (about 20 s) and returns its numbers. */
export async function benchAccept(): Promise<Record<string, unknown>> {
  const log = createLog('warn')
  const dataDir = await makeDataFolder()
  const engine = await startEngine({ databaseUrl: null, dataDir, log })
  try {
    const pool = createPool(engine.connectionString)
    await migrate(pool, { log })
    await pool.end()
    const single = await singleRowCommits(engine.connectionString)
    return { ...(await acceptedEvents(engine.connectionString)), ...single }
  } finally {
    await engine.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function acceptedEvents(connectionString: string): Promise<Record<string, unknown>> {
  const receiving = await startReceiving(connectionString)
  const http = new HttpPool(receiving.url, { connections })
  try {
    await post(http, await signAll(warmUpEvents))
    const requests = await signAll(measuredEvents)
    const started = performance.now()
    const latencies = await post(http, requests)
    const seconds = (performance.now() - started) / 1000
    const { rows } = await receiving.pool.query<{ count: string }>('select count(*) from event')
    if (Number(rows[0]?.count) !== warmUpEvents + measuredEvents) {
      throw new Error(`${rows[0]?.count} events are stored`)
    }
    return {
      connections,
      events: measuredEvents,
      accepted_per_second: Math.round(measuredEvents / seconds),
      p50_ms: percentile(latencies, 50),
      p99_ms: percentile(latencies, 99),
      body_bytes: requests[0]?.body.length,
    }
  } finally {
    await http.close()
    await receiving.stop()
  }
}

async function signAll(count: number): Promise<Request[]> {
  const requests: Request[] = []
  for (let made = 0; made < count; made++) requests.push(await signEvent(makeEvent()))
  return requests
}

/** Posts everything, one request in hand per connection; milliseconds per request. */
async function post(http: HttpPool, requests: readonly Request[]): Promise<number[]> {
  const latencies: number[] = []
  let next = 0
  async function worker(): Promise<void> {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const started = performance.now()
      const { statusCode, body } = await http.request({
        method: 'POST',
        path: '/v1/events',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${request.token}`,
        },
        body: request.body,
      })
      const text = await body.text()
      if (statusCode !== 202) throw new Error(`${statusCode} ${text}`)
      latencies.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return latencies
}

/** The server's own pace: one session, one row, one durable commit at a time. */
async function singleRowCommits(connectionString: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(
      'create table bench_commit (id bigint generated always as identity, body text)',
    )
    const body = 'x'.repeat(1000)
    const started = performance.now()
    let commits = 0
    while (performance.now() - started < commitSeconds * 1000) {
      await client.query('insert into bench_commit (body) values ($1)', [body])
      commits++
    }
    const seconds = (performance.now() - started) / 1000
    await client.query('drop table bench_commit')
    return { single_row_commits_per_second: Math.round(commits / seconds) }
  } finally {
    await client.end()
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value =
    sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0
  return Math.round(value * 10) / 10
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await benchAccept(), null, 2))
}
