// Runs of the past with the tickets they were for, to be learned from.
import { asciiJson } from '#shared/text.ts'

import type { Pool } from '../../connector/db/pool.ts'
import { makeEvent, makeTicket, randomHex } from './events.ts'

/** Tickets that say the same and ended in the same way. */
export interface Solved {
  template: string
  text: string
  count: number
  state?: string
  table?: string
}

/** Stores runs that ended one after the other, a microsecond apart. */
export async function storeSolved(
  pool: Pool,
  { template, text, count, state = 'succeeded', table = 'incident' }: Solved,
): Promise<void> {
  const rows = Array.from({ length: count }, () => {
    const ticket = makeTicket()
    ticket.fields['short_description'] = { type: 'string', value: text }
    const event = makeEvent({ data: { ...makeEvent().data, ticket } })
    return { id: randomHex(), event_id: event.id, body: asciiJson(event) }
  })
  await pool.query(
    `with r as (select * from json_to_recordset($1) as r (id text, event_id text, body text)),
     e as (
       insert into event (source, event_id, type, ticket_key, ticket_number, body, issuer, kid, state)
       select 'https://acme', event_id, 'ticket.created', 'key', 'INC1', body, 'acme', 'k', 'decided' from r
       returning seq, event_id)
     insert into run (instance, id, event_seq, ticket_key, ticket_table, ticket_sys_id, ticket_number, template,
       version, trigger, requested_by, state, finished_at)
     select 'acme', r.id, e.seq, 'key', $2, 'x', 'INC1', $3, 1, 'manual', 'beth', $4,
       clock_timestamp() from r join e using (event_id)`,
    [JSON.stringify(rows), table, template, state],
  )
}
