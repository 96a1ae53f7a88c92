// The instance's own choice lists (sys_choice): what a field may hold is read, never guessed.
import { GlideRecord } from '@servicenow/glide'

/** One choice as people see it. */
export interface Choice {
  value: string
  label: string
}

/** Active choices of a field in their order, each value once; empty when the field has no list of its own. */
export function choicesOf(table: string, field: string): Choice[] {
  const rows = new GlideRecord('sys_choice')
  rows.addQuery('name', table)
  rows.addQuery('element', field)
  rows.addQuery('inactive', false)
  rows.orderBy('sequence')
  rows.query()
  const choices: Choice[] = []
  while (rows.next()) {
    const value = rows.getValue('value') ?? ''
    // One row per language.
    if (value === '' || choices.some((known) => known.value === value)) continue
    choices.push({ value, label: rows.getValue('label') || value })
  }
  return choices
}

/** The label of a value, or the value itself. */
export function labelOf(choices: readonly Choice[], value: string): string {
  return choices.find((choice) => choice.value === value)?.label ?? value
}
