// Two-way sync on a real database: what becomes of a run when its ticket is closed, put on hold, changed or
// reassigned while the run waits or runs; and that no race lets an old plan start.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { armBreakpoint } from './support/breakpoint.ts'
import { makeEvent, makeTicket, randomHex, testActor } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { syncTemplates } from './support/sync-templates.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let road: TestRoad

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: syncTemplates,
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

beforeEach(() => {
  road.instance.refuse = []
})

type Ticket = TicketEvent['data']['ticket']

/** A ticket about a service on a host of its own. */
function ticketOf(fields: Record<string, string> = {}, text = 'restart nginx'): Ticket {
  const ticket = makeTicket()
  return withFields(ticket, {
    u_host: `host-${ticket.number}`,
    u_service: 'nginx',
    short_description: text,
    ...fields,
  })
}

function withFields(ticket: Ticket, fields: Record<string, string>): Ticket {
  const own = Object.entries(fields).map(([name, value]) => [name, { type: 'string', value }])
  return { ...ticket, fields: { ...ticket.fields, ...Object.fromEntries(own) } }
}

function event(type: TicketEvent['type'], ticket: Ticket, run?: object): TicketEvent {
  return makeEvent({
    type,
    subject: `${ticket.table}/${ticket.number}`,
    data: { ticket, actor: testActor, people: {}, ...(run === undefined ? {} : { run }) },
  } as Partial<TicketEvent>)
}

/** A person starts the automation; the run's id. */
async function request(ticket: Ticket, parameters: object = {}): Promise<string> {
  const id = randomHex()
  const values = { service: 'nginx', token: 'canary-secret', ...parameters }
  const run = { id, template: 'restart-service', version: 1, parameters: values }
  await road.accept(event('run.requested', ticket, run))
  return id
}

async function updated(ticket: Ticket, fields: Record<string, string>): Promise<Ticket> {
  const now = withFields(ticket, fields)
  await road.accept(event('ticket.updated', now))
  await decided(now)
  return now
}

/** Has all the events decided by one batch: the ticket's decisions are held up until they are there. */
async function acceptTogether(events: readonly TicketEvent[]): Promise<void> {
  const [first] = events
  if (first === undefined) return
  const before = event('ticket.created', withFields(first.data.ticket, { short_description: '' }))
  const stop = await armBreakpoint(database.connectionString, {
    table: 'event',
    at: 'commit of update',
    condition: `NEW.event_id = '${before.id}'`,
  })
  await road.accept(before)
  await stop.hit()
  for (const one of events) await road.accept(one)
  await stop.release('goes on')
  await decided(first.data.ticket)
}

/** Waits until nothing about the ticket is undecided. */
async function decided(ticket: Ticket): Promise<void> {
  await until('the decision', async () => {
    const { rows } = await road.pool.query(
      `select from event where ticket_number = $1 and state = 'accepted'`,
      [ticket.number],
    )
    return rows.length === 0
  })
}

type Job = TestRoad['platform']['jobs'][number]

function jobsOf(ticket: Ticket): Job[] {
  return road.platform.jobs.filter((job) => job.request.ticket.number === ticket.number)
}

async function launched(ticket: Ticket): Promise<Job> {
  const job = await until('the launch', () => jobsOf(ticket)[0])
  await until('the step to run', async () => {
    const { rows } = await road.pool.query(`select from step where job_id = $1`, [job.id])
    return rows.length > 0
  })
  return job
}

interface Row {
  state: string
  message: string
  hold_reason: string | null
  parameters: Record<string, unknown>
  event_seq: string
  first_event_seq: string | null
}

async function rowOf(runId: string): Promise<Row> {
  const { rows } = await road.pool.query<Row>('select * from run where id = $1', [runId])
  return await until('the run', () => rows[0])
}

async function inState(runId: string, state: string): Promise<Row> {
  return await until(`run ${state}`, async () => {
    const { rows } = await road.pool.query<Row>('select * from run where id = $1', [runId])
    return rows[0]?.state === state ? rows[0] : null
  })
}

async function told(runId: string, state: string): Promise<string> {
  const update = await until(`the update ${state}`, () => {
    const last = road.instance.last(runId)
    return last?.state === state ? last : null
  })
  return update.ticket_change?.work_note?.text ?? ''
}

