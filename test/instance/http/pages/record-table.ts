// A table of records, one row each, the first column opening the record.
import type { Column, Platform, StoredRecord, Table } from '../../types.ts'
import { fieldCell } from './cells.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'

/** What to show. */
export interface RecordRows {
  table: Table
  columns: readonly Column[]
  records: readonly StoredRecord[]
  /** A heading other than the label, e.g. one that sorts. */
  heading?: (column: Column) => Html
}

/** Renders the rows in a box that scrolls sideways by itself. */
export function recordTable(platform: Platform, rows: RecordRows): Html {
  const { table, columns, records } = rows
  const heading = rows.heading ?? plainHeading
  return markup`<div class="table-wrap"><table>
<thead><tr>${columns.map(heading)}</tr></thead>
<tbody>${records.map(
    (record) =>
      markup`<tr>${columns.map(
        (column, index) =>
          markup`<td>${fieldCell(platform, { table, record, column, open: index === 0 })}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`
}

function plainHeading(column: Column): Html {
  return markup`<th scope="col">${column.label}</th>`
}
