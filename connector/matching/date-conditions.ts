// Conditions on dates: comparison, BETWEEN, ON, RELATIVE, DATEPART, MORETHAN/LESSTHAN. Stored values and
// literals are UTC; a field without time belongs to the session's calendar. Sources: ServiceNow docs "Operators
// available for filters and queries", "Values for date/time fields", "Comparing field values".
import { comparisonOf } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import type { Condition, TypedTerm } from './condition.ts'
import { textOf, zoneIn } from './facts.ts'
import type { Facts, Need } from './facts.ts'
import { kindOf } from './field-kind.ts'
import { fromLocal, parseStored, partOf, shift, startOf } from './glide-dates.ts'
import type { DateUnit } from './glide-dates.ts'
import { isScript, readDatePart, readScript, scriptPrefix, unknownScript } from './glide-script.ts'
import { invalid, quote } from './parse-query.ts'
import type { Refusal } from './parse-query.ts'

interface DateOperand {
  readonly ok: true
  readonly read: (facts: Facts) => number
  readonly needs: readonly Need[]
}

/** `=` `!=` `<` `<=` `>` `>=` with a date or a date expression. */
export function compareDates(term: TypedTerm): Condition | Refusal {
  const operand = dateOperand(term, term.value)
  if (!operand.ok) return operand
  const { read, needs } = operand
  const holds = comparisonOf(term.operator)
  return { ok: true, test: (facts) => defined(momentOf(facts, term), read(facts), holds), needs }
}

/** `BETWEENa@b`, both ends included. */
export function betweenDates(term: TypedTerm): Condition | Refusal {
  return range(term, term.value.split('@'), true)
}

/** `ONlabel@start@end` and `NOTONlabel@start@end`; the label is decoration. */
export function onDates(term: TypedTerm): Condition | Refusal {
  return range(term, term.value.split('@').slice(1), term.operator === 'ON')
}

/** `DATEPARTlabel@javascript:gs.datePart('dayofweek','monday','EE')`; Sunday is the first day. */
export function datePart(term: TypedTerm): Condition | Refusal {
  const at = term.value.indexOf('@' + scriptPrefix)
  const test = at < 0 ? null : readDatePart(term.value.slice(at + 1))
  if (test === null) {
    return at < 0
      ? invalid(`${quote(term.text)}: DATEPART needs label@javascript:gs.datePart(…)`)
      : unknownScript(term)
  }
  const holds = comparisonOf(test.comparison)
  return {
    ok: true,
    test: (facts) => {
      const moment = momentOf(facts, term)
      return !Number.isNaN(moment) && holds(partOf(moment, test.part, zoneIn(facts)), test.wanted)
    },
    needs: ['tz'],
  }
}

const relativeForm = /^@(minute|hour|dayofweek|month|quarter|year)@(ago|ahead)@(\d{1,4})$/

/** `RELATIVEGT@hour@ago@1`: after one hour ago. EE = within the same unit as that moment. */
export function relative(term: TypedTerm): Condition | Refusal {
  const [, unitName, direction, digits] = relativeForm.exec(term.value) ?? []
  if (unitName === undefined) {
    return invalid(`${quote(term.text)}: expected @unit@ago|ahead@number, e.g. @hour@ago@1`)
  }
  const unit = unitName === 'dayofweek' ? 'day' : (unitName as DateUnit) // the form allows units only
  const step = { unit, by: direction === 'ago' ? -Number(digits) : Number(digits) }
  const operator = term.operator.slice('RELATIVE'.length)
  const holds = comparisonOf(operator)
  const needs = ['now', 'tz'] as const
  if (operator === 'EE') {
    return {
      ok: true,
      test: (facts) => {
        const moment = momentOf(facts, term)
        if (Number.isNaN(moment)) return false
        const zone = zoneIn(facts)
        return startOf(moment, unit, zone) === startOf(shift(facts.now, step, zone), unit, zone)
      },
      needs,
    }
  }
  return {
    ok: true,
    test: (facts) => defined(momentOf(facts, term), shift(facts.now, step, zoneIn(facts)), holds),
    needs,
  }
}

