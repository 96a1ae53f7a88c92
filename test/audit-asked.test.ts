// What the audit keeps of what tickets and admins ask of runs: hold, release, a new plan, a cancel by closing; a job
// that was not started; dead letters sent again.
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { Ticket, TicketEvent } from '#shared/ticket-event.ts'

import { redriveDeadLetters } from '../connector/db/dead-letters.ts'
import { ConnectorError } from '../connector/errors.ts'
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

function withFields(ticket: Ticket, fields: Record<string, string>): Ticket {
  const own = Object.entries(fields).map(([name, value]) => [name, { type: 'string', value }])
  return { ...ticket, fields: { ...ticket.fields, ...Object.fromEntries(own) } }
}

function ticketOn(host: string): Ticket {
  return withFields(makeTicket(), {
    u_host: host,
    u_service: 'nginx',
    short_description: 'restart nginx',
  })
}

async function send(type: TicketEvent['type'], ticket: Ticket, run?: object): Promise<void> {
  const event = makeEvent({
    type,
    subject: `${ticket.table}/${ticket.number}`,
    data: { ticket, actor: testActor, people: {}, ...(run === undefined ? {} : { run }) },
  } as Partial<TicketEvent>)
  await road.accept(event)
  await until('the decision', async () => {
    const { rows } = await road.pool.query(`select state from event where event_id = $1`, [
      event.id,
    ])
    return rows[0]?.state === 'decided'
  })
}

async function request(ticket: Ticket): Promise<string> {
  const id = randomHex()
  const parameters = { service: 'nginx', token: 'canary-secret' }
  await send('run.requested', ticket, { id, template: 'restart-service', version: 1, parameters })
  return id
}

async function lastState(runId: string, state: string): Promise<void> {
  await until(`the update ${state}`, () => road.instance.last(runId)?.state === state)
}

/** `action by actor from origin` of the entries about a subject, in their order. */
async function entriesAbout(subject: string): Promise<string[]> {
  const { rows } = await road.pool.query<{ text: string }>(
    `select action || ' by ' || actor || ' from ' || origin as text from audit_entry
     where subject = $1 order by id`,
    [subject],
  )
  return rows.map(({ text }) => text)
}

it('names who changed the ticket, and what that did to its run', async () => {
  const host = `host-${randomHex()}`
  const blocker = ticketOn(host)
  await lastState(await request(blocker), 'running')
  const ticket = ticketOn(host)
  const runId = await request(ticket)
  await lastState(runId, 'waiting')

  await send('ticket.updated', withFields(ticket, { state: '3', hold_reason: '1' }))
  await send('ticket.updated', ticket)
  const changed = withFields(ticket, { u_service: 'apache' })
  await send('ticket.updated', changed)
  await send('ticket.closed', withFields(changed, { state: '7', active: 'false' }))
  await lastState(runId, 'cancelled')

  const asked = await entriesAbout(`run/acme/${runId}`)
  expect(asked.slice(0, 4)).toEqual(
    ['run.held', 'run.released', 'run.redecided', 'run.cancel_requested'].map(
      (action) => `${action} by ${testActor.user_name} from acme`,
    ),
  )
  expect(asked[4]).toMatch(/^run\.finished by /)
  expect(asked).toHaveLength(5)
})

it('tells of a job that was certainly not started, and of one that nobody knows about', async () => {
  const [refused, lost] = [ticketOn(`host-${randomHex()}`), ticketOn(`host-${randomHex()}`)]
  road.platform.faults.launch.push({ error: new ConnectorError('platform_rejected', 'memory') })
  const first = await request(refused)
  await lastState(first, 'failed')
  const second = await request(lost)
  await lastState(second, 'running')
  road.platform.faults.status.push({ error: new ConnectorError('job_lost', 'memory') })
  await road.pool.query('update run set due_at = null where id = $1', [second])
  await road.look(second)
  await lastState(second, 'unknown')

  const actions = await Promise.all(
    [first, second].map(async (id) => await entriesAbout(`run/acme/${id}`)),
  )
  expect(actions.map((all) => all.map((text) => text.split(' ')[0]))).toEqual([
    ['job.not_launched', 'run.finished'],
    ['job.launched', 'job.outcome_unknown', 'run.finished'],
  ])
})

it('tells who sent dead letters again, and how many', async () => {
  const origin = 'admin-host redrive'
  await road.pool.query(`update event set state = 'dead' where seq = (select min(seq) from event)`)

  await redriveDeadLetters(road.pool, road.queue, { choice: 'all', origin })

  const { rows } = await road.pool.query(
    `select actor, origin, subject, detail from audit_entry where action = 'dead_letter.redriven'`,
  )
  expect(rows).toEqual([
    {
      actor: 'admin',
      origin,
      subject: 'dead_letters/all',
      detail: { events: 1, updates: 0 },
    },
  ])
})