function notes(runId: string): string[] {
  return road.instance.updates
    .filter((update) => update.run_id === runId)
    .map((update) => update.ticket_change?.work_note?.key ?? '')
    .filter((key) => key.includes(':ticket:'))
}

/** A job that holds the host of the ticket until it is ended. */
async function busy(ticket: Ticket): Promise<Job> {
  const other = withFields(ticketOf(), { u_host: ticket.fields['u_host']?.value ?? '' })
  await request(other)
  return await launched(other)
}

/** A run that waits for its host, and the job it waits for. */
async function waiting(): Promise<{ ticket: Ticket; runId: string; blocker: Job }> {
  const ticket = ticketOf()
  const blocker = await busy(ticket)
  const runId = await request(ticket)
  await inState(runId, 'waiting')
  return { ticket, runId, blocker }
}

/** The same for a run that a rule started. */
async function waitingByRule(): Promise<{ ticket: Ticket; runId: string; blocker: Job }> {
  const ticket = ticketOf({}, 'by rule')
  const blocker = await busy(ticket)
  await road.accept(event('ticket.created', ticket))
  await decided(ticket)
  const { rows } = await road.pool.query<{ id: string }>(
    'select id from run where ticket_number = $1',
    [ticket.number],
  )
  const runId = rows[0]?.id ?? ''
  await inState(runId, 'waiting')
  return { ticket, runId, blocker }
}

describe('a ticket that is closed', () => {
  it('cancels its run that waits, without a job', async () => {
    const { ticket, runId, blocker } = await waiting()

    await road.accept(event('ticket.closed', withFields(ticket, { state: '7', active: 'false' })))
    const note = await told(runId, 'cancelled')
    road.platform.end(blocker, {})

    expect(note).toContain(`${ticket.number} was closed.`)
    expect(jobsOf(ticket)).toEqual([])
  })

  it('cancels the job of its run and says how it ended', async () => {
    const ticket = ticketOf()
    const runId = await request(ticket)
    const job = await launched(ticket)

    await road.accept(event('ticket.closed', withFields(ticket, { state: '8', active: 'false' })))
    const note = await told(runId, 'cancelled')

    expect(job.status.state).toBe('cancelled')
    expect(note).toContain(`was cancelled. ${ticket.number} was cancelled.`)
  })

  it('says that the job had finished before, when the cancel comes too late', async () => {
    const ticket = ticketOf()
    const runId = await request(ticket)
    const job = await launched(ticket)
    job.status = { ...job.status, state: 'succeeded', message: 'Restarted.' }

    await road.accept(event('ticket.closed', withFields(ticket, { state: '7', active: 'false' })))
    const note = await told(runId, 'succeeded')

    expect(note).toContain('Restarted.')
    expect(note).toContain(`${ticket.number} was closed.`)
    expect(note).toContain('too late')
  })

  it('spares a job that runs when it is only resolved, and says so', async () => {
    const ticket = ticketOf()
    const runId = await request(ticket)
    const job = await launched(ticket)

    const now = await updated(ticket, { state: '6' })
    await updated(now, { state: '6', u_other: 'x' })
    await until('the note', () => notes(runId).length === 1)
    road.platform.end(job, {})
    await told(runId, 'succeeded')

    expect(notes(runId)).toHaveLength(1)
  })
})

