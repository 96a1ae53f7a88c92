// A second look before a query is tested: most queries that are filed under a word or a group also ask for one
// value of another field. Comparing numbers side by side here spares following each query's objects.
import type { Anchor } from './encoded-query.ts'
import { keyOf } from './facts.ts'
import type { Facts } from './facts.ts'
import { hashOf } from './text-hash.ts'

/** One value anchor per query, or none. */
export interface Guards {
  /** Reads the record's own values; until the next call `passes` speaks of them. */
  look(facts: Facts): void
  /** False when the query at that position asks for another value than the record has. */
  passes(position: number): boolean
}

/** Prepares the guards; an anchor here has exactly one key. */
export function createGuards(anchors: readonly (Anchor | null)[]): Guards {
  const fields: Anchor[] = []
  const numbers = new Map<string, number>()
  const fieldAt = new Int32Array(anchors.length).fill(-1)
  const hashAt = new Float64Array(anchors.length)
  for (const [position, anchor] of anchors.entries()) {
    const key = anchor?.keys[0]
    if (anchor === null || key === undefined) continue
    const number = numbers.get(anchor.field) ?? fields.push(anchor) - 1
    numbers.set(anchor.field, number)
    fieldAt[position] = number
    hashAt[position] = hashOf(key, 0, key.length)
  }
  // NaN = the record has no value that could be equal to one.
  const own = new Float64Array(fields.length)

  function look(facts: Facts): void {
    for (const [number, { field, kind }] of fields.entries()) {
      const key = keyOf(facts, field, kind)
      own[number] = key === null ? Number.NaN : hashOf(key, 0, key.length)
    }
  }

  function passes(position: number): boolean {
    const number = fieldAt[position] ?? -1
    return number < 0 || own[number] === hashAt[position]
  }

  return { look, passes }
}
