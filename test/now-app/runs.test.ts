// The routes behind the run page on the built app: who may look, start, watch and cancel, and what the
// answers say when it does not work.
import { beforeAll, describe, expect, test } from 'vitest'

import { PreviewRequest } from '#shared/preview.ts'
import { asciiJson } from '#shared/text.ts'

import type { StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { randomHex } from '../support/events.ts'
import { connect, only, openApp, scope, templates } from './on-instance.ts'
import type { RouteAnswer } from './on-instance.ts'
import { problem } from './receiver.ts'
import { arrived, openRoad, outbox, publishTemplates, requestRun } from './road.ts'
import type { Road } from './road.ts'

const outsiders = ['ivy.itil', 'carla.caller', 'otto.auditor', 'victor.vip', 'ticket.automation']
const abel = 'abel.agent'

// One road for refusals, after which it must be as it was.
let untouched: Prepared

beforeAll(async () => {
  await ensureAppBuilt()
  untouched = await prepare()
  return () => untouched[Symbol.asyncDispose]()
}, 300_000)

interface Prepared extends Road {
  incident: StoredRecord
  sysId: string
}

/** A road with published templates and an incident whose own event has arrived. */
async function prepare(options: Parameters<typeof openRoad>[0] = {}): Promise<Prepared> {
  const road = await openRoad(options)
  await publishTemplates(road)
  const incident = road.app.incident(abel, { description: 'Full: 98 % 🚀' })
  await arrived(road)
  return { ...road, incident, sysId: incident['sys_id'] ?? '' }
}

function preview({ app, sysId }: Prepared, userName: string | null = abel): Promise<RouteAnswer> {
  return app.call(userName, { method: 'GET', path: `/tickets/incident/${sysId}/preview` })
}

interface Start {
  userName?: string | null
  path?: string
  body?: unknown
}

function start(
  { app, sysId }: Prepared,
  { userName = abel, path, body }: Start = {},
): Promise<RouteAnswer> {
  const asked = body ?? { template: 'free-disk-space', version: 3, parameters: { folder: '/tmp' } }
  return app.call(userName, { path: path ?? `/tickets/incident/${sysId}/runs`, body: asked })
}

function runs({ app }: Road): readonly StoredRecord[] {
  return app.rows(`${scope}_run`)
}

function requests(road: Road): readonly StoredRecord[] {
  return outbox(road, 'event_type=run.requested')
}

function failure(answer: RouteAnswer): [number, string | undefined] {
  return [answer.status, answer.error.code]
}

describe('preview', () => {
  test('asks the connector about this ticket and this person, and hands on its answer', async () => {
    await using road = await prepare()
    const fits = { name: 'free-disk-space', version: 3, title: 'Free disk space' }
    await road.receiver.answerAt('/v1/preview', {
      status: 200,
      body: asciiJson({ templates: [fits] }),
    })

    const { status, result } = await preview(road)

    expect(status).toBe(200)
    expect(result).toMatchObject({
      ticket: { number: road.incident['number'], state_label: 'New', over: false },
      templates: [fits],
      runs: [],
    })
    const asked = (await road.receiver.requests()).filter((one) => one.path === '/v1/preview')
    const question = PreviewRequest.parse(JSON.parse(asked[0]?.body ?? ''))
    expect(question.actor.user_name).toBe(abel)
    expect(question.ticket.fields['description']?.value).toBe('Full: 98 % 🚀')
  })

  test('shows the runs of the ticket, and writes nothing itself', async () => {
    await using road = await prepare()
    const runId = await requestRun(road, road.incident)
    const before = [outbox(road), runs(road)]

    const { result } = await preview(road)

    expect(result['runs']).toMatchObject([{ run_id: runId, state: 'requested', final: false }])
    expect([outbox(road), runs(road)]).toEqual(before)
  })

  test('says what is wrong on the way to the connector', async () => {
    await using app = await openApp()
    const path = `/tickets/incident/${app.incident(abel)['sys_id']}/preview`

    expect(failure(await app.call(abel, { method: 'GET', path }))).toEqual([
      503,
      'connection_unusable',
    ])
    connect(app, 'http://127.0.0.1:9', { timeout: '500' })
    expect(failure(await app.call(abel, { method: 'GET', path }))).toEqual([
      502,
      'connector_unreachable',
    ])
  })

  test.each([
    [
      'a problem',
      problem(401, 'signature_unknown_key', 'compare the key id'),
      'signature_unknown_key',
    ],
    ['a web page', { status: 200, body: '<html>Sign in</html>' }, 'HTTP 200'],
    ['another JSON', { status: 200, body: '{"templates":"none"}' }, 'HTTP 200'],
  ])('says so when the connector answers with %s', async (_what, answer, reason) => {
    await using road = await prepare()
    await road.receiver.answerAt('/v1/preview', answer)

    const refused = await preview(road)

    expect(failure(refused)).toEqual([502, 'connector_refused'])
    expect(refused.error.message).toContain(reason)
  })
})

describe('who may', () => {
  test('only people with the agent role get through; others change nothing', async () => {
    await using road = await prepare()
    const runId = await requestRun(road, road.incident)
    const before = [outbox(road), runs(road)]

    for (const [userName, status] of [
      ...outsiders.map((one) => [one, 403] as const),
      [null, 401] as const,
    ]) {
      expect((await preview(road, userName)).status).toBe(status)
      expect((await start(road, { userName })).status).toBe(status)
      for (const call of [
        { method: 'GET', path: `/runs/${runId}` },
        { method: 'POST', path: `/runs/${runId}/cancel` },
      ] as const) {
        expect((await road.app.call(userName, call)).status).toBe(status)
      }
    }

    expect([outbox(road), runs(road)]).toEqual(before)
  })

  test('an agent who may not read the ticket is told no more than that there is none', async () => {
    // The role of the app without the one that reads incidents.
    const users = [{ userName: 'nora.norole', name: 'Nora', roles: [`${scope}.agent`] }]
    await using road = await prepare({ users })
    const runId = await requestRun(road, road.incident)
    const userName = 'nora.norole'

    expect(failure(await preview(road, userName))).toEqual([404, 'ticket_not_found'])
    expect(failure(await start(road, { userName }))).toEqual([404, 'ticket_not_found'])
    expect(
      failure(await road.app.call(userName, { method: 'GET', path: `/runs/${runId}` })),
    ).toEqual([404, 'run_not_found'])
    expect(failure(await road.app.call(userName, { path: `/runs/${runId}/cancel` }))).toEqual([
      404,
      'run_not_found',
    ])
    expect(only(runs(road))['cancel_requested']).toBe('false')
  })

  test.each<[string, [number, string]]>([
    [`incident/${'f'.repeat(32)}`, [404, 'ticket_not_found']],
    ['incident/abc', [404, 'ticket_not_found']],
    [`sys_user/${'f'.repeat(32)}`, [400, 'table_not_supported']],
  ])('nobody starts anything on %s', async (ticket, expected) => {
    const road = untouched

    expect(failure(await start(road, { path: `/tickets/${ticket}/runs` }))).toEqual(expected)
    expect(runs(road)).toEqual([])
  })

  test('nobody starts anything while the app is switched off', async () => {
    await using road = await prepare({ properties: { [`${scope}.enabled`]: 'false' } })

    expect(failure(await start(road))).toEqual([503, 'disabled'])
    expect(failure(await preview(road))).toEqual([503, 'disabled'])
  })
})

describe('starting a run', () => {
  test('writes a run and sends the request with its parameters', async () => {
    await using road = await prepare()
    const runId = randomHex()
    const parameters = { folder: '/var/log', keep_days: 7 }

    const { status, result } = await start(road, {
      body: { run_id: runId, template: 'free-disk-space', version: 3, parameters },
    })

    expect([status, result]).toEqual([201, { run_id: runId }])
    expect(only(runs(road))).toMatchObject({
      run_id: runId,
      ticket: road.sysId,
      template: 'free-disk-space',
      template_version: '3',
      trigger: 'manual',
      state: 'requested',
      requested_by: road.app.as(abel).userSysId,
      sequence: '0',
    })
    const [event] = await arrived(road)
    expect(event).toMatchObject({
      type: 'run.requested',
      data: {
        actor: { user_name: abel },
        run: { id: runId, template: 'free-disk-space', version: 3, parameters },
      },
    })
  })

  test('a double click starts one run', async () => {
    await using road = await prepare()
    const run_id = randomHex()
    const body = { run_id, template: 'free-disk-space', version: 3, parameters: { folder: '/tmp' } }

    const answers = await Promise.all([1, 2, 3].map(() => start(road, { body })))

    expect(answers.map(({ status, result }) => [status, result['run_id']])).toEqual(
      Array.from({ length: 3 }, () => [201, run_id]),
    )
    expect(runs(road)).toHaveLength(1)
    expect(requests(road)).toHaveLength(1)
    expect(await arrived(road)).toHaveLength(1)
  })

  test("somebody else's run id, or that of another ticket, is refused", async () => {
    const users = [{ userName: 'bea.agent', name: 'Bea', roles: ['itil', `${scope}.agent`] }]
    await using road = await prepare({ users })
    const run_id = await requestRun(road, road.incident)
    const body = { run_id, template: 'free-disk-space', version: 3, parameters: { folder: '/tmp' } }
    const other = road.app.incident(abel)['sys_id']

    expect(failure(await start(road, { userName: 'bea.agent', body }))).toEqual([
      409,
      'ticket_mismatch',
    ])
    expect(failure(await start(road, { path: `/tickets/incident/${other}/runs`, body }))).toEqual([
      409,
      'ticket_mismatch',
    ])
    expect(runs(road)).toHaveLength(1)
  })

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a missing one', {}, ['folder']],
    ['an empty one', { folder: '' }, ['folder']],
    ['text for a number', { folder: '/tmp', keep_days: '7' }, ['keep_days']],
    ['a fraction', { folder: '/tmp', keep_days: 1.5 }, ['keep_days']],
    ['too small a number', { folder: '/tmp', keep_days: 0 }, ['keep_days']],
    ['a number for text', { folder: 5 }, ['folder']],
    ['an object', { folder: { $: 1 }, token: ['x'] }, ['folder', 'token']],
    ['an unknown one', { folder: '/tmp', sudo: true }, ['sudo']],
    ['several wrong ones', { keep_days: 'x', sudo: 1 }, ['folder', 'keep_days', 'sudo']],
  ])('names every wrong parameter: %s', async (_what, parameters, names) => {
    const road = untouched

    const answer = await start(road, {
      body: { template: 'free-disk-space', version: 3, parameters },
    })

    expect(failure(answer)).toEqual([422, 'parameters_invalid'])
    expect(answer.error.errors?.map((error) => error.name)).toEqual(names)
    expect([runs(road), requests(road)]).toEqual([[], []])
  })

  test.each<[string, unknown, [number, string]]>([
    ['no JSON', 'no json', [400, 'body_invalid_json']],
    ['a list', '[]', [400, 'body_invalid_json']],
    ['no template', { version: 3 }, [400, 'body_invalid']],
    ['no version', { template: 'free-disk-space' }, [400, 'body_invalid']],
    [
      'a run id of its own making',
      { run_id: 'mine', template: 'a', version: 1 },
      [400, 'body_invalid'],
    ],
    [
      'parameters that are none',
      { template: 'free-disk-space', version: 3, parameters: 'x' },
      [400, 'body_invalid'],
    ],
    ['an older version', { template: 'free-disk-space', version: 2 }, [409, 'template_changed']],
    ['an unknown template', { template: 'sudo', version: 1 }, [409, 'template_changed']],
  ])('is refused with %s', async (_what, body, expected) => {
    const road = untouched

    expect(failure(await start(road, { body }))).toEqual(expected)
    expect([runs(road), requests(road)]).toEqual([[], []])
  })

  test('is refused when the template is broken, with the reason', async () => {
    await using road = await prepare()
    const [template] = templates.templates
    const broken = [{ ...template, problem: 'match/0/when: unknown field u_x' }]
    await road.receiver.answerAt('/v1/templates', {
      status: 200,
      body: asciiJson({ templates: broken }),
    })

    const answer = await start(road)

    expect(failure(answer)).toEqual([409, 'template_broken'])
    expect(answer.error.message).toContain('unknown field u_x')
  })

  test.each([
    ['resolved', { state: '6', close_code: 'Solution provided', close_notes: 'Done.' }],
    ['closed', { state: '7', close_code: 'Solution provided', close_notes: 'Done.' }],
    ['cancelled', { state: '8' }],
  ])('is refused on a ticket that is %s', async (_what, values) => {
    await using road = await prepare()
    road.app.change(abel, { table: 'incident', sysId: road.sysId }, values)

    expect(failure(await start(road))).toEqual([409, 'ticket_closed'])
    expect(runs(road)).toEqual([])
  })
})

