// Orders and new incidents on a real database: fulfilled, handed over once, or told what helped before.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { StatusUpdate } from '#shared/status-update.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { testUrl } from './support/config.ts'
import { orderEvent } from './support/deciding.ts'
import { makeEvent, makeTicket, testActor } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startTestRoad } from './support/road.ts'
import type { TestRoad } from './support/road.ts'
import { storeSolved } from './support/solved.ts'
import { until } from './support/until.ts'

const newVm = {
  name: 'new-vm',
  title: 'New virtual machine',
  description: 'Makes a virtual machine.',
  platform: 'memory',
  job: 'vm',
  match: [{ table: 'sc_req_item', when: 'active=true', trigger: ['ordered'] }],
  catalog: { items: ['New virtual machine'] },
  parameters: [
    { name: 'cpu', type: 'integer', label: 'CPUs', required: true, from: 'variables.cpu' },
  ],
}

const unlock = {
  name: 'unlock-account',
  title: 'Unlock an account',
  description: 'Unlocks.',
  platform: 'memory',
  job: 'unlock',
  match: [{ table: 'incident', when: 'short_description=nobody', trigger: ['manual'] }],
}

let database: TestDatabase
let road: TestRoad

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: { 'new-vm': newVm, 'unlock-account': unlock },
    policy: {
      hand_over: { sc_req_item: { note: 'always', assignment_group: 'Catalog Fulfilment' } },
      classification: { types: [] },
    },
  })
})

afterAll(async () => {
  await road.stop()
  await database.drop()
})

function updatesOf(event: TicketEvent): StatusUpdate[] {
  const { sys_id: sysId } = event.data.ticket
  return road.instance.updates.filter(({ ticket }) => ticket.sys_id === sysId)
}

async function decided(event: TicketEvent): Promise<void> {
  await until('the decision', async () => {
    const { rows } = await road.pool.query(
      `select 1 from event where event_id = $1 and state = 'decided'`,
      [event.id],
    )
    return rows.length > 0
  })
}

describe('an order', () => {
  it('starts the job of its item with the answers as typed parameters', async () => {
    const event = orderEvent({ variables: { cpu: { type: 'string', value: '4' } } })

    await road.accept(event)
    const job = await until('the launch', () =>
      road.platform.jobs.find(({ request }) => request.job === 'vm'),
    )
    await until('the stored launch', async () => {
      const { rows } = await road.pool.query('select 1 from step where job_id = $1', [job.id])
      return rows.length > 0
    })
    road.platform.end(job, {})
    const last = await until('the end', () =>
      updatesOf(event).find(({ state }) => state === 'succeeded'),
    )

    expect(job.request.parameters).toEqual({ cpu: 4 })
    expect(last).toMatchObject({ trigger: 'ordered', requested_by: 'joe.employee' })
  })

  it('that nothing fits is handed to its group with one note, and keeps its state', async () => {
    const event = orderEvent({ item: 'Ergonomic chair' })

    expect(await road.accept(event)).toBe('accepted')
    expect(await road.accept(event)).toBe('duplicate')
    await until('the hand-over', () => updatesOf(event).length > 0)
    const later = makeEvent({ type: 'ticket.updated', data: event.data, subject: event.subject })
    await road.accept(later)
    await decided(later)

    const [update, ...more] = updatesOf(event)
    expect(more).toEqual([])
    expect(update).toMatchObject({ state: 'refused', trigger: 'ordered' })
    expect(update?.ticket_change).toMatchObject({ assignment_group: 'Catalog Fulfilment' })
    expect(update?.ticket_change?.transition).toBeUndefined()
    expect(update?.ticket_change?.work_note?.text).toContain('No automation fulfils')
    expect(update?.decision?.checks.map(({ detail }) => detail).join('\n')).toContain(
      'nothing in the template is like the item "Ergonomic chair"',
    )
  })
})

describe('an order that waits for its approval', () => {
  it('is handed over when the approval is given, and only once', async () => {
    function at(approval: string): TicketEvent {
      const fields = { approval: { type: 'string', value: approval } }
      return orderEvent({ item: 'Standing desk', fields })
    }
    const ordered = at('requested')
    const { sys_id: sysId, number } = ordered.data.ticket
    function updatedTo(approval: string): TicketEvent {
      const { data, subject } = at(approval)
      const ticket = { ...data.ticket, sys_id: sysId, number }
      return makeEvent({ type: 'ticket.updated', data: { ...data, ticket }, subject })
    }

    await road.accept(ordered)
    await decided(ordered)
    expect(updatesOf(ordered)).toEqual([])
    await road.accept(updatedTo('approved'))
    const [update] = await until('the hand-over', () => {
      const updates = updatesOf(ordered)
      return updates.length > 0 ? updates : null
    })
    const later = updatedTo('approved')
    await road.accept(later)
    await decided(later)

    expect(update?.ticket_change).toMatchObject({ assignment_group: 'Catalog Fulfilment' })
    expect(updatesOf(ordered)).toHaveLength(1)
  })
})

describe('a new incident', () => {
  it('is told what helped with similar ones, once that has been learned', async () => {
    await storeSolved(road.pool, { template: 'unlock-account', text: 'account locked', count: 60 })
    await storeSolved(road.pool, { template: 'free-disk-space', text: 'disk full', count: 60 })
    const again = await startTestRoad({
      connectionString: database.connectionString,
      templates: { 'unlock-account': unlock },
      policy: { classification: { types: [] } },
    })
    const ticket = makeTicket()
    ticket.fields['short_description'] = { type: 'string', value: 'Account locked' }
    const request = { source: testUrl, ticket, actor: testActor, people: {} }

    const preview = await until('a suggestion', async () => {
      const reply = await again.road.preview(request, 'acme')
      return reply.classification == null ? null : reply
    })
    await again.stop()

    expect(preview.classification).toMatchObject({
      label: 'unlock-account',
      source: 'learned',
      words: expect.arrayContaining(['account', 'locked']),
    })
    expect(preview.templates[0]).toMatchObject({
      name: 'unlock-account',
      suggestion: expect.stringContaining('It helped with similar tickets'),
      decision: { fits: false },
    })
  })
})
