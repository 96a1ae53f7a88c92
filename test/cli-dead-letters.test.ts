// `dead` and `redrive` as commands of their own process, beside a running road.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ConnectorError } from '../connector/errors.ts'
import { testEnv, testInstance, writeConfigFile } from './support/config.ts'
import { makeEvent, randomHex } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { storeRun } from './support/reporting.ts'
import type { StoredRun } from './support/reporting.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

const cli = resolve(import.meta.dirname, '../connector/cli.ts')
const execFileAsync = promisify(execFile)
const configFile = writeConfigFile({ instances: [testInstance()] })
let database: TestDatabase
let road: TestRoad

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({ connectionString: database.connectionString, templates: {} })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(async () => {
  await road.pool.query('truncate event cascade')
})

const Failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

async function run(...args: string[]): Promise<z.infer<typeof Failed>> {
  const env = {
    PATH: process.env['PATH'],
    CONFIG_FILE: configFile,
    DATABASE_URL: database.connectionString,
    ...testEnv,
  }
  try {
    return { code: 0, ...(await execFileAsync(process.execPath, [cli, ...args], { env })) }
  } catch (error) {
    return Failed.parse(error)
  }
}

/** A run whose last update the instance refused for good. */
async function deadUpdate(): Promise<StoredRun> {
  const refused = new ConnectorError(
    'instance_rejected',
    `POST /status-updates: 400 ${'x'.repeat(80)} the end`,
  )
  road.instance.faults.push({ error: refused })
  const stored = await storeRun(road.pool)
  await stored.write({ state: 'succeeded' })
  await road.queue.send(road.pool, 'report', [{ key: stored.key, data: {} }])
  road.queue.kick('report')
  await until('the dead letter', async () => (await stored.updates())[0]?.state === 'dead')
  await road.pool.query(
    `update status_update set created_at = now() - interval '3 days' where run_id = $1`,
    [stored.id],
  )
  return stored
}

/** An event that could not be decided. */
async function deadEvent(): Promise<string> {
  const id = randomHex()
  await road.accept(makeEvent({ id }))
  await until('the decision', async () => (await eventOf(id))?.state === 'decided')
  await road.pool.query(
    `update event set state = 'dead', attempts = 8, problem = 'no instance is configured' where event_id = $1`,
    [id],
  )
  return id
}

async function eventOf(id: string): Promise<{ state: string; attempts: number } | undefined> {
  const { rows } = await road.pool.query('select state, attempts from event where event_id = $1', [
    id,
  ])
  return rows[0]
}

describe('dead', () => {
  it('lists each dead letter with its ticket, its age and the whole problem', async () => {
    const stored = await deadUpdate()
    const eventId = await deadEvent()

    const { code, stdout } = await run('dead')

    expect(code).toBe(0)
    expect(stdout).toMatch(/^Kind +Event or run +Ticket +Since +Problem$/m)
    expect(stdout).toMatch(
      new RegExp(`^status update 1 +${stored.id} +INC0010001 +\\d{4}-\\S+Z +POST .* the end$`, 'm'),
    )
    expect(stdout).toMatch(
      new RegExp(`^event +${eventId} +INC\\d+ +\\d{4}-\\S+Z +no instance is configured$`, 'm'),
    )
  })

  it('says when there are none', async () => {
    expect(await run('dead')).toMatchObject({ code: 0, stdout: 'No dead letters.\n' })
  })
})

describe('redrive', () => {
  it('sends the updates of one run again, with an age that counts anew', async () => {
    const [stored, other] = [await deadUpdate(), await deadUpdate()]

    const { code, stdout } = await run('redrive', '--run', stored.id)

    expect(stdout).toBe('Sent on their way again: 0 events, 1 status update.\n')
    expect(code).toBe(0)
    await until('the update', () => road.instance.last(stored.id)?.state === 'succeeded')
    await until('the ack', async () => (await stored.updates())[0]?.state === 'acknowledged')
    const { rows } = await road.pool.query(
      `select created_at > now() - interval '1 minute' as fresh from status_update where run_id = $1`,
      [stored.id],
    )
    expect(rows).toEqual([{ fresh: true }])
    expect(await other.updates()).toMatchObject([{ state: 'dead' }])
  })

  it('has one event decided again', async () => {
    const [id, other] = [await deadEvent(), await deadEvent()]

    const { stdout } = await run('redrive', '--event', id)

    expect(stdout).toBe('Sent on their way again: 1 event, 0 status updates.\n')
    await until('the decision', async () => (await eventOf(id))?.state === 'decided')
    expect(await eventOf(id)).toMatchObject({ attempts: 1 })
    expect(await eventOf(other)).toMatchObject({ state: 'dead', attempts: 8 })
  })

  it('takes all of them with --all, and is content with none', async () => {
    const stored = await deadUpdate()
    const id = await deadEvent()

    expect((await run('redrive', '--all')).stdout).toContain('1 event, 1 status update.')
    await until('the update', () => road.instance.last(stored.id)?.state === 'succeeded')
    await until('the decision', async () => (await eventOf(id))?.state === 'decided')
    expect(await run('redrive', '--all')).toMatchObject({ code: 0 })
  })

  it('refuses an id that is no dead letter, and to guess which are meant', async () => {
    const unknown = await run('redrive', '--run', randomHex())
    const nothing = await run('redrive')
    const both = await run('redrive', '--all', '--run', randomHex())

    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: no dead letter/),
    })
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: say which/) })
    expect(both).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: --all goes without/),
    })
  })
})
