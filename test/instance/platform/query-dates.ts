// Date arithmetic of encoded queries: the fixed list of `javascript:gs.*` values, relative dates, date
// parts. Everything is UTC: the local instance has one time zone.
import { fromStored, toStored } from './clock.ts'
import { UnsupportedQueryError } from './query-parse.ts'

const day = 86_400_000
const units: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day,
  dayofweek: day,
  week: 7 * day,
}

/** Start of the unit that contains the time. Weeks start on Sunday. */
export function startOf(unit: string, time: number): number {
  const date = new Date(time)
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  switch (unit) {
    case 'minute':
    case 'hour':
      return Math.floor(time / (units[unit] ?? 1)) * (units[unit] ?? 1)
    case 'day':
    case 'dayofweek':
      return Date.UTC(year, month, dayOfMonth)
    case 'week':
      return Date.UTC(year, month, dayOfMonth - date.getUTCDay())
    case 'month':
      return Date.UTC(year, month)
    case 'quarter':
      return Date.UTC(year, Math.floor(month / 3) * 3)
    case 'year':
      return Date.UTC(year, 0)
    default:
      throw new UnsupportedQueryError(`date unit ${unit}`)
  }
}

/** The time n units later (n may be negative). */
export function addUnits(unit: string, time: number, n: number): number {
  const fixed = units[unit]
  if (fixed !== undefined) return time + n * fixed
  const date = new Date(time)
  const months = { month: 1, quarter: 3, year: 12 }[unit]
  if (months === undefined) throw new UnsupportedQueryError(`date unit ${unit}`)
  return date.setUTCMonth(date.getUTCMonth() + n * months)
}

/** The part of a date that @hour, @day, @week … compare. */
export function datePart(part: string, time: number): number {
  const date = new Date(time)
  switch (part) {
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'dayofweek':
      return date.getUTCDay() + 1
    case 'week':
      return (
        Math.floor((startOf('week', time) - startOf('week', startOf('year', time))) / (7 * day)) + 1
      )
    case 'month':
      return date.getUTCMonth() + 1
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1
    case 'year':
      return date.getUTCFullYear()
    default:
      throw new UnsupportedQueryError(`date part ${part}`)
  }
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** Number of a named date part value: monday, june, 2026 … */
export function datePartValue(name: string): number {
  const lower = name.toLowerCase()
  if (weekdays.includes(lower)) return weekdays.indexOf(lower) + 1
  if (months.includes(lower)) return months.indexOf(lower) + 1
  if (/^\d+$/.test(lower)) return Number(lower)
  throw new UnsupportedQueryError(`date part value ${name}`)
}

/** Evaluates the gs.* date functions allowed in queries; null when the text is none of them. */
export function gsDate(name: string, argument: string, now: number): string | null {
  const amount = argument === '' ? 0 : Number(argument)
  if (Number.isNaN(amount)) return null
  const ago = /^(minute|hour|day|month|quarter|year)sAgo(Start|End)?$/.exec(name)
  if (ago) return edge(ago[1] ?? 'day', addUnits(ago[1] ?? 'day', now, -amount), ago[2] ?? '')
  const whole =
    /^(beginning|end)Of(This|Last|Next)?(Today|Yesterday|Tomorrow|Minute|Hour|Day|Week|Month|Quarter|Year)$/.exec(
      name,
    )
  if (!whole) return name === 'yesterday' ? toStored(new Date(now - day)) : null
  const { unit, shift } = wholeUnit(whole[2] ?? 'This', whole[3] ?? '')
  return edge(unit, addUnits(unit, now, shift), whole[1] === 'beginning' ? 'Start' : 'End')
}

function wholeUnit(which: string, name: string): { unit: string; shift: number } {
  const days: Readonly<Record<string, number>> = { Today: 0, Yesterday: -1, Tomorrow: 1 }
  const shift = days[name]
  if (shift !== undefined) return { unit: 'day', shift }
  return { unit: name.toLowerCase(), shift: { Last: -1, This: 0, Next: 1 }[which] ?? 0 }
}

function edge(unit: string, time: number, which: string): string {
  if (which === '') return toStored(new Date(time))
  const start = startOf(unit, time)
  if (which === 'Start') return toStored(new Date(start))
  return toStored(new Date(addUnits(unit, start, 1) - 1000))
}

/** Value of a `@unit@ago|ahead@n` operand: the moment it points to and its unit. */
export function relative(operand: string, now: number): { time: number; unit: string } {
  const match = /^@([a-z]+)@(ago|ahead)@(\d+)$/.exec(operand)
  if (!match) throw new UnsupportedQueryError(`relative date ${operand}`)
  const unit = match[1] ?? ''
  return { time: addUnits(unit, now, Number(match[3]) * (match[2] === 'ago' ? -1 : 1)), unit }
}

/** Milliseconds of a stored date, or NaN: comparisons with it are false. */
export function timeOf(stored: string): number {
  return fromStored(stored) ?? Number.NaN
}
