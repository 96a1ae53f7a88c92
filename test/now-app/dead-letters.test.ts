// What becomes of outbox rows that were given up, lost or are over: the run's story, sending again, workers
// that died, secrets, cleaning.
import { beforeAll, describe, expect, test } from 'vitest'

import { startInstance } from '../instance/start.ts'
import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { basic, send } from '../support/plain-http.ts'
import { appOn, connect, only, runJob, scope } from './on-instance.ts'
import { problem, startReceiver } from './receiver.ts'
import { arrived, openRoad, outbox, publishTemplates, requestRun } from './road.ts'
import type { Road } from './road.ts'

const minute = 60_000
const busy = problem(503, 'database_unavailable', 'The database does not answer; send it again.')
const never = problem(422, 'event_invalid', 'data.run.template: there is no such template')
const twoAttempts = { properties: { [`${scope}.send.max_attempts`]: '2' } }
const secret = 'hunter2-äöü-🔑'
let appDir = ''

beforeAll(async () => {
  appDir = await ensureAppBuilt()
}, 300_000)

/** An incident of Abel's whose own event has arrived; templates are published. */
async function readyIncident(road: Road): Promise<StoredRecord> {
  await publishTemplates(road)
  const incident = road.app.incident('abel.agent')
  await arrived(road)
  return incident
}

function runs({ app }: Road): readonly StoredRecord[] {
  return app.rows(`${scope}_run`)
}

function setRow(road: Road, row: StoredRecord, values: StoredRecord): void {
  road.app.change('admin', { table: `${scope}_outbox`, sysId: row['sys_id'] ?? '' }, values)
}

/** Presses "Send again" on the form of the row, if this user is offered it. */
function sendAgain(road: Road, userName: string, row: StoredRecord): string[] {
  const { platform } = road.app
  const session = { ...road.app.as(userName), interactive: true }
  const [table, sysId] = [`${scope}_outbox`, row['sys_id'] ?? '']
  const action = platform
    .formActions(session, table, sysId)
    .find((one) => one.label === 'Send again')
  if (!action) return []
  const done = platform.runAction(session, action.sysId, table, sysId, {})
  return 'messages' in done ? done.messages.map((one) => one.text) : [done.detail ?? '']
}

describe('a run request that was given up', () => {
  test('after the last attempt: the run has failed, run and ticket say why', async () => {
    await using road = await openRoad(twoAttempts)
    const incident = await readyIncident(road)
    await road.receiver.answerAt('/v1/events', busy)

    const runId = await requestRun(road, incident)
    await road.app.platform.advance(20 * minute)

    const row = only(outbox(road, 'event_type=run.requested'))
    const reason =
      'Given up after 2 attempts. database_unavailable: The database does not answer; send it again.'
    expect(row).toMatchObject({ state: 'dead', attempts: '2', last_error: reason })
    expect(await road.receiver.events()).toHaveLength(2)
    const message = `The automation was not started: the connector did not take the request. ${reason}`
    expect(only(runs(road))).toMatchObject({ run_id: runId, state: 'failed', message })
    expect(only(runs(road))['finished']).not.toBe('')
    expect(road.app.notes(incident['sys_id'] ?? '')).toEqual([message])
  })

  test('because it will never be taken: the same, at once', async () => {
    await using road = await openRoad()
    const incident = await readyIncident(road)
    await road.receiver.answerNext(never)

    await requestRun(road, incident)
    await road.app.platform.settle()

    expect(only(runs(road))).toMatchObject({ state: 'failed' })
    expect(only(runs(road))['message']).toContain('event_invalid: data.run.template')
  })

  test('is sent again when an admin asks for it, secrets included', async () => {
    await using road = await openRoad()
    const incident = await readyIncident(road)
    await road.receiver.answerNext(never)
    const runId = await requestRun(road, incident, { folder: '/tmp', token: secret })
    await arrived(road)
    const row = only(outbox(road, 'state=dead'))

    const messages = sendAgain(road, 'ada.admin', row)

    expect(messages).toEqual(['The message is on its way again.'])
    const [event] = await arrived(road)
    expect(event).toMatchObject({
      id: row['event_id'],
      type: 'run.requested',
      data: { run: { id: runId, parameters: { folder: '/tmp', token: secret } } },
    })
    expect(only(outbox(road, 'event_type=run.requested'))).toMatchObject({
      state: 'sent',
      attempts: '1',
    })
  })

  test('is not offered to be sent again to others, nor when it is no dead letter', async () => {
    await using road = await openRoad()
    const incident = await readyIncident(road)
    await road.receiver.answerNext(never)
    await requestRun(road, incident)
    await arrived(road)

    expect(sendAgain(road, 'abel.agent', only(outbox(road, 'state=dead')))).toEqual([])
    expect(sendAgain(road, 'ada.admin', only(outbox(road, 'state=sent')))).toEqual([])
  })
})

