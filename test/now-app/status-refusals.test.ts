// What the built app does not take as a status update: no side effects, and a code that says why.
import { createSecretKey } from 'node:crypto'

import { beforeAll, describe, expect, test } from 'vitest'

import { ensureAppBuilt } from '../support/app-build.ts'
import type { SignOptions } from '../support/events.ts'
import { only, openApp, scope } from './on-instance.ts'
import type { AppOnInstance, RouteAnswer } from './on-instance.ts'
import { apply, note, openConnected, post, runs, updateOf } from './status-posting.ts'

// One instance for everything after which it must be as it was.
let untouched: AppOnInstance

beforeAll(async () => {
  await ensureAppBuilt()
  untouched = await openConnected()
  return () => untouched[Symbol.asyncDispose]()
}, 300_000)

describe('refused, and nothing changes', () => {
  async function refused(
    app: AppOnInstance,
    answer: RouteAnswer,
    expected: { status: number; code: string },
  ): Promise<void> {
    expect({ status: answer.status, code: answer.error.code }).toEqual(expected)
    await app.platform.settle()
    expect(runs(app)).toEqual([])
    expect(app.platform.log().filter((line) => line.level === 'error')).toEqual([])
  }

  test.each<[string, string, SignOptions]>([
    ['another key', 'signature_invalid', { key: createSecretKey(Buffer.alloc(32, 7)) }],
    ['HS512', 'signature_invalid', { alg: 'HS512' }],
    ['another key id', 'signature_unknown_key', { kid: 'acme-2019' }],
    ['another issuer', 'signature_wrong_issuer', { issuer: 'somebody' }],
    ['another audience', 'signature_wrong_audience', { audience: 'other' }],
    ['an old one', 'signature_expired', { now: new Date('2026-01-01T00:00:00Z') }],
    ['one from the future', 'signature_not_yet_valid', { now: new Date('2099-01-01T00:00:00Z') }],
    ['the hash of another body', 'body_hash_mismatch', { bodySha256: 'A'.repeat(43) }],
  ])('a signature with %s: 401 %s', async (_what, code, sign) => {
    const app = untouched
    const incident = app.incident('abel.agent')
    const update = updateOf(incident, { ticket_change: note('a') })

    const answer = await post(app, update, { sign })

    await refused(app, answer, { status: 401, code })
    expect(app.notes(incident['sys_id'] ?? '')).toEqual([])
  })

  test('no signature: 401', async () => {
    const app = untouched

    const answer = await post(app, updateOf(app.incident('abel.agent')), { headers: {} })

    await refused(app, answer, { status: 401, code: 'signature_missing' })
  })

  test('nobody signed in: 401; people without the role, admins among them: 403', async () => {
    const app = untouched
    const update = updateOf(app.incident('abel.agent'))

    expect((await post(app, update, { userName: null })).status).toBe(401)
    for (const userName of ['admin', 'ada.admin', 'abel.agent', 'otto.auditor', 'carla.caller']) {
      expect((await post(app, update, { userName })).status).toBe(403)
    }
    expect(runs(app)).toEqual([])
  })

  test('a user with the role who is not the one of the setting: 403', async () => {
    const users = [{ userName: 'second.robot', name: 'R', roles: ['itil', `${scope}.integration`] }]
    await using app = await openConnected({ users })
    const update = updateOf(app.incident('abel.agent'))

    const answer = await post(app, update, { userName: 'second.robot' })

    await refused(app, answer, { status: 403, code: 'integration_user_mismatch' })
  })

  test('no active connection: 503', async () => {
    await using app = await openApp()

    const answer = await post(app, updateOf(app.incident('abel.agent')))

    await refused(app, answer, { status: 503, code: 'connection_unusable' })
  })

  test('a ticket that does not exist, another number, another table', async () => {
    const app = untouched
    const incident = app.incident('abel.agent')
    const right = updateOf(incident).ticket

    for (const [ticket, expected] of [
      [
        { ...right, sys_id: 'f'.repeat(32) },
        { status: 404, code: 'ticket_not_found' },
      ],
      [
        { ...right, number: 'INC9999999' },
        { status: 409, code: 'ticket_mismatch' },
      ],
      [
        { ...right, table: 'sys_user' },
        { status: 400, code: 'table_not_supported' },
      ],
    ] as const) {
      await refused(app, await post(app, { ...updateOf(incident), ticket }), expected)
    }
  })

  test('a run of another ticket: 409', async () => {
    await using app = await openConnected()
    const first = updateOf(app.incident('abel.agent'))
    await apply(app, first)
    const other = updateOf(app.incident('abel.agent'), { run_id: first.run_id, sequence: 2 })

    const answer = await post(app, other)

    expect(answer).toMatchObject({ status: 409, error: { code: 'ticket_mismatch' } })
    expect(only(runs(app))['sequence']).toBe('1')
  })

  test('a body that is not the contract', async () => {
    const app = untouched
    const whole: Record<string, unknown> = { ...updateOf(app.incident('abel.agent')) }
    const wrong: unknown[] = ['', 'no json', '[]', 'null', '42', '{}']
    for (const name of ['run_id', 'sequence', 'time', 'ticket', 'template', 'state', 'message']) {
      wrong.push({ ...whole, [name]: undefined }, { ...whole, [name]: 7.5 })
    }
    for (const name of ['step', 'job', 'output', 'decision', 'ticket_change']) {
      wrong.push({ ...whole, [name]: undefined }, { ...whole, [name]: 'text' })
    }
    wrong.push({ ...whole, ticket_change: { work_note: 'text' } })
    wrong.push({ ...whole, ticket_change: { work_note: { key: 'a' } } })

    for (const body of wrong) {
      const answer = await post(app, body)
      await refused(app, answer, { status: 400, code: 'body_invalid' })
    }
  })
})
