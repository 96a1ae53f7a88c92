import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { FieldTypes } from '../../connector/matching/condition.ts'
import { compileQuery } from '../../connector/matching/encoded-query.ts'
import { createFacts } from '../../connector/matching/facts.ts'
import type { MatchContext, RecordValues } from '../../connector/matching/facts.ts'
import casesFile from '../vectors/encoded-query-cases.json' with { type: 'json' }
import dictionary from '../vectors/encoded-query-dictionary.json' with { type: 'json' }

interface Case {
  id: string
  query: string
  record: RecordValues
  context?: MatchContext
  profile?: string
  expected: boolean | string
  strict?: boolean | string
  why: string
}

// The records of the file have different keys each, so its inferred type is a union of all of them.
const cases = (casesFile as unknown as Case[]).filter(({ profile = 'list' }) => profile === 'list')
const types: FieldTypes = dictionary

function run(query: string, record: RecordValues, context: MatchContext = {}): boolean | string {
  const compiled = compileQuery(query, types)
  return compiled.ok ? compiled.matches(record, context) : compiled.code
}

function reasonOf(query: string): string {
  const compiled = compileQuery(query, types)
  return compiled.ok ? 'compiled' : `${compiled.code}: ${compiled.reason}`
}

const noon: MatchContext = { now: '2026-06-10 12:00:00', tz: 'UTC', user: 'u1' }

describe('the documented cases', () => {
  it('are all there', () => {
    expect(cases.length).toBe(110)
  })

  it.each(cases.map((one) => [`${one.id} ${one.query}: ${one.why}`, one] as const))(
    '%s',
    (_, one) => {
      const { query, record, context, expected, strict = expected } = one

      expect(run(query, record, context)).toBe(strict)
    },
  )
})

