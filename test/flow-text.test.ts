// Text of a ticket on its way to a real job and back into the work note: exactly as it was, and without effect.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { asciiJson } from '#shared/text.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { killLeftovers, spawnConnector } from './support/connector.ts'
import type { ConnectorProcess } from './support/connector.ts'
import { makeEvent, makeTicket, testActor } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { startRecordingInstance } from './support/recording-instance.ts'
import type { RecordingInstance } from './support/recording-instance.ts'
import { createSite } from './support/site.ts'
import type { Site } from './support/site.ts'
import { until } from './support/until.ts'

/** Started by a rule, so that nobody looks at the text between ticket and job. */
const tell = {
  name: 'tell',
  title: 'Tell',
  description: 'Writes down what it gets.',
  platform: 'local',
  job: 'tell.mjs',
  match: [{ table: 'incident', when: 'short_descriptionISNOTEMPTY', trigger: ['created'] }],
  parameters: [{ name: 'text', type: 'text', label: 'Text', from: 'fields.description' }],
  outcome: { succeeded: { transition: 'resolved', note: 'parameters.text' } },
}

/** A file that shell syntax in a ticket would make if anything on the road ran it. */
const trace = join(tmpdir(), `ticket-automation-trace-${randomUUID()}`)

const hostile = {
  'shell syntax': `$(touch ${trace}) \`touch ${trace}\` ; touch ${trace} | & && || > < * ? ~ {a,b} $HOME %PATH% \\ !!`,
  quotes: `'"'"' "; drop table run; -- \\" \\' \`\` ''' """`,
  'line ends and tabs': 'one\ntwo\r\nthree\rfour\tfive\v\f six\n\n',
  'control characters': Array.from({ length: 31 }, (_none, code) => String.fromCharCode(code + 1))
    .join('')
    .concat('\u007f\u0085\u2028\u2029\ufeff'),
  'right to left':
    'abc \u202Egnp.exe\u202C \u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627 \u2066x\u2069',
  'emoji and combining marks': '👩‍👩‍👧‍👦 🏳️‍🌈 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L 🇩🇪 é é \u{10FFFF}',
  'what templates and journals read':
    '{{7*7}} ${7*7} <%= 7 %> <script>alert(1)</script> [code]<b>x</b>[/code] %s %n',
  'a progress line': '::progress 100 done\n::progress 5 no',
  'words of JSON': '{"parameters":{"text":"other"}} \\u0000 \\ud800 null',
} as const

/** 500,000 characters of everything above, and of what takes two and three bytes. */
const long = `${Object.values(hostile).join(' ')} äöü€漢`
  .repeat(2000)
  .slice(0, 500_000)
  .toWellFormed()

let instance: RecordingInstance
let database: TestDatabase
let site: Site
let connector: ConnectorProcess & { url: string }

beforeAll(async () => {
  instance = await startRecordingInstance()
  database = await createTestDatabase()
  const databaseUrl = database.connectionString
  site = createSite({ instanceUrl: instance.url, databaseUrl, templates: { tell } })
  connector = await spawnConnector(site.connector)
})

afterAll(async () => {
  await connector.stop()
  killLeftovers()
  await instance.close()
  await database.drop()
  site.remove()
})

function created(description: string): TicketEvent {
  const ticket = makeTicket()
  ticket.fields['description'] = { type: 'string', value: description }
  const data = { ticket, actor: testActor, people: {} }
  return makeEvent({ source: instance.url, type: 'ticket.created', data })
}

describe('text of a ticket', () => {
  it.each(Object.entries({ ...hostile, '500,000 characters': long }))(
    'with %s arrives in the job and in the work note as it was',
    async (_name, text) => {
      const event = created(text)
      const { number } = event.data.ticket

      const answer = await site.sendOnce(event, connector.url)
      const told = await until('the end', () =>
        [...instance.runs.values()].find(
          ({ last }) => last.ticket.number === number && last.state !== 'running',
        ),
      )
      const stdin = JSON.parse(site.proof(number, 'stdin')) as { parameters: { text: string } }
      const note = told.notes.find(({ key }) => key.endsWith(':end'))?.text ?? ''

      expect(answer).toBe('accepted')
      expect(told.last).toMatchObject({ state: 'succeeded', progress: 100 })
      // Compared as booleans, because a difference of 500,000 characters helps nobody.
      expect(stdin.parameters.text === text).toBe(true)
      expect(site.proof(number, 'text') === text).toBe(true)
      expect(note.split('\n')[0]).toBe('Automation "Tell" succeeded. finished')
      expect(note.includes(`\n${text}\n`)).toBe(true)
      expect(existsSync(trace)).toBe(false)
    },
  )

  it.each([
    ['NUL', 'a\0b'],
    ['a lone high surrogate', 'a\uD83Db'],
    ['a lone low surrogate', '\uDE00'],
  ])('with %s is refused, because nothing can carry it', async (_name, text) => {
    const event = created(text)

    const answer = await site.sendOnce(event, connector.url)

    expect(answer).toBe('text_not_carriable')
    expect([...instance.runs.values()].map(({ last }) => last.ticket.number)).not.toContain(
      event.data.ticket.number,
    )
  })

  it('crosses the wire as ASCII alone', () => {
    for (const run of instance.runs.values()) {
      for (const { body } of run.deliveries.values()) {
        expect(body === asciiJson(JSON.parse(body))).toBe(true)
      }
    }
  })
})
