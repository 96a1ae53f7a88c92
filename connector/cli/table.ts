// Tables for people at a terminal.

/** Cells longer than this are shortened visibly, so that a row stays a row. */
const maxCell = 60

/** A table with a header line, columns padded to their widest cell. Only the last column may be of any length. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [header, ...rows].map((row) =>
    row.map((cell, column) => (column < header.length - 1 ? formatCell(cell) : printable(cell))),
  )
  const widths = header.map((_, column) =>
    Math.max(...lines.map((row) => (row[column] ?? '').length)),
  )
  return lines
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Text without control characters: they would move the cursor or recolour the terminal of whoever reads a foreign file. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD')
}

function formatCell(text: string): string {
  const shown = printable(text)
  return shown.length > maxCell ? `${shown.slice(0, maxCell - 1)}…` : shown
}
