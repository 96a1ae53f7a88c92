// What the outbox makes of trouble that passes, of requests that were lost and of workers that were too slow.
import { beforeAll, describe, expect, test } from 'vitest'

import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { randomHex } from '../support/events.ts'
import { only, runInApp, scope } from './on-instance.ts'
import { problem } from './receiver.ts'
import { arrived, openRoad, outbox, publishTemplates, requestRun } from './road.ts'
import type { Road } from './road.ts'

const minute = 60_000
const busy = problem(503, 'database_unavailable', 'The database does not answer; send it again.')
const never = problem(422, 'event_invalid', 'data.run: no')
const secrets = { folder: '/tmp', token: 'hunter2' }

beforeAll(async () => {
  await ensureAppBuilt()
}, 300_000)

/** A road with templates, and an incident whose own event has arrived. */
async function ready(): Promise<{ road: Road; incident: StoredRecord }> {
  const road = await openRoad()
  await publishTemplates(road)
  const incident = road.app.incident('abel.agent')
  await arrived(road)
  return { road, incident }
}

function run(road: Road): StoredRecord {
  return only(road.app.rows(`${scope}_run`))
}

function setRow(road: Road, row: StoredRecord, values: StoredRecord): void {
  road.app.change('admin', { table: `${scope}_outbox`, sysId: row['sys_id'] ?? '' }, values)
}

/** The row is a dead letter of long ago, and the nightly cleaning has been there. */
async function loseSecrets(road: Road, row: StoredRecord): Promise<void> {
  setRow(road, row, { state: 'dead', claimed_at: '2026-01-01 00:00:00' })
  await runInApp(road.app, 'sweep.ts#deleteOldRows', [])
}

/** A rule of the app's scope on one of its tables, as an instance's admin could add it. */
function addRule(road: Road, values: StoredRecord): void {
  const own = road.app.rows('sys_script', `collection=${scope}_connection`)[0]
  const rule = {
    name: 'probe',
    active: 'true',
    advanced: 'true',
    sys_scope: own?.['sys_scope'] ?? '',
    ...values,
  }
  const made = road.app.platform.insert(road.app.as('admin'), 'sys_script', rule)
  if (!made.ok) throw new Error(made.detail ?? made.message)
}

function enable(road: Road, value: 'true' | 'false'): void {
  const property = only(road.app.rows('sys_properties', `name=${scope}.enabled`))
  road.app.change('admin', { table: 'sys_properties', sysId: property['sys_id'] ?? '' }, { value })
}

describe('trouble that passes', () => {
  test.each([
    ['a wrong key', problem(401, 'signature_unknown_key', 'kid')],
    ['a token seen before', problem(401, 'signature_replayed', 'jti')],
    ['a wrong path', problem(404, 'not_found', 'no such route')],
    ["a proxy's page", { status: 403, body: '<h1>Forbidden</h1>' }],
  ])('%s: the event arrives once it is mended, with a new signature', async (_what, answer) => {
    await using road = await openRoad()
    await road.receiver.answerNext(answer, answer)

    road.app.incident('abel.agent')
    await road.app.platform.advance(10 * minute)

    const sent = await road.receiver.events()
    expect(new Set(sent.map((one) => one.headers['authorization'])).size).toBe(3)
    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '3' })
  })

  test('dead letters of an outage are sent again all at once, oldest first', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    await road.receiver.answerNext(never, never)
    const first = await requestRun(road, incident)
    await arrived(road)
    const second = await requestRun(road, incident, secrets)
    await arrived(road)
    const [, dead] = outbox(road, 'state=dead')
    await loseSecrets(road, dead ?? {})

    await runInApp(road.app, 'dead-letters.ts#retryAllDeadLetters', [])

    const events = await arrived(road)
    expect(events.map((event) => event.data)).toMatchObject([{ run: { id: first } }])
    expect(only(outbox(road, 'state=dead'))['run_request']).toContain(second)
  })
})

