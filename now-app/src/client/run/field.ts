// One parameter as a form field: label, help, control, error; and its value as the contract wants it.
import type { PrefilledParameter } from '../../../../shared/preview.ts'
import { type Attributes, element } from './dom.ts'

/** A field on the form. */
export interface Field {
  parameter: PrefilledParameter
  root: HTMLElement
  control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
  error: HTMLElement
}

/** Builds the field of a parameter, filled with its value. */
export function buildField(parameter: PrefilledParameter): Field {
  const id = `field-${parameter.name}`
  const control = buildControl(parameter, attributesOf(parameter, id))
  const error = element('p', { class: 'problem', id: `${id}-error`, hidden: true })
  const label = element('label', { for: id }, labelOf(parameter))
  const help = parameter.help
    ? element('p', { class: 'quiet', id: `${id}-help` }, parameter.help)
    : null
  const isCheck = parameter.type === 'boolean'
  const parts = isCheck ? [control, label, help, error] : [label, help, control, error]
  const root = element('div', { class: isCheck ? 'field check' : 'field' }, ...parts)
  return { parameter, root, control, error }
}

/** Shows or clears what is wrong with a field. */
export function markField(field: Field, message: string | null): void {
  field.error.textContent = message ?? ''
  field.error.hidden = message === null
  if (message === null) field.control.removeAttribute('aria-invalid')
  else field.control.setAttribute('aria-invalid', 'true')
}

/** The value as the contract wants it; null = left empty. Text that is no number stays text. */
export function readField({ parameter, control }: Field): string | number | boolean | null {
  if (parameter.type === 'boolean') {
    return control instanceof HTMLInputElement && control.checked
  }
  const text = control.value
  if (text === '') return null
  if (parameter.type !== 'integer' && parameter.type !== 'number') return text
  const value = Number(text)
  return text.trim() === '' || Number.isNaN(value) ? text : value
}

function labelOf(parameter: PrefilledParameter): string {
  if (!parameter.editable) return `${parameter.label} (fixed)`
  return parameter.required && parameter.type !== 'boolean'
    ? `${parameter.label} (required)`
    : parameter.label
}

function attributesOf(parameter: PrefilledParameter, id: string): Attributes {
  const describedBy = parameter.help ? `${id}-help ${id}-error` : `${id}-error`
  return {
    id,
    name: parameter.name,
    'aria-describedby': describedBy,
    'aria-required': parameter.required ? 'true' : undefined,
  }
}

function buildControl(parameter: PrefilledParameter, attributes: Attributes): Field['control'] {
  const fixed = !parameter.editable
  const text = parameter.value === null ? '' : String(parameter.value)
  if (parameter.type === 'boolean') {
    const box = element('input', { ...attributes, type: 'checkbox', disabled: fixed })
    box.checked = parameter.value === true
    return box
  }
  if (parameter.type === 'choice') return buildSelect(parameter, attributes, text)
  if (parameter.type === 'text') {
    const area = element('textarea', { ...attributes, readonly: fixed })
    area.value = text
    return area
  }
  const isNumber = parameter.type === 'integer' || parameter.type === 'number'
  const input = element('input', {
    ...attributes,
    type: parameter.type === 'secret' ? 'password' : 'text',
    inputmode: isNumber ? 'decimal' : undefined,
    autocomplete: 'off',
    readonly: fixed,
  })
  input.value = text
  return input
}

function buildSelect(
  parameter: PrefilledParameter,
  attributes: Attributes,
  text: string,
): HTMLSelectElement {
  const choices = parameter.choices ?? []
  const select = element(
    'select',
    { ...attributes, disabled: !parameter.editable },
    element('option', { value: '' }, '– choose –'),
    ...choices.map((choice) => element('option', { value: choice.value }, choice.label)),
  )
  select.value = choices.some((choice) => choice.value === text) ? text : ''
  return select
}
