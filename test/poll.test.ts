// What a platform says of a job, however odd, never keeps its run from being stored and ended.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { isFinal } from '#shared/status-update.ts'

import type { JobStatus } from '../connector/platforms/driver.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad
let said: Partial<JobStatus> = {}

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: { 'patch-hosts': patchHosts },
    platform: createMemoryPlatform({ outcomeOf: () => said }),
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

const noTime = new Date('soon')

it.each<[string, Partial<JobStatus>, number | null]>([
  ['a start that is no time', { startedAt: noTime }, 0],
  ['an end that is no time', { finishedAt: noTime }, 0],
  ['progress that is no number', { progress: Number.NaN }, 0],
  ['progress without end', { progress: Number.NEGATIVE_INFINITY }, 0],
  ['an exit code of Windows', { exitCode: 0xc000_0005 }, -1_073_741_819],
  ['an exit code that is none', { exitCode: 1.5 }, null],
  ['an exit code beyond any', { exitCode: 2 ** 60 }, null],
  ['half a symbol in its words', { message: 'done \ud83d' }, 0],
])('%s', async (_what, status, exitCode) => {
  said = status
  const { event, runId } = requestFor(makeChange(), 'patch-hosts', { hosts: 'a', token: '' })
  await road.accept(event)

  const last = await until('the end', () => {
    const update = road.instance.last(runId)
    return update !== undefined && isFinal(update.state) ? update : null
  })
  const { rows } = await road.pool.query(
    `select distinct exit_code from step where run_id = $1 and phase <> 'rollback'`,
    [runId],
  )

  expect(last).toMatchObject({ state: 'succeeded', progress: 100 })
  expect(rows).toEqual([{ exit_code: exitCode }])
})
