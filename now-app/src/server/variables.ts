// The answers of an ordered item (its variables) in the form of the contract. Masked ones stay on the instance.
import { GlideRecord } from '@servicenow/glide'

import type { TicketField } from '../../../shared/ticket-event.ts'
import { carriable } from './text.ts'

/** Most variables of one item that are looked at. */
const maxVariables = 500

/** Longest name of a variable the contract takes. */
const maxName = 100

/**
 * Type of a question (item_option_new.type) -> type as fields have it. A type that is not here goes as text;
 * null = no answer (labels, breaks, containers) or none that leaves the instance (25 = masked).
 */
const questionTypes: Record<string, string | null> = {
  '1': 'choice',
  '3': 'choice',
  '4': 'integer',
  '5': 'choice',
  '7': 'boolean',
  '8': 'reference',
  '9': 'glide_date',
  '10': 'glide_date_time',
  '11': null,
  '12': null,
  '14': null,
  '15': null,
  '17': null,
  '18': 'reference',
  '19': null,
  '20': null,
  '21': 'glide_list',
  '22': 'choice',
  '23': 'html',
  '24': null,
  '25': null,
  '29': 'glide_duration',
  '31': 'reference',
  '32': null,
}

/** Variables whose display depends on who looks. */
const dateTypes = ['glide_date', 'glide_date_time', 'glide_duration']

/** One variable as scripts see it (c_ScriptableServiceCatalogVariables). */
interface Variable {
  getDisplayValue(): string | null
}

/**
 * The item's variables by name. Their values are in place before the item itself is: a checkout links them to
 * the item, then commits the item, then its request (request-management-architecture).
 */
export function buildVariables(item: GlideRecord): Record<string, TicketField> {
  // The documented property of a requested item; the type definitions do not have it.
  const { variables } = item as unknown as { variables: Record<string, Variable | undefined> }
  const links = new GlideRecord('sc_item_option_mtom')
  links.addQuery('request_item', item.getUniqueValue())
  links.setLimit(maxVariables)
  links.query()
  const fields: Record<string, TicketField> = {}
  while (links.next()) {
    const name = textAt(links, 'sc_item_option.item_option_new.name')
    const type = typeOf(textAt(links, 'sc_item_option.item_option_new.type'))
    if (type === null || name === '' || name.length > maxName || name === '__proto__') continue
    const value = valueOf(type, carriable(textAt(links, 'sc_item_option.value')))
    const shown = value !== '' && !dateTypes.includes(type) ? displayOf(variables[name]) : ''
    fields[name] =
      shown === '' || shown === value ? { type, value } : { type, value, display: shown }
  }
  return fields
}

/** A question whose type cannot be read may be a masked one. */
function typeOf(question: string): string | null {
  if (question === '') return null
  const known = questionTypes[question]
  return known === undefined ? 'string' : known
}

/** A box that was never ticked has no value; for a boolean that is false. */
function valueOf(type: string, value: string): string {
  if (type !== 'boolean') return value
  return value === 'true' || value === '1' ? 'true' : 'false'
}

function displayOf(variable: Variable | undefined): string {
  return carriable(String(variable?.getDisplayValue() ?? ''))
}

function textAt(record: GlideRecord, path: string): string {
  return String(record.getElement(path) ?? '')
}
