// Deciding without a database: an event, some templates, and what is known besides.
import type { Ticket, TicketEvent } from '#shared/ticket-event.ts'

import { decideEvent } from '../../connector/decide-event.ts'
import type { DecideFacts, EventDecision } from '../../connector/event-decision.ts'
import { defaultPolicy } from '../../connector/policy.ts'
import { indexTemplates } from '../../connector/rules-of.ts'
import type { PublishedVersion } from '../../connector/templates/registry.ts'
import { makeEvent, makeTicket, testActor } from './events.ts'

/** Somebody without any rights. */
const requester = { ...testActor, user_name: 'joe.employee', roles: [], groups: [] }

/** Decides an event by these templates, with nothing known besides. */
export function decide(
  event: TicketEvent,
  templates: PublishedVersion[],
  facts: Partial<DecideFacts> = {},
): Promise<EventDecision> {
  return decideEvent(
    {
      event,
      seq: '7',
      ticketKey: 'key',
      origin: { issuer: 'acme', kid: 'acme-2026', receivedAt: new Date('2026-06-10T11:59:59Z') },
    },
    {
      instance: 'acme',
      find: (name) => templates.find((one) => one.template.name === name) ?? null,
      index: indexTemplates(templates),
      earlierRuns: [],
      openRuns: [],
      createdAs: () => Promise.resolve(null),
      targetRuns: () => Promise.resolve([]),
      policy: defaultPolicy,
      now: new Date('2026-06-10T12:00:00Z'),
      ...facts,
    },
  )
}

/** What is particular about an order. */
export interface Order {
  item?: string
  category?: string
  fields?: Ticket['fields']
  variables?: NonNullable<Ticket['variables']>
}

/** An item that was ordered a moment ago, approved and open. */
export function orderEvent({
  item = 'New virtual machine',
  category = 'Hardware',
  fields,
  variables,
}: Order = {}): TicketEvent {
  const ticket: Ticket = {
    ...makeTicket(),
    table: 'sc_req_item',
    number: 'RITM0010001',
    fields: {
      active: { type: 'boolean', value: 'true' },
      state: { type: 'integer', value: '1', display: 'Open' },
      approval: { type: 'string', value: 'approved', display: 'Approved' },
      cat_item: { type: 'reference', value: 'a'.repeat(32), display: item },
      'cat_item.name': { type: 'string', value: item },
      'cat_item.category.title': { type: 'string', value: category },
      ...fields,
    },
    ...(variables === undefined ? {} : { variables }),
  }
  const data = { ticket, actor: requester, people: { requested_by: { ...requester } } }
  return makeEvent({ subject: 'sc_req_item/RITM0010001', data })
}
