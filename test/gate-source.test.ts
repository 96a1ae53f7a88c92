// What of a ticket counts when it is read again before the start: its state only as far as it ends or stops the work.
import { expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import { sourceUnchanged, variablesChanged } from '../connector/gate-source.ts'
import type { ReadRecord } from '../connector/itsm/adapter.ts'
import { makeChange } from './support/plan-templates.ts'
import { makeTemplate } from './support/templates.ts'

const template = makeTemplate()
const run = { trigger: 'manual' as const, decision: null }

function recordOf(ticket: Ticket, changes: Record<string, string>): ReadRecord {
  const values = Object.fromEntries(
    Object.entries(ticket.fields).map(([name, { value }]) => [name, value]),
  )
  return Object.fromEntries(
    Object.entries({ ...values, ...changes }).map(([name, value]) => [
      name,
      { value, display: value },
    ]),
  )
}

function passes(changes: Record<string, string>, decided = template): boolean {
  const ticket = makeChange()
  return sourceUnchanged({ ticket, template: decided, run }, recordOf(ticket, changes)).passed
}

it('a change that was moved to Implement by hand is as good as before', () => {
  expect(passes({ state: '-1' })).toBe(true)
})

it.each([
  ['in review', '0'],
  ['closed', '3'],
  ['cancelled', '4'],
  ['sent back to be authorized', '-3'],
])('a change that is %s is not', (_words, state) => {
  expect(passes({ state })).toBe(false)
})

it('every other state counts where the template reads the state', () => {
  const reading = makeTemplate({
    parameters: [{ name: 'state', type: 'string', label: 'State', from: 'fields.state' }],
  })

  expect(passes({ state: '-1' }, reading)).toBe(false)
})

it('variables that the template reads count, as far as they can be read', async () => {
  const reading = makeTemplate({
    parameters: [{ name: 'size', type: 'string', label: 'Size', from: 'variables.size' }],
  })
  const variable = { type: 'string', value: 'small' }
  const ticket: Ticket = {
    ...makeChange(),
    table: 'sc_req_item',
    variables: { size: variable, color: variable },
  }
  async function changed(name: string, value: string): Promise<string | undefined> {
    const row = {
      request_item: ticket.sys_id,
      'sc_item_option.item_option_new.name': name,
      'sc_item_option.item_option_new.type': '6',
      'sc_item_option.value': value,
    }
    const record = Object.fromEntries(
      Object.entries(row).map(([field, text]) => [field, { value: text, display: text }]),
    )
    const check = await variablesChanged({ ticket, template: reading, run }, async () => [record])
    return check?.detail
  }

  expect(await changed('size', 'huge')).toContain('have changed since the decision: size.')
  expect(await changed('size', 'small')).toBeUndefined()
  expect(await changed('color', 'huge')).toBeUndefined()
})