describe('watching and cancelling', () => {
  test('the run as the page shows it', async () => {
    await using road = await prepare()
    const runId = await requestRun(road, road.incident)

    const { status, result } = await road.app.call(abel, { method: 'GET', path: `/runs/${runId}` })

    expect(status).toBe(200)
    expect(result).toMatchObject({
      run_id: runId,
      ticket: { table: 'incident', sys_id: road.sysId, number: road.incident['number'] },
      template: { name: 'free-disk-space', version: 3, title: 'Free disk space' },
      state: 'requested',
      state_label: 'Requested',
      final: false,
      requested_by: 'Abel Agent',
      cancel_requested: false,
    })
  })

  test('a cancel is sent after its request, and once however often it is asked for', async () => {
    await using road = await prepare()
    const runId = await requestRun(road, road.incident)

    const answers = []
    for (const _click of [1, 2, 3]) {
      answers.push(await road.app.call(abel, { path: `/runs/${runId}/cancel` }))
    }

    expect(answers.map((answer) => [answer.status, answer.result['cancel_requested']])).toEqual(
      Array.from({ length: 3 }, () => [202, true]),
    )
    const events = await arrived(road)
    expect(events.map((event) => event.type)).toEqual(['run.requested', 'run.cancel_requested'])
    expect(events[1]).toMatchObject({ data: { run: { id: runId }, actor: { user_name: abel } } })
  })

  test('a run that has ended, and one that does not exist, cannot be cancelled', async () => {
    await using road = await prepare()
    const runId = await requestRun(road, road.incident)
    await arrived(road)
    const row = { table: `${scope}_run`, sysId: only(runs(road))['sys_id'] ?? '' }
    road.app.change('admin', row, { state: 'succeeded' })

    expect(failure(await road.app.call(abel, { path: `/runs/${runId}/cancel` }))).toEqual([
      409,
      'run_finished',
    ])
    for (const unknown of ['0'.repeat(32), 'x', '%00']) {
      expect(failure(await road.app.call(abel, { path: `/runs/${unknown}/cancel` }))).toEqual([
        404,
        'run_not_found',
      ])
    }
    expect(await arrived(road)).toEqual([])
  })
})

