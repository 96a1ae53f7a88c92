// What belongs to a ticket but stands in other tables: the variables of a requested item, and the configuration
// items and services it affects. Read for some tickets at a time.
import { toCarriable } from '#shared/text.ts'
import { SysId } from '#shared/ticket-event.ts'
import type { Affected, Ticket, TicketField } from '#shared/ticket-event.ts'

import type { ItsmAdapter, ReadRecord } from './adapter.ts'

/** Tickets asked for in one request: their ids have to fit into a URL. */
const maxIds = 60

/** Rows read for them; an item with more than a hundred variables is rare. */
const maxRows = 10_000

/** The contract's limit for each list of what is affected. */
const maxAffected = 500

/** The tickets with the variables of requested items; others stay as they are. Rejects with ConnectorError. */
export async function withVariables(
  adapter: Pick<ItsmAdapter, 'readRecords'>,
  tickets: readonly Ticket[],
  signal: AbortSignal,
): Promise<Ticket[]> {
  const items = tickets.filter(({ table }) => table === 'sc_req_item')
  const variables = new Map<string, Record<string, TicketField>>()
  for (const ids of chunks(items.map(({ sys_id }) => sys_id))) {
    const rows = await adapter.readRecords(
      {
        table: 'sc_item_option_mtom',
        query: `request_itemIN${ids.join(',')}`,
        fields: [
          'request_item',
          'sc_item_option.item_option_new.name',
          'sc_item_option.item_option_new.type',
          'sc_item_option.value',
        ],
        limit: maxRows,
      },
      signal,
    )
    for (const row of rows) {
      const name = toCarriable(textOf(row, 'sc_item_option.item_option_new.name'))
      const field = variableOf(row)
      if (name === '' || name === '__proto__' || field === null) continue
      const own = variables.get(textOf(row, 'request_item')) ?? {}
      own[name] = field
      variables.set(textOf(row, 'request_item'), own)
    }
  }
  return tickets.map((ticket) =>
    ticket.table === 'sc_req_item'
      ? { ...ticket, variables: variables.get(ticket.sys_id) ?? {} }
      : ticket,
  )
}

/**
 * Type of a question (item_option_new.type) -> type as fields have it; others are text. The same as in
 * now-app/src/server/variables.ts. Labels of choices cannot be read here.
 */
const questionTypes: Readonly<Record<string, string>> = {
  '1': 'choice',
  '3': 'choice',
  '4': 'integer',
  '5': 'choice',
  '7': 'boolean',
  '8': 'reference',
  '9': 'glide_date',
  '10': 'glide_date_time',
  '18': 'reference',
  '21': 'glide_list',
  '22': 'choice',
  '23': 'html',
  '29': 'glide_duration',
  '31': 'reference',
}

/** Questions without an answer, or with one that does not leave the instance (25 = masked). */
const silentQuestions = new Set(['11', '12', '14', '15', '17', '19', '20', '24', '25', '32'])

function variableOf(row: ReadRecord): TicketField | null {
  const question = textOf(row, 'sc_item_option.item_option_new.type')
  // Unknown, because it may not be read: then it may be a masked one.
  if (question === '' || silentQuestions.has(question)) return null
  const type = questionTypes[question] ?? 'string'
  const value = toCarriable(textOf(row, 'sc_item_option.value'))
  if (type !== 'boolean') return { type, value }
  return { type, value: value === 'true' || value === '1' ? 'true' : 'false' }
}

/** The tickets with the use (production, test, …) of a service that is their item. Rejects with ConnectorError. */
export async function withUsedFor(
  adapter: Pick<ItsmAdapter, 'readRecords'>,
  tickets: readonly Ticket[],
  signal: AbortSignal,
): Promise<Ticket[]> {
  const uses = new Map<string, TicketField>()
  for (const ids of chunks(tickets.map(({ fields }) => fields['cmdb_ci']?.value ?? ''))) {
    const rows = await adapter.readRecords(
      {
        table: 'cmdb_ci_service',
        query: `sys_idIN${ids.join(',')}`,
        fields: ['sys_id', 'used_for'],
        limit: maxRows,
      },
      signal,
    )
    for (const row of rows) {
      const used = row['used_for']
      if (used !== undefined) uses.set(textOf(row, 'sys_id'), { type: 'string', ...used })
    }
  }
  return tickets.map((ticket) => {
    const used = uses.get(ticket.fields['cmdb_ci']?.value ?? '')
    if (used === undefined) return ticket
    return { ...ticket, fields: { 'cmdb_ci.used_for': used, ...ticket.fields } }
  })
}

/** The tickets with the names of the items and services they affect. Rejects with ConnectorError. */
export async function withAffected(
  adapter: ItsmAdapter,
  tickets: readonly Ticket[],
  signal: AbortSignal,
): Promise<Ticket[]> {
  const [cis, services] = await Promise.all([
    namesOf(adapter, { table: 'task_ci', field: 'ci_item', tickets }, signal),
    namesOf(adapter, { table: 'task_cmdb_ci_service', field: 'cmdb_ci_service', tickets }, signal),
  ])
  return tickets.map((ticket) => ({ ...ticket, affected: affectedOf(ticket, { cis, services }) }))
}

type Names = ReadonlyMap<string, ReadonlySet<string>>

function affectedOf({ sys_id }: Ticket, lists: { cis: Names; services: Names }): Affected {
  const cis = [...(lists.cis.get(sys_id) ?? [])]
  const services = [...(lists.services.get(sys_id) ?? [])]
  return {
    cis: cis.slice(0, maxAffected),
    services: services.slice(0, maxAffected),
    complete: cis.length <= maxAffected && services.length <= maxAffected,
  }
}

async function namesOf(
  adapter: ItsmAdapter,
  link: { table: string; field: string; tickets: readonly Ticket[] },
  signal: AbortSignal,
): Promise<Names> {
  const names = new Map<string, Set<string>>()
  const items = new Map(
    link.tickets.map(({ sys_id, fields }) => [sys_id, fields['cmdb_ci']?.value]),
  )
  for (const ids of chunks(link.tickets.map(({ sys_id }) => sys_id))) {
    const rows = await adapter.readRecords(
      {
        table: link.table,
        query: `taskIN${ids.join(',')}`,
        fields: ['task', link.field, `${link.field}.name`],
        limit: maxRows,
      },
      signal,
    )
    for (const row of rows) {
      const task = textOf(row, 'task')
      const own = names.get(task) ?? new Set<string>()
      const name = toCarriable(textOf(row, `${link.field}.name`))
      // The ticket's own item is listed, too.
      if (name !== '' && textOf(row, link.field) !== items.get(task)) own.add(name)
      names.set(task, own)
    }
  }
  return names
}

/** A reference can hold any text that somebody wrote into it; only an id is asked for. */
function chunks(all: readonly string[]): string[][] {
  const ids = [...new Set(all)].filter((id) => SysId.safeParse(id).success)
  const count = Math.ceil(ids.length / maxIds)
  return Array.from({ length: count }, (_, at) => ids.slice(at * maxIds, (at + 1) * maxIds))
}

function textOf(record: ReadRecord, field: string): string {
  return record[field]?.value ?? ''
}
