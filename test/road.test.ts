// The connector's half of the road on a real database: from an accepted event to the acknowledged update,
// with a platform and an instance that fail on demand.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { ConnectorError } from '../connector/errors.ts'
import { testUrl } from './support/config.ts'
import { makeEvent, makeTicket, randomHex, testActor } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { roadTemplates } from './support/road-templates.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: roadTemplates,
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  road.instance.faults.length = 0
  road.instance.refuse = []
})

/** A request event and the id of its run. */
function request(
  ticket = makeTicket(),
  parameters: object = { path: '/var', token: 'canary-secret' },
): {
  event: TicketEvent
  runId: string
} {
  const runId = randomHex()
  const run = { id: runId, template: 'free-disk-space', version: 1, parameters }
  const data = { ticket, actor: testActor, people: {}, run }
  return { runId, event: makeEvent({ type: 'run.requested', data } as Partial<TicketEvent>) }
}

function cancelOf(event: TicketEvent, runId: string): TicketEvent {
  const { ticket, actor, people } = event.data
  const data = { ticket, actor, people, run: { id: runId, reason: 'not needed' } }
  return makeEvent({ type: 'run.cancel_requested', data } as Partial<TicketEvent>)
}

async function launchedFor(event: TicketEvent): Promise<TestRoad['platform']['jobs'][number]> {
  const { number } = event.data.ticket
  return await until('the launch', () =>
    road.platform.jobs.find((job) => job.request.ticket.number === number),
  )
}

async function ended(
  runId: string,
): Promise<NonNullable<ReturnType<TestRoad['instance']['last']>>> {
  return await until('the final update', () => {
    const last = road.instance.last(runId)
    return last !== undefined &&
      ['succeeded', 'failed', 'cancelled', 'refused', 'unknown'].includes(last.state)
      ? last
      : null
  })
}

function launchesOf(event: TicketEvent): number {
  return road.platform.jobs.filter((job) => job.request.ticket.number === event.data.ticket.number)
    .length
}

/** Waits until the run has reached a state that the test goes on from. */
async function stepState(runId: string, state: string): Promise<void> {
  await until(`step ${state}`, async () => {
    const { rows } = await road.pool.query<{ state: string }>(
      'select state from step where run_id = $1',
      [runId],
    )
    return rows[0]?.state === state
  })
}

describe('a run that goes well', () => {
  it('is launched with the confirmed values and ends on the ticket', async () => {
    const { event, runId } = request()

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    job.output = 'deleted 3 files, token canary-secret\n'
    road.platform.end(job, { message: 'Freed 1 GB.', exitCode: 0 })
    const last = await ended(runId)

    expect(job.request).toMatchObject({
      job: 'free',
      parameters: { path: '/var', token: 'canary-secret' },
      requestedBy: 'beth.anglin',
    })
    expect(last).toMatchObject({
      state: 'succeeded',
      progress: 100,
      ticket_change: { transition: 'resolved' },
    })
    expect(last.ticket_change?.work_note?.text).toContain('Freed on /var')
    expect(last.output?.tail).toBe('deleted 3 files, token ••••••\n')
    expect(JSON.stringify(road.instance.updates)).not.toContain('canary')
  })

  it('leaves no secret in the database once it has ended', async () => {
    const { rows } = await road.pool.query<{ found: boolean }>(
      `select exists (select from event where body like '%canary%')
        or exists (select from step where parameters::text like '%canary%' or output_tail like '%canary%')
        or exists (select from run where parameters::text like '%canary%')
        or exists (select from status_update where body like '%canary%') as found`,
    )

    expect(rows[0]?.found).toBe(false)
  })

  it('is decided, launched and reported once however often the event comes', async () => {
    const { event, runId } = request()

    const outcomes = await Promise.all([road.accept(event), road.accept(event), road.accept(event)])
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    outcomes.push(await road.accept(event))
    road.platform.end(job, {})
    await ended(runId)

    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1)
    expect(launchesOf(event)).toBe(1)
  })

  it('shows the job’s progress before it ends', async () => {
    const { event, runId } = request()

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    job.status = { ...job.status, progress: 40, message: 'Cleaning /var/log' }
    // The hint pulls the next poll forward, as a driver's would.
    road.platform.end(job, { ...job.status, finishedAt: null })
    const update = await until('progress', () =>
      road.instance.updates.find((one) => one.run_id === runId && one.progress === 40),
    )
    road.platform.end(job, {})
    await ended(runId)

    expect(update).toMatchObject({
      state: 'running',
      message: 'Cleaning /var/log',
      ticket_change: expect.anything(),
    })
  })
})