describe('a cancel that was given up', () => {
  test('is taken back on the run, and can be asked for again', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    const runId = await requestRun(road, incident)
    await arrived(road)
    await road.receiver.answerNext(never)
    await road.app.call('abel.agent', { path: `/runs/${runId}/cancel` })
    await arrived(road)

    expect(run(road)).toMatchObject({
      cancel_requested: 'false',
      state: 'requested',
      message: 'The cancel did not reach the connector; cancel again. event_invalid: data.run: no',
    })

    const again = await road.app.call('abel.agent', { path: `/runs/${runId}/cancel` })
    expect(again).toMatchObject({ status: 202, result: { cancel_requested: true } })
    expect((await arrived(road)).map((event) => event.type)).toEqual(['run.cancel_requested'])
  })

  test('that cannot be written is refused and leaves the run as it was', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    const runId = await requestRun(road, incident)
    await arrived(road)
    addRule(road, {
      collection: `${scope}_outbox`,
      when: 'before',
      action_insert: 'true',
      script: 'current.setAbortAction(true)',
    })

    const answer = await road.app.call('abel.agent', { path: `/runs/${runId}/cancel` })

    expect([answer.status, answer.error.code]).toEqual([503, 'cancel_not_written'])
    expect(run(road)['cancel_requested']).toBe('false')
  })
})

describe('a run request', () => {
  test('whose secrets cannot be read any more is not sent without them', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    await road.receiver.answerNext(busy)
    await requestRun(road, incident, secrets)
    await arrived(road)
    const row = only(outbox(road, 'state=pending'))
    await loseSecrets(road, row)
    setRow(road, row, { state: 'pending' })

    await road.app.platform.advance(2 * minute)

    const reason =
      'The secret parameters (token) are gone or cannot be decrypted; run the automation again.'
    expect(await arrived(road)).toEqual([])
    expect(only(outbox(road, 'state=dead'))['last_error']).toBe(reason)
    expect(run(road)).toMatchObject({ state: 'failed' })
    expect(run(road)['message']).toContain(reason)
  })

  test('that was lost ends its run after ten minutes, not before', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    await road.receiver.answerNext(busy)
    await requestRun(road, incident)
    await arrived(road)
    const row = only(outbox(road, 'state=pending'))
    road.app.platform.remove(road.app.as('admin'), `${scope}_outbox`, row['sys_id'] ?? '')

    await road.app.platform.advance(9 * minute)
    expect(run(road)['state']).toBe('requested')
    await road.app.platform.advance(3 * minute)

    const message =
      'The automation was not started: its request was lost inside ServiceNow. Nothing ran; run it again.'
    expect(run(road)).toMatchObject({ state: 'failed', message })
    expect(road.app.notes(incident['sys_id'] ?? '')).toEqual([message])
  })

  test('that waits for its connector is not taken for lost', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    await road.receiver.answerAt('/v1/events', busy)
    await requestRun(road, incident)

    await road.app.platform.advance(30 * minute)

    expect(run(road)['state']).toBe('requested')
  })

  test('of two clicks at the same moment is one, and both get the same answer', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    const runId = randomHex()
    // The other click's row appears between the look and the insert.
    addRule(road, {
      collection: `${scope}_run`,
      when: 'before',
      action_insert: 'true',
      script: `if (current.getValue('template') != 'twin') {
  var twin = new GlideRecord('${scope}_run')
  twin.initialize()
  twin.setValue('run_id', current.getValue('run_id'))
  twin.setValue('ticket', current.getValue('ticket'))
  twin.setValue('requested_by', current.getValue('requested_by'))
  twin.setValue('template', 'twin')
  twin.insert()
}`,
    })

    const answer = await road.app.call('abel.agent', {
      path: `/tickets/incident/${incident['sys_id']}/runs`,
      body: { run_id: runId, template: 'free-disk-space', version: 3, parameters: { folder: '/' } },
    })

    expect(answer).toMatchObject({ status: 201, result: { run_id: runId } })
    expect(run(road)).toMatchObject({ run_id: runId, template: 'twin' })
    expect(outbox(road, 'event_type=run.requested')).toEqual([])
  })
})

