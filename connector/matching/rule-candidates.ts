// Which compiled queries can hold for a record at all. Every ^NQ group is filed under its rarest anchor: a value
// that a field must have, or three characters that its text must contain. Only what is filed under the record's
// own values and characters is worth testing; groups without an anchor always are.
import type { Anchor, CompiledQuery } from './encoded-query.ts'
import { displayOf, lowerOf, textOf } from './facts.ts'
import type { Facts } from './facts.ts'
import { equalityKey } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import type { Refusal } from './parse-query.ts'

/** Positions of queries by what they ask for. */
export interface Candidates {
  /** Calls back once for every query that may hold for these facts, in no particular order. */
  visit(facts: Facts, visitor: (position: number) => void): void
}

/** Characters of a text under which a query is filed; a shorter part has no place. */
const gramLength = 3

/** Queries filed under one key. */
interface Folder {
  readonly positions: number[]
  /** Number of the visit that opened it last: a text repeats its grams. */
  opened: number
}

/** Everything filed by one field, either by its value or by its text. */
interface Drawer {
  readonly field: string
  readonly kind: FieldKind
  readonly by: Anchor['by']
  readonly folders: Map<string | number, Folder>
  /** For texts: 1 where a gram with those low bits is filed, so that most characters of a text cost one read. */
  readonly mask: Uint8Array
}

type Key = string | number

/** Files the queries; refused ones are never candidates. */
export function createCandidates(queries: readonly (CompiledQuery | Refusal)[]): Candidates {
  const frequency = countKeys(queries)
  const drawers = new Map<string, Drawer>()
  const always: number[] = []
  for (const [position, query] of queries.entries()) {
    if (!query.ok) continue
    const chosen = query.anchors.map((group) => rarest(group, frequency))
    if (chosen.includes(null)) {
      always.push(position)
      continue
    }
    for (const place of chosen) if (place !== null) file(place, position, drawers)
  }
  return createVisitor([...drawers.values()], always, queries.length)
}

function createVisitor(
  drawers: readonly Drawer[],
  always: readonly number[],
  count: number,
): Candidates {
  // A query of several groups can lie in several folders: the number of the visit marks it as seen.
  const seen = new Float64Array(count)
  let number = 0

  function open(folder: Folder | undefined, visitor: (position: number) => void): void {
    if (folder === undefined || folder.opened === number) return
    folder.opened = number
    for (const position of folder.positions) {
      if (seen[position] === number) continue
      seen[position] = number
      visitor(position)
    }
  }

  function openGrams({ mask, folders }: Drawer, text: string, visitor: (p: number) => void): void {
    for (let at = 0; at + gramLength <= text.length; at += 1) {
      const gram = gramAt(text, at)
      if (mask[gram & maskBits] === 1) open(folders.get(gram), visitor)
    }
  }

  function visit(facts: Facts, visitor: (position: number) => void): void {
    number += 1
    for (const drawer of drawers) {
      const { field, kind, by, folders } = drawer
      if (by === 'text') {
        openGrams(drawer, shownText(facts, field, kind), visitor)
        continue
      }
      const key = valueKey(facts, field, kind)
      if (key !== null) open(folders.get(key), visitor)
    }
    for (const position of always) visitor(position)
  }

  return { visit }
}

function valueKey(facts: Facts, field: string, kind: FieldKind): string | null {
  if (kind === 'number' || kind === 'boolean') return equalityKey(textOf(facts, field), kind)
  return lowerOf(facts, field)
}

function shownText(facts: Facts, field: string, kind: FieldKind): string {
  return kind === 'reference' ? displayOf(facts, field) : lowerOf(facts, field)
}

const maskBits = 0xffff

/** A number for three characters. Different ones may share it, which costs a test and nothing else. */
function gramAt(text: string, at: number): number {
  const mixed = (text.charCodeAt(at) * 0x1f3 + text.charCodeAt(at + 1)) * 0x1f3
  return (mixed + text.charCodeAt(at + 2)) & 0x3fff_ffff
}

/** Keys under which an anchor can be filed: one set per alternative, each of which must get one of its keys. */
function choices({ by, keys }: Anchor): readonly (readonly Key[])[] {
  if (by === 'value') return keys.map((key) => [key])
  return keys.map((part) => {
    const grams = Math.max(0, part.length - gramLength + 1)
    return Array.from({ length: grams }, (_, at) => gramAt(part, at))
  })
}

type Frequency = Map<string, Map<Key, number>>

function countKeys(queries: readonly (CompiledQuery | Refusal)[]): Frequency {
  const frequency: Frequency = new Map()
  for (const query of queries) {
    for (const anchor of query.ok ? query.anchors.flat() : []) {
      const counts = frequency.get(drawerName(anchor)) ?? new Map<Key, number>()
      frequency.set(drawerName(anchor), counts)
      for (const key of choices(anchor).flat()) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return frequency
}

/** An anchor with the keys chosen for it. */
interface Place {
  readonly anchor: Anchor
  readonly keys: readonly Key[]
}

/** The place that the fewest queries share; null when no anchor of the group has one. */
function rarest(group: readonly Anchor[], frequency: Frequency): Place | null {
  let best: Place | null = null
  let lowest = Number.POSITIVE_INFINITY
  for (const anchor of group) {
    const counts = frequency.get(drawerName(anchor))
    const keys: Key[] = []
    let shared = 0
    for (const options of choices(anchor)) {
      const [key, count] = leastCounted(options, counts)
      if (key !== null) keys.push(key)
      shared += count
    }
    if (shared >= lowest) continue
    lowest = shared
    best = { anchor, keys }
  }
  return best
}

function leastCounted(
  options: readonly Key[],
  counts: ReadonlyMap<Key, number> | undefined,
): readonly [key: Key | null, count: number] {
  let best: Key | null = null
  let lowest = Number.POSITIVE_INFINITY
  for (const key of options) {
    const count = counts?.get(key) ?? 0
    if (count >= lowest) continue
    lowest = count
    best = key
  }
  return [best, lowest]
}

function drawerName({ field, by }: Anchor): string {
  return `${by} ${field}`
}

function file({ anchor, keys }: Place, position: number, drawers: Map<string, Drawer>): void {
  const { field, kind, by } = anchor
  let drawer = drawers.get(drawerName(anchor))
  if (drawer === undefined) {
    const mask = new Uint8Array(by === 'text' ? maskBits + 1 : 0)
    drawer = { field, kind, by, folders: new Map(), mask }
    drawers.set(drawerName(anchor), drawer)
  }
  for (const key of keys) {
    if (typeof key === 'number') drawer.mask[key & maskBits] = 1
    const folder = drawer.folders.get(key)
    if (folder === undefined) drawer.folders.set(key, { positions: [position], opened: 0 })
    else if (folder.positions.at(-1) !== position) folder.positions.push(position)
  }
}
