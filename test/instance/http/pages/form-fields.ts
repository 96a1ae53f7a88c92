// Fields of a form: a control by type, read-only text where access rules say so.
import type { Column, StoredRecord } from '../../types.ts'
import { isTrue, systemSession } from '../context.ts'
import { plainValue, shownValue } from './cells.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'
import { isLongText } from './layout.ts'
import { isWritable, visibleColumns } from './record-view.ts'
import type { RecordView } from './record-view.ts'

/** References to tables with more rows than this are typed, not picked. */
const pickLimit = 200

/** All fields of the form. `stored`: the record as loaded, when `view` shows values that were refused. */
export function formFields(view: RecordView, stored: StoredRecord): Html {
  const columns = visibleColumns(view)
  const original = Object.fromEntries(
    columns.map((column) => [column.name, stored[column.name] ?? '']),
  )
  return markup`<input type="hidden" name="sysparm_original" value="${JSON.stringify(original)}" />
    <div class="fields">${columns.map((column) => field(view, column))}</div>`
}

function field(view: RecordView, column: Column): Html {
  const id = `field-${column.name}`
  const wide = isLongText(column) || ['short_description', 'short_text'].includes(column.name)
  const writable = isWritable(view, column)
  return markup`<div class="field ${wide ? 'wide' : ''}" data-field="${column.name}">
    <label for="${id}"
      >${column.label}${column.mandatory && writable ? markup`<span class="required" title="Required"> *</span>` : null}</label
    >
    ${writable ? control(view, column, id) : readOnly(view, column, id)}
  </div>`
}

/** The value as text, in an <output> so that the label names it and updates are announced. */
function readOnly(view: RecordView, column: Column, id: string): Html {
  return markup`<output
    id="${id}"
    class="value ${isLongText(column) ? 'pre' : ''}"
    data-read="${column.name}"
    >${readOnlyValue(view, column)}</output
  >`
}

/** What stands inside a read-only field. */
export function readOnlyValue(view: RecordView, column: Column): Html {
  const { table, record } = view
  const value = record[column.name] ?? ''
  const shown = shownValue(view.context.platform, { table, record, column })
  if (value === '') return markup`<span class="muted">—</span>`
  if (column.reference !== null && column.type === 'reference') {
    return markup`<a href="/${column.reference}.do?sys_id=${value}">${shown}</a>`
  }
  return plainValue(column, value, shown)
}

function control(view: RecordView, column: Column, id: string): Html {
  const value = view.record[column.name] ?? ''
  const name = `field.${column.name}`
  const required = column.mandatory ? markup`required` : null
  if (column.choices.length > 0) return choice(column, { id, name, value })
  if (column.type === 'reference' && column.reference !== null) {
    return reference(view, column, { id, name, value })
  }
  if (column.type === 'boolean') {
    return markup`<input type="hidden" name="${name}" value="false" /><input
        type="checkbox"
        id="${id}"
        name="${name}"
        value="true"
        ${isTrue(value) ? markup`checked` : null}
      />`
  }
  if (column.type === 'password2' || column.type === 'password') {
    // Nobody reads a secret back, so the field cannot tell whether one is set.
    return markup`<input
      type="password"
      id="${id}"
      name="${name}"
      value=""
      placeholder="Hidden; type to replace"
      autocomplete="new-password"
    />`
  }
  if (isLongText(column)) {
    // A newline right after the tag is dropped by the parser, so one is given to it.
    return markup`<textarea id="${id}" name="${name}" rows="4" ${required}>\n${value}</textarea>`
  }
  const hint = column.type === 'glide_date_time' ? 'yyyy-MM-dd HH:mm:ss (UTC)' : ''
  const numeric = column.type === 'integer' ? markup`inputmode="numeric"` : null
  return markup`<input
    type="text"
    id="${id}"
    name="${name}"
    value="${value}"
    maxlength="${Math.max(column.maxLength, 1)}"
    placeholder="${hint}"
    ${numeric}
    ${required}
    autocomplete="off"
  />`
}

interface Control {
  id: string
  name: string
  value: string
}

function choice(column: Column, { id, name, value }: Control): Html {
  const known = column.choices.some((option) => option.value === value)
  return markup`<select id="${id}" name="${name}">
    ${column.mandatory && known ? null : markup`<option value="">— None —</option>`}
    ${known || value === '' ? null : markup`<option value="${value}" selected>${value}</option>`}
    ${column.choices.map((option) => optionTag(option.value, option.label, option.value === value))}
  </select>`
}

function reference(view: RecordView, column: Column, { id, name, value }: Control): Html {
  const { platform } = view.context
  const target = platform.table(column.reference ?? '')
  const shown = shownValue(platform, { table: view.table, record: view.record, column })
  const open =
    value === ''
      ? null
      : markup`<a
          class="open-reference"
          href="/${column.reference}.do?sys_id=${value}"
          aria-label="Open ${column.label}: ${shown}"
          >↗</a
        >`
  if (target === null)
    return markup`<input type="text" id="${id}" name="${name}" value="${value}" />`
  // Names that a reference offers are shown like the platform's completion does, without the target's row rules.
  const found = platform.query(systemSession, target.name, {
    encodedQuery: `ORDERBY${target.displayField}`,
    limit: pickLimit + 1,
    acl: false,
  })
  const rows = 'ok' in found ? [] : found.records
  if (rows.length > pickLimit) {
    return markup`<span class="with-link"
      ><input
        type="text"
        id="${id}"
        name="display.${column.name}"
        value="${shown}"
        autocomplete="off"
      />${open}</span
    >`
  }
  const known = rows.some((row) => row['sys_id'] === value)
  return markup`<span class="with-link"
    ><select id="${id}" name="${name}">
      <option value="">— None —</option>
      ${known || value === '' ? null : optionTag(value, shown, true)}
      ${rows.map((row) =>
        optionTag(
          row['sys_id'] ?? '',
          platform.display(target.name, row, target.displayField),
          row['sys_id'] === value,
        ),
      )}</select
    >${open}</span
  >`
}

function optionTag(value: string, label: string, selected: boolean): Html {
  return markup`<option value="${value}" ${selected ? markup`selected` : null}>${label}</option>`
}
