// Comparisons of a field with a value: = != < > IN LIKE BETWEEN. List semantics: case does not matter, and an
// empty field satisfies none of them, except `boolean != true` (ServiceNow docs "Filtering on empty fields").
import { comparisonOf } from './comparison.ts'
import type { Condition, TypedTerm } from './condition.ts'
import { compareDates } from './date-conditions.ts'
import { displayOf, keyOf, lowerOf, textOf } from './facts.ts'
import type { Facts } from './facts.ts'
import { booleanOf, equalityKey, numberOf } from './field-kind.ts'
import { isScript, readScript, unknownScript } from './glide-script.ts'
import { invalid, quote, unsupported } from './parse-query.ts'
import type { Refusal } from './parse-query.ts'

/** `=` `!=` `<` `<=` `>` `>=` with a value. */
export function compare(term: TypedTerm): Condition | Refusal {
  switch (term.kind) {
    case 'date':
    case 'datetime':
      return compareDates(term)
    case 'number':
      return compareNumbers(term)
    case 'boolean':
      return compareBooleans(term)
    case 'text':
    case 'reference':
      return compareTexts(term)
  }
}

/** `IN` and `NOT IN`: members are separated by commas, spaces belong to the member. */
export function listed(term: TypedTerm): Condition | Refusal {
  const { field, kind, operator, value, text } = term
  // An expression may hold commas and stands for the whole list.
  if (isScript(value)) return compare({ ...term, operator: operator === 'IN' ? '=' : '!=' })
  const members = value.split(',').filter((member) => member !== '')
  if (members.length === 0) return invalid(`${quote(text)}: ${operator} needs at least one value`)
  if (members.some(isScript)) {
    return unsupported(`${quote(text)}: a javascript: member of a list cannot be evaluated here`)
  }
  if (kind === 'date' || kind === 'datetime') {
    return invalid(`${quote(text)}: ${operator} does not apply to dates; use ON or BETWEEN`)
  }
  const keys = members.flatMap((member) => equalityKey(member, kind) ?? [])
  const wanted = new Set(keys)
  if (operator === 'IN') {
    return {
      ok: true,
      test: (facts) => wanted.has(keyOf(facts, field, kind) ?? ''),
      anchor: { by: 'value', keys: [...wanted] },
    }
  }
  if (keys.length < members.length) return wrongLiteral(term)
  return {
    ok: true,
    test: (facts) => textOf(facts, field) !== '' && !wanted.has(keyOf(facts, field, kind) ?? ''),
  }
}

/** LIKE, NOT LIKE, STARTSWITH, ENDSWITH with their spellings. References compare their display value. */
export function contains(term: TypedTerm): Condition | Refusal {
  const { field, kind, operator, value, text } = term
  if (value === '') return invalid(`${quote(text)}: ${operator} needs a value`)
  const operand = textOperand(term)
  if ('code' in operand) return operand
  const { read, needs } = operand
  const subject = kind === 'reference' ? displayOf : lowerOf
  const holds = containment(operator)
  const condition: Condition = {
    ok: true,
    test: (facts) => {
      const shown = subject(facts, field)
      return shown !== '' && holds(shown, read(facts))
    },
    needs,
  }
  const negative =
    operator.startsWith('NOT') || operator === '!*' || operator === 'DOES NOT CONTAIN'
  if (negative || isScript(value)) return condition
  return { ...condition, anchor: { by: 'text', keys: [value.toLowerCase()] } }
}

/** `BETWEENa@b`, both ends included, for numbers and texts. */
export function between(term: TypedTerm): Condition | Refusal {
  const ends = term.value.split('@')
  const [low = '', high = ''] = ends
  if (ends.length !== 2 || low === '' || high === '') {
    return invalid(`${quote(term.text)}: BETWEEN needs two values, a@b`)
  }
  const from = compare({ ...term, operator: '>=', value: low })
  const to = compare({ ...term, operator: '<=', value: high })
  if (!from.ok) return from
  if (!to.ok) return to
  const needs = [...(from.needs ?? []), ...(to.needs ?? [])]
  return { ok: true, test: (facts) => from.test(facts) && to.test(facts), needs }
}

