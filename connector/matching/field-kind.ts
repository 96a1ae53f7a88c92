// How values of a ServiceNow field type compare. Everything that is no number, boolean, date or reference
// compares as text: choices by stored value, lists as comma-joined sys_ids.

/** Ways to compare a value. `date` has no time and belongs to the session's calendar; `datetime` is stored in UTC. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'reference' | 'date' | 'datetime'

const kinds: ReadonlyMap<string, FieldKind> = new Map([
  ['integer', 'number'],
  ['longint', 'number'],
  ['decimal', 'number'],
  ['float', 'number'],
  ['percent_complete', 'number'],
  ['order_index', 'number'],
  ['boolean', 'boolean'],
  ['reference', 'reference'],
  ['glide_date', 'date'],
  ['date', 'date'],
  ['glide_date_time', 'datetime'],
  ['datetime', 'datetime'],
  ['due_date', 'datetime'],
])

const numberForm = /^[+-]?\d{1,15}(?:\.\d{1,10})?$/

/** How a field of that ServiceNow type compares. */
export function kindOf(type: string): FieldKind {
  return kinds.get(type) ?? 'text'
}

/** The number a stored value or literal stands for, NaN when it is none. */
export function numberOf(text: string): number {
  return numberForm.test(text) ? Number(text) : Number.NaN
}

/** 'true' | 'false' for the spellings of a boolean (REST says true/false, getValue() 1/0), else null. */
export function booleanOf(text: string): 'true' | 'false' | null {
  switch (text) {
    case '1':
    case 'true':
      return 'true'
    case '0':
    case 'false':
      return 'false'
    default:
      return text.toLowerCase() === text ? null : booleanOf(text.toLowerCase())
  }
}

/**
 * The form in which equal values of a kind are the same string; '' = empty; null = no value of that kind.
 * Dates have no such form here: they are compared as moments.
 */
export function equalityKey(text: string, kind: FieldKind): string | null {
  if (text === '') return ''
  if (kind === 'boolean') return booleanOf(text)
  if (kind !== 'number') return text.toLowerCase()
  const number = numberOf(text)
  return Number.isNaN(number) ? null : String(number === 0 ? 0 : number)
}
