// `javascript:` values of encoded queries. Nothing is executed: a fixed list of gs.* calls is recognised by
// its text, and everything else is refused. Names: ServiceNow docs GlideSystem (date functions) and "Values for
// date/time fields".
import { endOf, fromLocal, parseStored, shift, startOf } from './glide-dates.ts'
import type { DatePart, DateUnit, Zone } from './glide-dates.ts'
import { quote, unsupported } from './parse-query.ts'
import type { Refusal } from './parse-query.ts'

/** A moment that depends on the clock and the zone. */
type Moment = (now: number, zone: Zone) => number

/** What a recognised expression stands for. */
export type ScriptValue =
  | { readonly kind: 'user' }
  | { readonly kind: 'moment'; readonly moment: Moment; readonly usesNow: boolean }

/** `gs.datePart(...)`: a part of the date compared with a number. */
export interface DatePartTest {
  readonly part: DatePart
  readonly wanted: number
  readonly comparison: 'EE' | 'GE' | 'LE' | 'GT' | 'LT'
}

/** How a value begins that is an expression. */
export const scriptPrefix = 'javascript:'

/** Longest expression that is looked at; the recognised ones are far shorter. */
const longestScript = 200

const callForm = /^javascript: ?gs\.([A-Za-z0-9]+)\(([^()]*)\);?$/
const agoForm = /^(minute|hour|day|month|quarter|year)sAgo(Start|End)?$/
const dayForm = /^(beginning|end)Of(Yesterday|Today|Tomorrow)$/
const spanForm =
  /^(beginning|end)Of(This|Current|Last|Next)(\d{0,3})(Minute|Hour|Day|Week|Month|Quarter|Year)s?$/
const countForm = /^'?(-?\d{1,4})'?$/
const generateForm = /^'(\d{4}-\d{2}-\d{2})', ?'(start|end|\d{2}:\d{2}:\d{2})'$/
const datePartForm = /^'([a-z]+)', ?'([a-z0-9]+)', ?'(EE|GE|LE|GT|LT)'$/

/** True for a `javascript:` value. */
export function isScript(value: string): boolean {
  return value.startsWith(scriptPrefix)
}

/** Refuses a term whose expression is not one of the known ones. */
export function unknownScript({ text }: { text: string }): Refusal {
  return unsupported(`${quote(text)}: this javascript: expression is not one of those known here`)
}

/** Reads a `javascript:` value; null = not one of the known expressions. */
export function readScript(value: string): ScriptValue | null {
  const call = readCall(value)
  if (call === null) return null
  const { name, args } = call
  if (name === 'getUserID') return args === '' ? { kind: 'user' } : null
  if (name === 'dateGenerate') return generated(args)
  const moment = name.endsWith('Ago') || agoForm.test(name) ? agoMoment(name, args) : null
  const named = moment ?? (args === '' ? namedMoment(name) : null)
  return named === null ? null : { kind: 'moment', moment: named, usesNow: true }
}

/** Reads `javascript:gs.datePart('dayofweek','monday','EE')`; null = not of that form. */
export function readDatePart(value: string): DatePartTest | null {
  const call = readCall(value)
  if (call?.name !== 'datePart') return null
  const [, part, wanted, comparison] = datePartForm.exec(call.args.trim()) ?? []
  if (part === undefined || wanted === undefined || comparison === undefined) return null
  if (!isDatePart(part)) return null
  const number = partNumber(part, wanted)
  if (number === null) return null
  // The form allows these five words only.
  return { part, wanted: number, comparison: comparison as DatePartTest['comparison'] }
}

function readCall(value: string): { name: string; args: string } | null {
  if (value.length > longestScript) return null
  const [, name, args] = callForm.exec(value) ?? []
  return name === undefined || args === undefined ? null : { name, args: args.trim() }
}