describe('refusals', () => {
  it.each([
    ['', 'INVALID: the query has no condition, so it would match every record'],
    ['^EQ', 'INVALID: the query has no condition, so it would match every record'],
    ['ORDERBYnumber', 'INVALID: the query has no condition, so it would match every record'],
    [
      'active=true^NQ',
      'INVALID: ^NQ without a condition before or after it would match every record',
    ],
    ['ORactive=true', 'INVALID: "ORactive=true": ^OR has no condition before it'],
    [
      'active=true^OR',
      'INVALID: "" does not begin with a field name (lower case; ^ always separates)',
    ],
    ['active=true^nope=1', 'INVALID: "nope=1": unknown field "nope"'],
    ['constructor=1', 'INVALID: "constructor=1": unknown field "constructor"'],
    [
      'priorityin1,2',
      'INVALID: "priorityin1,2": no known operator directly after the field priorityin1',
    ],
    ['short_descriptionLIKE', 'INVALID: "short_descriptionLIKE": LIKE needs a value'],
    ['stateIN,', 'INVALID: "stateIN,": IN needs at least one value'],
    [
      'state!=Closed',
      'INVALID: "state!=Closed": state stores a number, so this value compares with nothing',
    ],
    [
      'active!=yes',
      'INVALID: "active!=yes": active stores a boolean, so this value compares with nothing',
    ],
    ['opened_at>soon', 'INVALID: "opened_at>soon": "soon" is no date (yyyy-MM-dd HH:mm:ss)'],
    [
      'categoryON@2026-01-01@2026-01-02',
      'INVALID: "categoryON@2026-01-01@2026-01-02": ON is for dates, and category is not one',
    ],
    ['opened_atSAMEASnope@day', 'INVALID: "opened_atSAMEASnope@day": unknown field "nope"'],
    [
      'sla_dueRELATIVEGT@fortnight@ago@1',
      'INVALID: "sla_dueRELATIVEGT@fortnight@ago@1": expected @unit@ago|ahead@number, e.g. @hour@ago@1',
    ],
    [
      'sla_dueMORETHANopened_at@day@before@100',
      'INVALID: "sla_dueMORETHANopened_at@day@before@100": expected field@unit@before|after@number (at most 99)',
    ],
    ['assigned_toISEMPTYx', 'INVALID: "assigned_toISEMPTYx": ISEMPTY takes no value'],
    [
      'caller_idIN_HIERARCHYx',
      'UNSUPPORTED: "caller_idIN_HIERARCHYx": only the instance can evaluate IN_HIERARCHY',
    ],
    [
      'active=true^RLQUERYsys_user.manager,>=1^ENDRLQUERY',
      'UNSUPPORTED: "RLQUERYsys_user.manager,>=1" is a related-list condition, which only the instance can evaluate',
    ],
    [
      'sys_tags.6c361e12471331007f47563dbb9a7135=6c361e12471331007f47563dbb9a7135',
      'UNSUPPORTED: "sys_tags.6c361e12471331007f47563dbb9a7135=6c361e12471331007f47563dbb9a7135" is a condition on tags, which only the instance can evaluate',
    ],
    [
      'opened_at>javascript:gs.sleep(1)',
      'UNSUPPORTED: "opened_at>javascript:gs.sleep(1)": this javascript: expression is not one of those known here',
    ],
  ])('%s', (query, reason) => {
    expect(reasonOf(query)).toBe(reason)
  })

  it('cuts a long term in the reason', () => {
    expect(reasonOf('nope=' + 'x'.repeat(5000)).length).toBeLessThan(200)
  })

  it.each([
    ['stateVALCHANGES', {}],
    ['assigned_to=javascript:gs.getUserID()', {}],
    ['assigned_toDYNAMIC90d1921e5f510100a9ad2572f2b477fe', {}],
    ['opened_at>javascript:gs.daysAgoStart(1)', {}],
    ['opened_at>javascript:gs.daysAgoStart(1)', { now: 'noon' }],
    ['opened_at>javascript:gs.daysAgoStart(1)', { ...noon, tz: 'Mars/Olympus' }],
    ['sys_class_nameINSTANCEOFtask', {}],
    ['priority=1^ORstateVALCHANGES', {}],
  ])('%s without the context it asks for is UNSUPPORTED, never a match', (query, context) => {
    expect(
      run(query, { priority: '1', state: '1', assigned_to: 'u1', sys_class_name: 'task' }, context),
    ).toBe('UNSUPPORTED')
  })
})

describe('values', () => {
  it.each([
    ['a label where a number is stored equals nothing', 'state=Closed', { state: '7' }, false],
    ['numbers compare as numbers', 'order<10', { order: '9' }, true],
    ['an unreadable number satisfies nothing', 'order!=1', { order: 'x' }, false],
    ['"is not true" covers empty', 'active!=true', { active: null }, true],
    ['"is not false" does not cover empty', 'active!=false', { active: '' }, false],
    [
      'a reference is not equal to its display value',
      'caller_id=Don Goodliffe',
      { caller_id: 'u2' },
      false,
    ],
    ['contains on a reference ignores the sys_id', 'caller_idLIKEu2', { caller_id: 'u2' }, false],
    [
      '"does not contain" on a reference uses the display value',
      'caller_idNOT LIKEzoe',
      { caller_id: 'u2' },
      true,
    ],
    ['an empty reference has no display value', 'caller_idLIKEdon', { caller_id: '' }, false],
    ['BETWEEN needs both ends', 'orderBETWEEN1@3', { order: '2' }, true],
    ['a list member keeps its spaces', 'categoryINa, b', { category: 'b' }, false],
    [
      'two empties are not the same',
      'categorySAMEASsubcategory',
      { category: '', subcategory: '' },
      false,
    ],
    [
      'fields of one text are the same',
      'categorySAMEASsubcategory',
      { category: 'A', subcategory: 'a' },
      true,
    ],
    ['1 and true are the same', 'activeSAMEASknowledge', { active: '1', knowledge: 'true' }, true],
    [
      'GT_OR_EQUALS_FIELD includes equality',
      'orderGT_OR_EQUALS_FIELDseverity',
      { order: '2', severity: '2' },
      true,
    ],
    [
      'GT_FIELD with an empty side is false',
      'orderGT_FIELDseverity',
      { order: '2', severity: '' },
      false,
    ],
  ])('%s: %s', (...[, query, values, expected]) => {
    expect(run(query, values, { display: { caller_id: 'Don Goodliffe' } })).toBe(expected)
  })

  it('takes a field that previous does not name as unchanged', () => {
    expect(run('stateVALCHANGES', { state: '2' }, { previous: { priority: '1' } })).toBe(false)
  })

  it('accepts a Date as now', () => {
    const context = { now: new Date('2026-06-10T12:00:00Z') }

    expect(
      run('opened_atRELATIVEGT@hour@ago@1', { opened_at: '2026-06-10 11:30:00' }, context),
    ).toBe(true)
  })

  it('knows the session user under the filter Me', () => {
    expect(
      run('assigned_toDYNAMIC90d1921e5f510100a9ad2572f2b477fe', { assigned_to: 'u1' }, noon),
    ).toBe(true)
    expect(
      run('assigned_toDYNAMIC90d1921e5f510100a9ad2572f2b477fe', { assigned_to: 'u2' }, noon),
    ).toBe(false)
  })
})

