// A platform whose jobs can be found only from one place belongs to that place: two hosts with a built-in
// runner each, on one database, must not work on each other's jobs.
import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { releasePlatform } from '../connector/db/platform-claims.ts'
import { createPool } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { ConnectorError } from '../connector/errors.ts'
import { claimPlatforms } from '../connector/platform-claims.ts'
import type { Driver, JobHome } from '../connector/platforms/driver.ts'
import { killLeftovers, spawnConnector, startConnector, warmUp } from './support/connector.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import type { MemoryPlatform } from './support/memory-platform.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startRecordingInstance } from './support/recording-instance.ts'
import type { RecordingInstance } from './support/recording-instance.ts'
import { createSite } from './support/site.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let pool: Pool
const open: Driver[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((driver) => driver.close()))
  await pool.end()
  await database.drop()
})

const here: JobHome = { id: 'marker-a', place: '/a/jobs on host-a' }
const elsewhere: JobHome = { id: 'marker-b', place: '/b/jobs on host-b' }

/** A connector that starts at `home`: its platform behind the claim. */
async function start(home: JobHome): Promise<{ driver: Driver; platform: MemoryPlatform }> {
  const platform = createMemoryPlatform()
  const own: Driver = {
    ...platform.driver,
    cancel: () => Promise.resolve('not_found'),
    home: () => Promise.resolve(home),
  }
  const driver = (await claimPlatforms(pool, new Map([['local', own]]))).get('local')
  if (driver === undefined) throw new Error('the driver is gone')
  open.push(driver)
  return { driver, platform }
}

/** Makes the connectors that were started look dead: nobody has heard of them for a while. */
async function fallSilent(): Promise<void> {
  await pool.query(`update platform_claim set seen_at = seen_at - interval '10 minutes'`)
}

/** A step of the platform as the road stores it. */
async function storeStep(state: string): Promise<string> {
  const { rows } = await pool.query<{ seq: string }>(
    `insert into event (source, event_id, type, ticket_key, ticket_number, body, issuer, kid)
     values ('https://acme', $1, 'run.requested', 'key', 'INC1', '{}', 'acme', 'k') returning seq`,
    [randomUUID()],
  )
  const id = randomUUID()
  await pool.query(
    `insert into run (instance, id, event_seq, ticket_key, ticket_table, ticket_sys_id, ticket_number, template,
       version, trigger, requested_by, state)
     values ('acme', $1, $2, 'key', 'incident', 's', 'INC1', 't', 1, 'manual', 'beth', 'running')`,
    [id, rows[0]?.seq],
  )
  await pool.query(
    `insert into step (id, instance, run_id, position, phase, name, platform, job, parameters, timeout_ms, state)
     values ($1, 'acme', $2, 1, 'execute', 'n', 'local', 'j', '{}', 1000, $3)`,
    [id, id, state],
  )
  return id
}

function launchOf(token: string): Parameters<Driver['launch']>[0] {
  const ticket = { table: 'incident', sysId: 's', number: 'INC1' }
  const rest = {
    parameters: {},
    secrets: [],
    timeoutMs: 1000,
    targets: [],
    ticket,
    requestedBy: 'beth',
  }
  return { token, job: 'j', ...rest }
}

function soon(): AbortSignal {
  return AbortSignal.timeout(10_000)
}

