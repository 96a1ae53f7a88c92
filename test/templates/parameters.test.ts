import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  checkPrefilled,
  checkValues,
  factsOf,
  prefill,
  renderNote,
} from '../../connector/templates/parameters.ts'
import { limitProblem, toType } from '../../connector/templates/values.ts'
import { makeTicket, testActor } from '../support/events.ts'
import { factsWith, parameterWith, templateWith } from './sample.ts'

const choices = [
  { value: 'restart', label: 'Restart' },
  { value: '1', label: 'One' },
]

describe('the type of a value', () => {
  test.each<[type: string, raw: unknown, value: unknown]>([
    ['string', 'text', 'text'],
    ['string', ' kept ', ' kept '],
    ['string', 'line\r\nline', 'line\r\nline'],
    ['string', '$(rm -rf /) "\'`', '$(rm -rf /) "\'`'],
    ['string', 5, '5'],
    ['string', true, 'true'],
    ['text', '', null],
    ['secret', 'hunter22', 'hunter22'],
    ['integer', 5, 5],
    ['integer', '5', 5],
    ['integer', ' -7 ', -7],
    ['integer', '+7', 7],
    ['integer', '', null],
    ['number', '2.50', 2.5],
    ['number', '.5', 0.5],
    ['number', 1e21, 1e21],
    ['boolean', 'true', true],
    ['boolean', '0', false],
    ['boolean', 1, true],
    ['boolean', false, false],
    ['boolean', 'Yes', true],
    ['boolean', ' no', false],
    ['choice', 'restart', 'restart'],
    ['choice', 1, '1'],
    ['choice', null, null],
    ['choice', undefined, null],
  ])('%s takes %j as %j', (type, raw, value) => {
    const parameter = parameterWith({ type, ...(type === 'choice' ? { choices } : {}) })

    expect(toType(parameter, raw)).toEqual({ ok: true, value })
  })

  test.each<[type: string, raw: unknown, message: RegExp]>([
    ['string', 'a\0b', /"Value" holds a character that cannot be stored.*remove it/],
    ['string', 'a\uD800', /half a symbol/],
    ['string', ['a'], /must be text/],
    ['string', { a: 1 }, /must be text/],
    ['integer', '5.0', /"Value" must be a whole number; enter digits only/],
    ['integer', 5.5, /whole number/],
    ['integer', '0x10', /whole number/],
    ['integer', '1e3', /whole number/],
    ['integer', '9007199254740993', /whole number/],
    ['integer', true, /whole number/],
    ['number', '1,5', /must be a number; enter it with a decimal point/],
    ['number', 'Infinity', /must be a number/],
    ['number', Number.NaN, /must be a number/],
    ['boolean', 'maybe', /must be true or false/],
    ['boolean', 'on', /must be true or false/],
    ['boolean', 2, /must be true or false/],
    ['choice', 'Restart', /must be one of "restart", "1"; choose one/],
    ['choice', 'toString', /must be one of/],
  ])('%s refuses %j', (type, raw, message) => {
    const parameter = parameterWith({ type, ...(type === 'choice' ? { choices } : {}) })

    expect(toType(parameter, raw)).toEqual({ ok: false, message: expect.stringMatching(message) })
  })
})

describe('the limits of a value', () => {
  test.each<[limits: object, value: string | number | null, message: RegExp | null]>([
    [{ type: 'string', required: true }, null, /"Value" is required; enter a value/],
    [{ type: 'string', min_length: 3 }, null, null],
    [{ type: 'integer', min: 3 }, 2, /at least 3; enter a larger/],
    [{ type: 'integer', min: 3, max: 3 }, 3, null],
    [{ type: 'number', max: 2.5 }, 2.6, /at most 2.5; enter a smaller/],
    [{ type: 'string', min_length: 3 }, 'ab', /at least 3 characters, not 2; enter more/],
    [{ type: 'string', max_length: 2 }, 'abc', /at most 2 characters, not 3; shorten it/],
    [{ type: 'string', max_length: 2 }, '😀😀', null],
    [{ type: 'string', pattern: '[a-z]+' }, 'abc', null],
    [{ type: 'string', pattern: '[a-z]+' }, 'abc\n', /must look like \[a-z\]\+; correct it\./],
    [{ type: 'string', pattern: 'a|b' }, 'ax', /must look like/],
    [
      { type: 'string', pattern: 'a', help: 'Write an a.' },
      'b',
      /does not have the right form: Write an a\.$/,
    ],
    [{ type: 'string', pattern: '\\p{L}+' }, 'שלום', null],
    [{ type: 'string', pattern: 'a*' }, 'a'.repeat(10_001), /too long to be checked/],
    [{ type: 'string', pattern: '(a+)+' }, `${'a'.repeat(60)}!`, /could not be checked.* in time/],
  ])('%j on %j', (limits, value, message) => {
    const problem = limitProblem(parameterWith(limits), value)

    if (message === null) expect(problem).toBeNull()
    else expect(problem).toMatch(message)
  })
})

