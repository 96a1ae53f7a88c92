// Events of changes and requested items: what goes out, when, and what never does.
import { beforeAll, describe, expect, test } from 'vitest'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { fixedSysId } from '../instance/platform/ids.ts'
import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { scope } from './on-instance.ts'
import { arrived, openRoad, outbox } from './road.ts'
import type { Road } from './road.ts'

const abel = 'abel.agent'
const machine = {
  vm_name: 'vm-1',
  size: 'medium',
  disk_gb: '80',
  backup: 'true',
  root_password: 'x',
}

beforeAll(async () => {
  await ensureAppBuilt()
}, 300_000)

async function onlyEvent(road: Road): Promise<TicketEvent> {
  const events = await arrived(road)
  const [event] = events
  if (!event || events.length !== 1) throw new Error(`${events.length} events instead of one`)
  return event
}

function change({ app }: Road, values: StoredRecord = {}): StoredRecord {
  return app.ticket(abel, 'change_request', {
    type: 'standard',
    requested_by: fixedSysId('sys_user:carla.caller'),
    cmdb_ci: fixedSysId('cmdb_ci_linux_server:lnx-test-07'),
    start_date: '2030-01-01 20:00:00',
    end_date: '2030-01-01 22:00:00',
    ...values,
  })
}

describe('a change', () => {
  test('goes out with type, window, risk and what it runs on', async () => {
    await using road = await openRoad()
    const made = change(road)

    const event = await onlyEvent(road)

    expect(event).toMatchObject({
      type: 'ticket.created',
      subject: `change_request/${made['number']}`,
    })
    expect(event.data.ticket.fields).toMatchObject({
      type: { value: 'standard', display: 'Standard' },
      state: { value: '-5', display: 'New' },
      risk: { value: '3', display: 'Moderate' },
      start_date: { type: 'glide_date_time', value: '2030-01-01 20:00:00' },
      end_date: { value: '2030-01-01 22:00:00' },
      on_hold: { type: 'boolean', value: 'false' },
      'cmdb_ci.name': { value: 'lnx-test-07' },
      'cmdb_ci.environment': { value: 'test' },
      'requested_by.user_name': { value: 'carla.caller' },
    })
    expect(event.data.ticket.fields).not.toHaveProperty(['cmdb_ci.used_for'])
    expect(event.data.people.requested_by?.user_name).toBe('carla.caller')
    expect(event.data.ticket.variables).toBeUndefined()
  })

  test('on a service says what the service is used for', async () => {
    await using road = await openRoad()
    change(road, { cmdb_ci: fixedSysId('cmdb_ci_service:Web Shop Test') })

    const { fields } = (await onlyEvent(road)).data.ticket

    expect(fields['cmdb_ci.used_for']).toMatchObject({ value: 'Test' })
  })

  test.each<[string, StoredRecord, boolean]>([
    ['its window', { start_date: '2030-01-02 20:00:00' }, true],
    ['the end of its window', { end_date: '2030-01-02 20:00:00' }, true],
    ['its approval', { approval: 'approved' }, true],
    ['holding', { on_hold: 'true', on_hold_reason: 'Freeze' }, true],
    ['its type', { type: 'emergency' }, true],
    ['its state', { state: '-2' }, true],
    ['its item', { cmdb_ci: fixedSysId('cmdb_ci_linux_server:lnx-test-08') }, true],
    ['a plan only people read', { backout_plan: 'Go back.' }, false],
    ['a note', { work_notes: 'Looked at it.' }, false],
  ])('goes out again after %s changed: %s', async (_what, values, expected) => {
    await using road = await openRoad()
    const made = change(road)
    await arrived(road)

    road.app.change(abel, { table: 'change_request', sysId: made['sys_id'] ?? '' }, values)

    const types = (await arrived(road)).map((event) => event.type)
    expect(types).toEqual(expected ? ['ticket.updated'] : [])
  })

  test('that ends is closed, whether done or cancelled', async () => {
    await using road = await openRoad()
    const row = { table: 'change_request', sysId: change(road)['sys_id'] ?? '' }
    await arrived(road)

    road.app.change(abel, row, { state: '4' })

    const [event] = await arrived(road)
    expect(event).toMatchObject({ type: 'ticket.closed' })
    expect(event?.data.ticket.fields['active']?.value).toBe('false')
  })

  test.each(['created', 'updated', 'closed'])(
    'sends no %s event when that is switched off',
    async (kind) => {
      await using road = await openRoad({
        properties: { [`${scope}.change_request.send_${kind}`]: 'false' },
      })
      const row = { table: 'change_request', sysId: change(road)['sys_id'] ?? '' }
      road.app.change(abel, row, { state: '-2' })
      await road.app.platform.settle()
      road.app.change(abel, row, { state: '4' })

      const types = (await arrived(road)).map((event) => event.type)

      expect(types).toHaveLength(2)
      expect(types).not.toContain(`ticket.${kind}`)
    },
  )

  test('written by the connector itself causes nothing', async () => {
    await using road = await openRoad()
    const robot = 'ticket.automation'
    const made = road.app.ticket(robot, 'change_request', { type: 'standard' })
    const row = { table: 'change_request', sysId: made['sys_id'] ?? '' }
    for (const state of ['-2', '-1', '0']) road.app.change(robot, row, { state })
    road.app.change(robot, row, { state: '3', close_code: 'successful', close_notes: 'Done.' })

    expect(await arrived(road)).toEqual([])
    expect(outbox(road)).toEqual([])
  })
})

