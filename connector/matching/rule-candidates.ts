// Which compiled queries can hold for a record at all: every ^NQ group is filed under its rarest equality, and
// only what is filed under the record's own values is worth testing. Groups without an equality are always
// worth testing.
import type { CompiledQuery, Equality } from './encoded-query.ts'
import { lowerOf, textOf } from './facts.ts'
import type { Facts } from './facts.ts'
import { equalityKey } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import type { Refusal } from './parse-query.ts'

/** Positions of queries by the values they ask for. */
export interface Candidates {
  /** Calls back once for every query that may hold for these facts, in no particular order. */
  visit(facts: Facts, visitor: (position: number) => void): void
}

/** One field's drawer: key -> positions. */
interface Drawer {
  readonly field: string
  readonly kind: FieldKind
  readonly byKey: Map<string, number[]>
}

/** Files the queries; refused ones are never candidates. */
export function createCandidates(queries: readonly (CompiledQuery | Refusal)[]): Candidates {
  const frequency = countKeys(queries)
  const drawers = new Map<string, Drawer>()
  const always: number[] = []
  queries.forEach((query, position) => {
    if (!query.ok) return
    const chosen = query.equalities.map((group) => rarest(group, frequency))
    if (chosen.includes(null)) {
      always.push(position)
      return
    }
    for (const equality of chosen) if (equality !== null) file(equality, position, drawers)
  })
  return createVisitor([...drawers.values()], always, queries.length)
}

function createVisitor(
  drawers: readonly Drawer[],
  always: readonly number[],
  count: number,
): Candidates {
  // A query of several groups can lie in several drawers: the number of the visit marks it as seen.
  const seen = new Uint32Array(count)
  let visit = 0

  function each(facts: Facts, visitor: (position: number) => void): void {
    if (visit === 0xffff_ffff) {
      seen.fill(0)
      visit = 0
    }
    visit += 1
    for (const { field, kind, byKey } of drawers) {
      const key = keyIn(facts, field, kind)
      for (const position of (key === null ? undefined : byKey.get(key)) ?? []) {
        if (seen[position] === visit) continue
        seen[position] = visit
        visitor(position)
      }
    }
    for (const position of always) visitor(position)
  }

  return { visit: each }
}

function keyIn(facts: Facts, field: string, kind: FieldKind): string | null {
  if (kind === 'number' || kind === 'boolean') return equalityKey(textOf(facts, field), kind)
  return lowerOf(facts, field)
}

function countKeys(queries: readonly (CompiledQuery | Refusal)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const query of queries) {
    for (const { field, keys } of query.ok ? query.equalities.flat() : []) {
      for (const key of keys) {
        const name = `${field}=${key}`
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    }
  }
  return counts
}

/** The equality that the fewest queries share; null when the group has none. */
function rarest(
  group: readonly Equality[],
  frequency: ReadonlyMap<string, number>,
): Equality | null {
  let best: Equality | null = null
  let lowest = Number.POSITIVE_INFINITY
  for (const equality of group) {
    let shared = 0
    for (const key of equality.keys) shared += frequency.get(`${equality.field}=${key}`) ?? 0
    if (shared >= lowest) continue
    lowest = shared
    best = equality
  }
  return best
}

function file(
  { field, kind, keys }: Equality,
  position: number,
  drawers: Map<string, Drawer>,
): void {
  let drawer = drawers.get(field)
  if (drawer === undefined) {
    drawer = { field, kind, byKey: new Map() }
    drawers.set(field, drawer)
  }
  for (const key of keys) {
    const positions = drawer.byKey.get(key)
    if (positions === undefined) drawer.byKey.set(key, [position])
    else if (positions.at(-1) !== position) positions.push(position)
  }
}
