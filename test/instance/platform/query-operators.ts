// The operators of encoded queries that compare fields, dates, ranges, classes or changes.
import { comparison, operand } from './query-compare.ts'
import type { Kind, QueryContext, QueryRecord } from './query-compare.ts'
import { addUnits, datePart, datePartValue, relative, startOf, timeOf } from './query-dates.ts'
import { UnsupportedQueryError } from './query-parse.ts'
import type { Term } from './query-parse.ts'

type Test = (record: QueryRecord) => boolean

interface SpecialTerm extends Kind {
  value: string
}

/** The test of an operator that is more than a comparison with a literal; null for all others. */
export function specialTest(term: Term, { type, value, context }: SpecialTerm): Test | null {
  const { field } = term
  switch (term.operator) {
    case 'ANYTHING':
      return () => true
    case 'ISEMPTY':
    case 'EMPTYSTRING':
      return (record) => record.value(field) === ''
    case 'ISNOTEMPTY':
      return (record) => record.value(field) !== ''
    case 'BETWEEN':
    case 'ON':
      return rangeTest(term, { type, context })
    case 'SAMEAS':
    case 'NSAMEAS':
    case 'GT_FIELD':
    case 'LT_FIELD':
    case 'GT_OR_EQUALS_FIELD':
    case 'LT_OR_EQUALS_FIELD':
      return fieldTest(term, { type, context })
    case 'MORETHAN':
    case 'LESSTHAN':
      return distanceTest(term)
    case 'DATEPART':
      return datePartTest(term)
    case 'VALCHANGES':
    case 'CHANGESFROM':
    case 'CHANGESTO':
      return changeTest(term, context)
    case 'DYNAMIC': {
      const values = context.dynamic?.[value]
      if (!values) throw new UnsupportedQueryError(`dynamic filter option ${value}`)
      return (record) => values.includes(record.value(field))
    }
    case 'INSTANCEOF':
      return (record) => (context.classChain?.(record.value(field)) ?? []).includes(value)
    case 'IN_HIERARCHY':
    case 'IN_HIERARCHY_DYNAMIC':
    case 'DOESNOTHAVE':
    case 'EXCLUDING':
      throw new UnsupportedQueryError(`operator ${term.operator}`)
    default:
      return term.operator.startsWith('RELATIVE') ? relativeTest(term, context) : null
  }
}

function rangeTest(term: Term, kind: Kind): Test {
  const parts = term.value.split('@')
  const [low = '', high = ''] = term.operator === 'ON' ? parts.slice(1) : parts
  const from = comparison('>=', operand(low, kind.context)[0] ?? '', kind)
  const to = comparison('<=', operand(high, kind.context)[0] ?? '', kind)
  return (record) =>
    record.value(term.field) !== '' &&
    from(record.value(term.field)) &&
    to(record.value(term.field))
}

function fieldTest(term: Term, kind: Kind): Test {
  const [other = '', part] = term.value.split('@')
  const operator =
    { GT_FIELD: '>', LT_FIELD: '<', GT_OR_EQUALS_FIELD: '>=', LT_OR_EQUALS_FIELD: '<=' }[
      term.operator
    ] ?? '='
  return (record) => {
    const [left, right] = [record.value(term.field), record.value(other)]
    if (left === '' || right === '') return false
    const holds =
      part === undefined
        ? comparison(operator, right, kind)(left)
        : datePart(part, timeOf(left)) === datePart(part, timeOf(right))
    return holds !== (term.operator === 'NSAMEAS')
  }
}

function distanceTest(term: Term): Test {
  const [other = '', unit = '', side = '', count = ''] = term.value.split('@')
  return (record) => {
    const [own, reference] = [timeOf(record.value(term.field)), timeOf(record.value(other))]
    const [early, late] = side === 'before' ? [own, reference] : [reference, own]
    const border = addUnits(unit, early, Number(count))
    return term.operator === 'MORETHAN' ? late > border : late >= early && late < border
  }
}

function datePartTest(term: Term): Test {
  const call = /@javascript:gs\.datePart\('(\w+)',\s*'(\w+)',\s*'(\w+)'\)$/.exec(term.value)
  if (!call) throw new UnsupportedQueryError(`DATEPART ${term.value}`)
  const [part, wanted, how] = [call[1] ?? '', datePartValue(call[2] ?? ''), call[3] ?? '']
  return (record) => {
    const stored = record.value(term.field)
    return stored !== '' && ordered(how, datePart(part, timeOf(stored)), wanted)
  }
}

function ordered(how: string, left: number, right: number): boolean {
  switch (how) {
    case 'EE':
      return left === right
    case 'GT':
      return left > right
    case 'GE':
      return left >= right
    case 'LT':
      return left < right
    case 'LE':
      return left <= right
    default:
      throw new UnsupportedQueryError(`comparison ${how}`)
  }
}

function relativeTest(term: Term, context: QueryContext): Test {
  const { time, unit } = relative(term.value, context.now.getTime())
  const how = term.operator.slice('RELATIVE'.length)
  return (record) => {
    const stored = timeOf(record.value(term.field))
    if (Number.isNaN(stored)) return false
    return how === 'EE' ? startOf(unit, stored) === startOf(unit, time) : ordered(how, stored, time)
  }
}

function changeTest(term: Term, context: QueryContext): Test {
  const { previous } = context
  if (!previous) throw new UnsupportedQueryError(`${term.operator} without a previous record`)
  return (record) => {
    const [before, after] = [previous.value(term.field), record.value(term.field)]
    if (before === after) return false
    if (term.operator === 'CHANGESFROM') return before === term.value
    return term.operator === 'VALCHANGES' || after === term.value
  }
}
