// Dates as ServiceNow counts them: stored in UTC, cut into hours, days, weeks (Sunday to Saturday), months,
// quarters and years in the session's time zone. Offsets come from Intl alone.

/** Units in which ServiceNow cuts time. */
export type DateUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

/** A time zone: milliseconds to add to an instant to get its wall clock. */
export interface Zone {
  readonly name: string
  offsetAt(instant: number): number
}

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Offsets change at quarter hours only (IANA data since 1972). */
const offsetStepMs = 15 * minuteMs
const keptOffsets = 2_000

const storedForm = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2}))?$/

/** Coordinated universal time. */
export const utc: Zone = { name: 'UTC', offsetAt: () => 0 }
const zones = new Map<string, Zone>([['UTC', utc]])

/** The zone of an IANA name, UTC when none is given, null when there is no such zone. */
export function zoneOf(name: unknown): Zone | null {
  if (name === undefined || name === null || name === '') return utc
  if (typeof name !== 'string') return null
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = createZone(name)
  if (zone !== null) zones.set(name, zone)
  return zone
}

/**
 * Milliseconds since 1970 of `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd` read as UTC; NaN for anything else,
 * dates that do not exist included.
 */
export function parseStored(text: string): number {
  const match = storedForm.exec(text)
  if (match === null) return Number.NaN
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0))
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second)
  const back = new Date(at).toISOString()
  const asked = text.length === 10 ? text + ' 00:00:00' : text
  return back.slice(0, 10) + ' ' + back.slice(11, 19) === asked ? at : Number.NaN
}

/** The instant at which the wall clock of the zone shows what `local` shows in UTC. */
export function fromLocal(local: number, zone: Zone): number {
  const first = local - zone.offsetAt(local)
  const second = local - zone.offsetAt(first)
  if (second + zone.offsetAt(second) === local) return second
  // In a gap (clocks put forward) the clock jumps over this time: the later reading is its first moment after.
  return Math.max(first, second)
}

/** The wall clock of an instant, as a number whose UTC parts are the zone's. */
function toLocal(instant: number, zone: Zone): number {
  return instant + zone.offsetAt(instant)
}

/** Moves an instant by whole units; days and longer keep the wall clock, a day that is too late becomes the last. */
export function shift(instant: number, step: { unit: DateUnit; by: number }, zone: Zone): number {
  const { unit, by } = step
  if (unit === 'minute') return instant + by * minuteMs
  if (unit === 'hour') return instant + by * hourMs
  const local = toLocal(instant, zone)
  if (unit === 'day') return fromLocal(local + by * dayMs, zone)
  if (unit === 'week') return fromLocal(local + by * 7 * dayMs, zone)
  return fromLocal(addMonths(local, by * monthsIn[unit]), zone)
}

/** The first moment of the unit that holds the instant. */
export function startOf(instant: number, unit: DateUnit, zone: Zone): number {
  const local = toLocal(instant, zone)
  const start = localStart(local, unit)
  // Hours and minutes are measured back from the instant, so that the doubled hour in autumn stays its own.
  if (unit === 'minute' || unit === 'hour') return instant - (local - start)
  return fromLocal(start, zone)
}

/** The last second of the unit that holds the instant, as ServiceNow writes it (23:59:59). */
export function endOf(instant: number, unit: DateUnit, zone: Zone): number {
  const start = startOf(instant, unit, zone)
  return startOf(shift(start, { unit, by: 1 }, zone), unit, zone) - secondMs
}

/** Parts of a date by which ServiceNow compares "same day" or "on a Monday". */
export type DatePart = 'hour' | 'day' | 'dayofweek' | 'week' | 'month' | 'quarter' | 'year'

/** The number of a part: hour 0-23, day of month, day of week 0 = Sunday, week of year from 0, month 1-12. */
export function partOf(instant: number, part: DatePart, zone: Zone): number {
  const date = new Date(toLocal(instant, zone))
  switch (part) {
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'dayofweek':
      return date.getUTCDay()
    case 'week':
      return weekOfYear(date)
    case 'month':
      return date.getUTCMonth() + 1
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1
    case 'year':
      return date.getUTCFullYear()
  }
}

const monthsIn = { month: 1, quarter: 3, year: 12 } as const

function addMonths(local: number, months: number): number {
  const date = new Date(local)
  const month = date.getUTCMonth() + months
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  const timeOfDay = local - Math.floor(local / dayMs) * dayMs
  return Date.UTC(date.getUTCFullYear(), month, day) + timeOfDay
}

function localStart(local: number, unit: DateUnit): number {
  const date = new Date(local)
  const year = date.getUTCFullYear()
  switch (unit) {
    case 'minute':
      return Math.floor(local / minuteMs) * minuteMs
    case 'hour':
      return Math.floor(local / hourMs) * hourMs
    case 'day':
      return Math.floor(local / dayMs) * dayMs
    case 'week':
      return Math.floor(local / dayMs) * dayMs - date.getUTCDay() * dayMs
    case 'month':
      return Date.UTC(year, date.getUTCMonth(), 1)
    case 'quarter':
      return Date.UTC(year, Math.floor(date.getUTCMonth() / 3) * 3, 1)
    case 'year':
      return Date.UTC(year, 0, 1)
  }
}

/** Weeks run Sunday to Saturday; the one that holds 1 January is week 0. */
function weekOfYear(date: Date): number {
  const newYear = Date.UTC(date.getUTCFullYear(), 0, 1)
  const dayOfYear = Math.floor((date.getTime() - newYear) / dayMs)
  return Math.floor((dayOfYear + new Date(newYear).getUTCDay()) / 7)
}

function createZone(name: string): Zone | null {
  const format = zoneFormat(name)
  if (format === null) return null
  const offsets = new Map<number, number>()

  function offsetAt(instant: number): number {
    const step = Math.floor(instant / offsetStepMs)
    const known = offsets.get(step)
    if (known !== undefined) return known
    if (Number.isNaN(new Date(instant).getTime())) return 0
    if (offsets.size >= keptOffsets) offsets.clear()
    const offset = readOffset(step * offsetStepMs)
    offsets.set(step, offset)
    return offset
  }

  function readOffset(instant: number): number {
    const parts: Record<string, number> = {}
    for (const { type, value } of format?.formatToParts(instant) ?? []) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) - instant
  }

  return { name, offsetAt }
}

function zoneFormat(name: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    // RangeError: there is no zone of that name. The caller says so.
    return null
  }
}
