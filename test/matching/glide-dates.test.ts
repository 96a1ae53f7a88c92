import { describe, expect, it } from 'vitest'

import { compileQuery } from '../../connector/matching/encoded-query.ts'
import { parseStored, utc, zoneOf } from '../../connector/matching/glide-dates.ts'
import type { Zone } from '../../connector/matching/glide-dates.ts'
import { readScript } from '../../connector/matching/glide-script.ts'

const wednesdayNoon = parseStored('2026-06-10 12:00:00')

function zone(name: string): Zone {
  const found = zoneOf(name)
  if (found === null) throw new Error(`no zone ${name}`)
  return found
}

function moment(call: string, { now = wednesdayNoon, tz = utc } = {}): string {
  const script = readScript(`javascript:gs.${call}`)
  if (script?.kind !== 'moment') return String(script?.kind)
  return new Date(script.moment(now, tz)).toISOString().slice(0, 19).replace('T', ' ')
}

describe('stored dates', () => {
  it.each([
    ['2026-06-10 12:00:00', Date.UTC(2026, 5, 10, 12)],
    ['2026-06-10', Date.UTC(2026, 5, 10)],
    ['2026-02-29', Number.NaN],
    ['2026-06-10T12:00:00', Number.NaN],
    ['2026-06-10 24:00:00', Number.NaN],
    ['0000-00-00', Number.NaN],
    ['10/06/2026', Number.NaN],
  ])('%s', (text, expected) => {
    expect(parseStored(text)).toBe(expected)
  })
})

describe('gs functions at Wednesday 2026-06-10 12:00:00 UTC', () => {
  it.each([
    ['beginningOfToday()', '2026-06-10 00:00:00'],
    ['endOfToday();', '2026-06-10 23:59:59'],
    ['beginningOfYesterday()', '2026-06-09 00:00:00'],
    ['endOfTomorrow()', '2026-06-11 23:59:59'],
    ['beginningOfThisWeek()', '2026-06-07 00:00:00'],
    ['endOfThisWeek()', '2026-06-13 23:59:59'],
    ['beginningOfLastWeek()', '2026-05-31 00:00:00'],
    ['endOfLastWeek()', '2026-06-06 23:59:59'],
    ['beginningOfNextMonth()', '2026-07-01 00:00:00'],
    ['endOfNextMonth()', '2026-07-31 23:59:59'],
    ['beginningOfThisQuarter()', '2026-04-01 00:00:00'],
    ['endOfLastQuarter()', '2026-03-31 23:59:59'],
    ['beginningOfNext2Quarters()', '2026-07-01 00:00:00'],
    ['endOfNext2Quarters()', '2026-12-31 23:59:59'],
    ['beginningOfLastYear()', '2025-01-01 00:00:00'],
    ['endOfThisYear()', '2026-12-31 23:59:59'],
    ['beginningOfLast3Months()', '2026-03-01 00:00:00'],
    ['endOfLast3Months()', '2026-06-10 23:59:59'],
    ['beginningOfLast7Days()', '2026-06-03 00:00:00'],
    ['endOfLast7Days()', '2026-06-10 23:59:59'],
    ['beginningOfCurrentHour()', '2026-06-10 12:00:00'],
    ['endOfLastHour()', '2026-06-10 11:59:59'],
    ['beginningOfLast30Minutes()', '2026-06-10 11:30:00'],
    ['beginningOfOneYearAgo()', '2025-06-10 12:00:00'],
    ['endOfOneYearAgo()', '2025-06-30 23:59:59'],
    ['daysAgo(1)', '2026-06-09 12:00:00'],
    ["daysAgoStart('7')", '2026-06-03 00:00:00'],
    ['daysAgoEnd(-1)', '2026-06-11 23:59:59'],
    ['hoursAgo(3)', '2026-06-10 09:00:00'],
    ['minutesAgoStart(5)', '2026-06-10 11:55:00'],
    ['monthsAgoStart(1)', '2026-05-01 00:00:00'],
    ['monthsAgo(4)', '2026-02-10 12:00:00'],
    ['quartersAgoEnd(1)', '2026-03-31 23:59:59'],
    ['yearsAgo(1)', '2025-06-10 12:00:00'],
    ["dateGenerate('2026-06-01','start')", '2026-06-01 00:00:00'],
    ["dateGenerate('2026-06-01','08:30:00')", '2026-06-01 08:30:00'],
    ['nowNoTZ()', '2026-06-10 12:00:00'],
    ['getUserID()', 'user'],
  ])('%s', (call, expected) => {
    expect(moment(call)).toBe(expected)
  })

  it.each([
    'nowDateTime()',
    'daysAgo()',
    'daysAgo(x)',
    'daysAgo(99999)',
    'beginningOfThis2Weeks()',
    'beginningOfLast0Days()',
    'beginningOfToday(1)',
    "dateGenerate('2026-02-30','start')",
    'getUserID(1)',
    'beginningOfToday().toString()',
    'getProperty("x")',
  ])('%s is not evaluated', (call) => {
    expect(moment(call)).toBe('undefined')
  })

  it('keeps the last day of a shorter month', () => {
    expect(moment('monthsAgo(1)', { now: parseStored('2026-03-31 10:00:00') })).toBe(
      '2026-02-28 10:00:00',
    )
  })
})

