// Clauses of an encoded query as a person says them, for receipts and for the page that says why an automation
// fits. Only wording; what a clause means is decided where it is compiled.
import { quote } from './parse-query.ts'
import type { Term } from './parse-query.ts'

/** Alternatives of one clause that are named; the rest is counted. */
const mostShown = 5

const verbs: Readonly<Record<string, string>> = {
  '=': 'is',
  '!=': 'is not',
  '>': 'is more than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
  IN: 'is one of',
  'NOT IN': 'is none of',
  LIKE: 'contains',
  CONTAINS: 'contains',
  '*': 'contains',
  'NOT LIKE': 'does not contain',
  NOTLIKE: 'does not contain',
  '!*': 'does not contain',
  'DOES NOT CONTAIN': 'does not contain',
  STARTSWITH: 'starts with',
  ENDSWITH: 'ends with',
  '%': 'ends with',
  SAMEAS: 'is the same as',
  NSAMEAS: 'is not the same as',
  CHANGESFROM: 'changed from',
  CHANGESTO: 'changed to',
}

const verbsWithoutValue: Readonly<Record<string, string>> = {
  ISEMPTY: 'is empty',
  EMPTYSTRING: 'is empty',
  ISNOTEMPTY: 'is not empty',
  ANYTHING: 'is anything',
  VALCHANGES: 'changed',
}

/** A field as it is said: `cmdb_ci.name` is "cmdb ci name". The event carries no labels. */
export function fieldInWords(field: string): string {
  return field.replaceAll(/[._]/g, ' ').trim()
}

/** One term, e.g. `short description contains "disk"`; operators nobody says in words stay as written. */
export function termInWords(term: Term): string {
  const { field, operator, value } = term
  const name = fieldInWords(field)
  const alone = verbsWithoutValue[operator]
  if (alone !== undefined) return `${name} ${alone}`
  const verb = verbs[operator]
  if (verb === undefined) return quote(term.text)
  if (value === '' && (operator === '=' || operator === '!=')) return `${name} ${verb} empty`
  return `${name} ${verb} ${valueInWords(operator, value)}`
}

/** A clause: its alternatives joined by "or", those about the same field and operator under one verb. */
export function clauseInWords(terms: readonly Term[]): string {
  const shown = terms.slice(0, mostShown)
  const parts = [
    ...Map.groupBy(shown, ({ field, operator }) => `${field} ${operator}`).values(),
  ].map(alike)
  const more = terms.length - shown.length
  return parts.join(' or ') + (more > 0 ? ` or ${more} more` : '')
}

function alike(terms: readonly Term[]): string {
  const [first, ...rest] = terms
  if (first === undefined) return ''
  const verb = verbs[first.operator]
  const sayable = verb !== undefined && rest.every(({ value }) => value !== '')
  if (!sayable) return terms.map(termInWords).join(' or ')
  const values = rest.map(({ operator, value }) => valueInWords(operator, value))
  return [termInWords(first), ...values].join(' or ')
}

function valueInWords(operator: string, value: string): string {
  if (operator === 'IN' || operator === 'NOT IN') {
    return value
      .split(',')
      .slice(0, mostShown * 2)
      .map(quote)
      .join(', ')
  }
  if (operator === 'SAMEAS' || operator === 'NSAMEAS') return fieldInWords(value)
  return value === 'true' || value === 'false' || /^-?\d+$/.test(value) ? value : quote(value)
}
