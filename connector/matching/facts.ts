// What a query is tried against: the stored values of one ticket and what is known around it. Lower-cased
// values are kept, because thousands of rules read the same few fields of one ticket.
import { equalityKey } from './field-kind.ts'
import type { FieldKind } from './field-kind.ts'
import { parseStored, utc, zoneOf } from './glide-dates.ts'
import type { Zone } from './glide-dates.ts'

/** Field -> stored value; dotted names hold dot-walked values; '', null and absent all mean empty. */
export type RecordValues = Readonly<Record<string, string | null | undefined>>

/** What is known around a ticket. What a query needs and is missing makes that query `UNSUPPORTED`. */
export interface MatchContext {
  /** The moment to compare with: a Date, or `yyyy-MM-dd HH:mm:ss` in UTC. */
  now?: string | Date | undefined
  /** IANA time zone of the session, for days, weeks and `DATEPART`. Absent = UTC. */
  tz?: string | undefined
  /** sys_id of the session's user: `gs.getUserID()` and the dynamic filter Me. */
  user?: string | undefined
  /** Values before the update. A field it does not name did not change. */
  previous?: RecordValues | undefined
  /** Display values of reference fields; a field without one is displayed as stored. */
  display?: RecordValues | undefined
  /** sys_id of a dynamic filter option -> the values it stands for. */
  dynamic?: Readonly<Record<string, readonly string[]>> | undefined
  /** Class -> itself and all its ancestors, for `INSTANCEOF`. */
  class_chain?: Readonly<Record<string, readonly string[]>> | undefined
}

/** Something that must be in the context before a query can be decided. */
export type Need = 'now' | 'tz' | 'user' | 'me' | 'previous' | 'class_chain'

/** One ticket, ready to be tested by any number of queries. */
export interface Facts {
  readonly record: RecordValues
  readonly context: MatchContext
  readonly lowered: Map<string, string>
  /** Milliseconds since 1970, NaN when the context has none. */
  readonly now: number
  /** null when the context names a zone that does not exist. */
  readonly zone: Zone | null
}

/** The dynamic filter option "Me" of every instance. */
export const meFilter = '90d1921e5f510100a9ad2572f2b477fe'

/** Prepares a record and its context for testing. Never throws. */
export function createFacts(record: RecordValues, context: MatchContext): Facts {
  return {
    record,
    context,
    lowered: new Map(),
    now: instantOf(context.now),
    zone: zoneOf(context.tz),
  }
}

/** The stored value of a field, '' when empty. */
export function textOf(facts: Facts, field: string): string {
  return valueIn(facts.record, field)
}

/** The stored value of a field in lower case, '' when empty. */
export function lowerOf(facts: Facts, field: string): string {
  let lower = facts.lowered.get(field)
  if (lower === undefined) {
    lower = textOf(facts, field).toLowerCase()
    facts.lowered.set(field, lower)
  }
  return lower
}

/** What equal values of a field have in common (equalityKey); '' = empty, null = no value of that kind. */
export function keyOf(facts: Facts, field: string, kind: FieldKind): string | null {
  if (kind === 'number' || kind === 'boolean') return equalityKey(textOf(facts, field), kind)
  return lowerOf(facts, field)
}

/** The display value of a reference field in lower case, '' when the field is empty. */
export function displayOf(facts: Facts, field: string): string {
  if (textOf(facts, field) === '') return ''
  const display = facts.context.display
  if (display === undefined || display === null || !Object.hasOwn(display, field)) {
    return lowerOf(facts, field)
  }
  return valueIn(display, field).toLowerCase()
}

/** The value of a field in a record, '' when empty. Anything but an own string counts as empty. */
export function valueIn(record: RecordValues, field: string): string {
  const value = record[field]
  return typeof value === 'string' ? value : ''
}

/** The time zone of the facts. A query that needs one is never tested without (missingNeed). */
export function zoneIn(facts: Facts): Zone {
  return facts.zone ?? utc
}

/** Why these facts cannot decide a query with those needs; null = they can. */
export function missingNeed(needs: readonly Need[], facts: Facts): string | null {
  for (const need of needs) {
    if (!isMet(need, facts)) return needReasons[need]
  }
  return null
}

/** Which needs these facts meet, as a key: contexts with the same key can decide the same queries. */
export function needsKey(facts: Facts): string {
  let key = ''
  for (const need of allNeeds) key += isMet(need, facts) ? '1' : '0'
  return key
}

const allNeeds: readonly Need[] = ['now', 'tz', 'user', 'me', 'previous', 'class_chain']

const needReasons: Readonly<Record<Need, string>> = {
  now: 'compares with the current time, which was not given',
  tz: 'depends on a time zone, and the one given does not exist',
  user: 'compares with the current user (gs.getUserID()), who is not known here',
  me: 'compares with the current user (dynamic filter Me), who is not known here',
  previous: 'asks what changed, and the values before the update are not known here',
  class_chain: 'asks for the class hierarchy (INSTANCEOF), which is not known here',
}

function isMet(need: Need, { context, now, zone }: Facts): boolean {
  switch (need) {
    case 'now':
      return !Number.isNaN(now)
    case 'tz':
      return zone !== null
    case 'user':
      return isUser(context.user)
    case 'me':
      return Array.isArray(context.dynamic?.[meFilter]) || isUser(context.user)
    case 'previous':
      return isObject(context.previous)
    case 'class_chain':
      return isObject(context.class_chain)
  }
}

function isUser(user: unknown): boolean {
  return typeof user === 'string' && user !== ''
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function instantOf(now: unknown): number {
  if (now instanceof Date) return now.getTime()
  return typeof now === 'string' ? parseStored(now) : Number.NaN
}