const distanceForm = /^([a-z0-9_.]+)@(hour|day|week|month|quarter|year)@(before|after)@(\d{1,2})$/

/** `MORETHANfield@unit@before|after@n` (further apart than n) and `LESSTHAN…` (n or less apart). */
export function distance(term: TypedTerm): Condition | Refusal {
  const [, other, unit, position, digits] = distanceForm.exec(term.value) ?? []
  if (other === undefined || unit === undefined) {
    return invalid(`${quote(term.text)}: expected field@unit@before|after@number (at most 99)`)
  }
  const otherTerm = dateField(term, other)
  if (!otherTerm.ok) return otherTerm
  const step = { unit: unit as DateUnit, by: Number(digits) } // the form allows units only
  const [earlier, later] = position === 'before' ? [term, otherTerm] : [otherTerm, term]
  const further = term.operator === 'MORETHAN'
  return {
    ok: true,
    test: (facts) => {
      const from = momentOf(facts, earlier)
      const to = momentOf(facts, later)
      const limit = shift(from, step, zoneIn(facts))
      return further ? limit < to : from <= to && to <= limit
    },
    needs: ['tz'],
  }
}

/** The moment a date field holds, NaN when it is empty or no date. */
export function momentOf(facts: Facts, { field, kind }: Pick<TypedTerm, 'field' | 'kind'>): number {
  const text = textOf(facts, field)
  if (text === '') return Number.NaN
  return kind === 'date'
    ? fromLocal(parseStored(text.slice(0, 10)), zoneIn(facts))
    : parseStored(text)
}

function range(term: TypedTerm, ends: readonly string[], inside: boolean): Condition | Refusal {
  const [low, high] = ends
  if (ends.length !== 2 || low === undefined || high === undefined) {
    return invalid(`${quote(term.text)}: ${term.operator} needs a start and an end`)
  }
  const from = dateOperand(term, low)
  const to = dateOperand(term, high)
  if (!from.ok) return from
  if (!to.ok) return to
  return {
    ok: true,
    test: (facts) => {
      const moment = momentOf(facts, term)
      if (Number.isNaN(moment)) return false
      return (from.read(facts) <= moment && moment <= to.read(facts)) === inside
    },
    needs: [...from.needs, ...to.needs],
  }
}

function dateOperand(term: TypedTerm, value: string): DateOperand | Refusal {
  if (isScript(value)) {
    const script = readScript(value)
    if (script?.kind !== 'moment') return unknownScript(term)
    const { moment, usesNow } = script
    const needs: readonly Need[] = usesNow ? ['now', 'tz'] : ['tz']
    return { ok: true, read: (facts) => moment(facts.now, zoneIn(facts)), needs }
  }
  const stored = parseStored(value)
  if (Number.isNaN(stored)) {
    return invalid(`${quote(term.text)}: ${quote(value)} is no date (yyyy-MM-dd HH:mm:ss)`)
  }
  if (term.kind !== 'date') return { ok: true, read: () => stored, needs: [] }
  const day = parseStored(value.slice(0, 10))
  return { ok: true, read: (facts) => fromLocal(day, zoneIn(facts)), needs: ['tz'] }
}

/** Compares where there is a moment; an empty date satisfies nothing. */
function defined(moment: number, wanted: number, holds: Comparison): boolean {
  return !Number.isNaN(moment) && holds(moment, wanted)
}

type DateField = Pick<TypedTerm, 'field' | 'kind'> & { readonly ok: true }

function dateField(term: TypedTerm, field: string): DateField | Refusal {
  const type = Object.hasOwn(term.fieldTypes, field) ? term.fieldTypes[field] : undefined
  if (type === undefined) return invalid(`${quote(term.text)}: unknown field ${quote(field)}`)
  const kind = kindOf(type)
  if (kind === 'date' || kind === 'datetime') return { ok: true, field, kind }
  return invalid(`${quote(term.text)}: ${field} is not a date`)
}