describe('explanations', () => {
  it.each([
    [
      'category=network^priority<=2',
      { category: 'hardware', priority: '1' },
      'it fits when category is "network", but category is "hardware"',
    ],
    [
      'priority=1^ORpriority=2',
      { priority: '' },
      'it fits when priority is 1 or 2, but priority is empty',
    ],
    [
      'priority=1^NQcategory=x',
      { priority: '3', category: 'y' },
      'it fits when priority is 1, but priority is "3"; or it fits when category is "x", but category is "y"',
    ],
    [
      'caller_id=u3',
      { caller_id: 'u2' },
      'it fits when caller id is "u3", but caller id is "u2", shown as "Don"',
    ],
    ['priority=1^NQcategory=y', { priority: '3', category: 'y' }, 'category is "y"'],
  ])('%s', (query, record, text) => {
    const compiled = compileQuery(query, types)
    const facts = createFacts(record, { display: { caller_id: 'Don' } })

    expect(compiled.ok && compiled.explain(facts)).toBe(text)
  })
})

describe('long explanations', () => {
  it('name the first alternatives and count the rest', () => {
    const numbers = Array.from({ length: 20 }, (_, i) => `priority=${i}`)
    const compiled = compileQuery(numbers.join('^OR'), types)

    expect(compiled.ok && compiled.explain(createFacts({}, {}))).toBe(
      'it fits when priority is 0 or 1 or 2 or 3 or 4 or 15 more, but priority is empty',
    )
  })

  it('are cut where nobody would read on', () => {
    const groups = Array.from({ length: 200 }, (_, i) => `priority=${i}`)
    const compiled = compileQuery(groups.join('^NQ'), types)

    expect(compiled.ok && compiled.explain(createFacts({}, {})).length).toBe(1000)
  })
})

const term = fc.constantFrom(
  'active=true',
  'priority=1',
  'priority!=1',
  'category=network',
  'categoryINnetwork,db',
  'short_descriptionLIKEvpn',
  'assigned_toISEMPTY',
  'opened_at>=2026-06-01',
  'stateNOT IN6,7',
  'active!=true',
  'opened_atSAMEASclosed_at@day',
)
const record = fc.record(
  {
    active: fc.constantFrom('true', 'false', '1', '0', ''),
    priority: fc.constantFrom('1', '2', '', 'x'),
    category: fc.constantFrom('network', 'NETWORK', 'db', '', 'hardware'),
    short_description: fc.constantFrom('VPN down', 'printer', ''),
    assigned_to: fc.constantFrom('', 'u1'),
    opened_at: fc.constantFrom('2026-06-01 00:00:00', '2026-05-31 23:59:59', '', 'never'),
    closed_at: fc.constantFrom('2026-07-01 00:00:00', ''),
    state: fc.constantFrom('1', '6', ''),
  },
  { requiredKeys: [] },
)
const clause = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join('^OR'))
const clauses = fc.array(clause, { minLength: 1, maxLength: 4 })