describe('a row whose worker died while sending', () => {
  test('is taken up again after five minutes, not before', async () => {
    await using road = await openRoad()
    await road.receiver.answerNext(busy)
    road.app.incident('abel.agent')
    await arrived(road)
    const claimed_at = road.app.platform.now().toISOString().slice(0, 19).replace('T', ' ')
    setRow(road, only(outbox(road)), { state: 'sending', claimed_at })

    await road.app.platform.advance(4 * minute)
    expect(only(outbox(road))).toMatchObject({ state: 'sending', attempts: '1' })
    await road.app.platform.advance(3 * minute)

    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '2' })
  })

  test('in every one of its attempts is given up without another', async () => {
    await using road = await openRoad(twoAttempts)
    const incident = await readyIncident(road)
    await road.receiver.answerNext(busy)
    await requestRun(road, incident)
    await arrived(road)
    const row = only(outbox(road, 'event_type=run.requested'))
    setRow(road, row, { state: 'sending', attempts: '2', claimed_at: '2026-01-01 00:00:00' })

    await road.app.platform.advance(2 * minute)

    expect(await road.receiver.events()).toEqual([])
    expect(only(outbox(road, 'event_type=run.requested'))).toMatchObject({
      state: 'dead',
      last_error: 'Given up after 2 attempts. The last one never ended.',
    })
    expect(only(runs(road))).toMatchObject({ state: 'failed' })
  })

  test('whose event was lost is sent by the sweep', async () => {
    await using road = await openRoad()
    await road.receiver.answerNext(busy)
    road.app.incident('abel.agent')
    await arrived(road)
    setRow(road, only(outbox(road)), { attempts: '0', next_attempt: '2026-01-01 00:00:00' })

    await road.app.platform.advance(minute)

    expect(only(outbox(road))).toMatchObject({ state: 'sent', attempts: '1' })
  })
})

describe('secret parameters', () => {
  test('reach the connector and stand nowhere else, waiting or sent', async () => {
    await using road = await openRoad()
    const incident = await readyIncident(road)
    await road.receiver.answerNext(busy)

    await requestRun(road, incident, { folder: '/tmp', token: secret })
    await arrived(road)

    const all = [...outbox(road), ...runs(road)]
    expect(JSON.stringify(all)).not.toContain('hunter2')
    expect(JSON.parse(only(runs(road))['parameters'] ?? '')).toEqual({
      folder: '/tmp',
      token: '********',
    })
    await road.app.platform.advance(2 * minute)
    const [event] = await arrived(road)
    expect(event).toMatchObject({ data: { run: { parameters: { token: secret } } } })
    expect(only(outbox(road, 'event_type=run.requested'))['state']).toBe('sent')
  })

  test('cannot be read through the Table API by anybody, nor can the signing key', async () => {
    await using receiver = await startReceiver()
    const instance = await startInstance({
      platform: { appDir, clock: 'virtual', samples: false },
      basicAuthGate: false,
    })
    try {
      const app = appOn(instance.platform)
      connect(app, receiver.url)
      const road = { app, receiver, [Symbol.asyncDispose]: () => Promise.resolve() }
      const incident = await readyIncident(road)
      await receiver.answerNext(never)
      await requestRun(road, incident, { folder: '/tmp', token: secret })
      await app.platform.settle()
      expect(only(outbox(road, 'state=dead'))['run_request']).not.toBe('')

      const urls = ['outbox', 'connection', 'run'].flatMap((table) =>
        ['all', 'true', 'false'].map(
          (display) => `${scope}_${table}?sysparm_display_value=${display}`,
        ),
      )
      for (const user of ['admin', 'ada.admin', 'otto.auditor', 'abel.agent']) {
        for (const url of urls) {
          const { text } = await send(`${instance.url}/api/now/table/${url}`, {
            headers: basic(user),
          })
          expect(text).not.toMatch(/hunter2|dGVzdC1vbmx5|\{scrambled\}/)
        }
      }
      const seen = await send(`${instance.url}/api/now/table/${scope}_outbox`, {
        headers: basic('otto.auditor'),
      })
      expect(seen.json()).toMatchObject({ result: [{ state: 'sent' }, { state: 'dead' }] })
      const hidden = await send(`${instance.url}/api/now/table/${scope}_outbox`, {
        headers: basic('abel.agent'),
      })
      expect(hidden.status).toBe(403)
    } finally {
      await instance.stop()
    }
  })
})

describe('the nightly cleaning', () => {
  test('removes old sent rows and the secrets of old dead letters, and nothing else', async () => {
    await using road = await openRoad()
    const incident = await readyIncident(road)
    await road.receiver.answerNext(never, busy)
    await requestRun(road, incident, { folder: '/tmp', token: secret })
    await arrived(road)
    await requestRun(road, incident)
    await arrived(road)
    road.app.incident('abel.agent', { short_description: 'Today' })
    await arrived(road)
    const [created = {}] = outbox(road, 'event_type=ticket.created')
    setRow(road, created, { sent_at: '2026-01-01 00:00:00' })
    setRow(road, only(outbox(road, 'state=dead')), { claimed_at: '2026-01-01 00:00:00' })

    await runJob(road.app, 'Ticket Automation: delete old sent rows')

    expect(outbox(road).map((row) => [row['event_type'], row['state']])).toEqual([
      ['run.requested', 'dead'],
      ['run.requested', 'pending'],
      ['ticket.created', 'sent'],
    ])
    // Without its secret it is not what the agent confirmed: it stays where it is, and says why.
    expect(sendAgain(road, 'ada.admin', only(outbox(road, 'state=dead')))).toEqual([
      'It cannot be sent again: its secret parameters (token) are gone. Run the automation again on the ticket.',
    ])
    expect(await arrived(road)).toEqual([])
  })
})