describe('the list of templates', () => {
  test('is synced by admins of the app alone', async () => {
    await using road = await openRoad()
    await publishTemplates(road)

    for (const userName of ['abel.agent', ...outsiders]) {
      expect((await road.app.call(userName, { path: '/templates/sync' })).status).toBe(403)
    }
    const synced = await road.app.call('ada.admin', { path: '/templates/sync' })

    expect([synced.status, synced.result]).toEqual([200, { templates: 1, removed: 0 }])
    expect(only(road.app.rows(`${scope}_job_template`))).toMatchObject({
      name: 'free-disk-space',
      version: '3',
      active: 'true',
    })
  })

  test('loses what is published no more, and keeps what it has when the connector is away', async () => {
    await using road = await openRoad()
    await publishTemplates(road)
    await road.app.call('ada.admin', { path: '/templates/sync' })
    await road.receiver.answerAt('/v1/templates', { status: 500, body: '<h1>Oops</h1>' })

    expect(failure(await road.app.call('ada.admin', { path: '/templates/sync' }))).toEqual([
      502,
      'connector_refused',
    ])
    expect(only(road.app.rows(`${scope}_job_template`))['active']).toBe('true')

    await road.receiver.answerAt('/v1/templates', null)
    const synced = await road.app.call('ada.admin', { path: '/templates/sync' })

    expect(synced.result).toEqual({ templates: 0, removed: 1 })
    expect(only(road.app.rows(`${scope}_job_template`))['active']).toBe('false')
  })
})