describe('time zones', () => {
  it.each([
    ['Europe/Berlin', '2026-06-10 12:00:00', '2026-06-09 22:00:00', '2026-06-10 21:59:59'],
    ['America/Los_Angeles', '2026-06-10 06:00:00', '2026-06-09 07:00:00', '2026-06-10 06:59:59'],
    ['Asia/Kathmandu', '2026-06-10 12:00:00', '2026-06-09 18:15:00', '2026-06-10 18:14:59'],
    // The day the clocks go forward has 23 hours, the day they go back 25.
    ['Europe/Berlin', '2026-03-29 12:00:00', '2026-03-28 23:00:00', '2026-03-29 21:59:59'],
    ['Europe/Berlin', '2026-10-25 12:00:00', '2026-10-24 22:00:00', '2026-10-25 22:59:59'],
    // Midnight did not exist in Sao Paulo on 4 November 2018: the day began at 01:00.
    ['America/Sao_Paulo', '2018-11-04 12:00:00', '2018-11-04 03:00:00', '2018-11-05 01:59:59'],
  ])('today in %s at %s UTC', (...[name, now, start, end]) => {
    const at = { now: parseStored(now), tz: zone(name) }

    expect([moment('beginningOfToday()', at), moment('endOfToday()', at)]).toEqual([start, end])
  })

  it('a day ago keeps the wall clock over a clock change', () => {
    const at = { now: parseStored('2026-03-29 10:00:00'), tz: zone('Europe/Berlin') }

    expect(moment('daysAgo(1)', at)).toBe('2026-03-28 11:00:00')
    expect(moment('hoursAgo(24)', at)).toBe('2026-03-28 10:00:00')
  })

  it('a wall-clock time shortly before a clock change is read with the old offset', () => {
    const tz = zone('Europe/Berlin')

    expect(moment("dateGenerate('2026-03-29','01:30:00')", { tz })).toBe('2026-03-29 00:30:00')
  })

  it('the doubled hour in autumn begins twice', () => {
    const tz = zone('Europe/Berlin')

    expect(
      moment('beginningOfCurrentHour()', { now: parseStored('2026-10-25 00:30:00'), tz }),
    ).toBe('2026-10-25 00:00:00')
    expect(
      moment('beginningOfCurrentHour()', { now: parseStored('2026-10-25 01:30:00'), tz }),
    ).toBe('2026-10-25 01:00:00')
  })

  it('an unknown zone is no zone', () => {
    expect(zoneOf('Mars/Olympus')).toBeNull()
    expect(zoneOf(undefined)).toBe(utc)
  })
})

