// Both halves read the same of a ticket: what the app sends with an event, the connector reads by Table API.
import { expect, test } from 'vitest'

import { requesterField, sentFields } from '../../connector/itsm/ticket-fields.ts'
import * as app from '../../now-app/src/server/ticket-tables.ts'

test.each(['incident', 'change_request', 'sc_req_item'])(
  'the fields of %s are the same in the app and in the connector',
  (table) => {
    expect(app.isTicketTable(table)).toBe(true)
    expect(app.fieldsOf(table)).toEqual(sentFields(table))
    expect(app.requesterField(table)).toBe(requesterField(table))
  },
)

test.each(['problem', 'sc_task', 'task', 'sys_user', 'constructor'])('%s is no ticket', (table) => {
  expect(app.isTicketTable(table)).toBe(false)
})
