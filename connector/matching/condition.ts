import { betweenDates, datePart, distance, onDates, relative } from './date-conditions.ts'
// One condition of a query: a term with its field's type becomes a test of facts.
import { textOf } from './facts.ts'
import type { Facts, Need } from './facts.ts'
import { changes, dynamicMe, fieldComparison, instanceOf, sameAs } from './field-conditions.ts'
import { kindOf } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import { invalid, quote, unsupported } from './parse-query.ts'
import type { Refusal, Term } from './parse-query.ts'
import { between, compare, contains, listed } from './value-conditions.ts'

/** Field -> ServiceNow type (sys_dictionary internal_type). A field that is not in it is unknown. */
export type FieldTypes = Readonly<Record<string, string>>

/** A test of facts, with what an index and an explanation have to know. */
export interface Condition {
  readonly ok: true
  readonly test: (facts: Facts) => boolean
  readonly needs?: readonly Need[]
  /** What the field must hold for the test to have a chance; absent = nothing can be said beforehand. */
  readonly anchor?: {
    /** `value` = the field equals one of the keys (equalityKey), `text` = its shown text contains one of them. */
    readonly by: 'value' | 'text'
    readonly keys: readonly string[]
  }
}

/** A term together with its field's kind and the dictionary. */
export interface TypedTerm extends Term {
  readonly kind: FieldKind
  readonly fieldTypes: FieldTypes
}

/** Makes the test of one term, or says why there is none. Never throws. */
export function compileTerm(term: Term, fieldTypes: FieldTypes): Condition | Refusal {
  const type = Object.hasOwn(fieldTypes, term.field) ? fieldTypes[term.field] : undefined
  if (type === undefined) {
    return invalid(`${quote(term.text)}: unknown field ${quote(term.field)}`)
  }
  const typed: TypedTerm = { ...term, kind: kindOf(type), fieldTypes }
  return emptiness(typed) ?? values(typed) ?? dates(typed) ?? fields(typed) ?? refused(typed)
}

function emptiness(term: TypedTerm): Condition | Refusal | null {
  const { field, operator, value } = term
  if (operator === '=' && value === '') return isEmpty(field)
  if (operator === '!=' && value === '') return isNotEmpty(field)
  switch (operator) {
    case 'ISEMPTY':
    case 'EMPTYSTRING':
      return value === '' ? isEmpty(field) : unexpectedValue(term)
    case 'ISNOTEMPTY':
      return value === '' ? isNotEmpty(field) : unexpectedValue(term)
    case 'ANYTHING':
      return value === '' ? { ok: true, test: () => true } : unexpectedValue(term)
    default:
      return null
  }
}

function values(term: TypedTerm): Condition | Refusal | null {
  switch (term.operator) {
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(term)
    case 'IN':
    case 'NOT IN':
      return listed(term)
    case 'LIKE':
    case '*':
    case 'CONTAINS':
    case 'NOT LIKE':
    case 'NOTLIKE':
    case '!*':
    case 'DOES NOT CONTAIN':
    case 'STARTSWITH':
    case 'ENDSWITH':
    case '%':
      return contains(term)
    case 'BETWEEN':
      return isDate(term) ? betweenDates(term) : between(term)
    default:
      return null
  }
}

function dates(term: TypedTerm): Condition | Refusal | null {
  switch (term.operator) {
    case 'ON':
    case 'NOTON':
      return isDate(term) ? onDates(term) : notADate(term)
    case 'DATEPART':
      return isDate(term) ? datePart(term) : notADate(term)
    case 'RELATIVEGT':
    case 'RELATIVELT':
    case 'RELATIVEGE':
    case 'RELATIVELE':
    case 'RELATIVEEE':
      return isDate(term) ? relative(term) : notADate(term)
    case 'MORETHAN':
    case 'LESSTHAN':
      return isDate(term) ? distance(term) : notADate(term)
    default:
      return null
  }
}

function fields(term: TypedTerm): Condition | Refusal | null {
  switch (term.operator) {
    case 'SAMEAS':
    case 'NSAMEAS':
      return sameAs(term)
    case 'GT_FIELD':
    case 'LT_FIELD':
    case 'GT_OR_EQUALS_FIELD':
    case 'LT_OR_EQUALS_FIELD':
      return fieldComparison(term)
    case 'VALCHANGES':
      return term.value === '' ? changes(term) : unexpectedValue(term)
    case 'CHANGESFROM':
    case 'CHANGESTO':
      return changes(term)
    case 'DYNAMIC':
      return dynamicMe(term)
    case 'INSTANCEOF':
      return instanceOf(term)
    default:
      return null
  }
}

/** IN_HIERARCHY, tags, regular expressions: real operators that need data of the instance. */
function refused({ operator, text }: TypedTerm): Refusal {
  return unsupported(`${quote(text)}: only the instance can evaluate ${operator}`)
}

function isEmpty(field: string): Condition {
  return {
    ok: true,
    test: (facts) => textOf(facts, field) === '',
    anchor: { by: 'value', keys: [''] },
  }
}

function isNotEmpty(field: string): Condition {
  return { ok: true, test: (facts) => textOf(facts, field) !== '' }
}

function unexpectedValue({ operator, text }: TypedTerm): Refusal {
  return invalid(`${quote(text)}: ${operator} takes no value`)
}

function notADate({ field, operator, text }: TypedTerm): Refusal {
  return invalid(`${quote(text)}: ${operator} is for dates, and ${field} is not one`)
}

function isDate({ kind }: TypedTerm): boolean {
  return kind === 'date' || kind === 'datetime'
}
