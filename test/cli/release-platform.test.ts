import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'

import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { claimPlatforms } from '../../connector/platform-claims.ts'
import type { Driver } from '../../connector/platforms/driver.ts'
import { testEnv, testInstance, writeConfigFile } from '../support/config.ts'
import { createMemoryPlatform } from '../support/memory-platform.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'

const cli = resolve(import.meta.dirname, '../../connector/cli.ts')
const execFileAsync = promisify(execFile)
const Failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

async function release(name: string): Promise<z.infer<typeof Failed>> {
  const env = {
    PATH: process.env['PATH'],
    CONFIG_FILE: writeConfigFile({ instances: [testInstance()] }),
    DATABASE_URL: database.connectionString,
    ...testEnv,
  }
  const args = [cli, 'platforms', 'release', name]
  try {
    return { code: 0, ...(await execFileAsync(process.execPath, args, { env })) }
  } catch (error) {
    return Failed.parse(error)
  }
}

async function claim(host: string): Promise<Driver | undefined> {
  const { driver } = createMemoryPlatform()
  const home = { id: host, place: `/var/jobs on ${host}` }
  const own: Driver = { ...driver, home: () => Promise.resolve(home) }
  return (await claimPlatforms(pool, new Map([['local', own]]))).get('local')
}

it('lets another host have the platform, at once and even when the old one has not stopped', async () => {
  const old = await claim('old-host')
  await expect(claim('new-host')).rejects.toThrow('platforms release local')

  const { code, stdout } = await release('local')

  expect(stdout).toContain('released from /var/jobs on old-host')
  expect(stdout).toContain('No job was unfinished')
  expect(code).toBe(0)
  const fresh = await claim('new-host')
  await fresh?.close()
  await old?.close()
})

it('says so, and exits 1, when there is no such platform', async () => {
  const { code, stderr } = await release('lokal')

  expect(stderr).toContain('ever claimed a platform called lokal')
  expect(code).toBe(1)
})