describe('prefill', () => {
  async function valueOf(part: object, fields: Record<string, string>) {
    const template = templateWith([{ name: 'value', label: 'Value', type: 'string', ...part }])
    const [first] = await prefill(template, factsWith(fields))
    return { value: first?.value, note: first?.note }
  }

  test.each<[name: string, part: object, value: unknown]>([
    ['the expression', { from: 'fields.a' }, 'x'],
    ['a computed value', { type: 'integer', from: '$number(fields.n) * 2' }, 84],
    ['a stored text in the type', { type: 'integer', from: 'fields.n' }, 42],
    ['the default where the ticket has no such field', { from: 'fields.b', default: 'd' }, 'd'],
    ['the default where the field is empty', { from: 'fields.empty', default: 'd' }, 'd'],
    ['the default in the type', { type: 'integer', default: '7' }, 7],
    ['nothing', {}, null],
    ['the ticket', { from: 'ticket.number' }, 'INC0010001'],
    ['the actor', { from: 'actor.user_name' }, 'beth.anglin'],
  ])('gives %s', async (_name, part, value) => {
    expect(await valueOf(part, { a: 'x', n: '42', empty: '' })).toEqual({ value, note: undefined })
  })

  test.each<[name: string, part: object, value: unknown, note: RegExp]>([
    ['fails', { from: '$error("no disk")', default: 'd' }, null, /"Value" could not be .*no disk/],
    ['never ends', { from: '($f := function() { $f() }; $f())', default: 'd' }, null, /timeout/i],
    ['does not fit the type', { type: 'integer', from: 'fields.a', default: 1 }, null, /whole/],
    ['gives a list', { from: '[fields.a, fields.n]', default: 'd' }, null, /must be text/],
    ['gives a function', { from: 'function($x) { $x }', default: 'd' }, null, /a function/],
    ['gives a built-in function', { from: '$uppercase', default: 'd' }, null, /a function/],
    ['breaks a limit', { from: 'fields.a', max_length: 1, default: 'd' }, 'xyz', /at most 1/],
  ])('says why when the expression %s, and never falls back on the default', async (...row) => {
    const [, part, value, note] = row

    expect(await valueOf(part, { a: 'xyz', n: '42' })).toEqual({
      value,
      note: expect.stringMatching(note),
    })
  })

  test.each([
    ['emoji', 'disk 💾 voll 👩‍🔧'],
    ['right-to-left text', 'הדיסק מלא \u202Eabc\u202C قرص'],
    ['500 KB', 'ä\n"\'`$(x)'.repeat(62_500)],
  ])('carries %s unchanged', async (_name, text) => {
    const ticket = { ...makeTicket(), fields: { description: { type: 'string', value: text } } }
    const template = templateWith([
      { name: 'text', label: 'Text', type: 'text', from: 'fields.description' },
    ])

    const prefilled = await prefill(template, factsOf({ ticket, actor: testActor, people: {} }))

    expect(prefilled[0]?.value).toBe(text)
    expect(checkPrefilled(template, prefilled)).toEqual({ ok: true, values: { text } })
  })

  test('carries any text of a ticket unchanged', async () => {
    const template = templateWith([{ name: 'text', label: 'T', type: 'text', from: 'fields.a' }])
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const prefilled = await prefill(template, factsWith({ a: value }))
        expect(prefilled[0]?.value).toBe(value === '' ? null : value)
      }),
    )
  })

  test('sees display values, variables and people', async () => {
    const ticket = {
      ...makeTicket(),
      fields: { state: { type: 'integer', value: '1', display: 'New' } },
      variables: { size: { type: 'string', value: 'large' } },
    }
    const from =
      'display.state & " " & fields.state & " " & variables.size & " " & people.assigned_to.name'
    const template = templateWith([{ name: 'all', label: 'All', type: 'string', from }])
    const facts = factsOf({ ticket, actor: testActor, people: { assigned_to: testActor } })

    const [all] = await prefill(template, facts)

    expect(all?.value).toBe('New 1 large Beth Anglin')
  })
})

