// Which compiled queries can hold for a record at all. Every ^NQ group is filed under its rarest anchor: a value
// that a field must have, or a run of characters (gram) that its text must contain. Only what is filed under the
// record's own values and grams is worth testing; groups without an anchor always are.
import type { Anchor, CompiledQuery } from './encoded-query.ts'
import { displayOf, keyOf, lowerOf } from './facts.ts'
import type { Facts } from './facts.ts'
import type { FieldKind } from './field-kind.ts'
import type { Refusal } from './parse-query.ts'
import { createGuards } from './rule-guards.ts'
import type { Guards } from './rule-guards.ts'
import { hashOf } from './text-hash.ts'

type Visitor = (position: number) => void

/** Positions of queries by what they ask for. */
export interface Candidates {
  /** Calls back once for every query that may hold for these facts, in no particular order. */
  visit(facts: Facts, visitor: Visitor): void
}

/**
 * Lengths of the grams under which a part of a text is filed: the longest that fits, as longer ones are rarer.
 * A part of one or two characters has no place.
 */
const gramLengths = [5, 3] as const

/** A text holds many short grams and one value: how many rules of another kind one rule filed so is worth. */
const costs = { 0: 1, 3: 4, 5: 1 } as const

/** 0 = filed by the whole value, otherwise by grams of that length. */
type Length = 0 | (typeof gramLengths)[number]

type Key = string | number

/** Queries filed under one key. */
interface Folder {
  readonly positions: number[]
  /** Number of the visit that opened it last: a text repeats its grams. */
  opened: number
}

/** Everything filed by one field in one way. */
interface Drawer {
  readonly field: string
  readonly kind: FieldKind
  readonly length: Length
  readonly folders: Map<Key, Folder>
  /** For grams: 1 where one with those low bits is filed, so that most characters of a text cost one read. */
  readonly mask: Uint8Array
}

/** A place in a drawer. */
interface Slot {
  readonly anchor: Anchor
  readonly length: Length
  readonly key: Key
}

/** Files the queries; refused ones are never candidates. */
export function createCandidates(queries: readonly (CompiledQuery | Refusal)[]): Candidates {
  const frequency = countSlots(queries)
  const drawers = new Map<string, Drawer>()
  const always: number[] = []
  const guards = queries.map((): Anchor | null => null)
  for (const [position, query] of queries.entries()) {
    if (!query.ok) continue
    const chosen = query.anchors.map((group) => rarest(group, frequency))
    if (chosen.includes(null)) {
      always.push(position)
      continue
    }
    for (const slots of chosen) for (const slot of slots ?? []) file(slot, position, drawers)
    guards[position] = guardOf(query, chosen[0]?.[0]?.anchor)
  }
  return createVisitor([...drawers.values()], always, {
    guards: createGuards(guards),
    count: queries.length,
  })
}

/** Another single value that a query of one group asks for, besides the anchor it is filed under. */
function guardOf({ anchors }: CompiledQuery, filed: Anchor | undefined): Anchor | null {
  const [group = []] = anchors.length === 1 ? anchors : []
  const others = group.filter((anchor) => anchor !== filed && anchor.by === 'value')
  return others.find(({ keys }) => keys.length === 1) ?? null
}

function createVisitor(
  drawers: readonly Drawer[],
  always: readonly number[],
  { guards, count }: { guards: Guards; count: number },
): Candidates {
  // A query of several groups can lie in several folders: the number of the visit marks it as seen.
  const seen = new Float64Array(count)
  let number = 0

  function open(folder: Folder | undefined, visitor: Visitor): void {
    if (folder === undefined || folder.opened === number) return
    folder.opened = number
    for (const position of folder.positions) {
      if (seen[position] === number || !guards.passes(position)) continue
      seen[position] = number
      visitor(position)
    }
  }

  function openGrams({ length, mask, folders }: Drawer, text: string, visitor: Visitor): void {
    for (let at = 0; at + length <= text.length; at += 1) {
      const gram = hashOf(text, at, length)
      if (mask[gram & maskBits] === 1) open(folders.get(gram), visitor)
    }
  }

  function visit(facts: Facts, visitor: Visitor): void {
    number += 1
    guards.look(facts)
    for (const drawer of drawers) {
      const { field, kind, length, folders } = drawer
      if (length !== 0) {
        openGrams(drawer, shownText(facts, field, kind), visitor)
        continue
      }
      const key = keyOf(facts, field, kind)
      if (key !== null) open(folders.get(key), visitor)
    }
    for (const position of always) visitor(position)
  }

  return { visit }
}

