// GlideAggregate: counts and sums, with or without groups.
import type { StoredRecord } from '../../types.ts'
import { newCursor } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'
import { requireTable } from './privileges.ts'
import { allRows, queryMethods } from './record-query.ts'

interface Aggregate {
  cursor: Cursor
  groupBy: string[]
  groups: StoredRecord[][]
  position: number
}

/** The constructor scripts call: new GlideAggregate('incident'). */
export function glideAggregateType(host: GlideHost): (table: unknown) => object {
  return function GlideAggregate(table) {
    const state: Aggregate = {
      cursor: newCursor(text(table)),
      groupBy: [],
      groups: [],
      position: -1,
    }
    return { ...queryMethods(host, state.cursor), ...aggregateMethods(host, state) }
  }
}

function aggregateMethods(host: GlideHost, state: Aggregate): Record<string, unknown> {
  const { fields } = host.core
  function value(row: StoredRecord | undefined, field: string): string {
    return row ? fields.value(state.cursor.table, row, field) : ''
  }
  return {
    addAggregate: () => undefined,
    groupBy: (field: unknown) => void state.groupBy.push(text(field)),
    query() {
      requireTable(host, state.cursor.table, 'read')
      const rows = allRows(host, state.cursor)
      state.position = -1
      if (state.groupBy.length === 0) {
        state.groups = [rows]
        return
      }
      const keyed = Map.groupBy(rows, (row) =>
        state.groupBy.map((field) => value(row, field)).join('\n'),
      )
      state.groups = [...keyed.values()]
    },
    next() {
      state.position += 1
      return state.position < state.groups.length
    },
    hasNext: () => state.position + 1 < state.groups.length,
    getRowCount: () => state.groups.length,
    getValue: (field: unknown) => value(state.groups[state.position]?.[0], text(field)) || null,
    getDisplayValue(field: unknown) {
      const row = state.groups[state.position]?.[0] ?? {}
      return fields.display(state.cursor.table, row, text(field))
    },
    getAggregate(kind: unknown, field?: unknown) {
      const rows = state.groups[state.position] ?? []
      const values = rows.map((row) => value(row, text(field))).filter((one) => one !== '')
      const result = aggregate(text(kind).toUpperCase(), rows.length, values)
      if (result === null) throw host.realm.error(`aggregate ${text(kind)} is not emulated`)
      return result
    },
  }
}

function aggregate(kind: string, count: number, values: readonly string[]): string | null {
  const numbers = values.map(Number)
  const sum = numbers.reduce((total, one) => total + one, 0)
  switch (kind) {
    case 'COUNT':
      return String(count)
    case 'SUM':
      return String(sum)
    case 'AVG':
      return numbers.length === 0 ? '' : String(sum / numbers.length)
    case 'MIN':
      return values.toSorted()[0] ?? ''
    case 'MAX':
      return values.toSorted().at(-1) ?? ''
    default:
      return null
  }
}