describe('a launch that goes wrong', () => {
  it('is found again, not repeated, when only its answer was lost', async () => {
    const { event, runId } = request()
    road.platform.faults.launch.push({
      error: new ConnectorError('platform_timeout', 'no answer', { retryable: true }),
      lost: true,
    })

    await road.accept(event)
    const job = await launchedFor(event)
    await until('the lost answer to be noted', async () => {
      const { rows } = await road.pool.query(
        'select 1 from step where run_id = $1 and failures = 1',
        [runId],
      )
      return rows.length > 0
    })
    // The lease has run out.
    await road.pool.query(
      `update step set launch_at = launch_at - interval '1 minute' where run_id = $1`,
      [runId],
    )
    await road.queue.send(road.pool, 'advance', [{ key: `acme/${runId}`, data: {} }])
    road.queue.kick('advance')
    await stepState(runId, 'running')
    road.platform.end(job, {})
    await ended(runId)

    expect(launchesOf(event)).toBe(1)
  })

  it('is repeated when it certainly did not arrive', async () => {
    const { event, runId } = request()
    road.platform.faults.launch.push({
      error: new ConnectorError('platform_unreachable', 'refused', {
        retryable: true,
        retryAfterMs: 10,
      }),
    })

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    road.platform.end(job, {})

    expect((await ended(runId)).state).toBe('succeeded')
    expect(launchesOf(event)).toBe(1)
  })

  it('fails the run with the reason when the platform refuses it', async () => {
    const { event, runId } = request()
    road.platform.faults.launch.push({
      error: new ConnectorError('platform_rejected', 'memory launch of free: 400'),
    })

    await road.accept(event)
    const last = await ended(runId)

    expect(last).toMatchObject({
      state: 'failed',
      message: 'The job was not started: memory launch of free: 400',
    })
    expect(last.ticket_change?.transition).toBeUndefined()
  })
})

describe('a refused run', () => {
  it('is reported with its receipt and launches nothing', async () => {
    const ticket = makeTicket()
    ticket.fields['short_description'] = { type: 'string', value: 'Printer jam' }
    const { event, runId } = request(ticket)

    await road.accept(event)
    const last = await ended(runId)

    expect(last.state).toBe('refused')
    expect(last.decision?.checks.length).toBeGreaterThan(4)
    expect(last.ticket_change?.work_note?.text).toContain('was not started')
    expect(launchesOf(event)).toBe(0)
  })
})

describe('cancelling', () => {
  it('reaches the job and says how it ended', async () => {
    const { event, runId } = request()

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    await road.accept(cancelOf(event, runId))
    const last = await ended(runId)

    expect(job.status.state).toBe('cancelled')
    expect(last).toMatchObject({
      state: 'cancelled',
      message: 'Cancelled by beth.anglin: not needed',
    })
  })

  it('by closing the ticket cancels the job', async () => {
    const { event, runId } = request()

    await road.accept(event)
    await launchedFor(event)
    await stepState(runId, 'running')
    const { ticket, actor, people } = event.data
    await road.accept(makeEvent({ type: 'ticket.closed', data: { ticket, actor, people } }))

    expect(await ended(runId)).toMatchObject({
      state: 'cancelled',
      message: `${ticket.number} was closed.`,
    })
  })

  it('a run of another ticket is refused', async () => {
    const { event, runId } = request()
    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    const other = cancelOf(makeEvent(), runId)

    await road.accept(other)
    const { rows } = await until('the decision', async () => {
      const result = await road.pool.query(
        'select problem from event where event_id = $1 and state = $2',
        [other.id, 'decided'],
      )
      return result.rows.length > 0 ? result : null
    })
    road.platform.end(job, {})

    expect(rows[0].problem).toContain(runId)
    expect((await ended(runId)).state).toBe('succeeded')
  })
})

describe('reporting', () => {
  it('repeats an update until it is acknowledged and keeps the order', async () => {
    const { event, runId } = request()
    const away = new ConnectorError('instance_unreachable', 'refused', {
      retryable: true,
      retryAfterMs: 10,
    })
    road.instance.faults.push({ error: away }, { error: away }, { error: away, lost: true })

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    road.platform.end(job, {})
    await ended(runId)
    const pending = await until('all acknowledged', async () => {
      const { rows } = await road.pool.query(
        `select 1 from status_update where run_id = $1 and state = 'pending'`,
        [runId],
      )
      return rows.length === 0
    })

    expect(pending).toBe(true)
    const sequences = road.instance.updates
      .filter((one) => one.run_id === runId)
      .map((one) => one.sequence)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(new Set(sequences).size).toBe(sequences.length)
  })

  it('tells as a work note what the instance refused', async () => {
    const { event, runId } = request()
    road.instance.refuse = [
      { field: 'state', reason: 'Data Policy Exception: Close code is mandatory' },
    ]

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    road.platform.end(job, {})
    const told = await until('the follow-up', () =>
      road.instance.updates.find((one) =>
        one.ticket_change?.work_note?.key.startsWith(`${runId}:refused`),
      ),
    )

    expect(told.ticket_change?.work_note?.text).toContain(
      'state: Data Policy Exception: Close code is mandatory',
    )
    expect(told.ticket_change?.transition).toBeUndefined()
    expect(told.state).toBe('succeeded')
  })

  it('does not answer a refused work note with another one', async () => {
    const { event, runId } = request()
    const reason = 'The instance did not accept the work note.'
    road.instance.refuse = [
      { field: 'state', reason },
      { field: 'work_notes', reason },
    ]

    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    road.platform.end(job, {})
    await ended(runId)
    const notes = await until('every update acknowledged, and one follow-up', async () => {
      const { rows } = await road.pool.query(
        `select 1 from status_update where run_id = $1 and state = 'pending'`,
        [runId],
      )
      const keys = road.instance.updates
        .filter((one) => one.run_id === runId)
        .map((one) => one.ticket_change?.work_note?.key ?? '')
      const told = keys.filter((key) => key.startsWith(`${runId}:refused`))
      return rows.length === 0 && told.length > 0 && told
    })

    expect(notes).toHaveLength(1)
  })
})