describe('a ticket on hold', () => {
  it('keeps a run from starting, and releases it', async () => {
    const { ticket, runId, blocker } = await waiting()

    const held = await updated(ticket, { state: '3' })
    road.platform.end(blocker, {})
    await until('the hold to be told', () =>
      road.instance.last(runId)?.message.startsWith('On hold: its ticket is on hold.'),
    )
    expect(jobsOf(ticket)).toEqual([])
    await updated(held, { state: '2' })
    const job = await launched(ticket)
    road.platform.end(job, {})

    await told(runId, 'succeeded')
    expect((await rowOf(runId)).hold_reason).toBeNull()
  })

  it('keeps a run from starting that was planned a moment before', async () => {
    const stop = await armBreakpoint(database.connectionString, {
      table: 'step',
      at: 'commit of update',
      condition: `NEW.state = 'launching' and NEW.parameters->>'service' = 'held-in-time'`,
    })
    const ticket = ticketOf({ u_service: 'held-in-time' })
    const runId = await request(ticket, { service: 'held-in-time' })
    await stop.hit()

    // The intent was first: the hold comes after it and the job runs.
    await road.accept(event('ticket.updated', withFields(ticket, { state: '3' })))
    await stop.release('goes on')
    const job = await launched(ticket)
    await decided(ticket)

    expect((await rowOf(runId)).hold_reason).toBe('its ticket is on hold.')
    road.platform.end(job, {})
    await told(runId, 'succeeded')
  })

  it('does not disturb a job that runs', async () => {
    const ticket = ticketOf()
    const runId = await request(ticket)
    const job = await launched(ticket)

    await updated(ticket, { state: '3' })
    road.platform.end(job, { message: 'Restarted.' })

    expect(await told(runId, 'succeeded')).toContain('Restarted.')
  })
})

describe('a ticket that changes hands', () => {
  it('or is reopened tells the run that works on it, once each, and the job goes on', async () => {
    const ticket = ticketOf()
    const runId = await request(ticket)
    const job = await launched(ticket)

    await updated(ticket, { state: '6' })
    const reopened = await updated(ticket, { state: '2' })
    const moved = await updated(reopened, { assignment_group: 'Database' })
    await updated(moved, { description: 'more words' })
    road.platform.end(job, {})
    await told(runId, 'succeeded')

    const { number } = ticket
    expect(job.status.state).toBe('succeeded')
    const said = road.instance.updates.flatMap(({ run_id, ticket_change: change }) =>
      run_id === runId && change?.work_note?.key.includes(':ticket:') ? change.work_note.text : [],
    )
    expect(said).toEqual([
      expect.stringContaining(`${number} was resolved.`),
      expect.stringContaining(`${number} was reopened.`),
      expect.stringContaining(`${number} was assigned to Database.`),
    ])
  })
})

describe('inputs that change', () => {
  it('before the launch plan the run anew, and the job gets the new values', async () => {
    const { ticket, runId, blocker } = await waiting()

    await updated(ticket, { u_host: `other-${ticket.number}` })
    const job = await launched(ticket)
    road.platform.end(job, {})
    road.platform.end(blocker, {})

    await told(runId, 'succeeded')
    expect(job.request.parameters).toEqual({
      host: `other-${ticket.number}`,
      // Confirmed by the person, so the ticket does not overrule them.
      service: 'nginx',
      API_TOKEN: 'canary-secret',
    })
    const row = await rowOf(runId)
    expect(row.first_event_seq).not.toBe(row.event_seq)
    expect(JSON.stringify(row)).not.toContain('canary')
    expect(notes(runId)).toEqual([])
  })

  it('before the launch of a run by a rule, take every value from the ticket', async () => {
    const { ticket, blocker } = await waitingByRule()

    await updated(ticket, { u_service: 'httpd' })
    road.platform.end(blocker, {})
    const job = await launched(ticket)

    expect(job.request.parameters['service']).toBe('httpd')
    road.platform.end(job, {})
  })

  it('several times at once are planned with the last values', async () => {
    const { ticket, runId, blocker } = await waitingByRule()

    const first = withFields(ticket, { u_service: 'a' })
    const second = withFields(first, { u_service: 'b', state: '3' })
    const third = withFields(second, { u_service: 'c', state: '2' })
    await acceptTogether([first, second, third].map((one) => event('ticket.updated', one)))
    road.platform.end(blocker, {})
    const job = await launched(ticket)
    road.platform.end(job, {})

    await told(runId, 'succeeded')
    expect(job.request.parameters['service']).toBe('c')
    expect(jobsOf(ticket)).toHaveLength(1)
    expect((await rowOf(runId)).hold_reason).toBeNull()
  })

  it('right after the ticket was created, before its run was ever looked at, count as well', async () => {
    const ticket = ticketOf({}, 'by rule')
    const blocker = await busy(ticket)

    await acceptTogether([
      event('ticket.created', ticket),
      event('ticket.updated', withFields(ticket, { u_service: 'httpd' })),
    ])
    road.platform.end(blocker, {})
    const job = await launched(ticket)

    expect(job.request.parameters['service']).toBe('httpd')
    road.platform.end(job, {})
  })

  it('so that the run does not fit any more, refuse it with the reason, and no later change starts it', async () => {
    const { ticket, runId, blocker } = await waiting()

    const now = await updated(ticket, { short_description: 'printer on fire' })
    const note = await told(runId, 'refused')
    await updated(now, { short_description: 'restart nginx' })
    road.platform.end(blocker, {})

    expect(note).toContain('was not started. Changed on the ticket: short description.')
    expect((await rowOf(runId)).state).toBe('refused')
    expect(jobsOf(ticket)).toEqual([])
    const { rows } = await road.pool.query('select from run_target where run_id = $1', [runId])
    expect(rows).toEqual([])
    expect(await secretsLeft(runId)).toBe(0)
  })

  it('after the launch are told in one note, and only when they change', async () => {
    const ticket = ticketOf()
    const runId = await request(ticket)
    const job = await launched(ticket)

    const now = await updated(ticket, { u_service: 'httpd' })
    const same = await updated(now, { u_other: 'x' })
    await until('the note', () => notes(runId).length === 1)
    await updated(same, { u_service: 'mysql', assigned_to: 'somebody' })
    await until('the second note', () => notes(runId).length === 2)
    road.platform.end(job, {})
    await told(runId, 'succeeded')

    expect(new Set(notes(runId)).size).toBe(2)
    expect(job.request.parameters['service']).toBe('nginx')
    const text = road.instance.updates.find(({ ticket_change: change }) =>
      change?.work_note?.key.startsWith(`${runId}:ticket:`),
    )?.ticket_change?.work_note?.text
    expect(text).toContain('Changed: u service. The job was started before')
  })
})

