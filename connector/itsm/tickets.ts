// Tickets by Table API: records become tickets of the contract, as the app would send them, and tables are read
// page by page. It decides nothing about rules and keeps no tickets.
import { setTimeout as wait } from 'node:timers/promises'

import { toCarriable } from '#shared/text.ts'
import type { Person, Ticket, TicketField } from '#shared/ticket-event.ts'

import { ConnectorError } from '../errors.ts'
import type { ItsmAdapter, ReadRecord, RecordQuery } from './adapter.ts'
import { pageQuery } from './keyset.ts'
import type { Position } from './keyset.ts'
import { requesterField } from './ticket-fields.ts'

/** What of a table is read. */
export interface TicketQuery {
  table: string
  /** Encoded query. */
  query: string
  /** Dot-walks allowed. */
  fields: readonly string[]
  /** Types of the fields; what has none is left out of the tickets. */
  types: ReadonlyMap<string, string>
}

/** How pages are read. */
export interface PageOptions {
  /** Tickets created at that time or later. */
  since: Date
  /** Tickets of one request; fewer when the instance cannot give so many at once. */
  pageSize: number
  signal: AbortSignal
}

/** Types whose display depends on the time zone and the date format of the reader: they go without. */
const dateTypes = new Set([
  'glide_date_time',
  'glide_date',
  'glide_time',
  'glide_utc_time',
  'due_date',
  'date',
  'datetime',
  'time',
  'calendar_date_time',
  'schedule_date_time',
])

/** Always read: the ticket's identity and its place in the order. */
const keyFields = ['sys_id', 'number', 'sys_created_on']

/** A page that fails is tried again so often, each time after a longer wait. */
const maxTries = 4
const firstWaitMs = 500
const longestWaitMs = 30_000
const requestLimitMs = 30_000

/**
 * Tickets by time of creation, page after page: one page is kept at a time. Rows hidden from the integration user
 * count for a page's size on the instance, so a short page is not the last one; an empty one is.
 * Rejects with ConnectorError (instance_auth, instance_unreachable, …), or the signal's reason.
 */
export async function* pages(
  adapter: ItsmAdapter,
  what: TicketQuery,
  options: PageOptions,
): AsyncGenerator<Ticket[], void, undefined> {
  const since = `sys_created_on>=${glideTime(options.since)}`
  const query = what.query === '' ? since : withCondition(what.query, since)
  const fields = [...new Set([...keyFields, ...what.fields])]
  let after: Position | null = null
  let pageSize = options.pageSize
  while (true) {
    const page: RecordQuery = {
      table: what.table,
      query: pageQuery(query, after),
      fields,
      limit: pageSize,
    }
    const read: Page = await readPage(adapter, page, options.signal)
    const last = read.records.at(-1)
    if (last === undefined) return
    pageSize = read.limit
    after = positionOf(last, what.table)
    yield read.records.map((record) => ticketOf(record, what))
  }
}

/** The ticket of a record, in the form of the contract. */
export function ticketOf(record: ReadRecord, { table, types }: TicketQuery): Ticket {
  const fields: Record<string, TicketField> = {}
  for (const [name, type] of types) {
    const cell = record[name]
    if (cell !== undefined) fields[name] = fieldOf(cell, type)
  }
  return {
    table,
    sys_id: record['sys_id']?.value ?? '',
    number: record['number']?.value ?? '',
    fields,
  }
}

/** The people of a ticket as its own fields name them; what they may do is not known. */
export function peopleOf({ table, fields }: Ticket): {
  requested_by?: Person
  assigned_to?: Person
} {
  function person(field: string): Person | null {
    const reference = fields[field]
    const userName = fields[`${field}.user_name`]?.value ?? ''
    if (reference === undefined || reference.value === '' || userName === '') return null
    const name = reference.display
    return {
      sys_id: reference.value,
      user_name: userName,
      ...(name === undefined ? {} : { name }),
      roles: [],
      groups: [],
    }
  }
  const requester = person(requesterField(table))
  const assignee = person('assigned_to')
  return {
    ...(requester === null ? {} : { requested_by: requester }),
    ...(assignee === null ? {} : { assigned_to: assignee }),
  }
}

/** A moment as ServiceNow stores it: `yyyy-MM-dd HH:mm:ss` in UTC. */
export function glideTime(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

/** A stored moment as a date; null when it is none. */
export function momentOf(stored: string): Date | null {
  const time = Date.parse(`${stored.replace(' ', 'T')}Z`)
  return Number.isNaN(time) ? null : new Date(time)
}

function withCondition(query: string, condition: string): string {
  return query
    .split('^NQ')
    .map((group) => `${group}^${condition}`)
    .join('^NQ')
}

function fieldOf(cell: { value: string; display: string }, type: string): TicketField {
  const value = toCarriable(type === 'boolean' ? booleanOf(cell.value) : cell.value)
  const display = value === '' || dateTypes.has(type) ? '' : toCarriable(cell.display)
  return display === '' || display === value ? { type, value } : { type, value, display }
}

function booleanOf(value: string): string {
  return value === '1' || value === 'true' ? 'true' : 'false'
}

function positionOf(record: ReadRecord, table: string): Position {
  const createdOn = record['sys_created_on']?.value ?? ''
  const sysId = record['sys_id']?.value ?? ''
  if (createdOn !== '' && sysId !== '') return { createdOn, sysId }
  throw new ConnectorError(
    'instance_bad_answer',
    `GET table ${table}: rows without sys_id or sys_created_on; the integration user must be allowed to read both`,
  )
}

interface Page {
  records: ReadRecord[]
  /** The size that worked. */
  limit: number
}

async function readPage(
  adapter: ItsmAdapter,
  query: RecordQuery,
  signal: AbortSignal,
): Promise<Page> {
  let { limit } = query
  for (let tries = 1; ; tries += 1) {
    try {
      const either = AbortSignal.any([signal, AbortSignal.timeout(requestLimitMs)])
      return { records: await adapter.readRecords({ ...query, limit }, either), limit }
    } catch (error) {
      signal.throwIfAborted()
      if (tries === maxTries || !passes(error)) throw error
      // Too much for one answer, or for the instance's time limit: less may do.
      if (!isBusy(error)) limit = Math.max(1, Math.floor(limit / 2))
      const asked = error.retryAfterMs ?? firstWaitMs * 2 ** (tries - 1)
      await wait(Math.min(asked, longestWaitMs), undefined, { signal })
    }
  }
}

/** What may pass by itself; missing rights do not. */
function passes(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.retryable && error.code !== 'instance_auth'
}

function isBusy({ code }: ConnectorError): boolean {
  return code === 'instance_rate_limited' || code === 'instance_unreachable'
}