describe('what must not harm anybody else', () => {
  it('an error text with NUL and half an emoji is stored visibly, and other runs go on', async () => {
    const bad = request()
    const good = request()
    road.platform.faults.launch.push({
      error: new ConnectorError('platform_rejected', 'memory: \0 and \ud83d'),
    })

    await road.accept(bad.event)
    const last = await ended(bad.runId)
    await road.accept(good.event)
    const job = await launchedFor(good.event)
    await stepState(good.runId, 'running')
    road.platform.end(job, {})

    expect(last.message).toContain('memory: \u2400 and \uFFFD')
    expect((await ended(good.runId)).state).toBe('succeeded')
  })

  it('two events that claim the same run id: the first one counts, both are decided', async () => {
    const first = request()
    const second = request()
    // Another ticket, the same run id: only a faulty sender does that.
    if (second.event.type === 'run.requested') second.event.data.run.id = first.runId

    await Promise.all([road.accept(first.event), road.accept(second.event)])
    await until('both decisions', async () => {
      const { rows } = await road.pool.query(
        'select 1 from event where event_id = any($1) and state = $2',
        [[first.event.id, second.event.id], 'decided'],
      )
      return rows.length === 2
    })

    expect(launchesOf(first.event) + launchesOf(second.event)).toBeLessThanOrEqual(1)
  })

  it('a refused cancel does not hide the end of the job', async () => {
    const { event, runId } = request()
    await road.accept(event)
    const job = await launchedFor(event)
    await stepState(runId, 'running')
    const refusal = new ConnectorError('platform_forbidden', 'memory cancel: 403')
    road.platform.faults.cancel.push({ error: refusal }, { error: refusal }, { error: refusal })

    await road.accept(cancelOf(event, runId))
    await until('the refused cancel', () => road.platform.faults.cancel.length < 3)
    road.platform.end(job, { message: 'Done after all.' })

    expect(await ended(runId)).toMatchObject({
      state: 'succeeded',
      message: expect.stringMatching(/^Done after all\. /),
    })
  })
})

describe('rules that fire by themselves', () => {
  it('run once for a created ticket and not again for its updates', async () => {
    const ticket = makeTicket()
    ticket.fields['short_description'] = { type: 'string', value: 'Server crash' }
    const data = { ticket, actor: testActor, people: {} }
    const created = makeEvent({ type: 'ticket.created', data })

    await road.accept(created)
    const job = await launchedFor(created)
    await until('running', async () => {
      const { rows } = await road.pool.query(`select 1 from step where job_id = $1`, [job.id])
      return rows.length > 0
    })
    road.platform.end(job, {})
    const updated = makeEvent({ type: 'ticket.updated', data })
    await road.accept(updated)
    await until('the second decision', async () => {
      const { rows } = await road.pool.query(
        `select 1 from event where event_id = $1 and state = 'decided'`,
        [updated.id],
      )
      return rows.length > 0
    })

    expect(launchesOf(created)).toBe(1)
  })
})

describe('the preview', () => {
  it('says which templates fit, why, and with which values, and changes nothing', async () => {
    const before = await road.pool.query('select count(*) from run')
    const request = { source: testUrl, ticket: makeTicket(), actor: testActor, people: {} }

    const { templates } = await road.road.preview(request, 'acme')
    const refused = await road.road.preview(
      { ...request, actor: { ...testActor, roles: [] } },
      'acme',
    )

    expect(templates.map(({ name }) => name)).toEqual(['free-disk-space'])
    expect(templates[0]?.decision.fits).toBe(true)
    expect(templates[0]?.parameters[0]?.value).toBe('Disk full on web-01')
    expect(refused.templates[0]?.decision).toMatchObject({ fits: false })
    expect((await road.pool.query('select count(*) from run')).rows).toEqual(before.rows)
  })
})
