// Conditions that look beyond one value of the record: another field, the values before the update, the
// session's user, the class hierarchy.
import type { Condition, TypedTerm } from './condition.ts'
import { momentOf } from './date-conditions.ts'
import { lowerOf, meFilter, textOf, valueIn, zoneIn } from './facts.ts'
import type { Facts } from './facts.ts'
import { equalityKey, kindOf, numberOf } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import { partOf } from './glide-dates.ts'
import type { DatePart } from './glide-dates.ts'
import { invalid, quote, unsupported } from './parse-query.ts'
import type { Refusal } from './parse-query.ts'

const granularForm = /^([a-z0-9_.]+)@(hour|day|week|month|quarter|year)$/

/**
 * `SAMEASfield`, `NSAMEASfield`, for dates also `field@day`. An empty side satisfies neither. `@day` is the day
 * of the month, `@hour` the hour of the day (docs: "Evaluate equality between date values").
 */
export function sameAs(term: TypedTerm): Condition | Refusal {
  const [, dateName, part] = granularForm.exec(term.value) ?? []
  const other = otherField(term, dateName ?? term.value)
  if (!other.ok) return other
  const same = term.operator === 'SAMEAS'
  const bothDates = isDateKind(term.kind) && isDateKind(other.kind)
  if (part !== undefined && !bothDates) {
    return invalid(`${quote(term.text)}: @${part} compares dates, and one of the fields is not one`)
  }
  if (!bothDates) {
    return {
      ok: true,
      test: (facts) => {
        const left = equalityKey(textOf(facts, term.field), term.kind) ?? ''
        const right = equalityKey(textOf(facts, other.field), other.kind) ?? ''
        return left !== '' && right !== '' && (left === right) === same
      },
    }
  }
  return {
    ok: true,
    test: (facts) => {
      const left = momentOf(facts, term)
      const right = momentOf(facts, other)
      if (Number.isNaN(left) || Number.isNaN(right)) return false
      return samePart(left, right, { part, facts }) === same
    },
    needs: ['tz'],
  }
}

/** `GT_FIELDother` and its siblings, for numbers. */
export function fieldComparison(term: TypedTerm): Condition | Refusal {
  const other = otherField(term, term.value)
  if (!other.ok) return other
  if (term.kind !== 'number' || other.kind !== 'number') {
    return invalid(`${quote(term.text)}: ${term.operator} compares two number fields`)
  }
  const greater = term.operator.startsWith('GT')
  const orEqual = term.operator.includes('OR_EQUALS')
  return {
    ok: true,
    test: (facts) => {
      const left = numberOf(textOf(facts, term.field))
      const right = numberOf(textOf(facts, other.field))
      return (orEqual && left === right) || (greater ? left > right : left < right)
    },
  }
}

/** `VALCHANGES`, `CHANGESFROMv`, `CHANGESTOv`: the record against its values before the update. */
export function changes(term: TypedTerm): Condition | Refusal {
  const { field, kind, operator, value, text } = term
  const wanted = keyOf(value, kind)
  if (value.startsWith('javascript:')) {
    return unsupported(`${quote(text)}: an expression after ${operator} cannot be evaluated here`)
  }
  if (operator !== 'VALCHANGES' && wanted === null) {
    return invalid(`${quote(text)}: ${field} stores a ${kind}, so this value compares with nothing`)
  }
  return {
    ok: true,
    test: (facts) => {
      const previous = facts.context.previous ?? {}
      if (!Object.hasOwn(previous, field)) return false
      const before = keyOf(valueIn(previous, field), kind)
      const after = keyOf(textOf(facts, field), kind)
      if (before === after) return false
      if (operator === 'VALCHANGES') return true
      return (operator === 'CHANGESFROM' ? before : after) === wanted
    },
    needs: ['previous'],
  }
}

/** `DYNAMIC<sys_id>`: only Me means the same on every instance, so others are refused rather than guessed. */
export function dynamicMe({ field, value, text }: TypedTerm): Condition | Refusal {
  if (value !== meFilter) {
    return unsupported(`${quote(text)}: of the dynamic filters only Me is known here`)
  }
  return {
    ok: true,
    test: (facts) => {
      const current = textOf(facts, field)
      const me = facts.context.dynamic?.[meFilter] ?? [facts.context.user]
      return current !== '' && me.includes(current)
    },
    needs: ['me'],
  }
}

/** `INSTANCEOFtable`: that class or one below it. A class without a known chain is only itself. */
export function instanceOf({ field, value, text }: TypedTerm): Condition | Refusal {
  if (value === '') return invalid(`${quote(text)}: INSTANCEOF needs a table`)
  const wanted = value.toLowerCase()
  return {
    ok: true,
    test: (facts) => {
      const chains = facts.context.class_chain ?? {}
      const name = textOf(facts, field)
      if (lowerOf(facts, field) === wanted) return true
      return Object.hasOwn(chains, name) && chains[name]?.includes(wanted) === true
    },
    needs: ['class_chain'],
  }
}

type OtherField = { readonly ok: true; readonly field: string; readonly kind: FieldKind }

function otherField({ fieldTypes, text }: TypedTerm, field: string): OtherField | Refusal {
  const type = Object.hasOwn(fieldTypes, field) ? fieldTypes[field] : undefined
  if (type === undefined) return invalid(`${quote(text)}: unknown field ${quote(field)}`)
  return { ok: true, field, kind: kindOf(type) }
}

function samePart(
  left: number,
  right: number,
  { part, facts }: { part: string | undefined; facts: Facts },
): boolean {
  if (part === undefined) return left === right
  const zone = zoneIn(facts)
  return partOf(left, part as DatePart, zone) === partOf(right, part as DatePart, zone) // the form allows parts only
}

/** Values of a date field are compared as stored, which is one form per moment. */
function keyOf(text: string, kind: FieldKind): string | null {
  return equalityKey(text, isDateKind(kind) ? 'text' : kind)
}

function isDateKind(kind: FieldKind): boolean {
  return kind === 'date' || kind === 'datetime'
}