function shownText(facts: Facts, field: string, kind: FieldKind): string {
  return kind === 'reference' ? displayOf(facts, field) : lowerOf(facts, field)
}

const maskBits = 0xffff

/** Where an anchor can be filed: for every alternative the slots of which it needs one. */
function slotsOf(anchor: Anchor): readonly (readonly Slot[])[] {
  if (anchor.by === 'value') return anchor.keys.map((key) => [{ anchor, length: 0, key }])
  return anchor.keys.map((part) => {
    const length = gramLengths.find((fitting) => fitting <= part.length)
    if (length === undefined) return []
    const count = part.length - length + 1
    return Array.from({ length: count }, (_, at) => ({
      anchor,
      length,
      key: hashOf(part, at, length),
    }))
  })
}

/** Drawer -> key -> queries that could be filed there. */
type Frequency = Map<string, Map<Key, number>>

function countSlots(queries: readonly (CompiledQuery | Refusal)[]): Frequency {
  const frequency: Frequency = new Map()
  for (const query of queries) {
    const anchors = query.ok ? query.anchors.flat() : []
    for (const slot of anchors.flatMap((anchor) => slotsOf(anchor).flat())) {
      const counts = frequency.get(drawerName(slot)) ?? new Map<Key, number>()
      frequency.set(drawerName(slot), counts)
      counts.set(slot.key, (counts.get(slot.key) ?? 0) + 1)
    }
  }
  return frequency
}

/** The slots that the fewest queries share, one per alternative; null when no anchor of the group has any. */
function rarest(group: readonly Anchor[], frequency: Frequency): readonly Slot[] | null {
  let best: readonly Slot[] | null = null
  let lowest = Number.POSITIVE_INFINITY
  for (const anchor of group) {
    const chosen = slotsOf(anchor).map((options) => cheapest(options, frequency))
    const cost = chosen.reduce((sum, one) => sum + one.cost, 0)
    if (cost >= lowest) continue
    lowest = cost
    best = chosen.flatMap(({ slot }) => slot ?? [])
  }
  return best
}

function cheapest(
  options: readonly Slot[],
  frequency: Frequency,
): { slot: Slot | null; cost: number } {
  let best: { slot: Slot | null; cost: number } = { slot: null, cost: Number.POSITIVE_INFINITY }
  for (const slot of options) {
    const cost = costs[slot.length] * (frequency.get(drawerName(slot))?.get(slot.key) ?? 0)
    if (cost < best.cost) best = { slot, cost }
  }
  return best
}

function drawerName({ anchor, length }: Slot): string {
  return `${length} ${anchor.field}`
}

function file(slot: Slot, position: number, drawers: Map<string, Drawer>): void {
  const { anchor, length, key } = slot
  let drawer = drawers.get(drawerName(slot))
  if (drawer === undefined) {
    const mask = new Uint8Array(length === 0 ? 0 : maskBits + 1)
    drawer = { field: anchor.field, kind: anchor.kind, length, folders: new Map(), mask }
    drawers.set(drawerName(slot), drawer)
  }
  if (typeof key === 'number') drawer.mask[key & maskBits] = 1
  const folder = drawer.folders.get(key)
  if (folder === undefined) drawer.folders.set(key, { positions: [position], opened: 0 })
  else if (folder.positions.at(-1) !== position) folder.positions.push(position)
}
