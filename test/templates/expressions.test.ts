import { describe, expect, test } from 'vitest'

import {
  evaluateExpression,
  evaluationLimitMs,
  expressionProblem,
} from '../../connector/templates/expressions.ts'

const roots = ['ticket', 'fields']

/** A limit plus what a busy machine and one step between two looks at the clock may add. */
const cutOffMs = evaluationLimitMs + 1_000

describe('a hostile expression', () => {
  test.each([
    ['endless recursion', '($f := function($n) { $f($n + 1) + 1 }; $f(1))', /Stack overflow/],
    ['an endless tail call', '($f := function($n) { $f($n + 1) }; $f(1))', /timeout/i],
    ['a loop in a loop', '$map([1..90000], function($x) { $sum([1..$x]) })', /timeout/i],
    ['a huge list', '[1..9999999]', /sequence length/],
    ['a text that doubles', '$reduce([1..28], function($a, $b) { $a & $a }, "x")', /longer than/],
    ['a padded text', '$pad("x", 50000000)', /longer than/],
    ['a backtracking regular expression', '$match(fields.text, /^(a+)+$/)', /takes too long/],
    [
      'a backtracking regular expression without groups',
      '$match(fields.text, /a*a*a*a*a*a*a*a*a*b/)',
      /takes too long/,
    ],
    ['evaluation of ticket text', '$eval(fields.code)', /\$eval is not available/],
  ])('(%s) is cut off within the limit', async (_name, expression, reason) => {
    const facts = { fields: { text: `${'a'.repeat(60)}!`, code: '"pwned"' } }
    const start = performance.now()

    const result = await evaluateExpression(expression, facts)

    expect(performance.now() - start).toBeLessThan(cutOffMs)
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  test('leaves the ones that wait for it alone', async () => {
    const endless = '($f := function($n) { $f($n + 1) }; $f(1))'

    const results = await Promise.all([
      evaluateExpression(endless, {}),
      evaluateExpression('fields.a & "!"', { fields: { a: 'x' } }),
    ])

    expect(results).toEqual([
      { ok: false, reason: expect.stringMatching(/timeout/i) },
      { ok: true, value: 'x!' },
    ])
  })

  test.each(['fields.__proto__', 'fields.constructor', '$lookup(fields, "__proto__")'])(
    'finds nothing behind %s',
    async (expression) => {
      expect(await evaluateExpression(expression, { fields: { a: 1 } })).toEqual({
        ok: true,
        value: undefined,
      })
    },
  )
})

test('each evaluation has the time limit for itself', async () => {
  const work = '$sum($map([1..2000], function($x) { $x * 2 }))'
  let took = 0
  let failed: unknown[] = []

  // As many at once as it takes for the last one to wait longer than the limit, however fast the machine is.
  for (let many = 100; took <= evaluationLimitMs && many < 1_000_000; many *= 2) {
    const start = performance.now()
    const results = await Promise.all(
      Array.from({ length: many }, () => evaluateExpression(work, {})),
    )
    took = performance.now() - start
    failed = results.filter(({ ok }) => !ok)
  }

  expect(took).toBeGreaterThan(evaluationLimitMs)
  expect(failed).toEqual([])
})

test('the facts stay as they are', async () => {
  const facts = { fields: { a: '1', list: [1, 2, 3] } }
  const before = structuredClone(facts)

  await evaluateExpression('$ ~> |fields|{"a": "changed"}, "list"|', facts)

  expect(facts).toEqual(before)
})

test('regular expressions work as JSONata says', async () => {
  const facts = { fields: { text: 'web-01, web-02 and db-1' } }

  const result = await evaluateExpression('$match(fields.text, /[a-z]+-\\d{2}/).match', facts)

  expect(result.ok && JSON.stringify(result.value)).toBe('["web-01","web-02"]')
})

describe('the roots of an expression', () => {
  test.each([
    'fields.a',
    '"text"',
    '$uppercase(fields.a)',
    'fields.a[b = c].d',
    '{"k": ticket.number, "l": fields.(a & b)}',
    'fields.a ? ticket.b : "none"',
    '$map(fields.list, function($x) { $x.name })',
    'fields.a ~> $trim()',
    '$.fields.a',
    '*',
  ])('are known in %s', (expression) => {
    expect(expressionProblem(expression, roots)).toBeNull()
  })

  test.each([
    ['field.a', 'field'],
    ['$uppercase(feilds.a)', 'feilds'],
    ['fields.a & tickets.number', 'tickets'],
    ['fields.a ? ticket.b : number', 'number'],
    ['[fields.a, other]', 'other'],
    ['($x := variable.y; $x)', 'variable'],
    ['(nothing).a', 'nothing'],
  ])('are not known in %s', (expression, name) => {
    expect(expressionProblem(expression, roots)).toBe(
      `starts from "${name}", but there is only ticket, fields`,
    )
  })
})
