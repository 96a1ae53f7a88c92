// Evaluates encoded queries with the platform's own semantics (servicenow-runtime.md §1): invalid terms are
// dropped, lists compare without case, filters (rule conditions) with case and with empty dates as earliest.
// Independent of the connector's matcher on purpose: the two judge each other.
import { comparison, operand } from './query-compare.ts'
import type { QueryContext, QueryRecord } from './query-compare.ts'
import { specialTest } from './query-operators.ts'
import { parseQuery } from './query-parse.ts'
import type { ParsedQuery, Term } from './query-parse.ts'

/** True when the query holds a term with an unknown field or operator. */
export function hasInvalidTerm(query: string | ParsedQuery, context: QueryContext): boolean {
  const { groups } = typeof query === 'string' ? parseQuery(query) : query
  return groups.flat(2).some((term) => term === null || context.type(term.field) === null)
}

/** A test for records. Throws UnsupportedQueryError for what the local instance does not emulate. */
export function compileFilter(
  query: string | ParsedQuery,
  context: QueryContext,
): (record: QueryRecord) => boolean {
  const { groups } = typeof query === 'string' ? parseQuery(query) : query
  const valid = groups.map((clauses) =>
    clauses
      .map((terms) => terms.filter((term) => term !== null && context.type(term.field) !== null))
      .filter((terms) => terms.length > 0),
  )
  const tests = valid.map(
    (clauses) => clauses.map((terms) => terms.map((term) => compileTerm(term as Term, context))), // nulls are filtered above
  )
  return (record) =>
    tests.some((clauses) => clauses.every((terms) => terms.some((test) => test(record))))
}

type Test = (record: QueryRecord) => boolean

function compileTerm(term: Term, context: QueryContext): Test {
  const type = context.type(term.field) ?? 'string'
  const values = operand(term.value, context)
  const value = values[0] ?? ''
  const special = specialTest(term, { type, value, context })
  if (special) return special
  const list = values.length > 1 ? values : value.split(',')
  const negative = negatives[term.operator]
  if (negative !== undefined) {
    if (term.operator === '!=' && value === '') return (record) => record.value(term.field) !== ''
    const test = compileTerm({ ...term, operator: negative }, context)
    return (record) =>
      // Empty fields are not returned by negative operators, except for booleans.
      (type === 'boolean' || record.value(term.field) !== '') && !test(record)
  }
  if (term.operator === 'IN') {
    const tests = list.map((one) => comparison('=', one, { type, context }))
    return (record) =>
      record.value(term.field) !== '' && tests.some((test) => test(record.value(term.field)))
  }
  if (term.operator === '=' && values.length > 1) {
    return compileTerm({ ...term, operator: 'IN' }, context)
  }
  const text = textTest(term.operator, value, context.profile)
  if (text) {
    const shown = type === 'reference'
    return (record) => text(shown ? record.display(term.field) : record.value(term.field))
  }
  const test = comparison(term.operator, value, { type, context })
  return (record) => test(record.value(term.field))
}

const negatives: Readonly<Record<string, string>> = {
  '!=': '=',
  'NOT IN': 'IN',
  'NOT LIKE': 'LIKE',
  NOTLIKE: 'LIKE',
  '!*': 'LIKE',
  'DOES NOT CONTAIN': 'LIKE',
  NOTON: 'ON',
}

function textTest(
  operator: string,
  value: string,
  profile: string,
): ((text: string) => boolean) | null {
  function fold(text: string): string {
    return profile === 'list' ? text.toLowerCase() : text
  }
  const wanted = fold(value)
  switch (operator) {
    case 'LIKE':
    case '*':
    case 'CONTAINS':
      return (text) => text !== '' && fold(text).includes(wanted)
    case 'STARTSWITH':
      return (text) => text !== '' && fold(text).startsWith(wanted)
    case 'ENDSWITH':
    case '%':
      return (text) => text !== '' && fold(text).endsWith(wanted)
    default:
      return null
  }
}