const types = { due: 'glide_date', a: 'glide_date_time', b: 'glide_date_time' }

describe('date conditions', () => {
  it.each([
    [
      'dueONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()',
      { due: '2026-06-10' },
      'America/Los_Angeles',
      true,
    ],
    ['due>=2026-06-10', { due: '2026-06-10' }, 'Asia/Tokyo', true],
    ['aSAMEASb@day', { a: '2026-06-10 23:00:00', b: '2026-06-11 01:00:00' }, 'UTC', false],
    ['aSAMEASb@day', { a: '2026-06-10 23:00:00', b: '2026-06-11 01:00:00' }, 'Europe/Berlin', true],
    ['aSAMEASb@week', { a: '2026-06-07 00:00:00', b: '2026-06-13 23:00:00' }, 'UTC', true],
    ['aSAMEASb@week', { a: '2026-06-06 23:59:59', b: '2026-06-07 00:00:00' }, 'UTC', false],
    ['aSAMEASb@quarter', { a: '2026-04-01 00:00:00', b: '2026-06-30 00:00:00' }, 'UTC', true],
    ['aSAMEASb', { a: '2026-04-01 00:00:00', b: '2026-04-01 00:00:00' }, 'UTC', true],
    [
      "aDATEPARTMonday@javascript:gs.datePart('dayofweek','monday','EE')",
      { a: '2026-06-07 23:00:00' },
      'Europe/Berlin',
      true,
    ],
    [
      "aDATEPARTJanuary@javascript:gs.datePart('month','january','GT')",
      { a: '2026-02-01 00:00:00' },
      'UTC',
      true,
    ],
    ["aDATEPARTMonday@javascript:gs.datePart('dayofweek','monday','LE')", { a: '' }, 'UTC', false],
    ['aRELATIVEEE@dayofweek@ago@1', { a: '2026-06-09 00:30:00' }, 'UTC', true],
    ['aRELATIVEEE@dayofweek@ago@1', { a: '2026-06-08 23:30:00' }, 'UTC', false],
    ['aRELATIVELE@month@ahead@1', { a: '2026-07-10 12:00:00' }, 'UTC', true],
    [
      'aMORETHANb@day@before@1',
      { a: '2026-06-09 00:00:00', b: '2026-06-10 00:00:00' },
      'UTC',
      false,
    ],
    [
      'aMORETHANb@hour@after@2',
      { a: '2026-06-10 02:00:01', b: '2026-06-10 00:00:00' },
      'UTC',
      true,
    ],
    [
      'aLESSTHANb@day@before@3',
      { a: '2026-06-08 00:00:00', b: '2026-06-10 00:00:00' },
      'UTC',
      true,
    ],
    [
      'aLESSTHANb@day@before@3',
      { a: '2026-06-11 00:00:00', b: '2026-06-10 00:00:00' },
      'UTC',
      false,
    ],
    ['aLESSTHANb@day@before@3', { a: '', b: '2026-06-10 00:00:00' }, 'UTC', false],
    [
      'aNOTONToday@javascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)',
      { a: '' },
      'UTC',
      false,
    ],
    [
      'aBETWEENjavascript:gs.daysAgoStart(1)@javascript:gs.daysAgoEnd(0)',
      { a: '2026-06-09 00:00:00' },
      'UTC',
      true,
    ],
    [
      "aON2026-06-10@javascript:gs.dateGenerate('2026-06-10','start')@javascript:gs.dateGenerate('2026-06-10','end')",
      { a: '2026-06-09 22:00:00' },
      'Europe/Berlin',
      true,
    ],
  ])('%s %o in %s', (...[query, values, tz, expected]) => {
    const compiled = compileQuery(query, types)

    expect(compiled.ok && compiled.matches(values, { now: '2026-06-10 12:00:00', tz })).toBe(
      expected,
    )
  })
})