describe('while the app is switched off', () => {
  test('runs are watched and cancelled, closing is told, nothing else is sent or started', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    const sysId = incident['sys_id'] ?? ''
    const runId = await requestRun(road, incident)
    await arrived(road)
    enable(road, 'false')

    const seen = await road.app.call('abel.agent', { method: 'GET', path: `/runs/${runId}` })
    const cancelled = await road.app.call('abel.agent', { path: `/runs/${runId}/cancel` })
    const path = `/tickets/incident/${sysId}/preview`
    const preview = await road.app.call('abel.agent', { method: 'GET', path })
    road.app.incident('abel.agent')
    road.app.change('abel.agent', { table: 'incident', sysId }, { state: '8' })

    expect([seen.status, cancelled.status, preview.error.code]).toEqual([200, 202, 'disabled'])
    expect((await arrived(road)).map((event) => event.type)).toEqual([
      'run.cancel_requested',
      'ticket.closed',
    ])
  })

  test('a cancel does not overtake the request that is held back', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    await road.receiver.answerNext(busy)
    const runId = await requestRun(road, incident)
    await arrived(road)
    enable(road, 'false')
    await road.app.call('abel.agent', { path: `/runs/${runId}/cancel` })
    await road.app.platform.advance(5 * minute)
    expect(await arrived(road)).toEqual([])

    enable(road, 'true')
    await road.app.platform.advance(5 * minute)

    expect((await arrived(road)).map((event) => event.type)).toEqual([
      'run.requested',
      'run.cancel_requested',
    ])
  })
})

describe('the sweep', () => {
  test('reaches a ticket behind many rows that wait for their first, and these follow it', async () => {
    const { road, incident } = await ready()
    await using _closed = road
    await road.receiver.answerNext(busy)
    road.app.change(
      'abel.agent',
      { table: 'incident', sysId: incident['sys_id'] ?? '' },
      { short_description: 'Other words' },
    )
    await arrived(road)
    const { sys_id: sysId, ...head } = only(outbox(road, 'state=pending'))
    const later = new Date(road.app.platform.now().getTime() + 60 * minute)
    setRow(road, { sys_id: sysId ?? '' }, { next_attempt: stored(later) })
    const copies = Array.from({ length: 60 }, (_none, index) => ({
      ...head,
      event_id: randomHex(),
      position: String(Number(head['position']) + 1 + index),
      attempts: '0',
    }))
    const other = road.app.incident('ivy.itil')
    await arrived(road)
    const lost = only(outbox(road, `ticket=${other['sys_id']}`))
    setRow(road, lost, { state: 'pending', position: String(Number(head['position']) + 5000) })
    for (const copy of copies) {
      road.app.platform.insert(road.app.as('admin'), `${scope}_outbox`, copy)
    }

    await road.app.platform.advance(minute)
    expect((await arrived(road)).map((event) => event.id)).toEqual([lost['event_id']])

    await road.app.platform.advance(61 * minute)
    const ids = (await arrived(road)).map((event) => event.id)
    expect(ids).toEqual([head['event_id'], ...copies.map((copy) => copy.event_id)])
  })

  test('writes no verdict on a row that another worker has taken over meanwhile', async () => {
    const { road } = await ready()
    await using _closed = road
    addRule(road, {
      collection: `${scope}_outbox`,
      when: 'before',
      action_update: 'true',
      script: `if (current.getValue('attempts') == '1' && current.getValue('state') == 'sending')
  current.setValue('claim', 'another-worker')`,
    })

    const incident = road.app.incident('abel.agent')
    expect(await arrived(road)).toHaveLength(1)

    expect(only(outbox(road, `ticket=${incident['sys_id']}`))).toMatchObject({
      state: 'sending',
      claim: 'another-worker',
    })
  })
})

test('the nightly cleaning writes no old dead letter twice', async () => {
  const { road, incident } = await ready()
  await using _closed = road
  await road.receiver.answerNext(never)
  await requestRun(road, incident, secrets)
  await arrived(road)
  const claimed = { claimed_at: '2026-01-01 00:00:00' }
  setRow(road, only(outbox(road, 'state=dead')), claimed)

  await runInApp(road.app, 'sweep.ts#deleteOldRows', [])
  const once = only(outbox(road, 'state=dead'))
  await runInApp(road.app, 'sweep.ts#deleteOldRows', [])

  expect(once['secrets']).toBe('')
  expect(only(outbox(road, 'state=dead'))['sys_mod_count']).toBe(once['sys_mod_count'])
})

function stored(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}