function compareNumbers(term: TypedTerm): Condition | Refusal {
  const { field, operator, value } = term
  if (isScript(value)) return unknownScript(term)
  const wanted = numberOf(value)
  if (Number.isNaN(wanted)) return operator === '=' ? neverEqual() : wrongLiteral(term)
  const holds = comparisonOf(operator)
  const condition: Condition = {
    ok: true,
    test: (facts) => {
      const number = numberOf(textOf(facts, field))
      return !Number.isNaN(number) && holds(number, wanted)
    },
  }
  return operator === '=' ? { ...condition, anchor: valueAnchor(term) } : condition
}

function compareBooleans(term: TypedTerm): Condition | Refusal {
  const { field, operator, value, text } = term
  if (isScript(value)) return unknownScript(term)
  const wanted = booleanOf(value)
  if (operator !== '=' && operator !== '!=') {
    return invalid(`${quote(text)}: ${operator} does not apply to a true/false field`)
  }
  if (operator === '=') {
    if (wanted === null) return neverEqual()
    return {
      ok: true,
      test: (facts) => booleanOf(textOf(facts, field)) === wanted,
      anchor: { by: 'value', keys: [wanted] },
    }
  }
  if (wanted === null) return wrongLiteral(term)
  // Documented exception: "is not true" returns false, empty and NULL.
  if (wanted === 'true') {
    return { ok: true, test: (facts) => booleanOf(textOf(facts, field)) !== 'true' }
  }
  return { ok: true, test: (facts) => booleanOf(textOf(facts, field)) === 'true' }
}

function compareTexts(term: TypedTerm): Condition | Refusal {
  const { field, operator } = term
  if (term.value === '') return invalid(`${quote(term.text)}: ${operator} needs a value`)
  const operand = textOperand(term)
  if ('code' in operand) return operand
  const { read, needs } = operand
  const holds = comparisonOf(operator)
  const condition: Condition = {
    ok: true,
    test: (facts) => {
      const value = lowerOf(facts, field)
      return value !== '' && holds(value, read(facts))
    },
    needs,
  }
  return operator === '=' && !isScript(term.value)
    ? { ...condition, anchor: valueAnchor(term) }
    : condition
}

type Anchor = NonNullable<Condition['anchor']>

interface TextOperand {
  readonly read: (facts: Facts) => string
  readonly needs: readonly ['user'] | readonly []
}

function textOperand(term: TypedTerm): TextOperand | Refusal {
  if (isScript(term.value)) {
    if (readScript(term.value)?.kind !== 'user') return unknownScript(term)
    return { read: ({ context }) => (context.user ?? '').toLowerCase(), needs: ['user'] }
  }
  const wanted = term.value.toLowerCase()
  return { read: () => wanted, needs: [] }
}

function containment(operator: string): (text: string, part: string) => boolean {
  switch (operator) {
    case 'STARTSWITH':
      return (text, part) => text.startsWith(part)
    case 'ENDSWITH':
    case '%':
      return (text, part) => text.endsWith(part)
    case 'LIKE':
    case '*':
    case 'CONTAINS':
      return (text, part) => text.includes(part)
    default:
      return (text, part) => !text.includes(part)
  }
}

function valueAnchor({ value, kind }: TypedTerm): Anchor {
  const key = equalityKey(value, kind)
  return { by: 'value', keys: key === null ? [] : [key] }
}

/**
 * A label where a number or boolean is stored equals nothing, whatever the instance makes of it. (With != the
 * same mistake would match everything, so there it is refused.)
 */
function neverEqual(): Condition {
  return { ok: true, test: () => false, anchor: { by: 'value', keys: [] } }
}

function wrongLiteral({ kind, field, text }: TypedTerm): Refusal {
  return invalid(`${quote(text)}: ${field} stores a ${kind}, so this value compares with nothing`)
}