async function secretsLeft(runId: string): Promise<number> {
  const { rows } = await road.pool.query(
    `select from step where run_id = $1 and parameters::text like '%canary%'`,
    [runId],
  )
  return rows.length
}

describe('a change and a launch at the same moment', () => {
  it('start the new plan when the change was stored first', async () => {
    const ticket = ticketOf({}, 'verified')
    const reading = Promise.withResolvers<null>()
    let reads = 0
    // The worker with the old plan stands in its last look, with nothing locked.
    road.instance.adapter.readRecords = async () => {
      const shown = ++reads === 1 ? ticket : now
      if (reads === 1) await reading.promise
      return [
        Object.fromEntries(
          Object.entries(shown.fields).map(([name, { value }]) => [
            name,
            { value, display: value },
          ]),
        ),
      ]
    }
    const now = withFields(ticket, { u_service: 'httpd' })
    await road.accept(event('ticket.created', ticket))
    await until('the last look', () => reads === 1)

    await road.accept(event('ticket.updated', now))
    await decided(ticket)
    reading.resolve(null)
    const job = await launched(ticket)
    road.platform.end(job, {})

    expect(job.request.parameters['service']).toBe('httpd')
    expect(jobsOf(ticket)).toHaveLength(1)
    expect(reads).toBe(2)
  })

  it('tell a note when the launch was first', async () => {
    const ticket = ticketOf({ u_service: 'first' })
    const stop = await armBreakpoint(database.connectionString, {
      table: 'step',
      at: 'commit of update',
      condition: `NEW.state = 'launching' and NEW.parameters->>'service' = 'first'`,
    })
    const runId = await request(ticket, { service: 'first' })
    await stop.hit()

    const now = withFields(ticket, { u_host: `new-${ticket.number}` })
    await road.accept(event('ticket.updated', now))
    await waitForRow()
    await stop.release('goes on')
    const job = await launched(ticket)
    await until('the note', () => notes(runId).length === 1)
    road.platform.end(job, {})

    await told(runId, 'succeeded')
    expect(jobsOf(ticket)).toHaveLength(1)
    expect(job.request.parameters['host']).toBe(`host-${ticket.number}`)
  })
})

/** Waits until the decide step wants to change a run that somebody has locked. */
async function waitForRow(): Promise<void> {
  await until('the decision to wait for the run', async () => {
    const { rows } = await road.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update of run%'
       and datname = current_database()`,
    )
    return rows.length > 0
  })
}
