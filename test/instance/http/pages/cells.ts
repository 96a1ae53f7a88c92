// One stored field as people read it: choice as a coloured label, reference as a link, time with its zone.
import type { Column, Platform, StoredRecord, Table } from '../../types.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'

/** Longest text of a cell; the rest is in the record. */
const cellLength = 120

/** A cell of a list. `open`: the cell links to its record. */
export function fieldCell(
  platform: Platform,
  cell: { table: Table; record: StoredRecord; column: Column; open: boolean },
): Html {
  const { table, record, column } = cell
  const value = record[column.name] ?? ''
  const shown = shownValue(platform, { table, record, column })
  if (cell.open) {
    const label = shown === '' ? '(empty)' : shorten(shown)
    return markup`<a class="open" href="/${table.name}.do?sys_id=${record['sys_id'] ?? ''}"
      >${label}</a
    >`
  }
  if (value === '') return markup`<span class="muted">—</span>`
  if (column.reference !== null && column.type === 'reference') {
    return markup`<a href="/${column.reference}.do?sys_id=${value}">${shorten(shown)}</a>`
  }
  return plainValue(column, value, shorten(shown))
}

/** A filled field that is no reference: coloured label, time, progress bar, link or text. */
export function plainValue(column: Column, value: string, shown: string): Html {
  if (isState(column)) return stateLabel(column.name, value, shown)
  if (column.type === 'glide_date_time' || column.type === 'due_date') return timeLabel(value)
  if (column.name === 'progress') {
    return markup`<span class="progress"><progress max="100" value="${value}"></progress> ${value} %</span>`
  }
  if (column.type === 'url' && /^https?:\/\//i.test(value)) {
    return markup`<a href="${value}" rel="noreferrer" target="_blank">${shown}</a>`
  }
  return markup`${shown}`
}

/** Display value of a field; secrets never show. */
export function shownValue(
  platform: Platform,
  field: { table: Table; record: StoredRecord; column: Column },
): string {
  const { table, record, column } = field
  const value = record[column.name] ?? ''
  if (column.type === 'password2' || column.type === 'password') {
    return value === '' ? '' : '********'
  }
  return value === '' ? '' : platform.display(table.name, record, column.name)
}

/** A coloured label for state, priority and the like. */
export function stateLabel(field: string, value: string, shown: string): Html {
  return markup`<span class="state" data-tone="${toneOf(field, shown)}"
    >${shown === '' ? value : shown}</span
  >`
}

function timeLabel(stored: string): Html {
  const iso = `${stored.replace(' ', 'T')}Z`
  return markup`<time datetime="${iso}" title="${stored} UTC">${stored}</time>`
}

/** True for choice columns that say how things stand. */
export function isState(column: Column): boolean {
  return (
    column.choices.length > 0 && /(^|_)(state|status|priority|approval|phase)$/.test(column.name)
  )
}

const tones: readonly [RegExp, string][] = [
  [/fail|reject|dead|critical|error|cancel|incomplete|refused|timed.?out/i, 'bad'],
  [/unknown|hold|high|pending|warn|requested|waiting/i, 'warn'],
  [/progress|running|moderate|implement|planned|queued|sending|execut/i, 'busy'],
  [/resolved|succe|complete|approved|sent|done|published|healthy/i, 'good'],
]

function toneOf(field: string, shown: string): string {
  const found = tones.find(([pattern]) => pattern.test(shown))
  if (found === undefined) return 'plain'
  // "4 - Low" and friends are numbers with words; only their words matter, and only priority says "high".
  return found[1] === 'warn' && /high/i.test(shown) && field !== 'priority' ? 'plain' : found[1]
}

function shorten(text: string): string {
  return text.length > cellLength ? `${text.slice(0, cellLength - 1)}…` : text
}
