// What belongs to tickets but stands in other tables: only ids are asked for, and a backtest knows of services what
// the road knows.
import { describe, expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import type { ItsmAdapter, ReadRecord, RecordQuery } from '../../connector/itsm/adapter.ts'
import { createFieldTypes } from '../../connector/itsm/field-types.ts'
import { withUsedFor } from '../../connector/itsm/ticket-extras.ts'
import { defaultPolicy } from '../../connector/policy.ts'
import { backtestInstance } from '../../connector/rule-tools/read-backtest.ts'
import { makeTicket } from '../support/events.ts'
import { makeTemplate, publish } from '../support/templates.ts'

const service = '3a307c930a0a0b3400d38ad7e6b5a1c2'

/** Answers by table, each once, and keeps what was asked. */
function adapterWith(tables: Record<string, Record<string, string>[]>): {
  adapter: ItsmAdapter
  asked: RecordQuery[]
} {
  const asked: RecordQuery[] = []
  async function readRecords(query: RecordQuery): Promise<ReadRecord[]> {
    const isFirst = !asked.some(({ table }) => table === query.table)
    asked.push(query)
    const rows = isFirst ? (tables[query.table] ?? []) : []
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, { value, display: value }]),
      ),
    )
  }
  const adapter = {
    readRecords,
    sendStatus: () => Promise.reject(new Error('only read')),
    close: () => Promise.resolve(),
  }
  return { adapter, asked }
}

function withItem(item: string): Ticket {
  const ticket = makeTicket('0123456789abcdef0123456789abcdef')
  return { ...ticket, fields: { cmdb_ci: { type: 'reference', value: item } } }
}

describe('the use of a service', () => {
  const rows = { cmdb_ci_service: [{ sys_id: service, used_for: 'Production' }] }

  it('comes with the ticket of which it is the item', async () => {
    const { adapter } = adapterWith(rows)

    const [ticket] = await withUsedFor(adapter, [withItem(service)], AbortSignal.timeout(1_000))

    expect(ticket?.fields['cmdb_ci.used_for']?.value).toBe('Production')
  })

  it('is asked for by id alone: what else stands in the field is no piece of a query', async () => {
    const { adapter, asked } = adapterWith(rows)
    const tickets = [withItem(service), withItem('x^used_for=Test'), withItem('y,z')]

    await withUsedFor(adapter, tickets, AbortSignal.timeout(1_000))

    expect(asked.map(({ query }) => query)).toEqual([`sys_idIN${service}`])
  })
})

describe('a backtest', () => {
  it('refuses production services although no template names an environment', async () => {
    const { adapter } = adapterWith({
      incident: [
        {
          sys_id: '0123456789abcdef0123456789abcdef',
          number: 'INC0010001',
          sys_created_on: '2026-11-01 10:00:00',
          short_description: 'disk full',
          state: '1',
          active: 'true',
          cmdb_ci: service,
        },
      ],
      cmdb_ci_service: [{ sys_id: service, used_for: 'Production' }],
    })
    const rule = { table: 'incident', when: 'active=true', trigger: ['created'] }
    const template = makeTemplate({ match: [rule] })

    const report = await backtestInstance(
      {
        table: 'incident',
        since: new Date('2026-10-30T00:00:00Z'),
        asOf: 'created',
        templates: [publish(template)],
      },
      {
        adapter,
        fieldTypes: createFieldTypes(adapter),
        instance: 'acme',
        policy: defaultPolicy,
        now: new Date('2026-11-23T00:00:00Z'),
        signal: AbortSignal.timeout(5_000),
      },
    )

    expect(JSON.stringify(report)).toContain('environment-permission')
  })
})
