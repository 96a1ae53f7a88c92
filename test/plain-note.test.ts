// Wording that fails: the run goes on, ends, and its ticket is told so in plain words.
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'

import { isFinal } from '#shared/status-update.ts'
import type { StatusUpdate } from '#shared/status-update.ts'

import type { Process, RunChange } from '../connector/processes/process.ts'
import { createMemoryPlatform } from './support/memory-platform.ts'
import { makeChange, patchHosts, requestFor } from './support/plan-templates.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

/** True where wording a run is to fail. */
let fails: (run: RunChange) => boolean
/** True where the check after the change is to fail. */
let verifyFails = false

vi.mock('../connector/processes/index.ts', async (original) => {
  const { processFor } = await original<{ processFor: (table: string) => Process }>()
  return {
    processFor: (table: string): Process => ({
      ...processFor(table),
      change(run) {
        if (fails(run)) throw new TypeError('cannot read what is not there')
        return processFor(table).change(run)
      },
    }),
  }
})

let database: TestDatabase
let road: TestRoad

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: {
      'patch-hosts': patchHosts,
      'patch-noted': {
        ...patchHosts,
        name: 'patch-noted',
        title: 'Noted',
        outcome: { succeeded: { note: '$error("no such thing")' } },
      },
      'patch-undone': {
        ...patchHosts,
        name: 'patch-undone',
        title: 'Undone',
        outcome: { failed: { note: '"Call the team of " & parameters.hosts' } },
      },
    },
    platform: createMemoryPlatform({
      outcomeOf: ({ job }) => (job === 'verify' && verifyFails ? { state: 'failed' } : {}),
    }),
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  fails = () => false
  verifyFails = false
})

async function runToEnd(
  options: { template?: string; ticket?: ReturnType<typeof makeChange> } = {},
): Promise<StatusUpdate> {
  const { template = 'patch-hosts', ticket = makeChange() } = options
  const { event, runId } = requestFor(ticket, template, { hosts: 'a', token: '' })
  await road.accept(event)
  return await until('the final update', () => {
    const last = road.instance.last(runId)
    return last !== undefined && isFinal(last.state) ? last : null
  })
}

it('at the end leaves the end itself, as a plain note', async () => {
  fails = ({ state }) => isFinal(state)

  const last = await runToEnd()

  expect(last.state).toBe('succeeded')
  expect(last.ticket_change).toEqual({
    work_note: {
      key: `${last.run_id}:end`,
      text: [
        `Automation "Patch hosts" has ended: succeeded. ${last.message}`,
        'More could not be worded, and the state of this ticket was left alone; the log of the connector says why.',
        `Run: ${last.run_id}`,
      ].join('\n'),
    },
  })
})

it('on the way is left out, and what comes later is told', async () => {
  fails = ({ state }) => !isFinal(state)

  const last = await runToEnd()

  expect(last.state).toBe('succeeded')
  expect(last.ticket_change?.work_note?.text).toContain('Automation "Patch hosts" succeeded.')
})

it('of a refusal does not make its event a dead letter', async () => {
  fails = () => true

  const last = await runToEnd({ ticket: makeChange({ approval: 'requested' }) })

  expect(last.state).toBe('refused')
  expect(last.ticket_change?.work_note?.text).toContain('has ended: refused.')
  const { rows } = await road.pool.query(`select distinct state from event`)
  expect(rows).toEqual([{ state: 'decided' }])
})

it('in the note of a template is told in place of that note', async () => {
  const last = await runToEnd({ template: 'patch-noted' })

  expect(last.state).toBe('succeeded')
  expect(last.ticket_change?.work_note?.text).toContain(
    '(The note of the template "patch-noted" could not be made:',
  )
})

it('of a template for a failed run is told of one that was rolled back, too', async () => {
  verifyFails = true

  const last = await runToEnd({ template: 'patch-undone' })

  expect(last.state).toBe('rolled_back')
  expect(last.ticket_change?.work_note?.text).toContain('Call the team of a')
})