describe('properties', () => {
  it('never throws and always answers, whatever the text', () => {
    const pieces = fc.constantFrom(
      '^',
      'OR',
      'NQ',
      'EQ',
      '=',
      'IN',
      'NOT IN',
      'ON',
      '@',
      'javascript:gs.',
      'daysAgoStart(',
      '-9',
      ')',
      "'",

      'sla_due',
      'opened_at',
      'state',
      'SAMEAS',
      'RELATIVEEE',
      '@year@ago@9999',
      'MORETHAN',
      '@day@before@9',

      'DATEPART',
      "x@javascript:gs.datePart('week','1','LE')",
      'dateGenerate(',
      '0000-00-00',
      '9999-12-31',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((p) => p.join('')),
    )
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('0001-01-01 00:00:00', '9999-12-31 23:59:59', '2026-02-30'),
    )
    const context = fc.record({
      tz: fc.constantFrom('UTC', 'America/Sao_Paulo', 'Asia/Kathmandu', 'nowhere'),
      now: fc.constantFrom('2026-06-10 12:00:00', 'x'),
    })

    fc.assert(
      fc.property(text, value, context, (query, stored, given) => {
        const fields = { sla_due: stored, opened_at: '9999-12-31 23:59:59', state: stored }

        expect([true, false, 'INVALID', 'UNSUPPORTED']).toContain(
          run(query, fields, { ...given, previous: fields }),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it('^NQ is OR of its groups', () => {
    fc.assert(
      fc.property(clauses, clauses, record, (a, b, values) => {
        const [left, right] = [a.join('^'), b.join('^')]

        expect(run(`${left}^NQ${right}`, values)).toBe(
          run(left, values) === true || run(right, values) === true,
        )
      }),
    )
  })

  it('^ is AND of its clauses, in any order', () => {
    fc.assert(
      fc.property(clauses, record, (all, values) => {
        const expected = all.every((one) => run(one, values) === true)

        expect(run(all.join('^'), values)).toBe(expected)
        expect(run(all.toReversed().join('^'), values)).toBe(expected)
      }),
    )
  })

  it('a query with one unknown field never matches, wherever it stands', () => {
    const place = fc.record({ at: fc.nat(), joint: fc.constantFrom('^', '^OR', '^NQ') })

    fc.assert(
      fc.property(clauses, place, record, (all, { at, joint }, values) => {
        const chosen = at % all.length
        const broken = all.with(chosen, `${all[chosen] ?? ''}${joint}no_such_field=1`)

        expect(run(broken.join('^'), values)).toBe('INVALID')
      }),
    )
  })

  it('a value and its negation never both match', () => {
    fc.assert(
      fc.property(fc.constantFrom('network', 'db', 'x'), record, (value, values) => {
        const both = run(`category=${value}^category!=${value}`, values)

        expect(both).toBe(false)
      }),
    )
  })

  it('takes time linear in the length of the query', () => {
    const long = Array.from({ length: 20_000 }, (_, i) => `category=c${i}`).join('^OR')
    const tricky = `opened_at>javascript:gs.${'a'.repeat(100_000)}(${'('.repeat(100_000)}`

    const start = performance.now()
    const answers = [
      run(long, { category: 'c19999' }),
      run(tricky, {}),
      run('x'.repeat(1_000_000), {}),
    ]

    expect(answers).toEqual([true, 'UNSUPPORTED', 'INVALID'])
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