describe('a connector that starts', () => {
  it('shares a platform with others at the same place', async () => {
    await start(here)
    const { driver, platform } = await start(here)

    await driver.launch(launchOf(randomUUID()), soon())

    expect(platform.jobs).toHaveLength(1)
  })

  it('leaves platforms alone that can be asked from everywhere', async () => {
    const { driver } = createMemoryPlatform()

    const drivers = await claimPlatforms(pool, new Map([['awx', driver]]))

    expect(drivers.get('awx')).toBe(driver)
    expect((await pool.query('select from platform_claim')).rowCount).toBe(0)
  })

  it('is refused while a connector works elsewhere, with both places and what to do', async () => {
    await start(here)

    const refused = start(elsewhere)

    await expect(refused).rejects.toMatchObject({ code: 'config_invalid', retryable: false })
    await expect(refused).rejects.toThrow(
      /platform local.*\/a\/jobs on host-a.*seen \d+ s ago.*\/b\/jobs on host-b.*platforms release local/s,
    )
  })

  it.each(['launching', 'running', 'cancelling'])(
    'is refused while a step launched elsewhere is %s, even when nobody is there any more',
    async (state) => {
      const { driver } = await start(here)
      await storeStep(state)
      await driver.close()

      await expect(start(elsewhere)).rejects.toThrow(/local.*host-a.*1 unfinished job/s)
    },
  )

  it.each(['pending', 'succeeded', 'unknown'])(
    'takes over from a place where nobody is left and every step is like this one: %s',
    async (state) => {
      const { driver } = await start(here)
      await storeStep(state)
      await driver.close()

      await start(elsewhere)

      const { rows } = await pool.query('select home, place from platform_claim')
      expect(rows).toEqual([{ home: elsewhere.id, place: elsewhere.place }])
    },
  )

  it('takes over from a killed one when it has been silent for a while', async () => {
    await start(here)
    await fallSilent()

    await expect(start(elsewhere)).resolves.toBeDefined()
  })

  it('is refused when its work folder is in use on another host, and welcome when that host is gone', async () => {
    const moved = { ...here, place: '/a/jobs on host-b' }
    await start(here)
    await storeStep('running')

    await expect(start(moved)).rejects.toThrow(/host-a.*host-b/s)
    await fallSilent()
    await expect(start(moved)).resolves.toBeDefined()
  })

  it('is refused by the first claim alone when two start at once', async () => {
    const outcomes = await Promise.allSettled([start(here), start(elsewhere)])

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('a connector whose platform was taken over while it slept', () => {
  it('launches nothing and believes no "there is no such job"', async () => {
    const { driver, platform } = await start(here)
    await fallSilent()
    await start(elsewhere)
    platform.faults.status.push({ error: new ConnectorError('job_lost', 'gone') })

    const notOurs = { code: 'platform_unreachable', retryable: true }
    await expect(driver.launch(launchOf(randomUUID()), soon())).rejects.toMatchObject(notOurs)
    await expect(driver.find(randomUUID(), soon())).rejects.toMatchObject(notOurs)
    await expect(driver.status('job-1', soon())).rejects.toMatchObject(notOurs)
    await expect(driver.cancel('job-1', soon())).rejects.toMatchObject(notOurs)
    expect(platform.jobs).toHaveLength(0)
  })
})

describe('a platform that an admin released', () => {
  it('can be claimed from elsewhere; what may have run at the old place is not launched again', async () => {
    await start(here)
    const token = await storeStep('launching')

    const released = await releasePlatform(pool, 'local', 'a test')
    const { rows: audited } = await pool.query<object>(
      `select actor, origin, subject from audit_entry where action = 'platform.released'`,
    )
    expect(audited).toEqual([{ actor: 'admin', origin: 'a test', subject: 'platform/local' }])
    const { driver } = await start(elsewhere)

    expect(released).toMatchObject({ place: here.place, leftBehind: 1 })
    await expect(driver.find(token, soon())).rejects.toMatchObject({
      code: 'job_lost',
      message: expect.stringContaining('released'),
    })
    expect(await driver.find(randomUUID(), soon())).toBeNull()
  })

  it('is not known when no connector ever claimed it', async () => {
    expect(await releasePlatform(pool, 'lokal', 'a test')).toBeNull()
  })
})

describe('connectors with a built-in runner each', () => {
  let instance: RecordingInstance
  beforeAll(async () => {
    warmUp()
    instance = await startRecordingInstance()
  })
  afterAll(async () => {
    killLeftovers()
    await instance.close()
  })

  it('do not both start on one database; the one with the jobs goes on', async () => {
    const databaseUrl = database.connectionString
    const site = createSite({ instanceUrl: instance.url, databaseUrl })
    const dataDir = `${site.connector.dataDir}-of-b`
    const order = site.order({ hold: true })
    const first = await spawnConnector(site.connector)
    await site.send(order.event, () => first.url)
    await until('the launch', () => site.launches(order).length > 0)

    const second = startConnector({ ...site.connector, dataDir })

    await expect(second.listening()).rejects.toThrow('ended before it listened')
    const why = second.output()
    expect(why).toContain('config_invalid: platform local')
    expect(why).toContain(`${join(site.connector.dataDir, 'jobs')} on ${hostname()}`)
    expect(why).toContain(`${join(dataDir, 'jobs')} on ${hostname()}`)
    site.letGo(order)
    await until('the end', () => instance.runs.get(order.runId)?.state === 'succeeded')
    expect(site.launches(order)).toHaveLength(1)
    await first.stop()
    site.remove()
  }, 60_000)

  it('start again with their own mark, and after their idle work folder was wiped', async () => {
    const databaseUrl = database.connectionString
    const site = createSite({ instanceUrl: instance.url, databaseUrl })
    const workDir = join(site.connector.dataDir, 'jobs')
    const mark = join(workDir, 'runner-id')
    const first = await spawnConnector(site.connector)
    const before = readFileSync(mark, 'utf8')
    await first.kill9()

    const again = await spawnConnector(site.connector)
    expect(readFileSync(mark, 'utf8')).toBe(before)
    await again.stop()
    rmSync(workDir, { recursive: true })
    const wiped = await spawnConnector(site.connector)

    expect(readFileSync(mark, 'utf8')).not.toBe(before)
    expect(statSync(mark).mode & 0o777).toBe(0o600)
    await wiped.stop()
    writeFileSync(mark, 'garbled')
    const garbled = startConnector(site.connector)
    await expect(garbled.listening()).rejects.toThrow('ended before it listened')
    expect(garbled.output()).toMatch(/config_invalid: .*runner-id/)
    site.remove()
  }, 60_000)
})
