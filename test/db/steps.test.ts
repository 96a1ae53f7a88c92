// Loading and saving steps: the output of a long plan is not read again for every look at its run.
import { createHash, randomUUID } from 'node:crypto'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { loadSteps, saveSteps } from '../../connector/db/steps.ts'
import { evidenceOf } from '../../connector/evidence.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { storeRun } from '../support/reporting.ts'

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

/** A run with steps in these states (`phase/state`, or work), each of which printed its own text. */
async function planOf(states: readonly string[]): Promise<string> {
  const run = await storeRun(pool)
  for (const [index, named] of states.entries()) {
    const [state = '', phase = 'execute'] = named.split('/').toReversed()
    const text = `output of ${index + 1}`
    const ended = ['succeeded', 'failed', 'unknown'].includes(state)
    const digest = ended && state !== 'unknown' ? digestOf(text) : null
    await pool.query(
      `insert into step (id, instance, run_id, position, phase, name, platform, job, parameters, timeout_ms, state,
         output_tail, output_sha256, finished_at)
       values ($1, 'acme', $2, $3, $8, 'Patch', 'memory', 'patch', '{}', 60000, $4, $5, $6, $7)`,
      [
        randomUUID(),
        run.id,
        index + 1,
        state,
        state === 'pending' ? '' : text,
        digest,
        ended ? new Date() : null,
        phase,
      ],
    )
  }
  return run.key
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

it('reads the output of the last two that have begun, and of those without a digest', async () => {
  const states = ['succeeded', 'unknown', 'failed', 'succeeded', 'running', 'pending', 'skipped']
  const keys = [await planOf(states), await planOf(['succeeded'])]

  const steps = await loadSteps(pool, keys)
  const [long = '', short = ''] = keys.map((key) => key.slice('acme/'.length))
  const plan = steps.filter((step) => step.run_id === long)

  expect(plan.map(({ output_tail }) => output_tail)).toEqual([
    '',
    'output of 2',
    'output of 3',
    'output of 4',
    'output of 5',
    '',
    'output of 7',
  ])
  expect(plan.map((step) => evidenceOf(step).output_sha256)).toEqual([
    digestOf('output of 1'),
    digestOf('output of 2'),
    digestOf('output of 3'),
    digestOf('output of 4'),
    null,
    null,
    null,
  ])
  expect(steps.find((step) => step.run_id === short)?.output_tail).toBe('output of 1')
})

it.each([
  ['succeeded', ['succeeded', 'succeeded', ...after('post_check')], 2],
  ['rolled back', ['failed', 'post_check/failed', ...after('rollback')], 2],
])('reads the output that the end of a %s run tells', async (_, states, told) => {
  const steps = await loadSteps(pool, [await planOf(states)])

  expect(steps.map(({ output_tail }) => output_tail)).toEqual(
    states.map((_state, index) => {
      const position = index + 1
      return position === told || position > states.length - 2 ? `output of ${position}` : ''
    }),
  )
})

/** Three more that went well. */
function after(phase: string): string[] {
  return Array.from({ length: 3 }, () => `${phase}/succeeded`)
}

it('does not write over what was not read', async () => {
  const key = await planOf(['succeeded', 'succeeded', 'running'])
  const steps = await loadSteps(pool, [key])
  for (const step of steps) step.message = 'Looked at.'

  await saveSteps(pool, steps)

  const { rows } = await pool.query(
    'select output_tail, message from step where run_id = $1 order by position',
    [key.slice('acme/'.length)],
  )
  expect(rows).toEqual(
    [1, 2, 3].map((place) => ({ output_tail: `output of ${place}`, message: 'Looked at.' })),
  )
})
