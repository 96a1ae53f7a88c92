// Text of tickets and parameters on its way out of the built app: exactly as written, or visibly replaced.
import { beforeAll, describe, expect, test } from 'vitest'

import { ensureAppBuilt } from '../support/app-build.ts'
import { arrived, openRoad, outbox, publishTemplates, requestRun } from './road.ts'
import type { Road } from './road.ts'

// One road for all texts: each has a ticket of its own.
let road: Road

beforeAll(async () => {
  await ensureAppBuilt()
  road = await openRoad()
  await publishTemplates(road)
  return () => road[Symbol.asyncDispose]()
}, 300_000)

const halfMegabyte = 500 * 1024
const texts: readonly [string, string][] = [
  ['a command substitution', '$(rm -rf /) `rm -rf /` ; rm -rf / && true | cat'],
  ['variables of RESTMessageV2 and of shells', '${x} ${short_description} $HOME %PATH% {{x}}'],
  ['quotes and backslashes', `"double" 'single' \\ \\" \\n \\u0041`],
  ['line ends and tabs', 'one\ntwo\r\nthree\rfour\tfive'],
  ['markup', '<script>alert(1)</script> ]]> <!-- &amp; &#0; <![CDATA[x'],
  ['encoded query', 'x^ORactive=true^NQsys_idISNOTEMPTY javascript:gs.log(1)'],
  ['emoji of several code points', '🧑‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 🇨🇭'],
  ['right to left', 'שלום \u202Eabc\u202C مرحبا'],
  ['separators JavaScript once disliked', 'a\u2028b\u2029c\u0085d\u00a0e\ufeff'],
  ['control characters', 'a\u0001b\u001bc\u007fd'],
  ['combining characters', 'a\u0308 e\u0301\u0302\u0303 ﷽'],
  ['500 KB', 'Zürich 🚀 ${x}\n'.repeat(Math.ceil(halfMegabyte / 15)).slice(0, halfMegabyte - 1)],
]

describe('arrives exactly', () => {
  test.each(texts)('%s', async (_what, text) => {
    const incident = road.app.incident('abel.agent', { description: text })
    await requestRun(road, incident, { folder: text, token: text })

    const events = await arrived(road)
    const request = events.find((event) => event.type === 'run.requested')
    expect(events).toHaveLength(2)
    for (const event of events) {
      expect(event.data.ticket.fields['description']?.value === text).toBe(true)
    }
    expect(request?.data.run.parameters['folder'] === text).toBe(true)
    expect(request?.data.run.parameters['token'] === text).toBe(true)
    const rows = outbox(road, `ticket=${incident['sys_id']}`)
    expect(rows.map((row) => row['state'])).toEqual(['sent', 'sent'])
  })
})

describe('arrives visibly replaced', () => {
  test.each<[string, string, string]>([
    ['NUL', 'a\0b\0', 'a\u2400b\u2400'],
    ['the first half of a pair', 'a\uD83Db', 'a\uFFFDb'],
    ['the second half of a pair', '\uDE80b', '\uFFFDb'],
    ['halves around whole pairs', '\uDE80🚀\uD83D', '\uFFFD🚀\uFFFD'],
    ['halves in the wrong order', '\uDE80\uD83D', '\uFFFD\uFFFD'],
  ])('%s', async (_what, text, expected) => {
    const incident = road.app.incident('abel.agent', { description: text, short_description: text })
    await requestRun(road, incident, { folder: text, token: text })

    const events = await arrived(road)
    expect(events).toHaveLength(2)
    for (const event of events) {
      expect(event.data.ticket.fields['description']?.value).toBe(expected)
      expect(event.data.ticket.fields['short_description']?.value).toBe(expected)
    }
    const request = events.find((event) => event.type === 'run.requested')
    expect(request?.data.run.parameters).toEqual({ folder: expected, token: expected })
  })

  test('in the names of people and in display values as well', async () => {
    const users = [{ userName: 'odd.one', name: 'Odd \0\uD83D One', roles: ['itil'] }]
    await using other = await openRoad({ users })

    const odd = other.app.as('odd.one')
    other.app.incident('odd.one', { caller_id: odd.userSysId, assigned_to: odd.userSysId })

    const [event] = await arrived(other)
    expect(event?.data).toMatchObject({
      actor: { name: 'Odd \u2400\uFFFD One' },
      people: { requested_by: { name: 'Odd \u2400\uFFFD One' } },
      ticket: { fields: { caller_id: { display: 'Odd \u2400\uFFFD One' } } },
    })
  })
})
