// Who reads, starts and cancels runs, as the ticket's own rights have it; and what the button does.
import { readFile } from 'node:fs/promises'

import { beforeAll, describe, expect, test } from 'vitest'

import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { readBuiltRecords } from '../support/built-app.ts'
import { only, openApp, runInApp, scope } from './on-instance.ts'
import type { AppOnInstance } from './on-instance.ts'
import { arrived, openRoad, publishTemplates, requestRun } from './road.ts'
import type { Road } from './road.ts'

// Agents of the app without the role that reads all incidents: one watches the ticket, one does not.
const users = ['wanda.watcher', 'nora.norole'].map((userName) => ({
  userName,
  name: userName,
  roles: [`${scope}.agent`],
}))
let appDir = ''

beforeAll(async () => {
  appDir = await ensureAppBuilt()
}, 300_000)

async function watched(): Promise<{ road: Road; incident: StoredRecord; runId: string }> {
  const road = await openRoad({ users })
  await publishTemplates(road)
  const watch_list = road.app.as('wanda.watcher').userSysId
  const incident = road.app.incident('abel.agent', { watch_list })
  const runId = await requestRun(road, incident)
  await arrived(road)
  return { road, incident, runId }
}

function runsSeenBy(app: AppOnInstance, userName: string): number {
  const found = app.platform.query(app.as(userName), `${scope}_run`, { encodedQuery: '' })
  return 'ok' in found ? -1 : found.records.length
}

function buttons(app: AppOnInstance, userName: string, incident: StoredRecord): string[] {
  const session = { ...app.as(userName), interactive: true }
  return app.platform
    .formActions(session, 'incident', incident['sys_id'] ?? '')
    .map((action) => action.label)
}

describe('a run', () => {
  test('is read with its ticket: by agents who may read that, and by auditors', async () => {
    const { road, runId } = await watched()
    await using _closed = road
    const readers = ['abel.agent', 'wanda.watcher', 'nora.norole', 'otto.auditor', 'ada.admin']

    expect(readers.map((userName) => runsSeenBy(road.app, userName))).toEqual([1, 1, 0, 1, 1])
    const hidden = await road.app.call('nora.norole', { method: 'GET', path: `/runs/${runId}` })
    expect([hidden.status, hidden.error.code]).toEqual([404, 'run_not_found'])
  })

  test('is watched by who may read the ticket, but started and cancelled by who may change it', async () => {
    const { road, incident, runId } = await watched()
    await using _closed = road
    const before = road.app.rows(`${scope}_outbox`).length
    const body = { template: 'free-disk-space', version: 3, parameters: { folder: '/tmp' } }
    const path = `/tickets/incident/${incident['sys_id']}/runs`

    const seen = await road.app.call('wanda.watcher', { method: 'GET', path: `/runs/${runId}` })
    const started = await road.app.call('wanda.watcher', { path, body })
    const cancelled = await road.app.call('wanda.watcher', { path: `/runs/${runId}/cancel` })

    expect(seen.status).toBe(200)
    expect([started.status, started.error.code]).toEqual([403, 'not_allowed'])
    expect([cancelled.status, cancelled.error.code]).toEqual([403, 'not_allowed'])
    expect(road.app.rows(`${scope}_outbox`)).toHaveLength(before)
    expect(buttons(road.app, 'wanda.watcher', incident)).not.toContain('Run automation')
    expect(buttons(road.app, 'abel.agent', incident)).toContain('Run automation')
  })
})

describe('the button', () => {
  test('follows the setting of the resolved state', async () => {
    await using app = await openApp({ properties: { [`${scope}.incident.state.resolved`]: '3' } })
    const open = app.incident('abel.agent')
    const resolved = app.incident('abel.agent', { state: '3', hold_reason: '1' })

    expect(buttons(app, 'abel.agent', open)).toContain('Run automation')
    expect(buttons(app, 'abel.agent', resolved)).not.toContain('Run automation')
  })

  test('keeps what was typed into the form before it leaves it', async () => {
    await using app = await openApp()
    const incident = app.incident('abel.agent')
    const sysId = incident['sys_id'] ?? ''
    const session = { ...app.as('abel.agent'), interactive: true }
    const action = only(
      app.platform
        .formActions(session, 'incident', sysId)
        .filter((one) => one.label === 'Run automation')
        .map((one) => ({ sysId: one.sysId })),
    )

    const values = { short_description: 'Typed, not saved' }
    const done = app.platform.runAction(session, action['sysId'] ?? '', 'incident', sysId, values)

    expect(done).toMatchObject({
      redirect: `x_snc_ticket_auto_start.do?sysparm_table=incident&sysparm_sys_id=${sysId}`,
    })
    expect(only(app.rows('incident', `sys_id=${sysId}`))).toMatchObject(values)
  })
})

test("an event carries dates as stored values alone: their display is of somebody's time zone", async () => {
  await using road = await openRoad()
  road.app.incident('abel.agent')

  const [event] = await arrived(road)

  const fields = Object.values(event?.data.ticket.fields ?? {})
  const dates = fields.filter((field) => /date|time/.test(field.type) && field.value !== '')
  expect(dates.length).toBeGreaterThan(1)
  expect(dates.filter((field) => 'display' in field)).toEqual([])
  expect(fields.some((field) => 'display' in field)).toBe(true)
})

test.each([
  ['a [code]<b>x</b>[/code] b', 'a ［code]<b>x</b>［/code] b'],
  ['[CODE] [ / Code ] [ code]', '［CODE] ［ / Code ] ［ code]'],
  ['[codes] [0] [cod', '[codes] [0] [cod'],
])('a work note never holds the markup of the journal: %s', async (text, expected) => {
  await using app = await openApp()

  expect(await runInApp(app, 'work-note.ts#plainNote', [text])).toBe(expected)
})

test('connections and the outbox are no web service; runs and templates are read as one', async () => {
  const tables = (await readBuiltRecords(appDir)).filter((one) => one.table === 'sys_db_object')

  expect(
    Object.fromEntries(tables.map(({ fields }) => [fields['name'], fields['ws_access']])),
  ).toEqual({
    [`${scope}_connection`]: 'false',
    [`${scope}_outbox`]: 'false',
    [`${scope}_run`]: 'true',
    [`${scope}_job_template`]: 'true',
  })
})

test('README explains every code the app can answer with', async () => {
  const source = await readFile(
    new URL('../../now-app/src/server/rest-reply.ts', import.meta.url),
    'utf8',
  )
  const union = /export type AppCode =([\s\S]*?)\n\n/.exec(source)?.[1] ?? ''
  const codes = [...union.matchAll(/\| '(\w+)'/g)].map((match) => match[1] ?? '')
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const explained = readme.split('\n').filter((line) => line.startsWith('| `'))

  expect(codes.length).toBeGreaterThan(15)
  for (const code of codes.filter((one) => !one.startsWith('signature'))) {
    expect(
      explained.some((line) => line.split('|')[1]?.includes(`\`${code}\``)),
      code,
    ).toBe(true)
  }
})