describe('checkValues', () => {
  const template = templateWith([
    { name: 'host', label: 'Host', type: 'string', required: true },
    { name: 'days', label: 'Days', type: 'integer', default: 7, max: 30 },
    { name: 'ticket', label: 'Ticket', type: 'string', from: 'ticket.number', editable: false },
  ])

  async function check(values: Record<string, string | number | boolean | null>) {
    return checkValues(template, values, await prefill(template, factsWith({})))
  }

  test('gives every parameter in its type', async () => {
    expect(await check({ host: 'web-01', days: '5', ticket: 'INC0010001' })).toEqual({
      ok: true,
      values: { host: 'web-01', days: 5, ticket: 'INC0010001' },
    })
  })

  test('fills in what is missing, but not what was emptied', async () => {
    expect(await check({ host: 'web-01' })).toEqual({
      ok: true,
      values: { host: 'web-01', days: 7, ticket: 'INC0010001' },
    })
    expect(await check({ host: 'web-01', days: null })).toEqual({
      ok: true,
      values: { host: 'web-01', days: null, ticket: 'INC0010001' },
    })
  })

  test('names everything that is wrong', async () => {
    expect(await check({ days: 31, other: 'x' })).toEqual({
      ok: false,
      problems: [
        {
          parameter: 'other',
          message: 'The template has no parameter "other"; open the form again.',
        },
        { parameter: 'host', message: '"Host" is required; enter a value.' },
        { parameter: 'days', message: '"Days" must be at most 30; enter a smaller number.' },
      ],
    })
  })

  test('refuses a changed value of a parameter that cannot be edited', async () => {
    const problems = [
      { parameter: 'ticket', message: expect.stringMatching(/"Ticket" cannot be changed.*again/) },
    ]

    expect(await check({ host: 'h', ticket: 'INC0099999' })).toEqual({ ok: false, problems })
    expect(await check({ host: 'h', ticket: null })).toEqual({ ok: false, problems })
    expect(checkValues(template, { host: 'h', ticket: 'INC0099999' }, [])).toEqual({
      ok: false,
      problems,
    })
  })

  test('refuses a value that could not be taken from the ticket where nobody can correct it', async () => {
    const broken = templateWith([
      { name: 'a', label: 'A', type: 'integer', from: 'fields.a', editable: false },
    ])
    const prefilled = await prefill(broken, factsWith({ a: 'many' }))

    expect(checkValues(broken, {}, prefilled)).toMatchObject({ ok: false })
    expect(checkValues(broken, { a: null }, prefilled)).toMatchObject({ ok: false })
  })

  test('lets a person correct or leave out what the ticket got wrong, but no rule', async () => {
    const optional = templateWith([{ name: 'a', label: 'A', type: 'integer', from: 'fields.a' }])
    const prefilled = await prefill(optional, factsWith({ a: 'many' }))

    expect(checkValues(optional, { a: 3 }, prefilled)).toEqual({ ok: true, values: { a: 3 } })
    expect(checkValues(optional, { a: null }, prefilled)).toEqual({ ok: true, values: { a: null } })
    expect(checkPrefilled(optional, prefilled)).toEqual({
      ok: false,
      problems: [{ parameter: 'a', message: expect.stringMatching(/could not be taken/) }],
    })
  })

  test('never repeats a secret in a message', () => {
    const secret = templateWith([
      { name: 'token', label: 'Token', type: 'secret', pattern: '[a-f]+', max_length: 50 },
    ])

    const result = checkValues(secret, { token: 'hunter22' }, [])

    expect(result.ok).toBe(false)
    expect(JSON.stringify(result)).not.toContain('hunter22')
  })
})

describe('renderNote', () => {
  const template = templateWith([])
  const facts = {
    run: { state: 'succeeded' },
    job: { id: '7' },
    parameters: { path: '/var' },
    output: 'ok',
  }

  test.each([
    ['text', '"Freed " & parameters.path & " (" & job.id & ")"', 'Freed /var (7)'],
    ['a number as text', '1 + 1', '2'],
    ['a list as JSON', '[parameters.path, output]', '["/var","ok"]'],
    ['nothing', 'parameters.nothing', null],
    ['empty text', '""', null],
    [
      'a function in a list visibly',
      '[function($x) { $x }]',
      '(the expression gives a value that is not JSON)',
    ],
    ['NUL and half symbols visibly', '"a\\u0000b\\ud800c"', 'a\uFFFDb\uFFFDc'],
  ])('gives %s', async (_name, expression, text) => {
    expect(await renderNote(template, expression, facts)).toBe(text)
  })

  test('tells a failure in place of the note', async () => {
    expect(await renderNote(template, '$error("oh")', facts)).toBe(
      '(The note of the template "sample" could not be made: oh (at character 7 of the expression).)',
    )
  })

  test('shortens visibly and never inside a symbol', async () => {
    const output = `x${'😀'.repeat(300_000)}`

    const note = await renderNote(template, 'output', { ...facts, output })

    const [kept, ...rest] = note?.split('\n') ?? []
    expect(kept === `x${'😀'.repeat(274_999)}`).toBe(true)
    expect(rest).toEqual(['… 50002 characters left out here.'])
  })
})