describe('what a ticket affects', () => {
  function affect({ app }: Road, task: string, field: string, ids: readonly string[]): void {
    const table = field === 'ci_item' ? 'task_ci' : 'task_cmdb_ci_service'
    for (const id of ids) app.ticket(abel, table, { task, [field]: id })
  }

  test('goes by name, without its own item', async () => {
    await using road = await openRoad()
    const sysId = change(road)['sys_id'] ?? ''
    const servers = ['lnx-test-07', 'lnx-test-08', 'lnx-test-09']
    affect(
      road,
      sysId,
      'ci_item',
      servers.map((name) => fixedSysId(`cmdb_ci_linux_server:${name}`)),
    )
    affect(road, sysId, 'cmdb_ci_service', [fixedSysId('cmdb_ci_service:Web Shop Test')])

    const { affected } = (await onlyEvent(road)).data.ticket

    expect(affected).toEqual({
      cis: ['lnx-test-08', 'lnx-test-09'],
      services: ['Web Shop Test'],
      complete: true,
    })
  })

  test('is cut at 500 names, and says so', async () => {
    await using road = await openRoad()
    const sysId = change(road)['sys_id'] ?? ''
    const ids = Array.from({ length: 503 }, (_, index) => {
      const name = `host-${index}`
      return road.app.ticket('admin', 'cmdb_ci_server', { name })['sys_id'] ?? ''
    })
    affect(road, sysId, 'ci_item', ids)

    const { affected } = (await onlyEvent(road)).data.ticket

    expect(affected?.cis).toHaveLength(500)
    expect(affected?.complete).toBe(false)
  })

  test('is left out, not guessed, when the app may not read it any more', async () => {
    await using road = await openRoad()
    const admin = road.app.as('admin')
    for (const row of road.app.rows('sys_scope_privilege', 'target_name=task_ci')) {
      road.app.platform.remove(admin, 'sys_scope_privilege', row['sys_id'] ?? '')
    }
    change(road)

    const event = await onlyEvent(road)

    expect(event.data.ticket.affected).toBeUndefined()
  })
})

