// The backtest of an instance: its tickets, read page by page, through today's rules. Reads the instance, writes
// nothing anywhere.
import type { AsOf, BacktestReport } from '#shared/rule-tools.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { serviceField, standardField } from '../environment.ts'
import type { ItsmAdapter } from '../itsm/adapter.ts'
import { typesToRead } from '../itsm/field-types.ts'
import type { FieldTypes } from '../itsm/field-types.ts'
import { typesNote } from '../itsm/read-ticket.ts'
import { withAffected, withUsedFor, withVariables } from '../itsm/ticket-extras.ts'
import { namedFields, sentFields } from '../itsm/ticket-fields.ts'
import { pages } from '../itsm/tickets.ts'
import type { Policy } from '../policy.ts'
import { creationTriggers } from '../rules-of.ts'
import type { PublishedVersion } from '../templates/registry.ts'
import { setBack } from './as-created.ts'
import { backtest } from './backtest.ts'

/** What is asked. */
export interface BacktestQuestion {
  table: string
  since: Date
  asOf: AsOf
  /** All published templates; those of other tables are left out. */
  templates: readonly PublishedVersion[]
}

/** What answering takes. */
export interface BacktestDeps {
  adapter: ItsmAdapter
  fieldTypes: FieldTypes
  /** Name of the instance in connector.yaml. */
  instance: string
  policy: Policy
  now: Date
  /** Ends the reading with an error. */
  signal: AbortSignal
  /** Ends the reading with an incomplete report. */
  stop?: () => boolean
  /** Told after every page. */
  onProgress?: (tickets: number) => void
}

/** 200 incidents with long descriptions stay far below the largest answer that is read. */
const pageSize = 200

/** Reads and reports. Rejects with ConnectorError when the instance cannot be read. */
export async function backtestInstance(
  question: BacktestQuestion,
  deps: BacktestDeps,
): Promise<BacktestReport> {
  const { table, since, asOf } = question
  const templates = question.templates.filter(({ template }) =>
    template.match.some((rule) => rule.table === table),
  )
  const contents = templates.map(({ template }) => template)
  const fields = [...new Set([...sentFields(table), ...namedFields(table, contents)])]
  const typed = await deps.fieldTypes.of(table, fields, deps.signal)
  const { problem } = typed
  const tickets = readTickets(
    { ...question, templates },
    { fields, types: typesToRead(typed) },
    deps,
  )
  const { lastCreated, ...counts } = await backtest(tickets, templates, { ...deps, asOf })
  const until = counts.complete ? deps.now : (lastCreated ?? since)
  return {
    table,
    since: since.toISOString(),
    until: until.toISOString(),
    as_of: asOf,
    ...counts,
    notes: [...notesOn(question), ...(problem === null ? [] : [typesNote(problem)])],
  }
}

async function* readTickets(
  { table, since, templates }: BacktestQuestion,
  what: { fields: readonly string[]; types: ReadonlyMap<string, string> },
  { adapter, signal, onProgress }: BacktestDeps,
): AsyncGenerator<Ticket, void, undefined> {
  // Some requests more per page, for those who ask for it.
  const wantsAffected = templates.some(({ template }) => template.blast_radius?.source === 'event')
  const namesUse = what.fields.includes(serviceField)
  let count = 0
  for await (const page of pages(
    adapter,
    { table, query: '', ...what },
    { since, pageSize, signal },
  )) {
    let tickets = await withVariables(adapter, page, signal)
    tickets = await withUses(adapter, { tickets, namesUse }, signal)
    if (wantsAffected) tickets = await withAffected(adapter, tickets, signal)
    yield* tickets
    count += page.length
    onProgress?.(count)
  }
}

/** The use of a service stands in for an environment that its item does not name (environment.ts). */
async function withUses(
  adapter: ItsmAdapter,
  { tickets, namesUse }: { tickets: readonly Ticket[]; namesUse: boolean },
  signal: AbortSignal,
): Promise<Ticket[]> {
  const wanting = tickets.filter(
    ({ fields }) => namesUse || (fields[standardField]?.value ?? '').trim() === '',
  )
  const known = await withUsedFor(adapter, wanting, signal)
  const uses = new Map(known.map((ticket) => [ticket.sys_id, ticket]))
  return tickets.map((ticket) => uses.get(ticket.sys_id) ?? ticket)
}

function notesOn({ table, asOf }: BacktestQuestion): string[] {
  const triggers = creationTriggers(table).join(' or ')
  const judged =
    asOf === 'created'
      ? `Tickets are judged as of their creation: the clock stands there, and ${setBack.join(', ')} have the values of a new ticket. All other fields (assignment, approval, category, …) are as they are now.`
      : 'Tickets are judged as they are now, so those that are closed are refused by the check ticket-open.'
  return [
    `Only rules that fire on ${triggers} are tried, once per ticket.`,
    judged,
    'Permissions of persons are not judged: these rules run without one. Earlier runs are not known, so target-free, cooldown, max-runs and no-other-run refuse nothing here.',
  ]
}