/** `daysAgo(7)`, `daysAgoStart(7)`, `monthsAgoEnd(1)`; a negative count lies ahead. */
function agoMoment(name: string, args: string): Moment | null {
  const [, unit, edge] = agoForm.exec(name) ?? []
  const count = countForm.exec(args)?.[1]
  if (unit === undefined || count === undefined) return null
  const step = { unit: unit as DateUnit, by: -Number(count) } // the form allows units only
  return (now, zone) => {
    const at = shift(now, step, zone)
    if (edge === 'Start') return startOf(at, step.unit, zone)
    return edge === 'End' ? endOf(at, step.unit, zone) : at
  }
}

function namedMoment(name: string): Moment | null {
  if (name === 'nowNoTZ') return (now) => now
  // Documented oddly: from this moment one year ago to the end of that month.
  if (name === 'beginningOfOneYearAgo') return yearAgo
  if (name === 'endOfOneYearAgo') return (now, zone) => endOf(yearAgo(now, zone), 'month', zone)
  const [, dayEdge, day] = dayForm.exec(name) ?? []
  if (dayEdge !== undefined) {
    const by = { Yesterday: -1, Today: 0, Tomorrow: 1 }[day ?? ''] ?? 0
    return edgeMoment(dayEdge, { unit: 'day', by })
  }
  return spanMoment(name)
}

function yearAgo(now: number, zone: Zone): number {
  return shift(now, { unit: 'year', by: -1 }, zone)
}

/** `beginningOfThisWeek`, `endOfLastMonth`, `beginningOfLast7Days`, `endOfNext2Quarters`. */
function spanMoment(name: string): Moment | null {
  const [, edge, which, digits, unitName] = spanForm.exec(name) ?? []
  if (edge === undefined || unitName === undefined) return null
  const unit = unitName.toLowerCase() as DateUnit // the form allows units only
  const counted = digits !== '' && digits !== undefined
  if (which === 'This' || which === 'Current') {
    return counted ? null : edgeMoment(edge, { unit, by: 0 })
  }
  const count = counted ? Number(digits) : 1
  if (count === 0) return null
  if (which === 'Next') return edgeMoment(edge, { unit, by: edge === 'end' ? count : 1 })
  if (!counted) return edgeMoment(edge, { unit, by: -1 })
  // "Last 3 months" begins with a whole unit and runs up to now, unlike "Last month".
  if (edge === 'beginning') return edgeMoment(edge, { unit, by: -count })
  return edgeMoment(edge, { unit: unit === 'minute' || unit === 'hour' ? unit : 'day', by: 0 })
}

function edgeMoment(edge: string, step: { unit: DateUnit; by: number }): Moment {
  return (now, zone) => {
    const at = shift(now, step, zone)
    return edge === 'end' ? endOf(at, step.unit, zone) : startOf(at, step.unit, zone)
  }
}

/** `dateGenerate('2026-06-10','start')`: a wall-clock time of the session. */
function generated(args: string): ScriptValue | null {
  const [, date, time] = generateForm.exec(args) ?? []
  if (date === undefined || time === undefined) return null
  const clock = { start: '00:00:00', end: '23:59:59' }[time] ?? time
  const local = parseStored(`${date} ${clock}`)
  if (Number.isNaN(local)) return null
  return { kind: 'moment', moment: (_now, zone) => fromLocal(local, zone), usesNow: false }
}

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const monthNames =
  'january february march april may june july august september october november december'.split(' ')

function partNumber(part: DatePart, wanted: string): number | null {
  if (part === 'dayofweek') return dayNames.includes(wanted) ? dayNames.indexOf(wanted) : null
  if (part === 'month' && monthNames.includes(wanted)) return monthNames.indexOf(wanted) + 1
  if (!/^\d{1,4}$/.test(wanted)) return null
  // The platform counts weeks of the year from 1, partOf from 0.
  return part === 'week' ? Number(wanted) - 1 : Number(wanted)
}

function isDatePart(part: string): part is DatePart {
  return ['hour', 'dayofweek', 'week', 'month', 'quarter', 'year'].includes(part)
}