describe('an ordered item', () => {
  test('goes out with its answers, whom it is for and its request; masked ones stay', async () => {
    await using road = await openRoad()
    const item = road.app.order('carla.caller', 'New virtual machine', {
      ...machine,
      purpose: 'Größe "x"\n$(rm -rf /) ${y} 測試',
    })

    const event = await onlyEvent(road)

    expect(event).toMatchObject({
      type: 'ticket.created',
      subject: `sc_req_item/${item['number']}`,
    })
    expect(event.data.actor.user_name).toBe('carla.caller')
    expect(event.data.people.requested_by?.user_name).toBe('carla.caller')
    expect(event.data.ticket.variables).toEqual({
      vm_name: { type: 'string', value: 'vm-1' },
      size: { type: 'choice', value: 'medium', display: 'Medium (2 CPU, 8 GB)' },
      disk_gb: { type: 'integer', value: '80' },
      backup: { type: 'boolean', value: 'true' },
      purpose: { type: 'string', value: 'Größe "x"\n$(rm -rf /) ${y} 測試' },
    })
    expect(event.data.ticket.fields).toMatchObject({
      'cat_item.name': { value: 'New virtual machine' },
      'cat_item.category.title': { value: 'Infrastructure' },
      'cat_item.category.parent.title': { value: 'IT Services' },
      'request.number': { value: expect.stringMatching(/^REQ\d{7}$/) as string },
      'requested_for.user_name': { value: 'carla.caller' },
      quantity: { value: '1' },
    })
  })

  test('names a chosen record beside its sys_id', async () => {
    await using road = await openRoad()
    const answers = { server: 'lnx-test-07', mount_point: '/var', add_gb: '5' }
    road.app.order('carla.caller', 'Extend a file system', answers)

    const { variables } = (await onlyEvent(road)).data.ticket

    expect(variables?.['server']).toEqual({
      type: 'reference',
      value: fixedSysId('cmdb_ci_linux_server:lnx-test-07'),
      display: 'lnx-test-07',
    })
  })

  test.each(['fifo', 'shuffled'] as const)(
    'has its answers however the async jobs of several orders run (%s)',
    async (asyncOrder) => {
      await using road = await openRoad({ asyncOrder, seed: 7 })
      for (let index = 0; index < 8; index += 1) {
        road.app.order('carla.caller', 'New virtual machine', {
          ...machine,
          vm_name: `vm-${index}`,
        })
      }

      const events = await arrived(road)

      const names = events.map((event) => event.data.ticket.variables?.['vm_name']?.value ?? '')
      expect(new Set(names)).toEqual(
        new Set(Array.from({ length: 8 }, (_, index) => `vm-${index}`)),
      )
      for (const event of events) {
        expect(event.data.ticket.fields['request.number']?.value).toMatch(/^REQ/)
      }
    },
  )

  test('waits for its request, which a checkout stores after it', async () => {
    await using road = await openRoad()
    const request = '5'.repeat(32)
    road.app.ticket(abel, 'sc_req_item', {
      request,
      requested_for: fixedSysId('sys_user:carla.caller'),
    })
    expect(await arrived(road)).toEqual([])
    expect(outbox(road)[0]).toMatchObject({
      state: 'pending',
      last_error: 'The order is still being stored.',
    })

    road.app.ticket(abel, 'sc_request', { sys_id: request })
    // The sweep comes by every minute, the first time maybe too early.
    await road.app.platform.advance(120_000)

    const { fields } = (await onlyEvent(road)).data.ticket
    expect(fields['request.number']?.value).toMatch(/^REQ/)
  })

  test('goes out as it is when its request never comes', async () => {
    await using road = await openRoad()
    road.app.ticket(abel, 'sc_req_item', { request: '5'.repeat(32) })
    await arrived(road)

    await road.app.platform.advance(120_000)

    expect((await onlyEvent(road)).type).toBe('ticket.created')
  })

  test.each<[string, StoredRecord, string[]]>([
    ['its state', { state: '2' }, ['ticket.updated']],
    ['its approval', { approval: 'rejected' }, ['ticket.updated']],
    ['its stage', { stage: 'completed' }, []],
    ['its end', { state: '3' }, ['ticket.closed']],
  ])('tells %s', async (_what, values, types) => {
    await using road = await openRoad()
    const item = road.app.order('carla.caller', 'New virtual machine', machine)
    await arrived(road)

    road.app.change(abel, { table: 'sc_req_item', sysId: item['sys_id'] ?? '' }, values)

    expect((await arrived(road)).map((event) => event.type)).toEqual(types)
  })
})

describe('Run automation', () => {
  test.each([
    ['change_request', { type: 'standard' }],
    ['sc_req_item', {}],
  ])(
    'stands on an open %s for who may change it, and not on a closed one',
    async (table, values) => {
      await using road = await openRoad()
      const sysId = road.app.ticket(abel, table, values)['sys_id'] ?? ''
      function buttons(userName: string): string[] {
        const { platform } = road.app
        return platform.formActions(road.app.as(userName), table, sysId).map((one) => one.label)
      }
      expect(buttons(abel)).toContain('Run automation')
      expect(buttons('ivy.itil')).not.toContain('Run automation')

      road.app.change(abel, { table, sysId }, { state: table === 'change_request' ? '4' : '3' })

      expect(buttons(abel)).not.toContain('Run automation')
    },
  )

  test('asks the connector about an item with its answers', async () => {
    await using road = await openRoad()
    const item = road.app.order('carla.caller', 'New virtual machine', machine)
    await arrived(road)
    await road.receiver.answerAt('/v1/preview', { status: 200, body: '{"templates":[]}' })

    const path = `/tickets/sc_req_item/${item['sys_id']}/preview`
    const { status } = await road.app.call(abel, { method: 'GET', path })

    const asked = (await road.receiver.requests()).find((one) => one.path === '/v1/preview')
    expect(status).toBe(200)
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      ticket: { variables: { vm_name: { value: 'vm-1' } } },
    })
  })
})
