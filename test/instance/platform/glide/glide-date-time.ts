// GlideDateTime (scoped). The instance's only time zone is UTC, so display and stored forms are the same.
import { fromStored, toStored } from '../clock.ts'
import { addUnits } from '../query-dates.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'

const day = 86_400_000

/** The constructor scripts call: new GlideDateTime(), (text) or (other). */
export function glideDateTimeType(host: GlideHost): object {
  function GlideDateTime(value?: unknown): object {
    return dateTime(host, value === undefined ? wholeSecond(host) : text(value))
  }
  function subtract(from: unknown, to: unknown): object {
    const distance = (fromStored(text(to)) ?? 0) - (fromStored(text(from)) ?? 0)
    return { getNumericValue: () => distance, getDurationValue: () => String(distance) }
  }
  return Object.assign(GlideDateTime, { subtract })
}

function wholeSecond({ core }: GlideHost): string {
  return toStored(core.clock.now())
}

function dateTime(host: GlideHost, start: string): object {
  const state = { time: fromStored(start), now: start === wholeSecond(host) }
  // A fresh object keeps milliseconds, as getNumericValue() of the platform does.
  if (state.now) state.time = host.core.clock.now().getTime()
  function time(): number {
    return state.time ?? 0
  }
  function set(next: number | null): void {
    state.time = next
  }
  return {
    ...readMethods(time, () => state.time !== null),
    ...changeMethods(time, set),
  }
}

function readMethods(time: () => number, valid: () => boolean): Record<string, unknown> {
  function shown(): string {
    return valid() ? toStored(new Date(time())) : ''
  }
  function other(value: unknown): number {
    return fromStored(text(value)) ?? 0
  }
  function seconds(): number {
    return Math.floor(time() / 1000) * 1000
  }
  return {
    toString: shown,
    getValue: shown,
    getDisplayValue: shown,
    getDisplayValueInternal: shown,
    getNumericValue: time,
    isValid: valid,
    getErrorMsg: () => (valid() ? '' : 'could not parse DateTime'),
    before: (value: unknown) => seconds() < other(value),
    after: (value: unknown) => seconds() > other(value),
    onOrBefore: (value: unknown) => seconds() <= other(value),
    onOrAfter: (value: unknown) => seconds() >= other(value),
    equals: (value: unknown) => seconds() === other(value),
    compareTo: (value: unknown) => Math.sign(seconds() - other(value)),
    getDate: () => ({ toString: () => shown().slice(0, 10), getValue: () => shown().slice(0, 10) }),
    getTZOffset: () => 0,
    getYearUTC: () => new Date(time()).getUTCFullYear(),
    getMonthUTC: () => new Date(time()).getUTCMonth() + 1,
    getDayOfMonthUTC: () => new Date(time()).getUTCDate(),
    getDayOfWeekUTC: () => new Date(time()).getUTCDay() || 7,
  }
}

function changeMethods(
  time: () => number,
  set: (next: number | null) => void,
): Record<string, unknown> {
  function adder(unit: string, size = 1): (count: unknown) => void {
    return (count) => set(addUnits(unit, time(), Number(count) * size))
  }
  function assign(value: unknown): void {
    set(typeof value === 'number' ? value : fromStored(text(value)))
  }
  return {
    setValue: assign,
    setDisplayValue: assign,
    setNumericValue: (value: unknown) => set(Number(value)),
    add: (milliseconds: unknown) => set(time() + Number(milliseconds)),
    subtract: (milliseconds: unknown) => set(time() - Number(milliseconds)),
    addSeconds: (count: unknown) => set(time() + Number(count) * 1000),
    addDays: (count: unknown) => set(time() + Number(count) * day),
    addDaysUTC: adder('day'),
    addDaysLocalTime: adder('day'),
    addWeeksUTC: adder('day', 7),
    addWeeksLocalTime: adder('day', 7),
    addMonthsUTC: adder('month'),
    addMonthsLocalTime: adder('month'),
    addYearsUTC: adder('year'),
    addYearsLocalTime: adder('year'),
  }
}
